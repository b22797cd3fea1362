import { Show } from "solid-js";
import type { StoppedFile } from "../backend";
import { useApp } from "../state/app";
import { reached } from "../state/boxes";
import { rich, text } from "../strings";
import { createChoice, StoppedChoice } from "./StoppedChoice";

/** A file that a box kept from a command: what it is, the one folder that lets commands at it, and the way to leave it as it is. */
export function StoppedFileNote(props: { stopped: StoppedFile }) {
  const app = useApp();
  const { busy, said, run } = createChoice();
  const wanted = () => {
    const box = app.folderOf(props.stopped.folder)?.box;
    return box && reached(box, props.stopped);
  };
  const allow = () => {
    const { folder } = props.stopped;
    const box = wanted();
    // The system asks the person whether they agree, and names the folder.
    if (box) void run("allow", () => app.backend.commands.folderBoxSet({ folder, box }));
  };
  const dismiss = () => {
    const { folder, path } = props.stopped;
    void run("dismiss", () => app.backend.commands.stoppedForget({ which: { folder, host: path } }));
  };
  const label = () => {
    const { offered } = props.stopped;
    return offered === null ? "" : text(offered.writable ? "kept.change" : "kept.read", { folder: offered.path });
  };
  return (
    <>
      <div class="notice-text">
        <p>
          <span role="status">{rich("kept.lead", { path: <code>{props.stopped.path}</code> })}</span>
          <Show when={props.stopped.bridge}>{(bridge) => <span class="stopped-note">{text("kept.secret", { what: text(`bridge.${bridge()}`) })}</span>}</Show>
          <Show when={said()}>
            <span class="stopped-note" role="status">
              {said()}
            </span>
          </Show>
        </p>
      </div>
      <div class="actions">
        <StoppedChoice
          busy={busy()}
          allowed={wanted() !== undefined}
          label={label()}
          allowLabel={text("kept.allowLabel", { action: label(), folder: props.stopped.label })}
          dismissLabel={text("kept.dismissLabel", { path: props.stopped.path })}
          testId="kept"
          onAllow={allow}
          onDismiss={dismiss}
        />
      </div>
    </>
  );
}
