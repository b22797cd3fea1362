/*
 * Which language the window speaks, and the texts of that language.
 *
 * English comes with the window. Every other language is a file in `languages`, named by its tag, and is read when
 * it is chosen. A text it lacks is shown in English.
 */
import { createSignal } from "solid-js";
import type { Message, Messages } from "./messages";

/** The language the catalog is written in. */
const english = "en";
/** English with accents, brackets and more length: it shows which text is no text of the catalog, and what is clipped. */
export const pseudo = "en-XA";

const files = import.meta.glob<Messages>("./languages/*.ts", { import: "texts" });
const readers = new Map(Object.entries(files).map(([path, reader]) => [path.slice(path.lastIndexOf("/") + 1, -".ts".length), reader]));

/** The languages that can be chosen, by tag. English stands first. */
export const languages: readonly string[] = [english, ...[...readers.keys()].toSorted()];

interface Spoken {
  /** The language's tag, for the document. */
  tag: string;
  /** What numbers, dates and names are written and sorted by: the tag, with the computer's region where it has that language. */
  locale: string;
  /** What is shown of an English text. */
  translate(key: string, entry: Message): Message | undefined;
}

const spokenEnglish: Spoken = { tag: english, locale: english, translate: () => undefined };
const [spoken, setSpoken] = createSignal<Spoken>(spokenEnglish);

/** The tag of the language that is spoken. */
export const language = (): string => spoken().tag;
/** What numbers and dates are written by. */
export const locale = (): string => spoken().locale;

/** The text of the language that is spoken; none where English has to stand in for it. */
export const translated = (key: string, entry: Message): Message | undefined => spoken().translate(key, entry);

/** Makes what depends on the language when it is first asked for, and anew for another language. */
export function perLanguage<Value>(make: (locale: string) => Value): () => Value {
  let made: { locale: string; value: Value } | undefined;
  return () => {
    const wanted = locale();
    if (made?.locale !== wanted) made = { locale: wanted, value: make(wanted) };
    return made.value;
  };
}

const sameLanguage = (left: string, right: string) => left.toLowerCase().split("-")[0] === right.toLowerCase().split("-")[0];

/** The best there is of the languages a person reads, the dearest first: the tag itself, or another region's. */
function bestOf(wanted: readonly string[], available: readonly string[]): string {
  for (const tag of wanted) {
    const exact = available.find((each) => each.toLowerCase() === tag.toLowerCase());
    const found = exact ?? available.find((each) => sameLanguage(each, tag));
    if (found !== undefined) return found;
  }
  return english;
}

/** The language for what is set: a tag, or none to speak as the computer does. */
export function languageFor(setting: string | null, computer: readonly string[] = navigator.languages, available = languages): string {
  if (setting === pseudo) return pseudo;
  return bestOf(setting === null ? computer : [setting], available);
}

async function read(tag: string): Promise<Spoken> {
  if (tag === pseudo) {
    const { pseudonym } = await import("./pseudo");
    return { tag, locale: english, translate: (_key, entry) => pseudonym(entry) };
  }
  const reader = readers.get(tag);
  if (!reader) return spokenEnglish;
  const texts = await reader();
  return { tag, locale: navigator.languages.find((each) => sameLanguage(each, tag)) ?? tag, translate: (key) => texts[key] };
}

let wanted = english;

/** Speaks a language from now on, in every text that stands in the window. Where its file cannot be read it stays as it is. */
export async function speak(tag: string): Promise<void> {
  wanted = tag;
  if (tag === spoken().tag) return;
  // What needs no file is spoken at once, so that the first picture of an English window waits for nothing.
  const next = tag === english ? spokenEnglish : await read(tag).catch(() => undefined);
  // Another one may have been chosen meanwhile.
  if (next && wanted === tag) setSpoken(next);
}

const place = "language";

/** The language of the last time, so that its file is read while the app still begins. */
export function rememberedLanguage(): string {
  try {
    const kept = localStorage.getItem(place);
    return kept === pseudo || (kept !== null && languages.includes(kept)) ? kept : languageFor(null);
  } catch {
    return languageFor(null);
  }
}

/** Keeps it for the next time. */
export function rememberLanguage(tag: string): void {
  try {
    localStorage.setItem(place, tag);
  } catch {
    // Without storage the next start reads the language's file a little later; nothing else depends on it.
  }
}
