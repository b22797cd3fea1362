import { describe, expect, test } from "vitest";
import { fit, fold, wordsOf } from "./fuzzy";

const names = (typed: string, ...all: string[]) =>
  all
    .map((name) => ({ name, fits: fit(wordsOf(typed), fold(name), "") }))
    .filter(({ fits }) => fits !== undefined)
    .toSorted((left, right) => (right.fits?.score ?? 0) - (left.fits?.score ?? 0))
    .map(({ name }) => name);
const marked = (typed: string, name: string) =>
  fit(wordsOf(typed), fold(name), "")?.marks.map(([from, to]) => name.slice(from, to));

describe("what is typed fits", () => {
  test("where the letters come in order, and the beginning of a word before its middle", () => {
    expect(names("rev", "Preview the page", "Review the pricing page", "Show or hide review", "Home")).toEqual(["Review the pricing page", "Show or hide review", "Preview the page"]);
  });

  test("where words are begun one after the other, as in initials", () => {
    expect(marked("nt", "New thread")).toEqual(["N", "t"]);
    expect(marked("togside", "Toggle sidebar")).toEqual(["Tog", "side"]);
    expect(marked("stngs", "Settings")).toEqual(["S", "t", "ngs"]);
    expect(names("nt", "Write a prompt", "New thread", "Unit tests")).toEqual(["New thread"]);
  });

  test("in any order of words, each of which has to", () => {
    expect(marked("hide review", "Show or hide review")).toEqual(["hide", "review"]);
    expect(marked("review hide", "Show or hide review")).toEqual(["hide", "review"]);
    expect(names("review cat", "Show or hide review")).toEqual([]);
  });

  test("without capitals and accents, at the letters it stands at", () => {
    expect(marked("resume", "Résumé schreiben")).toEqual(["Résumé"]);
    expect(marked("RÉS", "Ein resume")).toEqual(["res"]);
    expect(fold("İstanbul ß 👍")).toHaveLength("İstanbul ß 👍".length);
  });

  test("a name better than another word for it, and a short name better than a long one", () => {
    const by = (name: string, more: string) => fit(["theme"], fold(name), more)?.score ?? 0;
    expect(by("Theme: dark", "")).toBeGreaterThan(by("Mode", "theme"));
    expect(by("Mode", "theme")).toBeGreaterThan(0);
    expect(names("health", "Health of the engine and of everything else", "Health")[0]).toBe("Health");
  });

  test("also another word for it that begins only where it stands a second time", () => {
    expect(fit(["fix"], fold("Retry tests"), "bugfix fix")).toBeTruthy();
    expect(fit(["fix"], fold("Retry tests"), "bugfix")).toBeUndefined();
  });

  test("not by letters that are strewn over it", () => {
    expect(names("rev", "Translate the envelope", "Order eleven vans")).toEqual([]);
    expect(names("xyz", "New thread")).toEqual([]);
  });

  test("names of any length, at a cost that has a bound", () => {
    const long = fold(`${"a".repeat(5_000)} b`);
    expect(long).toHaveLength(240);
    expect(fit(wordsOf(`${"a".repeat(100)}`), long, "")?.marks).toEqual([[0, 32]]);
  });
});
