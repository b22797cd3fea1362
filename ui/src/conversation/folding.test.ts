import { expect, test } from "vitest";
import { fold, placesOf, timesIn } from "./folding";

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
});
