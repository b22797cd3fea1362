import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fold, placesOf, timesIn } from "./folding";

interface Cases {
  same: Array<{ of: string; texts: string[] }>;
  different: Array<{ of: string; texts: string[] }>;
  counts: Array<{ text: string; query: string; count: number }>;
}

const cases = JSON.parse(readFileSync(join(import.meta.dirname, "../../../crates/workspace/src/find/folding.json"), "utf8")) as Cases;

test.each(cases.same)("the same as in the core: $of", ({ texts }) => {
  for (const text of texts) {
    expect(fold(text)).toBe(fold(texts[0] ?? ""));
    // Whatever it is written as, all of it is marked.
    expect(placesOf(text, fold(texts[0] ?? ""), 2).map(([, to]) => to)).toEqual([text.length]);
  }
});

test.each(cases.different)("told apart as in the core: $of", ({ texts }) => {
  expect(new Set(texts.map(fold)).size).toBe(texts.length);
});

test.each(cases.counts)("counted as in the core: $query in $text", ({ text, query, count }) => {
  expect(timesIn(text, fold(query))).toBe(count);
  expect(placesOf(text, fold(query), 100)).toHaveLength(count);
});

test("every character of living scripts is folded as in the core", () => {
  let sum = 7;
  for (let code = 0x20; code < 0x3400; code += 1) {
    // Between them are letters that got their capitals later than the oldest webview was made.
    if (code >= 0x1c80 && code < 0x1d00) continue;
    for (const character of fold(String.fromCodePoint(code))) sum = (Math.imul(sum, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  }
  // The core's test has the same sum.
  expect(sum).toBe(2_709_319_268);
});

test("capitals, accents and white space make no difference", () => {
  expect(fold("Crème  BRÛLÉE\n\tà la")).toBe("creme brulee a la");
  expect(timesIn("cafe, Café, CAFE\u0301", fold("café"))).toBe(3);
  expect(timesIn("anything", "")).toBe(0);
});

test("a place is given in the text as it was written", () => {
  const text = "Ein  großes Cafe\u0301\nim CAFÉ";
  const places = placesOf(text, fold("café"), 10);
  expect(places.map(([from, to]) => text.slice(from, to))).toEqual(["Cafe\u0301", "CAFÉ"]);
  expect(placesOf("a  \n b", fold("a b"), 10)).toEqual([[0, 6]]);
  expect(placesOf("aaaa", "a", 3)).toHaveLength(3);
  // A place that ends inside of a character has all of it.
  expect(placesOf("한글", fold("하"), 3)).toEqual([[0, 1]]);
});
