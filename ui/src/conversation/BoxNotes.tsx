import { createMemo, Index, Show } from "solid-js";
import type { BoxServer, Folder, StoppedConnection, StoppedFile } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { globe, shieldOff, unplug } from "../design/icons";
import { createPreviewAction, PreviewButton, PreviewError } from "../shell/Servers";
import { createStoppedActions, StoppedButtons, StoppedNote, StoppedWords } from "../shell/Stopped";
import { ReachButton } from "../shell/ReachButton";
import { useApp } from "../state/app";
import { StoppedFileNote } from "../shell/StoppedFiles";
import { text } from "../strings";

/** More than these are looked at under Health. */
const servers = 3;

/** What a person must see of the box of a thread's folder, above its composer. */
export function BoxNotes(props: { folder: Folder }) {
  const app = useApp();
  const stopped = createMemo(() => app.state.safety.stopped.filter(({ folder }) => folder === props.folder.id));
  const files = createMemo(() => app.state.safety.stoppedFiles.filter(({ folder }) => folder === props.folder.id));
  return (
    <>
      <UnboxedNote folder={props.folder} />
      <Servers folder={props.folder} />
      <Show when={files()[0]}>{(first) => <KeptStrip stopped={first()} more={files().length - 1} />}</Show>
      <Show when={stopped()[0]}>{(first) => <StoppedStrip stopped={first()} more={stopped().length - 1} />}</Show>
    </>
  );
}

/** What commands of the folder serve while they run. */
function Servers(props: { folder: Folder }) {
  const app = useApp();
  const here = createMemo(() => app.state.safety.servers.filter(({ folder }) => folder === props.folder.id));
  return (
    <>
      <Index each={here().slice(0, servers)}>{(server) => <ServerNote server={server()} />}</Index>
      <Show when={here().length > servers}>
        <div class="box-note">
          <span class="grow" />
          <Button small kind="quiet" onClick={() => app.go({ page: "health" })}>
            {text("server.more", { count: here().length - servers })}
          </Button>
        </div>
      </Show>
    </>
  );
}

function ServerNote(props: { server: BoxServer }) {
  const action = createPreviewAction(() => props.server);
  return (
    <div class="box-note is-calm" role="group" aria-label={text("server.serving", { port: String(props.server.port) })} data-testid="server" data-port={props.server.port}>
      <Icon path={globe} small />
      <span class="grow">
        <span role="status">{text("server.serving", { port: String(props.server.port) })}</span>
        <PreviewError action={action} />
      </span>
      <PreviewButton server={props.server} action={action} />
    </div>
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

/** The newest of the files that the box kept. */
function KeptStrip(props: { stopped: StoppedFile; more: number }) {
  return (
    <div class="notice stopped" role="group" aria-label={text("kept.title")} data-testid="stopped-file">
      <Icon path={shieldOff} />
      <StoppedFileNote stopped={props.stopped} />
      <Show when={props.more > 0}>
        <span class="subtle small">{text("stopped.more", { count: props.more })}</span>
      </Show>
    </div>
  );
}
