import type { OpenedGap, ReviewPage } from "../backend";
import { textOfHtml } from "../conversation/rowText";
import { mostQuoted } from "./comments";

/** Lines that are read for a quote: one more than is quoted tells that there are more. */
export const lastQuoted = (from: number, to: number) => Math.min(to, from + mostQuoted);

/** Gaps that are opened to find lines in: more than a file that is read line by line has, and little to send. */
const mostGaps = 1_000;

/** All of what is left out around so many changes. */
export const everyGap = (changes: number): OpenedGap[] => Array.from({ length: Math.min(2 * changes + 1, mostGaps) }, (_, gap) => ({ gap, first: 4_000_000, last: 0 }));

const numbers = (page: ReviewPage) => page.rows.flatMap((row) => row.new ?? []);

/**
 * Lines of a file as it is now, by their numbers, from its pages; `ask` gives them with nothing left out. The first page
 * with them is searched for by halves, so that the end of a long file costs a few questions. Those that are not among
 * what is known are missing.
 */
export async function quotedLines(ask: (page: number) => Promise<ReviewPage>, from: number, to: number): Promise<string[]> {
  let [low, high] = [0, (await ask(0)).pages - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    let at = middle;
    let last = numbers(await ask(at)).at(-1);
    // A page of lines that are gone has no number of now; the next one tells.
    while (last === undefined && at < high) {
      at += 1;
      last = numbers(await ask(at)).at(-1);
    }
    if (last !== undefined && last < from) low = at + 1;
    else high = middle;
  }
  const found: string[] = [];
  const end = lastQuoted(from, to);
  for (let page = low; ; page += 1) {
    const known = await ask(page);
    for (const row of known.rows) {
      if (row.new !== null && row.new >= from && row.new <= end) found.push(textOfHtml(row.right ?? ""));
    }
    if ((numbers(known).at(-1) ?? 0) >= end || page + 1 >= known.pages) return found;
  }
}
