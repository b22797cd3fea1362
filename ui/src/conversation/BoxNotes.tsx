import { createMemo, Show } from "solid-js";
import type { Folder, StoppedConnection } from "../backend";
import { Icon } from "../design/Icon";
import { shieldOff, unplug } from "../design/icons";
import { createStoppedActions, StoppedButtons, StoppedNote, StoppedWords } from "../shell/Stopped";
import { ReachButton } from "../shell/ReachButton";
import { useApp } from "../state/app";
import { text } from "../strings";

/** What a person must see of the box of a thread's folder, above its composer. */
export function BoxNotes(props: { folder: Folder }) {
  const app = useApp();
  const stopped = createMemo(() => app.state.safety.stopped.filter(({ folder }) => folder === props.folder.id));
  return (
    <>
      <UnboxedNote folder={props.folder} />
      <Show when={stopped()[0]}>{(first) => <StoppedStrip stopped={first()} more={stopped().length - 1} />}</Show>
    </>
  );
}

/** Commands of a folder run without a box, because the person chose so. */
export function UnboxedNote(props: { folder: Folder }) {
  return (
    <Show when={props.folder.unboxedAllowed}>
      <div class="box-note" data-testid="thread-unboxed">
        <Icon path={shieldOff} small />
        <span class="grow">{text("reach.unboxedHere")}</span>
        <ReachButton folder={props.folder} small quiet>
          {text("reach.change")}
        </ReachButton>
      </div>
    </Show>
  );
}

/** The newest of what the box stopped. What follows it comes once it is dealt with. */
function StoppedStrip(props: { stopped: StoppedConnection; more: number }) {
  const actions = createStoppedActions(() => props.stopped);
  return (
    <div class="notice stopped" role="group" aria-label={text("stopped.title")} data-testid="stopped-connection" data-widening={props.stopped.widening}>
      <Icon path={unplug} />
      <div class="notice-text">
        <p>
          <span role="status">
            <StoppedWords stopped={props.stopped} />
          </span>
          <Show when={props.more > 0}>
            {" "}
            <span class="subtle small">{text("stopped.more", { count: props.more })}</span>
          </Show>
          <StoppedNote stopped={props.stopped} actions={actions} />
        </p>
      </div>
      <div class="actions">
        <StoppedButtons stopped={props.stopped} actions={actions} />
      </div>
    </div>
  );
}
