import type { Fate } from "../shell/surroundings";
import { cloudText as text } from "../strings/cloud";
import { timeOfDay } from "../strings/format";
import type { GivenCommand, GivenState } from "./wire";

const overs: ReadonlySet<GivenState> = new Set<GivenState>(["blocked", "failed", "unknown", "expired", "cancelled"]);

/** Whether it came to nothing, or nobody knows to what. */
export const isOver = (state: GivenState): boolean => overs.has(state);

/** How it stands, in words; with the reason of whoever refused it. */
export function givenWords({ state, expires, reason }: GivenCommand): string {
  const words = state === "waiting" ? text("cloud.given.waiting", { time: timeOfDay(expires) }) : text(`cloud.given.${state}`);
  return reason === null || reason === "" ? words : text("cloud.given.reason", { words: isOver(state) || words.endsWith(".") ? words : `${words}.`, reason });
}

/** What became of the answer to an ask: the newest that was given. */
export function fateOf(all: readonly GivenCommand[], ask: string): Fate | undefined {
  const last = all.findLast((command) => command.ask === ask);
  // Once it is done the ask goes by itself.
  return last && last.state !== "done" ? { answer: last.id, words: givenWords(last), over: isOver(last.state) } : undefined;
}
