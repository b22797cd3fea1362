import { createEffect, createMemo, createResource, createSignal, For, Show } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { toApiError, type EngineHealth, type EngineState, type NoticeKind } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleCheck, circleDashed, circleDot, circleX, clock, info, refreshCw, triangleAlert, type IconPath } from "../design/icons";
import { About } from "../shell/About";
import { arrive, byTestId } from "../shell/arrive";
import { NewsAction } from "../shell/ProviderNews";
import { useApp } from "../state/app";
import type { AppState } from "../state/appState";
import { createMinuteClock, createSecondClock } from "../state/clock";
import { anythingRuns, asPromised, lastLines, offersRestart, restartWords, stoppedEngine, stoppedWords, thingsToMend, troubledEngine } from "../state/engine";
import { isProviderNews } from "../state/providers";
import { text } from "../strings";
import { fullTime, runningClock, shortAge } from "../strings/format";
import { healthText } from "../strings/health";
import { Servers, StoppedConnections, StoppedFiles } from "./CommandsBox";
import { CopyButton } from "./CopyButton";
import { Failures } from "./Failures";
import { Figures } from "./Figures";
import { IndexRow } from "./IndexRow";
import { LogBox } from "./LogBox";
import { createParts, isBad, type KnownRow } from "./parts";
import { OtherParts, PartsToFix } from "./PartRows";
import { Protection } from "./Protection";
import { Report } from "./Report";

/** What works, what does not, and the one thing that mends it. */
export function HealthPage() {
  const app = useApp();
  // Asked anew whenever the engine does something else.
  const [asked, { refetch }] = createResource(
    () => JSON.stringify(app.state.engine),
    () => app.backend.commands.engineHealth().then(
      (health) => ({ health, error: undefined }),
      (thrown: unknown) => ({ health: undefined, error: toApiError(thrown).message }),
    ),
  );
  // What was known stays in sight when asking again fails; a row that did not change stays open and keeps the focus.
  const [known, setKnown] = createStore<{ health: EngineHealth | undefined }>({ health: undefined });
  createEffect(() => {
    const health = asked.latest?.health;
    if (health) setKnown("health", reconcile(health, { key: "at" }));
  });
  const parts = createParts(app);
  const now = createMinuteClock();
  const head = createMemo(() => heading(app.state, parts.rows().filter(needsPerson).length, parts.rows().some(isBad)));
  const look = () => {
    void refetch();
    void parts.ask();
  };
  return (
    <main class="main" data-pane>
      <div class="scroll">
        <div class="page page--wide">
          <div class="page-head">
            <div>
              <h1>{head().title}</h1>
              <p>
                {head().body}{" "}
                <Show when={parts.at()}>{(at) => <span class="subtle" data-testid="health-checked">{healthText("part.checked", { age: shortAge(at(), Math.max(now(), at())) })}</span>}</Show>
              </p>
            </div>
            <div class="actions">
              <Button data-testid="health-report" onClick={() => arrive(byTestId("report-make"), (button) => (button.focus(), button.scrollIntoView({ block: "center" }), button.click()))}>
                {text("health.reportMake")}
              </Button>
              <Button data-testid="health-refresh" aria-disabled={parts.busy()} onClick={look}>
                <Icon path={refreshCw} small />
                {text("health.refresh")}
              </Button>
            </div>
          </div>
          <PartsToFix parts={parts} />
          <section class="group" classList={{ first: !parts.rows().some(isBad) }}>
            <h2>{text("health.parts")}</h2>
            <div class="group-body">
              <EngineRow />
              <ModelsRow />
              <IndexRow />
            </div>
          </section>
          <OtherParts parts={parts} />
          <Protection />
          <Servers />
          <StoppedConnections />
          <StoppedFiles />
          <Figures health={known.health} error={asked.latest?.error} />
          <Show when={known.health}>{(health) => <Failures failures={health().failures} />}</Show>
          <News />
          <EngineLog />
          <Report />
          <About />
        </div>
      </div>
    </main>
  );
}

/** What only a person can mend; that nothing is saved is counted with the window's own. */
const needsPerson = ({ mark, part }: KnownRow): boolean => mark === "needsYou" && !(part.kind === "database" && part.notSaving !== null);

/** The whole in one sentence, and what that means. */
function heading(state: AppState, others: number, anyBad: boolean): { title: string; body: string } {
  const { engine, safety } = state;
  const count = thingsToMend(state) + others;
  if (count > 0) return { title: text("health.broken", { count }), body: text(stoppedEngine(engine) ? "health.brokenBody" : "health.needsBody") };
  switch (engine.kind) {
    case "backingOff":
      return { title: text("health.restarts"), body: text("health.waitsBody") };
    case "degraded":
      return { title: text("health.troubled"), body: text("health.troubledBody") };
    case "stopping":
    case "stopped":
      return { title: text("health.ends"), body: text("health.endsBody") };
    case "ready":
      if (!asPromised(safety)) return { title: text("health.unlike"), body: text("health.unlikeBody") };
      return anyBad ? { title: healthText("part.someBad"), body: healthText("part.someBadBody") } : { title: text("health.fine"), body: text("health.fineBody") };
    default:
      return { title: text("health.waits"), body: text("health.waitsBody") };
  }
}

const engineLooks: Record<EngineState["kind"], { icon: IconPath; colour: string }> = {
  ready: { icon: circleCheck, colour: "subtle" },
  starting: { icon: circleDot, colour: "is-live" },
  backingOff: { icon: clock, colour: "is-live" },
  degraded: { icon: triangleAlert, colour: "" },
  stopping: { icon: circleDashed, colour: "subtle" },
  stopped: { icon: circleDashed, colour: "subtle" },
  absent: { icon: circleX, colour: "is-danger" },
  broken: { icon: circleX, colour: "is-danger" },
};

function EngineRow() {
  const app = useApp();
  const [error, setError] = createSignal<string>();
  const engine = () => app.state.engine;
  const memoryHigh = () => troubledEngine(engine())?.trouble === "memoryHigh";
  const restart = () => {
    setError(undefined);
    app.restartEngine().catch((thrown: unknown) => setError(toApiError(thrown).message));
  };
  const action = (): { label: string; kind: "primary" | "quiet" } | undefined => {
    if (stoppedEngine(engine()) || offersRestart(engine(), app.state.sessions)) return { label: text("engine.restart"), kind: "primary" };
    if (engine().kind === "backingOff") return { label: text("engine.restartNow"), kind: "quiet" };
    if (engine().kind === "ready" || (engine().kind === "degraded" && !memoryHigh())) return { label: text("health.restart"), kind: "quiet" };
    return undefined;
  };
  return (
    <div class="health" data-testid="engine-health" data-state={engine().kind}>
      <Icon path={engineLooks[engine().kind].icon} small class={offersRestart(engine(), app.state.sessions) ? "is-warn" : engineLooks[engine().kind].colour} />
      <span class="name">{text("health.engine")}</span>
      <span class="what">
        <span role="status">{settled(engine())}</span>
        <Show when={engine().kind === "starting" || engine().kind === "backingOff"}>
          <Counting engine={engine()} />
        </Show>
        <Show when={memoryHigh() && anythingRuns(app.state.sessions)}>
          <span class="small">{text("engine.restartWhenIdle")}</span>
        </Show>
        <Show when={error()}>
          <span class="small is-danger" role="alert">
            {error()}
          </span>
        </Show>
      </span>
      <Show when={action()}>
        {(shown) => (
          <Button kind={shown().kind} data-testid="engine-restart" onClick={restart}>
            {shown().label}
          </Button>
        )}
      </Show>
    </div>
  );
}

/** What does not count by the second, and is read out when it changes. */
function settled(engine: EngineState): string {
  switch (engine.kind) {
    case "ready":
      return text("health.engine.ready", { version: engine.version });
    case "absent":
    case "broken":
      return stoppedWords(engine);
    case "degraded":
    case "backingOff":
      return engine.message;
    case "stopping":
    case "stopped":
      return text(`health.engine.${engine.kind}`);
    case "starting":
      return "";
  }
}

function Counting(props: { engine: EngineState }) {
  const now = createSecondClock();
  const words = () => {
    const { engine } = props;
    if (engine.kind === "starting") return text(`health.engine.${engine.step}`, { clock: runningClock(now() - engine.since) });
    return engine.kind === "backingOff" ? restartWords(engine, now()) : "";
  };
  return <span class="tnum" classList={{ small: props.engine.kind === "backingOff" }}>{words()}</span>;
}

function ModelsRow() {
  const app = useApp();
  const count = createMemo(() => app.state.models.filter((model) => !model.scripted).length);
  return (
    <div class="health">
      <Icon path={count() > 0 ? circleCheck : circleDashed} small class="subtle" />
      <span class="name">{text("health.models")}</span>
      <span class="what">{count() > 0 ? text("models.count", { count: count() }) : text("health.modelsNone")}</span>
      <Button kind="quiet" onClick={() => app.openSettings("models")}>
        {text(count() > 0 ? "health.openModels" : "health.connect")}
      </Button>
    </div>
  );
}

/** News of what was mended by itself. */
const calm: ReadonlySet<NoticeKind> = new Set(["streamResumed", "streamStalled", "engineRestarted", "computerWoke"]);

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
              <li class="health health--news" classList={{ "health--news-action": isProviderNews(notice) }}>
                <Icon path={calm.has(notice.kind) ? info : triangleAlert} small class={calm.has(notice.kind) ? "subtle" : "is-warn"} />
                <span class="what">
                  {text(`notice.${notice.kind}`)}
                  <Show when={notice.detail !== ""}>
                    <span class="small wrap-anywhere">{notice.detail}</span>
                  </Show>
                </span>
                <Show when={isProviderNews(notice) ? notice.kind : undefined}>{(kind) => <NewsAction kind={kind()} />}</Show>
                <time class="when" datetime={new Date(notice.at).toISOString()} aria-label={fullTime(notice.at)}>
                  {shortAge(notice.at, now())}
                </time>
              </li>
            )}
          </For>
        </ul>
        <Show when={app.state.newsLeftOut > 0}>
          <p>{text("health.newsLeftOut", { count: app.state.newsLeftOut })}</p>
        </Show>
      </Show>
    </section>
  );
}

/** The last lines the engine printed. A stopped engine brings its own. */
function EngineLog() {
  const app = useApp();
  const [read, { refetch }] = createResource(
    () => app.state.engine.kind,
    () => app.backend.commands.engineLog().then(
      (lines) => ({ lines, error: undefined }),
      (thrown: unknown) => ({ lines: [], error: toApiError(thrown).message }),
    ),
  );
  const shown = () => {
    const latest = read.latest;
    return latest && latest.lines.length > 0 ? latest.lines : lastLines(app.state.engine);
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
      <LogBox label={text("health.log")} lines={shown()} loading={read.loading} error={read.latest?.error} words={{ loading: text("health.logLoading"), empty: text("health.logEmpty") }} testid="engine-log" />
    </section>
  );
}
