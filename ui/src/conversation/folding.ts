/*
 * Text as it is compared when something is looked for: without capitals, accents and the width of white space. The core
 * folds what it looks through in the same way (crates/workspace/src/find/fold.rs); both are held to the cases of
 * folding.json there.
 */

/**
 * Marks that are accents. Not all marks are: the vowels of Devanagari and of Thai are marks too, and so is what makes
 * another letter of a Japanese one. The core has the same list, and says what each stretch of it is.
 */
const accents =
  /[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u093c\u0951-\u0954\u09bc\u09fe\u0a3c\u0abc\u0b3c\u0c3c\u0cbc\u1ab0-\u1aff\u1cd0-\u1cd2\u1cd4-\u1ce0\u1ce2-\u1ce8\u1ced\u1cf4\u1cf8\u1cf9\u1dc0-\u1dff\u20d0-\u20ff\u2de0-\u2dff\ua66f-\ua672\ua674-\ua67d\ufe20-\ufe2f]/g;

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
