import { fit, fold, wordsOf, type Marks } from "../palette/fuzzy";
import type { SettingEntry } from "./registry";

/** A setting that fits what is typed. */
export interface Found {
  entry: SettingEntry;
  /** Where the letters stand in its name. */
  marks: Marks;
}

/** More than fit a sidebar without scrolling for long; a further letter leaves fewer. */
export const mostFound = 30;

/** The settings that fit, best first: by their names, other words for them, their groups and their sentences. */
export function findSettings(entries: readonly SettingEntry[], typed: string, sectionOf: (entry: SettingEntry) => string): Found[] {
  const words = wordsOf(typed);
  if (words.length === 0) return [];
  return entries
    .flatMap((entry) => {
      const more = fold(`${entry.words} ${entry.group ?? ""} ${sectionOf(entry)}`);
      // The sentence counts least: it is cut like a name, and its words are found from their beginnings only.
      const found = fit(words, fold(entry.label), more) ?? fit(words, fold(entry.label), `${more} ${fold(entry.body)}`);
      return found ? [{ entry, marks: found.marks, score: found.score }] : [];
    })
    .toSorted((left, right) => right.score - left.score)
    .slice(0, mostFound);
}
