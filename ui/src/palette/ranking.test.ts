import { describe, expect, test } from "vitest";
import { circle } from "../design/icons";
import { entryOf, type Entry, type Group } from "./entry";
import { mostRows, rank, scopeOf, withHits } from "./ranking";

const entry = (group: Group, label: string, more: Partial<Pick<Entry, "marks" | "chosen">> = {}): Entry => entryOf({ key: `${group}:${label}`, group, label, icon: circle, run: () => {}, ...more });
const labels = (ranking: ReturnType<typeof rank>) => ranking.groups.map(({ group, rows }) => [group, ...rows.map((row) => row.entry.label)]);

const few = [entry("here", "Show or hide review"), entry("threads", "Review the pricing page"), entry("threads", "Old notes"), entry("commands", "Home"), entry("agents", "Switch to agent review"), entry("settings", "Appearance")];

describe("the list", () => {
  test("has the group of the best first, and leaves out what does not fit", () => {
    expect(labels(rank(few, "rev", []))).toEqual([["threads", "Review the pricing page"], ["here", "Show or hide review"], ["agents", "Switch to agent review"]]);
  });

  test("has first what was used last, among what fits about as well", () => {
    expect(labels(rank(few, "rev", ["agents:Switch to agent review"]))[0]).toEqual(["agents", "Switch to agent review"]);
  });

  test("shows what was used last, what fits the place and the newest threads while nothing is typed", () => {
    expect(labels(rank(few, "", ["settings:Appearance", "gone"]))).toEqual([
      ["recent", "Appearance"],
      ["here", "Show or hide review"],
      ["threads", "Review the pricing page", "Old notes"],
      ["commands", "Home"],
    ]);
  });

  test("offers what is chosen already after all that fits, and not where nothing is typed", () => {
    const open = entry("threads", "Review the review", { chosen: true });
    expect(labels(rank([open, ...few], "rev", []))[0]).toEqual(["threads", "Review the pricing page", "Review the review"]);
    expect(labels(rank([open, ...few.slice(0, 1)], "rev", []))[0]).toEqual(["here", "Show or hide review"]);
    expect(labels(rank([open, ...few], "", [open.key])).flat()).not.toContain("Review the review");
  });

  test("leaves out what fits by chance where something fits by its words", () => {
    const some = [entry("commands", "Theme: dark"), entry("settings", "New threads: Model")];
    expect(labels(rank(some, "theme", []))).toEqual([["commands", "Theme: dark"]]);
    expect(labels(rank(some.slice(1), "theme", []))).toEqual([["settings", "New threads: Model"]]);
  });

  test("is narrowed by a sign in front", () => {
    expect(scopeOf("  # proxy key ")).toEqual({ scope: "threads", query: "proxy key" });
    expect(labels(rank(few, "#", []))).toEqual([["threads", "Review the pricing page", "Old notes"]]);
    expect(labels(rank(few, "#rev", []))).toEqual([["threads", "Review the pricing page"]]);
    expect(labels(rank(few, ">rev", [])).flat()).not.toContain("threads");
  });

  test("draws a bounded number of rows of any number, and knows how many there are", () => {
    const many = Array.from({ length: 10_000 }, (_, place) => entry("threads", `Review ${place}`));
    for (const typed of ["", "rev", "#", "#rev", "r", ">"]) {
      const { groups, found, shown } = rank(many, typed, []);
      expect(groups.reduce((count, { rows }) => count + rows.length, 0)).toBe(shown);
      expect(shown).toBeLessThanOrEqual(mostRows);
      expect(found).toBe(typed === ">" ? 0 : 10_000);
    }
  });

  test("has what the core found after what was found by title, each once, within the same bound", () => {
    const own = rank(few, "#rev", []);
    const hits = [entry("threads", "Review the pricing page"), entry("threads", "Said in it", { marks: [[0, 4]] })];
    const all = withHits(own, hits, "threads");
    expect(labels(all)).toEqual([["threads", "Review the pricing page", "Said in it"]]);
    expect(all.groups[0]?.rows[1]?.marks).toEqual([[0, 4]]);
    const crowd = withHits(rank(few, "rev", []), Array.from({ length: 200 }, (_, place) => entry("threads", `Hit ${place}`)), "all");
    expect(crowd.shown).toBeLessThanOrEqual(mostRows);
    expect(crowd.found).toBe(203);
    expect(withHits(rank(few, "xyz", []), hits, "all").groups.map(({ group }) => group)).toEqual(["threads"]);
  });
});
