import type { JSX } from "solid-js";
import { conversation } from "./conversation";
import { design } from "./design";
import { errors } from "./errors";
import { perLanguage, translated } from "./language";
import type { Message, Messages, NamesOf } from "./messages";
import { pages } from "./pages";
import { providers } from "./providers";
import { shell } from "./shell";

/** The texts that come with the window, in English. What a language has instead is looked up by key. */
export const catalog = { ...design, ...shell, ...pages, ...providers, ...conversation, ...errors };

type Catalog = typeof catalog;
/** The key of a text. */
export type TextKey = keyof Catalog;
type Values<Key extends TextKey, Value> = Record<NamesOf<Catalog[Key]>, Value>;
type Given<Key extends TextKey, Value> = [NamesOf<Catalog[Key]>] extends [never] ? [] : [values: Values<Key, Value>];
/** The keys of texts that fill nothing in. */
export type PlainTextKey = { [Key in TextKey]: [NamesOf<Catalog[Key]>] extends [never] ? Key : never }[TextKey];

const rules = (locale: string) => new Intl.PluralRules(locale);
// Made when first needed: the first of them takes the webview 8 ms, before anything is drawn.
const ownRules = perLanguage(rules);
let englishRules: Intl.PluralRules | undefined;
const figures = perLanguage((wanted) => new Intl.NumberFormat(wanted));

/** The text to fill in: in the language that is spoken, or in English where that has none. */
function form(key: string, entry: Message, count: unknown): string {
  const own = translated(key, entry);
  const chosen = own ?? entry;
  if (typeof chosen === "string") return chosen;
  // What stands in English counts as English does.
  const plural = own === undefined ? (englishRules ??= rules("en")) : ownRules();
  return chosen[plural.select(Number(count))] ?? chosen.other;
}

function pieces(entry: string): string[] {
  return entry.split(/\{(\w+)\}/);
}

function filled(key: string, entry: Message, values: Record<string, string | number>): string {
  return pieces(form(key, entry, values["count"]))
    .map((piece, index) => {
      if (index % 2 === 0) return piece;
      const value = values[piece];
      return typeof value === "number" ? figures().format(value) : (value ?? "");
    })
    .join("");
}

/** The text of a key, its names filled in. Numbers are written with separators. */
export function text<Key extends TextKey>(key: Key, ...given: Given<Key, string | number>): string {
  return filled(key, catalog[key], given[0] ?? {});
}

type GivenTo<Entry extends Message> = [NamesOf<Entry>] extends [never] ? [] : [values: Record<NamesOf<Entry>, string | number>];

/** The same for the texts of a part that is read when it is first opened: they come along with it. */
export function textsOf<Texts extends Messages>(texts: Texts) {
  return <Key extends keyof Texts & string>(key: Key, ...given: GivenTo<Texts[Key]>): string =>
    // A key of these texts is one of them.
    filled(key, texts[key] as Message, (given as [Record<string, string | number>?])[0] ?? {});
}

/** Those texts for values that are elements. */
export function richOf<Texts extends Messages>(texts: Texts) {
  return <Key extends keyof Texts & string>(key: Key, values: Record<NamesOf<Texts[Key]>, JSX.Element>): JSX.Element[] => elements(form(key, texts[key] as Message, (values as Record<string, unknown>)["count"]), values);
}

function elements(written: string, values: Record<string, JSX.Element>): JSX.Element[] {
  return pieces(written).flatMap((piece, index): JSX.Element[] => {
    if (index % 2 === 0) return piece === "" ? [] : [piece];
    return [values[piece]];
  });
}

/** The same for values that are elements: the pieces in order, for a component to render. */
export function rich<Key extends TextKey>(key: Key, ...given: Given<Key, JSX.Element>): JSX.Element[] {
  const values: Record<string, JSX.Element> = given[0] ?? {};
  return elements(form(key, catalog[key], values["count"]), values);
}
