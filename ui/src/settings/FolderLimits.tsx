import { For, Show } from "solid-js";
import { limitRanges, type Folder, type LimitName } from "../backend";
import { Button } from "../design/Button";
import { text } from "../strings";
import { Section, type Changes } from "./folderBoxPart";
import { NumberField } from "./NumberField";

const gigabyte = 1024 ** 3;
const hour = 3600;
/** What a person counts each limit in. */
const units: Record<LimitName, { size: number; name: "gigabytes" | "hours" | "none" }> = {
  memory: { size: gigabyte, name: "gigabytes" },
  processes: { size: 1, name: "none" },
  openFiles: { size: 1, name: "none" },
  fileSize: { size: gigabyte, name: "gigabytes" },
  processor: { size: hour, name: "hours" },
  backgroundProcessor: { size: hour, name: "hours" },
};
const names = Object.keys(limitRanges) as LimitName[];

/** How much commands of a folder may use. What is not set for it is as everywhere. */
export function FolderLimits(props: { folder: Folder; changes: Changes }) {
  const set = (name: LimitName, amount: number | undefined) =>
    props.changes.set("limits", (box) => {
      const limits = { ...box.limits };
      if (amount === undefined || amount === limitRanges[name].usual) delete limits[name];
      else limits[name] = amount;
      return { limits };
    });
  return (
    <Section title={text("reach.limits")} part="limits" changes={props.changes}>
      <p class="small subtle">{text("reach.limitsBody")}</p>
      <div>
        <For each={names}>
          {(name) => {
            const { size, name: unit } = units[name];
            const { least, usual, most } = limitRanges[name];
            const own = () => props.folder.box.limits[name];
            const label = () => text(`reach.limit.${name}`);
            return (
              <NumberField
                label={label()}
                body={text("reach.limitBody", { usual: usual / size, least: least / size, most: most / size })}
                unit={text(`reach.unit.${unit}`)}
                value={(own() ?? usual) / size}
                least={least / size}
                most={most / size}
                testid={`limit-${name}`}
                onSave={(amount) => set(name, amount * size)}
                more={
                  <Show when={own() !== undefined}>
                    <Button small aria-disabled={props.changes.busy() !== undefined} aria-label={text("reach.limitResetLabel", { name: label() })} data-testid={`limit-reset-${name}`} onClick={() => void set(name, undefined)}>
                      {text("reach.limitReset")}
                    </Button>
                  </Show>
                }
              />
            );
          }}
        </For>
      </div>
    </Section>
  );
}
