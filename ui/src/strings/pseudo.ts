import type { Forms, Message } from "./messages";

const accents: Readonly<Record<string, string>> = { a: "á", b: "ƀ", c: "ç", d: "đ", e: "é", g: "ğ", h: "ĥ", i: "í", j: "ĵ", k: "ķ", l: "ļ", n: "ñ", o: "ö", r: "ŕ", s: "š", t: "ţ", u: "ü", w: "ŵ", y: "ý", z: "ž" };
const accented = (letter: string) => {
  const found = accents[letter.toLowerCase()] ?? letter;
  return letter === letter.toLowerCase() ? found : found.toUpperCase();
};

/** How much longer a text becomes. Short labels grow that much from English to German, and more. */
const longer = 0.4;
/** What it grows by: words of a common length, so that lines break where they would. */
const filler = "éîñş žẅéî đŕéî ";

/** A text with accents, 40 % longer, between brackets; what is filled in stays as it is. */
function stretched(text: string): string {
  if (text === "") return "";
  const letters = text.replaceAll(/\{\w+\}/g, "").length;
  const more = Math.ceil(letters * longer);
  const tail = filler.repeat(Math.ceil(more / filler.length)).slice(0, more).trimEnd();
  const spoken = text.replaceAll(/\{\w+\}|[a-z]/gi, (part) => (part.length > 1 ? part : accented(part)));
  return `⟦${spoken}${tail === "" ? "" : ` ${tail}`}⟧`;
}

const made = new Map<Message, Message>();

/** What stands for an English text in a language that is made up to test with. */
export function pseudonym(entry: Message): Message {
  let found = made.get(entry);
  if (found === undefined) {
    found = typeof entry === "string" ? stretched(entry) : (Object.fromEntries(Object.entries(entry).map(([rule, form]) => [rule, stretched(form)])) as Forms);
    made.set(entry, found);
  }
  return found;
}
