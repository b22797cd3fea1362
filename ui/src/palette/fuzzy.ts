/*
 * How well what is typed fits a name: the letters in order, better where they stand together and where words begin. Own
 * code, because what it takes is little and the libraries for it are larger than the rest of the palette.
 */

/** Where the letters stand: from and past the end, in UTF-16 units. */
export type Marks = [number, number][];

export interface Fit {
  score: number;
  marks: Marks;
  /** Letters of a word stand apart. */
  loose?: boolean;
}

/** More of a name is not looked at, and more of a word not taken: the work grows with both. */
const longestName = 240;
const longestWord = 32;

const each = 1;
const joined = 3;
const wordStart = 4;
const nameStart = 2;
const wholeWord = 2;
/** Leaving letters of a word out. */
const skipped = -2;
/** Words that a name is also found by count less than the name itself. */
const besides = 0.5;

/** The same text without capitals and accents, letter for letter, so that places in it are places in the text. */
export function fold(written: string): string {
  const cut = written.length > longestName ? written.slice(0, longestName) : written;
  if (/^[\x20-\x7e]*$/.test(cut)) return cut.toLowerCase();
  let folded = "";
  for (const unit of cut.split("")) folded += (unit.normalize("NFD")[0] ?? unit).toLowerCase()[0] ?? unit;
  return folded;
}

/** The words of what is typed. */
export const wordsOf = (typed: string): string[] =>
  fold(typed)
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => word.slice(0, longestWord));

/** Asked for each place that fits, so that the plain ones are told without a pattern. Names are folded: no capitals. */
function isLetter(unit: string | undefined): boolean {
  if (unit === undefined) return false;
  if ((unit >= "a" && unit <= "z") || (unit >= "0" && unit <= "9")) return true;
  return unit > "\u007f" && /[\p{L}\p{N}]/u.test(unit);
}
/** Whether a word begins there. Both are folded, so camelCase has been lost; names of people's threads have none. */
const begins = (name: string, at: number) => at === 0 || (isLetter(name[at]) && !isLetter(name[at - 1]));

/** The word as it is written somewhere in the name, where that is best. */
function whole(name: string, word: string): Fit | undefined {
  let best: Fit | undefined;
  for (let at = name.indexOf(word); at >= 0; at = name.indexOf(word, at + 1)) {
    const end = at + word.length;
    const score = word.length * each + (word.length - 1) * joined + (begins(name, at) ? wordStart + (isLetter(name[end]) ? 0 : wholeWord) : 0) + (at === 0 ? nameStart : 0);
    if (!best || score > best.score) best = { score, marks: [[at, end]] };
  }
  return best;
}

/** Whether all letters come in this order at all: what decides it for nearly every name. */
function inOrder(name: string, word: string): boolean {
  let at = -1;
  for (const letter of word) {
    at = name.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** The letters one after the other with others between, beginning where a word does, in the best of all ways. */
function scattered(name: string, word: string): Fit | undefined {
  const width = name.length;
  // For each letter and place: the best score with that letter there, where the one before it then is, and letters left out.
  let before: { score: number; from: number }[] = [];
  const ways: { score: number; from: number }[][] = [];
  for (let letter = 0; letter < word.length; letter += 1) {
    const row: { score: number; from: number }[] = [];
    let best = { score: -Infinity, at: -1 };
    for (let at = 0; at < width; at += 1) {
      const far = before[at - 2];
      if (far && far.score > best.score) best = { score: far.score, at: at - 2 };
      let score = -Infinity;
      let from = -1;
      if (name[at] === word[letter]) {
        const start = begins(name, at);
        if (letter === 0) score = start ? each + wordStart + (at === 0 ? nameStart : 0) : -Infinity;
        else {
          const next = (before[at - 1]?.score ?? -Infinity) + each + joined;
          const later = best.score + each + (start ? wordStart : skipped);
          score = Math.max(next, later);
          from = next >= later ? at - 1 : best.at;
        }
      }
      row.push({ score, from });
    }
    ways.push(row);
    before = row;
  }
  let at = before.reduce((best, way, place) => (way.score > (before[best]?.score ?? -Infinity) ? place : best), 0);
  const score = before[at]?.score ?? -Infinity;
  if (score === -Infinity) return undefined;
  const places: number[] = [];
  for (let letter = word.length - 1; letter >= 0; letter -= 1) {
    places.unshift(at);
    at = ways[letter]?.[at]?.from ?? -1;
  }
  // Left out too often it is another word.
  const gaps = places.filter((place, index) => index > 0 && place !== (places[index - 1] ?? 0) + 1 && !begins(name, place)).length;
  if (gaps > word.length / 2) return undefined;
  const marks: Marks = [];
  for (const place of places) {
    const last = marks.at(-1);
    if (last?.[1] === place) last[1] = place + 1;
    else marks.push([place, place + 1]);
  }
  return { score, marks, loose: true };
}

/** How well words fit a folded name, and what else it is found by; nothing where one of them does not. */
export function fit(words: readonly string[], name: string, more: string): Fit | undefined {
  let score = 0;
  let loose = false;
  const marks: Marks = [];
  for (const word of words) {
    const found = whole(name, word) ?? (word.length > 1 && inOrder(name, word) ? scattered(name, word) : undefined);
    if (found) {
      score += found.score;
      loose ||= found.loose ?? false;
      marks.push(...found.marks);
      continue;
    }
    let at = more.indexOf(word);
    while (at >= 0 && !begins(more, at)) at = more.indexOf(word, at + 1);
    if (at < 0) return undefined;
    score += word.length * (each + joined) * besides;
  }
  // Of two that fit as well the shorter name is meant.
  return { score: score - name.length / 100, marks: merged(marks), loose };
}

/** Marks in order, those that meet as one. */
function merged(marks: Marks): Marks {
  const all: Marks = [];
  for (const [from, to] of marks.toSorted((left, right) => left[0] - right[0])) {
    const last = all.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}
