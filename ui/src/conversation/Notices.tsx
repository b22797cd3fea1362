import { createSignal, createUniqueId, Show, type JSX } from "solid-js";
import type { ConversationStatus, EngineState, Folder, TurnFailure, TurnFailureKind, WorkState } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleAlert, clock, folderX, rotateCw, type IconPath } from "../design/icons";
import { createSecondClock } from "../state/clock";
import { text, type PlainTextKey } from "../strings";
import { useThread } from "./thread";

/** One line above the composer that says what stands in the way and what to do. */
function Notice(props: { kind: "warn" | "danger"; icon: IconPath; lead: string; more?: string; details?: string; testid: string; failure?: string; actions?: JSX.Element }) {
  const [open, setOpen] = createSignal(false);
  const body = createUniqueId();
  return (
    <div class={`notice notice--${props.kind}`} role={props.kind === "danger" ? "alert" : "status"} data-testid={props.testid} data-kind={props.failure}>
      <Icon path={props.icon} />
      <div class="notice-text">
        <p>
          <span class="strong">{props.lead}</span> <span class="muted tnum">{props.more}</span>
        </p>
        <Show when={open()}>
          <pre class="notice-details" id={body} tabindex="0">
            {props.details}
          </pre>
        </Show>
      </div>
      <div class="actions">
        <Show when={props.details}>
          <Button small kind="quiet" aria-expanded={open()} aria-controls={body} onClick={() => setOpen(!open())}>
            {text("conversation.details")}
          </Button>
        </Show>
        {props.actions}
      </div>
    </div>
  );
}

/** The provider could not answer and is asked again. */
export function RetryNotice(props: { state: Extract<WorkState, { kind: "retrying" }> }) {
  const thread = useThread();
  const now = createSecondClock();
  const seconds = () => Math.ceil((props.state.next - now()) / 1000);
  const when = () => {
    const attempt = props.state.attempt;
    return seconds() > 0 ? text("retry.in", { seconds: seconds(), attempt }) : text("retry.now", { attempt });
  };
  return (
    <div class="notice notice--warn" data-testid="retry">
      <Icon path={clock} />
      <div class="notice-text">
        <p>
          <span class="strong" role="status">
            {props.state.message}
          </span>{" "}
          <span class="muted tnum">{when()}</span>
        </p>
      </div>
      <div class="actions">
        <Button small data-testid="retry-stop" onClick={() => thread.stop()}>
          {text("retry.stop")} <kbd>{text("composer.stopKey")}</kbd>
        </Button>
      </div>
    </div>
  );
}

/** What can be done about a failed turn. */
export interface FailureActions {
  openModels(): void;
  chooseModel(): void;
  chooseAgent(): void;
  newThread(): void;
}

const words: Record<Exclude<TurnFailureKind, "stopped">, { lead: PlainTextKey; todo: PlainTextKey }> = {
  unauthorized: { lead: "failure.unauthorized", todo: "failure.unauthorizedDo" },
  unknownModel: { lead: "failure.unknownModel", todo: "failure.unknownModelDo" },
  unknownAgent: { lead: "failure.unknownAgent", todo: "failure.unknownAgentDo" },
  limited: { lead: "failure.limited", todo: "failure.limitedDo" },
  contextOverflow: { lead: "failure.contextOverflow", todo: "failure.contextOverflowDo" },
  provider: { lead: "failure.provider", todo: "failure.providerDo" },
  outputLength: { lead: "failure.outputLength", todo: "failure.outputLengthDo" },
  other: { lead: "failure.other", todo: "failure.otherDo" },
};

/** Why the last turn failed and what to do. */
export function FailureNotice(props: { failure: TurnFailure; actions: FailureActions }) {
  const thread = useThread();
  const [sending, setSending] = createSignal(false);
  const kind = () => (props.failure.kind === "stopped" ? "other" : props.failure.kind);
  const details = () =>
    [props.failure.status === null ? "" : text("conversation.status", { status: String(props.failure.status) }), props.failure.message].filter((line) => line !== "").join("\n");
  const again = async () => {
    setSending(true);
    try {
      await thread.send(text("conversation.continuePrompt"));
    } catch (thrown) {
      thread.tell(thrown);
    }
    setSending(false);
  };
  const action = (): { label: string; run(): void } => {
    switch (kind()) {
      case "unauthorized":
        return { label: text("failure.openModels"), run: () => props.actions.openModels() };
      case "unknownModel":
        return { label: text("failure.chooseModel"), run: () => props.actions.chooseModel() };
      case "unknownAgent":
        return { label: text("failure.chooseAgent"), run: () => props.actions.chooseAgent() };
      case "contextOverflow":
        return { label: text("failure.newThread"), run: () => props.actions.newThread() };
      case "outputLength":
        return { label: text("conversation.continue"), run: () => void again() };
      case "limited":
      case "provider":
      case "other":
        return { label: text("failure.again"), run: () => void again() };
    }
  };
  return (
    <Notice
      kind="danger"
      icon={circleAlert}
      lead={text(words[kind()].lead)}
      more={text(words[kind()].todo)}
      details={details()}
      testid="failure"
      failure={props.failure.kind}
      actions={
        <Button small disabled={sending()} data-testid="failure-action" onClick={() => action().run()}>
          {action().label}
        </Button>
      }
    />
  );
}

/** The engine is not there. */
export function EngineNotice(props: { engine: Extract<EngineState, { kind: "failed" }> }) {
  const thread = useThread();
  const [starting, setStarting] = createSignal(false);
  const restart = async () => {
    setStarting(true);
    try {
      await thread.backend.commands.engineStart();
    } catch (thrown) {
      thread.tell(thrown);
    }
    setStarting(false);
  };
  return (
    <Notice
      kind="danger"
      icon={circleAlert}
      lead={text("engineNotice.failed")}
      more={props.engine.message}
      details={props.engine.log.join("\n")}
      testid="engine-failed"
      actions={
        <Button small disabled={starting()} data-testid="engine-restart" onClick={() => void restart()}>
          <Icon path={rotateCw} small />
          {text("engineNotice.restart")}
        </Button>
      }
    />
  );
}

/** All that stands in the way, the most basic first; only that is shown. */
export function Notices(props: { status: ConversationStatus; engine: EngineState; folder: Folder | undefined; actions: FailureActions }) {
  const engine = () => (props.engine.kind === "failed" ? props.engine : undefined);
  const retrying = () => (props.status.state.kind === "retrying" ? props.status.state : undefined);
  const failure = () => (props.status.failure && props.status.failure.kind !== "stopped" ? props.status.failure : undefined);
  const folderGone = () => props.folder !== undefined && !props.folder.available;
  return (
    <Show
      when={engine()}
      fallback={
        <Show
          when={folderGone()}
          fallback={
            <Show when={retrying()} fallback={<Show when={failure()}>{(failed) => <FailureNotice failure={failed()} actions={props.actions} />}</Show>}>
              {(state) => <RetryNotice state={state()} />}
            </Show>
          }
        >
          <Notice kind="warn" icon={folderX} lead={text("conversation.folderGone")} testid="folder-gone" />
        </Show>
      }
    >
      {(failed) => <EngineNotice engine={failed()} />}
    </Show>
  );
}
