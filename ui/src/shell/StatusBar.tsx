import { createMemo, createSignal, Show } from "solid-js";
import type { EngineState } from "../backend";
import { Icon } from "../design/Icon";
import { circleAlert, clock, globe, house, keyRound, rotateCw, shieldAlert, shieldOff, type IconPath } from "../design/icons";
import { Tooltip } from "../design/Tooltip";
import { useApp } from "../state/app";
import { commandsBox } from "../state/boxes";
import { effectiveChoice, effectiveModel, modelLabel } from "../state/choice";
import { createSecondClock } from "../state/clock";
import { offersRestart, secondsLeft } from "../state/engine";
import { keyTrouble } from "../state/providers";
import { text } from "../strings";
import { cost, runningClock } from "../strings/format";
import { ThreadUsageDialog } from "./lazyDialogs";
import { PairedMark } from "./PairedMark";
import { useSurroundings } from "./surroundings";

/** One line about the whole window. */
export function StatusBar() {
  const app = useApp();
  const around = useSurroundings();
  const row = createMemo(() => (app.state.route.page === "session" ? app.rowOf(app.state.route.session) : undefined));
  const wanted = () => (row() ? row()?.model : app.state.home.model) ?? null;
  const model = createMemo(() => effectiveModel(app.state, wanted()));
  const modelName = () => modelLabel(app.state.models, effectiveChoice(app.state, wanted()) ?? row()?.model ?? null) ?? text("status.noModel");
  // What was chosen, also while its provider is left out for want of the key.
  const trouble = () => keyTrouble(app.state.providers, wanted() ?? app.state.settings.defaultModel);
  const scripted = () => (row() ? (row()?.scripted ?? false) : (model()?.scripted ?? false));
  const [usage, setUsage] = createSignal<string>();
  const waiting = () => app.state.inbox.rows.length + app.state.inbox.more;
  const counts = () => app.state.engine.kind === "starting" || app.state.engine.kind === "backingOff";
  return (
    <footer class="statusbar" aria-label={text("shell.status")} data-pane>
      <Show
        when={around.status}
        fallback={
          <Show when={app.can("health")}>
            <button
              type="button"
              data-testid="engine-status"
              data-state={app.state.engine.kind}
              aria-label={text("status.openHealth", { state: still(app.state.engine) })}
              onClick={() => app.go({ page: "health" })}
            >
              <span class={`dot ${dotOf(app.state.engine, offersRestart(app.state.engine, app.state.sessions))}`} />
              <Show when={counts()} fallback={still(app.state.engine)}>
                <Counting engine={app.state.engine} />
              </Show>
            </button>
          </Show>
        }
      >
        {(status) => status()()}
      </Show>
      <Show when={waiting() > 0 && app.can("inbox")}>
        <button type="button" data-testid="status-waiting" onClick={() => app.go({ page: "inbox" })}>
          <span class="dot is-warn" />
          {text("status.waiting", { count: waiting() })}
        </button>
      </Show>
      <Show when={app.can("pairing")}>
        <PairedMark />
      </Show>
      <Show when={app.can("health")}>
        <SafetyChips />
      </Show>
      <div class="push">
        <Show when={scripted() && app.can("connect")}>
          <button type="button" class="status-scripted" onClick={() => app.openSettings("models")}>
            {text("status.scripted")}
          </button>
        </Show>
        <Show when={app.can("connect")}>
          <button
            type="button"
            class="status-models"
            data-testid="status-model"
            aria-label={text("status.openModels", { model: trouble() ?? modelName() })}
            onClick={() => app.openSettings("models")}
          >
            <Show when={trouble()} fallback={<span class="truncate status-model">{modelName()}</span>}>
              {(words) => (
                <>
                  <Icon path={keyRound} small class="is-warn" />
                  <span class="truncate status-model">{words()}</span>
                </>
              )}
            </Show>
          </button>
        </Show>
        <Show when={app.can("usage") && row()}>
          {(shown) => (
            <button type="button" class="status-fact tnum" data-testid="status-cost" aria-haspopup="dialog" onClick={() => setUsage(shown().id)}>
              {text("status.cost", { cost: cost(shown().cost) })}
            </button>
          )}
        </Show>
        <Show when={usage()}>{(session) => <ThreadUsageDialog session={session()} onClose={() => setUsage(undefined)} />}</Show>
      </div>
    </footer>
  );
}

/** What is not as promised, in sight on every page. */
function SafetyChips() {
  const app = useApp();
  const safety = () => app.state.safety;
  const box = createMemo(() => commandsBox(app.state.safety));
  return (
    <>
      <Show when={safety().notSaving !== null}>
        <Chip icon={circleAlert} label={text("safety.notSaving")} testid="safety-not-saving" danger />
      </Show>
      <Show when={box().kind === "failed"}>
        <Chip icon={shieldOff} label={text("safety.noBox")} more={box().reason} testid="safety-unboxed" state="failed" danger wordy />
      </Show>
      <Show when={box().kind === "reduced"}>
        <Chip icon={shieldAlert} label={text("safety.reduced")} more={box().reason} testid="safety-unboxed" state="reduced" wordy />
      </Show>
      <Show when={safety().home === "machine"}>
        <Chip icon={house} label={text("safety.machine")} testid="safety-machine" />
      </Show>
      <Show when={safety().restartNeeded}>
        <Chip icon={rotateCw} label={text("safety.restartNeeded")} testid="safety-restart" />
      </Show>
      <Show when={safety().pending.length > 0}>
        <Chip icon={clock} label={text("safety.pending", { count: safety().pending.length })} testid="safety-pending" />
      </Show>
      <Show when={safety().servers.length > 0}>
        <Chip icon={globe} label={text("server.count", { count: safety().servers.length })} testid="status-servers" />
      </Show>
    </>
  );
}

/** In a narrow window its sign alone is left; the tooltip and the name say the rest. */
function Chip(props: {
  icon: IconPath;
  label: string;
  /** Why, for its tooltip. */
  more?: string | null;
  testid: string;
  state?: string;
  danger?: boolean;
  /** Its words stay in a narrow window. */
  wordy?: boolean;
}) {
  const app = useApp();
  return (
    <Tooltip text={props.more ? `${props.label}. ${props.more}` : props.label}>
      <button
        type="button"
        class="status-safety"
        classList={{ "is-danger": props.danger ?? false, "is-wordy": props.wordy ?? false }}
        data-testid={props.testid}
        data-state={props.state}
        aria-label={text("status.openHealth", { state: props.label })}
        onClick={() => app.go({ page: "health" })}
      >
        <Icon path={props.icon} small />
        <span>{props.label}</span>
      </button>
    </Tooltip>
  );
}

/** What the engine does, without a clock: for what does not count, and as a name that stays while it counts. */
function still(engine: EngineState): string {
  switch (engine.kind) {
    case "starting":
      return text("engine.starting", { clock: "" }).trim();
    case "backingOff":
      return text("engine.backingOffSoon");
    case "degraded":
      return text(`engine.degraded.${engine.trouble}`);
    default:
      return text(`engine.${engine.kind}`);
  }
}

function Counting(props: { engine: EngineState }) {
  const now = createSecondClock();
  const words = () => {
    const { engine } = props;
    if (engine.kind === "starting") return text("engine.starting", { clock: runningClock(now() - engine.since) });
    if (engine.kind !== "backingOff") return still(engine);
    const seconds = secondsLeft(engine, now());
    return seconds > 0 ? text("engine.backingOff", { seconds }) : text("engine.backingOffNow");
  };
  return <span>{words()}</span>;
}

/** A shape of its own for what runs, what is on its way, what is troubled and what failed; colour says the same again. */
function dotOf(engine: EngineState, waits: boolean): string {
  switch (engine.kind) {
    case "ready":
      return "is-success";
    case "starting":
      return "dot--hollow is-live";
    case "degraded":
      // Only a restart that is offered waits for the person; all else is mended by itself.
      return waits ? "dot--diamond is-warn" : "dot--diamond";
    case "backingOff":
      return "dot--square dot--hollow is-live";
    case "absent":
    case "broken":
      return "dot--square is-danger";
    case "stopping":
      return "dot--hollow";
    case "stopped":
      return "dot--square dot--hollow";
  }
}
