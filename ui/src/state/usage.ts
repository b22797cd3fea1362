import type { ModelUsage, UsageDay } from "../backend";
import { byName } from "../strings/format";

/** The spans a person looks back on. The longest is as long as what is kept. */
export const usageSpans = [30, 90, 400] as const;
export type UsageSpan = (typeof usageSpans)[number];

/** The first moments of the last days, today's last: midnights of the clock on the wall, also where it is put forward. */
export function lastDays(count: number, now: number): number[] {
  const today = new Date(now);
  const days = Array.from({ length: count }, (_, back) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - back).getTime());
  // Where midnight itself is left out of a year, two days may begin at one moment.
  return [...new Set(days.toReversed())];
}

export const noUsage: ModelUsage = { model: null, scripted: false, answers: 0, input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0, cost: 0 };

function plus(left: ModelUsage, right: ModelUsage): ModelUsage {
  return {
    ...left,
    answers: left.answers + right.answers,
    input: left.input + right.input,
    output: left.output + right.output,
    reasoning: left.reasoning + right.reasoning,
    cacheRead: left.cacheRead + right.cacheRead,
    cacheWrite: left.cacheWrite + right.cacheWrite,
    cost: left.cost + right.cost,
  };
}

/** The sum, which the demo is never part of. */
export function totalOf(models: readonly ModelUsage[]): ModelUsage {
  return models.filter((each) => !each.scripted).reduce(plus, noUsage);
}

/** The demo's sum alone. */
export function demoOf(models: readonly ModelUsage[]): ModelUsage {
  return models.filter((each) => each.scripted).reduce(plus, { ...noUsage, scripted: true });
}

/** Each model once over all days, the dearest first. */
export function byModel(days: readonly UsageDay[]): ModelUsage[] {
  const models = new Map<string | null, ModelUsage>();
  for (const each of days.flatMap((day) => day.models)) models.set(each.model, plus(models.get(each.model) ?? { ...noUsage, model: each.model, scripted: each.scripted }, each));
  return [...models.values()].toSorted((left, right) => right.cost - left.cost || right.input + right.output - (left.input + left.output) || byName(left.model ?? "", right.model ?? ""));
}

/** All that fills a model's context: what was read, from a cache or not, and what was written. */
export const readTokens = (each: ModelUsage): number => each.input + each.cacheRead + each.cacheWrite;

const pad = (value: number) => String(value).padStart(2, "0");
const dateOf = (at: number) => {
  const day = new Date(at);
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
};

/** A field of a table of values; what a spreadsheet would take for a formula is not one. */
function field(value: string | number): string {
  const written = String(value);
  const harmless = typeof value === "string" && /^[=+\-@\t\r]/.test(written) ? `'${written}` : written;
  return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A line for each day and model, for a spreadsheet. Names of columns are English in every language. */
export function usageCsv(days: readonly UsageDay[]): string {
  const head = ["day", "model", "demo", "answers", "input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd"];
  const lines = days.flatMap((day) =>
    day.models.map((each) => [dateOf(day.begins), each.model ?? "", each.scripted ? "yes" : "no", each.answers, each.input, each.output, each.reasoning, each.cacheRead, each.cacheWrite, Number(each.cost.toFixed(9))]),
  );
  return [head, ...lines].map((line) => line.map(field).join(",")).join("\r\n");
}
