import { createMemo, createResource, createSignal, For, Match, Show, Switch } from "solid-js";
import { toApiError, type EngineState } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleCheck, circleDashed, circleDot, circleX, info, refreshCw, triangleAlert } from "../design/icons";
import { About } from "../shell/About";
import { useApp } from "../state/app";
import { createMinuteClock, createSecondClock } from "../state/clock";
import { text } from "../strings";
import { fullTime, runningClock, shortAge } from "../strings/format";
import { CopyButton } from "./CopyButton";

/** What works, what does not, and the one thing that mends it. */
export function HealthPage() {
  const app = useApp();
  const engine = () => app.state.engine;
  const broken = () => (engine().kind === "failed" ? 1 : 0);
  return (
    <main class="main" data-pane>
      <div class="scroll">
        <div class="page page--wide">
          <div class="page-head">
            <Switch>
              <Match when={broken() > 0}>
                <Head title={text("health.broken", { count: broken() })} body={text("health.brokenBody")} />
              </Match>
              <Match when={engine().kind === "ready"}>
                <Head title={text("health.fine")} body={text("health.fineBody")} />
              </Match>
              <Match when={true}>
                <Head title={text("health.waits")} body={text("health.waitsBody")} />
              </Match>
            </Switch>
          </div>
          <section class="group first">
            <h2>{text("health.parts")}</h2>
            <div class="group-body">
              <EngineRow />
              <ModelsRow />
            </div>
          </section>
          <News />
          <EngineLog />
          <About />
        </div>
      </div>
    </main>
  );
}

function Head(props: { title: string; body: string }) {
  return (
    <div>
      <h1>{props.title}</h1>
      <p>{props.body}</p>
    </div>
  );
}

const engineLooks = {
  ready: { icon: circleCheck, colour: "is-success" },
  starting: { icon: circleDot, colour: "is-live" },
  stopping: { icon: circleDashed, colour: "subtle" },
  failed: { icon: circleX, colour: "is-danger" },
} as const;

function EngineRow() {
  const app = useApp();
  const [error, setError] = createSignal<string>();
  const engine = () => app.state.engine;
  const look = () => engineLooks[engine().kind];
  const restart = () => {
    setError(undefined);
    app.restartEngine().catch((thrown: unknown) => setError(toApiError(thrown).message));
  };
  return (
    <div class="health" data-testid="engine-health" data-state={engine().kind}>
      <Icon path={look().icon} small class={look().colour} />
      <span class="name">{text("health.engine")}</span>
      <span class="what" role="status">
        <EngineWords engine={engine()} />
        <Show when={error()}>
          <span class="small is-danger">{error()}</span>
        </Show>
      </span>
      <Show when={engine().kind === "failed" || engine().kind === "ready"}>
        <Button kind={engine().kind === "failed" ? "primary" : "quiet"} data-testid="engine-restart" onClick={restart}>
          {text(engine().kind === "failed" ? "health.start" : "health.restart")}
        </Button>
      </Show>
    </div>
  );
}

function EngineWords(props: { engine: EngineState }) {
  const starting = () => (props.engine.kind === "starting" ? props.engine : undefined);
  const now = createSecondClock();
  return (
    <Show when={starting()} fallback={settled(props.engine)}>
      {(state) => <span class="tnum">{text(`health.engine.${state().step}`, { clock: runningClock(now() - state().since) })}</span>}
    </Show>
  );
}

function settled(engine: EngineState): string {
  if (engine.kind === "ready") return text("health.engine.ready", { version: engine.version });
  if (engine.kind === "failed") return engine.message;
  return text("health.engine.stopping");
}

function ModelsRow() {
  const app = useApp();
  const count = createMemo(() => app.state.models.filter((model) => !model.scripted).length);
  return (
    <div class="health">
      <Icon path={count() > 0 ? circleCheck : circleDashed} small class={count() > 0 ? "is-success" : "subtle"} />
      <span class="name">{text("health.models")}</span>
      <span class="what">{count() > 0 ? text("models.count", { count: count() }) : text("health.modelsNone")}</span>
      <Button kind="quiet" onClick={() => app.openSettings("models")}>
        {text(count() > 0 ? "health.openModels" : "health.connect")}
      </Button>
    </div>
  );
}

function News() {
  const app = useApp();
  const now = createMinuteClock();
  const newest = createMemo(() => app.state.notices.toReversed());
  return (
    <section class="group">
      <h2>{text("health.news")}</h2>
      <Show when={newest().length > 0} fallback={<p>{text("health.newsNone")}</p>}>
        <ul class="group-body">
          <For each={newest()}>
            {(notice) => (
              <li class="health health--news">
                <Icon path={notice.kind === "streamResumed" ? info : triangleAlert} small class={notice.kind === "streamResumed" ? "subtle" : "is-warn"} />
                <span class="what">
                  {text(`notice.${notice.kind}`)}
                  <Show when={notice.detail !== ""}>
                    <span class="small wrap-anywhere">{notice.detail}</span>
                  </Show>
                </span>
                <time class="when" datetime={new Date(notice.at).toISOString()} aria-label={fullTime(notice.at)}>
                  {shortAge(notice.at, now())}
                </time>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  );
}

/** The last lines the engine printed. A failed engine brings its own. */
function EngineLog() {
  const app = useApp();
  const failed = () => (app.state.engine.kind === "failed" ? app.state.engine.log : undefined);
  const [read, { refetch }] = createResource(
    () => app.state.engine.kind,
    () => app.backend.commands.engineLog().then(
      (lines) => ({ lines, error: undefined }),
      (thrown: unknown) => ({ lines: [], error: toApiError(thrown).message }),
    ),
  );
  const shown = () => {
    const latest = read.latest;
    return latest && latest.lines.length > 0 ? latest.lines : (failed() ?? []);
  };
  return (
    <section class="group">
      <div class="group-head">
        <h2 class="group-title">{text("health.log")}</h2>
        <span class="grow" />
        <Show when={shown().length > 0}>
          <CopyButton written={() => shown().join("\n")} />
        </Show>
        <Button small onClick={() => void refetch()}>
          <Icon path={refreshCw} small />
          {text("health.logAgain")}
        </Button>
      </div>
      <Switch>
        <Match when={shown().length > 0}>
          <pre class="log" tabindex={0} aria-label={text("health.log")} data-testid="engine-log">
            {shown().join("\n")}
          </pre>
        </Match>
        <Match when={read.loading}>
          <p class="muted">{text("health.logLoading")}</p>
        </Match>
        <Match when={read.latest?.error}>
          <p class="error-text" role="alert">
            {read.latest?.error}
          </p>
        </Match>
        <Match when={true}>
          <p class="muted">{text("health.logEmpty")}</p>
        </Match>
      </Switch>
    </section>
  );
}
