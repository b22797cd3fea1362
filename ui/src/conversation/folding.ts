/*
 * Text as it is compared when something is looked for: without capitals, accents and the width of white space. The core
 * folds what it looks through in the same way (crates/workspace/src/find/fold.rs); both are held to the cases of
 * folding.json there.
 */

/**
 * Marks that are accents. Not all marks are: the vowels of Devanagari and of Thai are marks too, and so is what makes
 * another letter of a Japanese one. The core has the same list.
 */
const stretches = [
  // Over and under Latin, Greek and Cyrillic letters.
  "0300-036f 0483-0489",
  // Points of Hebrew.
  "0591-05bd 05bf 05c1-05c2 05c4-05c5 05c7",
  // Vowels of Arabic and signs for its recitation.
  "0610-061a 064b-065f 0670 06d6-06dc 06df-06e4 06e7-06e8 06ea-06ed",
  // Dots below letters of the scripts of India, and accents of the Vedas.
  "093c 0951-0954 09bc 09fe 0a3c 0abc 0b3c 0c3c 0cbc",
  // Further ones of Latin, Greek and Cyrillic, of symbols and of halves.
  "1ab0-1aff 1cd0-1cd2 1cd4-1ce0 1ce2-1ce8 1ced 1cf4 1cf8-1cf9 1dc0-1dff 20d0-20ff 2de0-2dff a66f-a672 a674-a67d fe20-fe2f",
];
const accents = new RegExp(`[${stretches.join(" ").replace(/\w{4}/g, "\\u$&").replaceAll(" ", "")}]`, "g");

/** Not what \s is: that has a mark of no width, and lacks a line end of old machines. */
const space = /\p{White_Space}+/gu;

/** A character with the marks on it: those may be written in more than one order. */
const withMarks = /\P{M}\p{M}*|\p{M}+/gu;

/** What a text is compared as. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(accents, "").replace(space, " ").toLowerCase().replaceAll("ς", "σ");
}

/** Where a folded text is found in another: from and to, in the text as it was. At most `most` places. */
export function placesOf(text: string, folded: string, most: number): Array<[from: number, to: number]> {
  if (folded === "" || text === "") return [];
  // Nearly every text has nothing of what is looked for; then no place in it has to be known.
  if (!fold(text).includes(folded)) return [];
  let compared = "";
  /** Of each unit that is compared, where it begins and ends in the text. Two may be of one character. */
  const from: number[] = [];
  const to: number[] = [];
  for (const { 0: written, index } of text.matchAll(withMarks)) {
    const piece = fold(written);
    // White space of several widths in a row is one.
    const added = compared.endsWith(" ") && piece.startsWith(" ") ? piece.slice(1) : piece;
    for (let unit = 0; unit < added.length; unit += 1) {
      from.push(index);
      to.push(index + written.length);
    }
    if (added === "" && to.length > 0) to[to.length - 1] = index + written.length;
    compared += added;
  }
  const places: Array<[number, number]> = [];
  for (let found = compared.indexOf(folded); found >= 0 && places.length < most; found = compared.indexOf(folded, found + folded.length)) {
    places.push([from[found] ?? 0, to[found + folded.length - 1] ?? text.length]);
  }
  return places;
}

/** How often a folded text is found in another. */
export function timesIn(text: string, folded: string): number {
  if (folded === "") return 0;
  return fold(text).split(folded).length - 1;
}
