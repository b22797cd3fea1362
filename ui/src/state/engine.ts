import { toApiError, type EngineState, type Safety, type SessionRow } from "../backend";
import { text } from "../strings";
import { commandsBox } from "./boxes";
import { timeOfDay } from "../strings/format";

/** An engine that is not there and does not come by itself soon: a person has to do something. */
export type StoppedEngine = Extract<EngineState, { kind: "absent" | "broken" }>;
/** An engine that ended and is started again by itself. */
export type RestartingEngine = Extract<EngineState, { kind: "backingOff" }>;
/** An engine that runs with something wrong. */
export type TroubledEngine = Extract<EngineState, { kind: "degraded" }>;

/** Whose engine a page of an org's server cannot see: the desktop itself is away, and that is said there by itself. */
const away: ReadonlySet<string> = new Set(["desktop_never", "desktop_offline", "desktop_paused", "desktop_revoked"]);

export const stoppedEngine = (engine: EngineState): StoppedEngine | undefined =>
  (engine.kind === "absent" && !away.has(engine.code)) || engine.kind === "broken" ? engine : undefined;
export const restartingEngine = (engine: EngineState): RestartingEngine | undefined => (engine.kind === "backingOff" ? engine : undefined);
export const troubledEngine = (engine: EngineState): TroubledEngine | undefined => (engine.kind === "degraded" ? engine : undefined);

/** What stopped it, and when one start is tried by itself, where that is so. */
export function stoppedWords(engine: StoppedEngine): string {
  if (engine.kind === "absent" || engine.probeAt === null) return engine.message;
  return `${engine.message} ${text("engine.probe", { time: timeOfDay(engine.probeAt) })}`;
}

/** The last lines it printed, where it brings them. */
export const lastLines = (engine: EngineState): string[] => (engine.kind === "broken" ? engine.log : []);

/** Whole seconds until the next start; none when it is due. */
export const secondsLeft = (engine: RestartingEngine, now: number): number => Math.max(0, Math.ceil((engine.until - now) / 1000));

/** When it is started again, for a clock that counts. */
export function restartWords(engine: RestartingEngine, now: number): string {
  const seconds = secondsLeft(engine, now);
  return seconds > 0 ? text("engine.restartsIn", { seconds, attempt: engine.attempt }) : text("engine.restartsNow", { attempt: engine.attempt });
}

/** Whether a restart would cut something off: a thread works, asks, or tries again. */
export const anythingRuns = (sessions: readonly SessionRow[]): boolean =>
  sessions.some(({ mark }) => mark === "working" || mark === "asksPermission" || mark === "asksQuestion" || mark === "retrying");

/** Whether a restart is offered because of its memory: it is, as soon as nothing runs. */
export const offersRestart = (engine: EngineState, sessions: readonly SessionRow[]): boolean =>
  engine.kind === "degraded" && engine.trouble === "memoryHigh" && !anythingRuns(sessions);

/** How many things only a person can mend. */
export function thingsToMend({ engine, safety, sessions }: { engine: EngineState; safety: Safety; sessions: readonly SessionRow[] }): number {
  const waits = stoppedEngine(engine) !== undefined || offersRestart(engine, sessions);
  return (waits ? 1 : 0) + (safety.notSaving === null ? 0 : 1);
}

/** Whether all that is promised about commands, keys and saving holds, as far as is known. */
export const asPromised = (safety: Safety): boolean => !["failed", "reduced"].includes(commandsBox(safety).kind) && safety.boxed.kind !== "unboxed" && safety.home === "private" && safety.notSaving === null;

/** Why a command that may ask the person in the system's dialog did nothing. */
export function whyRefused(thrown: unknown): string {
  const { code, message } = toApiError(thrown);
  return code === "consentNeeded" ? text("consent.refused") : message;
}
