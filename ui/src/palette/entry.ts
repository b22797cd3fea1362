import type { IconPath } from "../design/icons";
import { fold, type Marks } from "./fuzzy";

/** The groups, in the order they have while nothing is typed. */
export const groups = ["recent", "here", "threads", "files", "commands", "agents", "models", "folders", "settings"] as const;
export type Group = (typeof groups)[number];

/** Something that can be chosen. */
export interface Entry {
  /** Names it, for what was used last and for staying where one is while the list changes. */
  key: string;
  group: Group;
  label: string;
  /** The label without capitals and accents. */
  name: string;
  /** What else it is found by, folded too. */
  words: string;
  icon: IconPath;
  /** A class that colours the icon. */
  colour?: string;
  /** Said for the icon, where it means something. */
  mark?: string;
  /** Where it is, or what it is for. */
  where?: string | undefined;
  /** The key that does the same. */
  shortcut?: string | undefined;
  /** It is what is chosen, or open, now. */
  chosen?: boolean;
  /** Where the core says the words stand in the label. */
  marks?: Marks;
  /** It is there this once, so that it is not written down as used. */
  passing?: boolean | undefined;
  run(): void;
}

/** What an entry is made from. Of thousands few are looked at, so their labels are made when they are. */
export type Draft = Omit<Entry, "label" | "name" | "words"> & { label: string | (() => string); words?: string | undefined };

export function entryOf(draft: Draft): Entry {
  const { label: made, words: others = "", ...rest } = draft;
  const label = lazily(() => (typeof made === "string" ? made : made()));
  const name = lazily(() => fold(label()));
  const words = lazily(() => fold(`${others} ${draft.where ?? ""}`));
  return Object.defineProperties(rest as Entry, { label: { get: label, enumerable: true }, name: { get: name }, words: { get: words } });
}

function lazily(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}
