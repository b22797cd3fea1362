import { createMemo, Show } from "solid-js";
import { useApp } from "../state/app";
import { effectiveModel } from "../state/choice";
import { createSecondClock } from "../state/clock";
import { text } from "../strings";
import { cost, runningClock } from "../strings/format";

/** One line about the whole window. */
export function StatusBar() {
  const app = useApp();
  const row = createMemo(() => (app.state.route.page === "session" ? app.rowOf(app.state.route.session) : undefined));
  const model = createMemo(() => {
    const wanted = row() ? row()?.model : app.state.home.model;
    return effectiveModel(app.state, wanted ?? null);
  });
  const modelName = () => model()?.name ?? row()?.model ?? text("status.noModel");
  const scripted = () => (row() ? (row()?.scripted ?? false) : (model()?.scripted ?? false));
  return (
    <footer class="statusbar" aria-label={text("shell.status")} data-pane>
      <button
        type="button"
        data-testid="engine-status"
        data-state={app.state.engine.kind}
        aria-label={text("status.openHealth", { state: engineLabel() })}
        onClick={() => app.go({ page: "health" })}
      >
        <span class="dot" classList={dotOf[app.state.engine.kind]} />
        <EngineWords />
      </button>
      <div class="push">
        <Show when={scripted()}>
          <button type="button" class="status-scripted" onClick={() => app.openSettings("models")}>
            {text("status.scripted")}
          </button>
        </Show>
        <button type="button" aria-label={text("status.openModels", { model: modelName() })} onClick={() => app.openSettings("models")}>
          <span class="truncate status-model">{modelName()}</span>
        </button>
        <Show when={row()}>{(shown) => <span class="status-fact tnum">{text("status.cost", { cost: cost(shown().cost) })}</span>}</Show>
      </div>
    </footer>
  );

  function engineLabel(): string {
    const { kind } = app.state.engine;
    return kind === "starting" ? text("engine.starting", { clock: "" }).trim() : text(`engine.${kind}`);
  }

  function EngineWords() {
    return (
      <Show when={app.state.engine.kind === "starting"} fallback={engineLabel()}>
        <StartingClock />
      </Show>
    );
  }

  function StartingClock() {
    const now = createSecondClock();
    const since = () => (app.state.engine.kind === "starting" ? app.state.engine.since : now());
    return <span>{text("engine.starting", { clock: runningClock(now() - since()) })}</span>;
  }
}

const dotOf = {
  ready: { "is-success": true },
  starting: { "dot--hollow": true, "is-live": true },
  stopping: { "dot--hollow": true },
  failed: { "dot--square": true, "is-danger": true },
} as const;
