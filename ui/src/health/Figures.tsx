import { For, Show, type JSX } from "solid-js";
import type { EngineHealth, MemoryKeeperView } from "../backend";
import { createMinuteClock } from "../state/clock";
import { text } from "../strings";
import { byteSize, duration, fullTime } from "../strings/format";

/** What can be counted of the engine, and what came from it. */
export function Figures(props: { health: EngineHealth | undefined; error: string | undefined }) {
  return (
    <section class="group" data-testid="engine-figures">
      <h2>{text("health.figures")}</h2>
      <Show when={props.error}>
        <p class="error-text" role="alert">
          {props.error}
        </p>
      </Show>
      <Show when={props.health} fallback={props.error ? null : <p class="muted">{text("health.figuresLoading")}</p>}>
        {(health) => <Known health={health()} />}
      </Show>
    </section>
  );
}

function Known(props: { health: EngineHealth }) {
  const now = createMinuteClock();
  const health = () => props.health;
  const span = () => Math.max(0, now() - (health().runningSince ?? now()));
  return (
    <>
      <dl class="group-body">
        <Fact name={text("health.process")}>{health().processId === null ? text("health.processNone") : String(health().processId)}</Fact>
        <Show when={health().runningSince}>
          {(since) => (
            <Fact name={text("health.runningSince")}>{span() < 60_000 ? fullTime(since()) : text("health.runningFor", { time: fullTime(since()), span: duration(span()) })}</Fact>
          )}
        </Show>
        <Show when={health().memory !== null}>
          <Fact name={text("health.memory")}>{text("health.memoryOf", { used: megabytes(health().memory ?? 0), limit: megabytes(health().memoryLimit) })}</Fact>
        </Show>
        <Show when={health().memoryKeeper.kind !== "unknown"}>
          <Fact name={text("health.memoryKeeper")}>{memoryHeld(health().memoryKeeper)}</Fact>
        </Show>
        <Fact name={text("health.starts")}>{text("health.startsCount", { own: health().automaticStarts, person: health().startsByPerson })}</Fact>
        <Fact name={text("health.breaker")}>{text(`health.breaker.${health().breaker}`)}</Fact>
        <Show when={health().screenDelay}>
          {(delay) => (
            <Fact name={text("health.screenDelay")}>
              <span data-testid="screen-delay">{text("health.screenDelayOf", { ...delay() })}</span>
            </Fact>
          )}
        </Show>
        <Fact name={text("health.journal")}>{text("health.journalKept", { size: byteSize(health().journal) })}</Fact>
      </dl>
      <Show when={health().events.length > 0}>
        <details class="fold" data-testid="engine-events">
          <summary>{text("health.events", { count: health().events.length })}</summary>
          <dl>
            <For each={health().events}>
              {(event) => (
                <div class="fact">
                  <dt class="mono">{event.name}</dt>
                  <dd class="tnum">{figure(event.count)}</dd>
                </div>
              )}
            </For>
          </dl>
        </details>
      </Show>
    </>
  );
}

function memoryHeld(keeper: MemoryKeeperView): string {
  if (keeper.kind === "controlGroup") return text("health.controlGroup", { most: megabytes(keeper.most) });
  return keeper.kind === "watchdog" ? text("health.watchdog", { reason: keeper.reason }) : "";
}

/** As the limit is set and as the core speaks of it. */
const megabytes = (bytes: number) => Math.round(bytes / (1024 * 1024));

const figure = (count: number) => text("health.eventCount", { count });

function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <div class="fact">
      <dt>{props.name}</dt>
      <dd class="tnum">{props.children}</dd>
    </div>
  );
}
