import { Show } from "solid-js";
import type { StoppedConnection } from "../backend";
import { useApp } from "../state/app";
import { widened } from "../state/boxes";
import { rich, text } from "../strings";
import { createChoice, StoppedChoice } from "./StoppedChoice";

/** What a box stopped, as a sentence. */
export function StoppedWords(props: { stopped: StoppedConnection }) {
  return <>{rich("stopped.lead", { where: <code>{`${props.stopped.host}:${props.stopped.port}`}</code> })}</>;
}

/** What can be done about a stopped connection, and how that went. */
export function createStoppedActions(stopped: () => StoppedConnection) {
  const app = useApp();
  const { busy, said, run } = createChoice();
  const wanted = () => {
    const box = app.folderOf(stopped().folder)?.box;
    return box && widened(box, stopped());
  };
  return {
    busy,
    said,
    wanted,
    allow: () => {
      const { folder } = stopped();
      const box = wanted();
      // The system asks the person whether they agree.
      if (box) void run("allow", () => app.backend.commands.folderBoxSet({ folder, box }));
    },
    dismiss: () => {
      const { folder, host } = stopped();
      void run("dismiss", () => app.backend.commands.stoppedForget({ which: { folder, host } }));
    },
  };
}

type Actions = ReturnType<typeof createStoppedActions>;

/** The one thing that lets it through, and the way to leave it as it is. */
export function StoppedButtons(props: { stopped: StoppedConnection; actions: Actions }) {
  const label = () => {
    const { widening, host } = props.stopped;
    if (widening === "host") return text("stopped.allow.host", { host });
    return widening === "none" ? "" : text(`stopped.allow.${widening}`);
  };
  const place = () => `${props.stopped.host}:${props.stopped.port}`;
  return (
    <StoppedChoice
      busy={props.actions.busy()}
      allowed={props.actions.wanted() !== undefined}
      label={label()}
      allowLabel={text("stopped.allowLabel", { action: label(), folder: props.stopped.label })}
      dismissLabel={text("stopped.dismissLabel", { where: place() })}
      testId="stopped"
      onAllow={() => props.actions.allow()}
      onDismiss={() => props.actions.dismiss()}
    />
  );
}

/** What else is to be said about it. */
export function StoppedNote(props: { stopped: StoppedConnection; actions: Actions }) {
  return (
    <>
      <Show when={props.stopped.widening === "none"}>
        <span class="stopped-note">{text("stopped.never")}</span>
      </Show>
      <Show when={props.actions.said()}>
        <span class="stopped-note" role="status">
          {props.actions.said()}
        </span>
      </Show>
    </>
  );
}
