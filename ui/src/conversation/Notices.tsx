import { createSignal, Match, Show, Switch } from "solid-js";
import type { ConversationStatus, EngineState, Folder, TurnFailure, TurnFailureKind, WorkState } from "../backend";
import { may, type Ability } from "../backend/abilities";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleAlert, clock, folderX, rotateCw } from "../design/icons";
import { EngineNews } from "../shell/EngineNews";
import { Notice } from "../shell/Notice";
import { ProviderNews } from "../shell/ProviderNews";
import { createSecondClock } from "../state/clock";
import { isGone } from "../state/folders";
import { lastLines, restartingEngine, stoppedEngine, stoppedWords, troubledEngine, type StoppedEngine } from "../state/engine";
import { text, type PlainTextKey } from "../strings";
import { useThread } from "./thread";

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
        <Show when={may(thread.backend, "stop")}>
          <Button small data-testid="retry-stop" onClick={() => thread.stop()}>
            {text("retry.stop")} <kbd>{text("composer.stopKey")}</kbd>
          </Button>
        </Show>
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

/** What the app itself did not send says why in its own words. */
const words: Record<Exclude<TurnFailureKind, "stopped" | "notSent">, { lead: PlainTextKey; todo: PlainTextKey }> = {
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
  const said = () => {
    const what = kind();
    if (what === "notSent") return { lead: props.failure.message, more: text("failure.notSentDo") };
    return { lead: text(words[what].lead), more: text(words[what].todo), details: details() };
  };
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
  const action = (): { label: string; needs: Ability; run(): void } => {
    switch (kind()) {
      case "unauthorized":
      case "notSent":
        return { label: text("failure.openModels"), needs: "connect", run: () => props.actions.openModels() };
      case "unknownModel":
        return { label: text("failure.chooseModel"), needs: "chooseModel", run: () => props.actions.chooseModel() };
      case "unknownAgent":
        return { label: text("failure.chooseAgent"), needs: "compose", run: () => props.actions.chooseAgent() };
      case "contextOverflow":
        return { label: text("failure.newThread"), needs: "newThread", run: () => props.actions.newThread() };
      case "outputLength":
        return { label: text("conversation.continue"), needs: "compose", run: () => void again() };
      case "limited":
      case "provider":
      case "other":
        return { label: text("failure.again"), needs: "compose", run: () => void again() };
    }
  };
  return (
    <Notice
      kind="danger"
      icon={circleAlert}
      {...said()}
      testid="failure"
      failure={props.failure.kind}
      actions={
        <>
          <Show when={thread.goingBack?.able() && thread.goingBack.last()}>
            {(prompt) => (
              <Button small kind="quiet" data-testid="retry" onClick={() => void thread.goingBack?.begin("retry", prompt())}>
                {text("conversation.retryPrompt")}
              </Button>
            )}
          </Show>
          <Show when={may(thread.backend, action().needs)}>
            <Button small disabled={sending()} data-testid="failure-action" onClick={() => action().run()}>
              {action().label}
            </Button>
          </Show>
        </>
      }
    />
  );
}

/** The engine is not there. */
export function EngineNotice(props: { engine: StoppedEngine }) {
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
      more={stoppedWords(props.engine)}
      details={lastLines(props.engine).join("\n")}
      testid="engine-failed"
      actions={
        <Show when={may(thread.backend, "restartEngine")}>
          <Button small disabled={starting()} data-testid="engine-restart" onClick={() => void restart()}>
            <Icon path={rotateCw} small />
            {text("engine.restart")}
          </Button>
        </Show>
      }
    />
  );
}

/**
 * What is wrong with the engine, and below it what stands in this thread's way. Of what stands in the way only the most
 * basic is shown: without an engine nothing else matters.
 */
export function Notices(props: { status: ConversationStatus; engine: EngineState; folder: Folder | undefined; actions: FailureActions }) {
  const retrying = () => (props.status.state.kind === "retrying" ? props.status.state : undefined);
  const failure = () => (props.status.failure && props.status.failure.kind !== "stopped" ? props.status.failure : undefined);
  const thread = useThread();
  const folderGone = () => isGone(thread.backend, props.folder);
  return (
    <Switch
      fallback={
        <>
          <Show when={troubledEngine(props.engine)}>
            <EngineNews engine={props.engine} />
          </Show>
          <ProviderNews told={failure()?.kind === "notSent" ? failure()?.message : undefined} />
          <Switch>
            <Match when={folderGone()}>
              <Notice kind="warn" icon={folderX} lead={text("conversation.folderGone")} testid="folder-gone" />
            </Match>
            <Match when={retrying()}>{(state) => <RetryNotice state={state()} />}</Match>
            <Match when={failure()}>{(failed) => <FailureNotice failure={failed()} actions={props.actions} />}</Match>
          </Switch>
        </>
      }
    >
      <Match when={stoppedEngine(props.engine)}>{(engine) => <EngineNotice engine={engine()} />}</Match>
      <Match when={restartingEngine(props.engine)}>
        <EngineNews engine={props.engine} />
      </Match>
    </Switch>
  );
}
