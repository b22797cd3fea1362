import { createMemo, createSignal, For, Index, Show } from "solid-js";
import { toApiError, type BoxServer, type FolderProof, type StoppedConnection } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleCheck, circleDashed, circleDot, circleX, globe, shieldAlert, shieldOff, unplug, type IconPath } from "../design/icons";
import { ReachButton } from "../shell/ReachButton";
import { createPreviewAction, PreviewButton, PreviewError } from "../shell/Servers";
import { createStoppedActions, StoppedButtons, StoppedNote, StoppedWords } from "../shell/Stopped";
import { StoppedFileNote } from "../shell/StoppedFiles";
import { useApp } from "../state/app";
import { commandsBox, folderBox, folderToTry, type CommandsBox } from "../state/boxes";
import { createMinuteClock } from "../state/clock";
import { text } from "../strings";
import { fullTime, shortAge } from "../strings/format";

const looks: Record<CommandsBox["kind"], { icon: IconPath; colour: string }> = {
  unknown: { icon: circleDashed, colour: "subtle" },
  proving: { icon: circleDot, colour: "is-live" },
  proven: { icon: circleCheck, colour: "subtle" },
  reduced: { icon: shieldAlert, colour: "" },
  failed: { icon: circleX, colour: "is-danger" },
};

/** Whether commands are held by a box, on this computer and in each folder, and the way to try it again. */
export function CommandsBoxRow() {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const box = createMemo(() => commandsBox(app.state.safety));
  const tryAgain = async () => {
    if (busy()) return;
    setBusy(true);
    setError(undefined);
    const folder = folderToTry(app.state.safety, app.state.folders);
    try {
      // Without a folder nothing runs, and the engine tries the box as it starts.
      await (folder === undefined ? app.restartEngine() : app.backend.commands.folderBoxProve({ folder }));
    } catch (thrown) {
      setError(toApiError(thrown).message);
    }
    setBusy(false);
  };
  return (
    <>
      <div class="health" data-testid="health-box" data-state={app.state.safety.boxed.kind} data-box={box().kind}>
        <Icon path={looks[box().kind].icon} small class={looks[box().kind].colour} />
        <span class="name">{text("health.box")}</span>
        <span class="what">
          <span role="status">{text(`health.box.${box().kind}`)}</span>
          <Show when={box().reason}>
            <span class="small">{box().reason}</span>
          </Show>
          <Show when={error()}>
            <span class="small is-danger" role="alert">
              {error()}
            </span>
          </Show>
        </span>
        <Show when={box().kind === "failed"}>
          <span class="stopped-actions">
            <Show when={app.state.folders.length > 0}>
              <Button kind="quiet" onClick={() => app.openSettings("folders")}>
                {text("health.openFolders")}
              </Button>
            </Show>
            <Button aria-disabled={busy()} data-testid="box-try-again" onClick={() => void tryAgain()}>
              {text(busy() ? "box.trying" : "box.tryAgain")}
            </Button>
          </span>
        </Show>
      </div>
      <For each={app.state.safety.folders}>{(proof) => <FolderRow proof={proof} />}</For>
    </>
  );
}

/** A folder that something ran in. */
function FolderRow(props: { proof: FolderProof }) {
  const app = useApp();
  const box = () => folderBox(app.state.safety, props.proof.folder);
  const folder = () => app.folderOf(props.proof.folder);
  return (
    <div class="health health--folder" data-testid="health-folder-box" data-folder={props.proof.folder} data-box={box().kind}>
      <Icon path={looks[box().kind].icon} small class={looks[box().kind].colour} />
      <span class="name truncate" title={folder()?.path}>
        {props.proof.label}
      </span>
      <span class="what">
        <span>{text(folder()?.unboxedAllowed ? "reach.unboxedHere" : `reach.box.${box().kind}`)}</span>
        <Show when={box().reason}>
          <span class="small">{box().reason}</span>
        </Show>
      </span>
      <Show when={folder()}>
        {(shown) => (
          <ReachButton folder={shown()} quiet>
            {text("reach.openShort")}
          </ReachButton>
        )}
      </Show>
    </div>
  );
}

/** What commands serve in their boxes now. */
export function Servers() {
  const app = useApp();
  const servers = () => app.state.safety.servers;
  return (
    <Show when={servers().length > 0}>
      <section class="group" data-testid="health-servers">
        <h2>{text("server.title")}</h2>
        <ul class="group-body">
          <Index each={servers()}>{(server) => <ServerRow server={server()} />}</Index>
        </ul>
      </section>
    </Show>
  );
}

function ServerRow(props: { server: BoxServer }) {
  const now = createMinuteClock();
  const action = createPreviewAction(() => props.server);
  return (
    <li class="health health--stopped" data-testid="health-server" data-port={props.server.port}>
      <Icon path={globe} small class="subtle" />
      <span class="what">
        <span>{text("server.serving", { port: String(props.server.port) })}</span>
        <span class="small">
          {props.server.label}
          {" · "}
          <time datetime={new Date(props.server.since).toISOString()} aria-label={fullTime(props.server.since)}>
            {shortAge(props.server.since, now())}
          </time>
        </span>
        <PreviewError action={action} />
      </span>
      <span class="stopped-actions">
        <PreviewButton server={props.server} action={action} />
      </span>
    </li>
  );
}

/** What boxes stopped lately, until the person dealt with it. */
export function StoppedConnections() {
  const app = useApp();
  const [error, setError] = createSignal<string>();
  const stopped = () => app.state.safety.stopped;
  const dismissAll = () => {
    setError(undefined);
    app.backend.commands.stoppedForget({ which: null }).catch((thrown: unknown) => setError(toApiError(thrown).message));
  };
  return (
    <Show when={stopped().length > 0}>
      <section class="group" data-testid="health-stopped">
        <div class="group-head">
          <h2 class="group-title">{text("stopped.titleMany")}</h2>
          <span class="grow" />
          <Button small data-testid="stopped-dismiss-all" onClick={dismissAll}>
            {text("stopped.dismissAll")}
          </Button>
        </div>
        <Show when={error()}>
          <p class="error-text" role="alert">
            {error()}
          </p>
        </Show>
        <ul class="group-body">
          <For each={stopped()}>{(each) => <StoppedRow stopped={each} />}</For>
        </ul>
      </section>
    </Show>
  );
}

/** Files that boxes kept from commands lately, until the person dealt with them. */
export function StoppedFiles() {
  const app = useApp();
  const now = createMinuteClock();
  return (
    <Show when={app.state.safety.stoppedFiles.length > 0}>
      <section class="group" data-testid="health-kept">
        <h2 class="group-title">{text("kept.titleMany")}</h2>
        <ul class="group-body">
          <For each={app.state.safety.stoppedFiles}>
            {(each) => (
              <li class="health health--stopped" data-testid="stopped-file">
                <Icon path={shieldOff} small class="subtle" />
                <StoppedFileNote stopped={each} />
                <span class="small">
                  {each.label}
                  {" · "}
                  <time datetime={new Date(each.at).toISOString()} aria-label={fullTime(each.at)}>
                    {shortAge(each.at, now())}
                  </time>
                </span>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}

function StoppedRow(props: { stopped: StoppedConnection }) {
  const now = createMinuteClock();
  const actions = createStoppedActions(() => props.stopped);
  return (
    <li class="health health--stopped" data-testid="stopped-connection" data-widening={props.stopped.widening}>
      <Icon path={unplug} small class="subtle" />
      <span class="what">
        <StoppedWords stopped={props.stopped} />
        <span class="small">
          {props.stopped.label}
          {" · "}
          <time datetime={new Date(props.stopped.at).toISOString()} aria-label={fullTime(props.stopped.at)}>
            {shortAge(props.stopped.at, now())}
          </time>
        </span>
        <StoppedNote stopped={props.stopped} actions={actions} />
      </span>
      <span class="stopped-actions">
        <StoppedButtons stopped={props.stopped} actions={actions} />
      </span>
    </li>
  );
}
