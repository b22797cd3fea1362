import { Show, Suspense } from "solid-js";
import type { PermissionCard } from "../backend";
import { askText } from "../strings/asks";
import { DiffView } from "./lazyParts";
import { MarkedCommand } from "./MarkedCommand";
import { permissionObjects } from "./permissionWords";

/** What an agent asks to do, whole: the command with what is dangerous in it, the change, or what it is about. */
export function AskedFor(props: { card: PermissionCard }) {
  return (
    <>
      <Show when={props.card.command ?? (props.card.dangers.length > 0 ? props.card.patterns.join("\n") : null)}>{(command) => <MarkedCommand command={command()} dangers={props.card.dangers} />}</Show>
      <Show when={props.card.change}>
        {(change) => (
          <div class="diff-card ask-diff">
            <Suspense>
              <DiffView path={change().path} changes={[{ diff: change(), source: { kind: "ask", permission: props.card.id } }]} />
            </Suspense>
          </div>
        )}
      </Show>
      <Show when={props.card.dangers.length === 0 && permissionObjects(props.card).length > 0}>
        <div class="command">
          <span class="command-text">{permissionObjects(props.card).join("\n")}</span>
        </div>
      </Show>
    </>
  );
}

/** Where a link of what is asked for really leads, among its facts. */
export function LeadsTo(props: { card: PermissionCard }) {
  return (
    <Show when={props.card.leadsTo}>
      {(place) => (
        <>
          <dt>{askText("permission.leadsTo")}</dt>
          <dd>
            <code>{place()}</code>
          </dd>
        </>
      )}
    </Show>
  );
}
