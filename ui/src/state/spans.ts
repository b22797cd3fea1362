import { text } from "../strings";
import { monthName, monthOfYear, weekdayName, yearName } from "../strings/format";

/** A span of time the list of threads has a heading for. */
export interface TimeSpan {
  /** When it begins, milliseconds since the epoch; the last has no beginning. */
  from: number | null;
  label(): string;
}

/** Months and years that have a heading of their own; what is older stands under one. */
const months = 12;
const years = 20;

/** The days of the last week, then months, then years, the latest first: as they begin where this window is. */
export function spansAt(now: number): TimeSpan[] {
  const today = new Date(now);
  const dayAgo = (days: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - days).getTime();
  const spans: TimeSpan[] = [
    { from: dayAgo(0), label: () => text("shell.today") },
    { from: dayAgo(1), label: () => text("shell.yesterday") },
  ];
  let from = dayAgo(1);
  const add = (start: Date, label: (at: number) => string) => {
    const at = start.getTime();
    spans.push({ from: at, label: () => label(at) });
    from = at;
  };
  for (let day = 2; day < 7; day += 1) add(new Date(dayAgo(day)), weekdayName);
  for (let month = 0; month < months; month += 1) {
    const before = new Date(from - 1);
    const named = before.getFullYear() === today.getFullYear() ? monthName : monthOfYear;
    add(new Date(before.getFullYear(), before.getMonth(), 1), named);
  }
  for (let year = 0; year < years; year += 1) add(new Date(new Date(from - 1).getFullYear(), 0, 1), yearName);
  const last = from;
  return [...spans, { from: null, label: () => text("shell.before", { year: yearName(last) }) }];
}

/** Which span a time is in. */
export function spanOf(spans: readonly TimeSpan[], at: number): number {
  return spans.findIndex(({ from }) => from === null || at >= from);
}
