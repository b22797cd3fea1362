/*
 * Text as it is compared when something is looked for: without capitals, accents and the width of white space. The core
 * folds what it looks through in the same way (crates/workspace/src/find/fold.rs).
 */

const accents = /[\u0300-\u036f]/g;

function foldCharacter(character: string): string {
  if (character.codePointAt(0) === undefined) return "";
  return character.normalize("NFD").replace(accents, "").toLowerCase().replace(accents, "");
}

/** What a text is compared as. */
export function fold(text: string): string {
  return text.replace(/\s+/g, " ").normalize("NFD").replace(accents, "").toLowerCase().replace(accents, "");
}

/** Where a folded text is found in another: from and to, in the text as it was. At most `most` places. */
export function placesOf(text: string, folded: string, most: number): Array<[from: number, to: number]> {
  if (folded === "" || text === "") return [];
  // Nearly every text has nothing of what is looked for; then no place in it has to be known.
  if (!fold(text).includes(folded)) return [];
  let compared = "";
  const from: number[] = [];
  let at = 0;
  let spaced = false;
  for (const character of text) {
    const isSpace = /\s/.test(character);
    const piece = isSpace ? (spaced ? "" : " ") : foldCharacter(character);
    for (let index = 0; index < piece.length; index += 1) from.push(at);
    compared += piece;
    spaced = isSpace;
    at += character.length;
  }
  from.push(at);
  const places: Array<[number, number]> = [];
  for (let found = compared.indexOf(folded); found >= 0 && places.length < most; found = compared.indexOf(folded, found + folded.length)) {
    places.push([from[found] ?? at, from[found + folded.length] ?? at]);
  }
  return places;
}

/** How often a folded text is found in another. */
export function timesIn(text: string, folded: string): number {
  if (folded === "") return 0;
  return fold(text).split(folded).length - 1;
}
