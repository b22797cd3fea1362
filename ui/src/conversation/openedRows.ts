import { createSignal, untrack, type Accessor } from "solid-js";

/**
 * What of a conversation's rows is opened, kept outside of what is drawn: a row that goes off screen is taken out of
 * the document, and has to be what it was when it comes back. Only names and numbers are kept, never content.
 */
interface Opened {
  open: boolean;
  /** What was done with all rows when it was opened or closed; what is done with all of them later counts for it too. */
  after: number;
  /** All of its output is wanted, not only the beginning. */
  whole: boolean;
  /** How far its output is scrolled, in CSS pixels. */
  top: number;
}

/** More rows than a person opens in a day; the ones touched longest ago close. */
const most = 500;

const rows = new Map<string, Opened>();

/** What was last done with all rows at once, and how often that was. A row that was not touched since is as it says. */
const [all, setAll] = createSignal({ open: false, times: 0 });

const untouched: Readonly<Opened> = { open: false, after: -1, whole: false, top: 0 };

function remember(key: string, change: Partial<Opened>): void {
  const value = { ...(rows.get(key) ?? untouched), ...change };
  // Deleted first, so that the map's order is that of the last touch.
  rows.delete(key);
  const now = untrack(all);
  const asAll = value.after !== now.times || value.open === now.open;
  if (asAll && !value.whole && value.top === 0) return;
  rows.set(key, value);
  const oldest = rows.keys().next();
  if (rows.size > most && !oldest.done) rows.delete(oldest.value);
}

/** Whether the row of this key is open: a signal that outlives the row. Keys of blocks are their ids. */
export function createOpened(key: string): [Accessor<boolean>, (open: boolean) => void] {
  const before = rows.get(key);
  const [own, setOwn] = createSignal({ open: before?.open ?? false, after: before?.after ?? -1 });
  return [
    () => (own().after === all().times ? own().open : all().open),
    (open) => {
      const touched = { open, after: untrack(all).times };
      remember(key, touched);
      setOwn(touched);
    },
  ];
}

/** Whether all of an output is wanted, kept likewise. */
export function createWhole(key: string): [Accessor<boolean>, (whole: boolean) => void] {
  const [whole, setWhole] = createSignal(rows.get(key)?.whole ?? false);
  return [
    whole,
    (value) => {
      remember(key, value ? { whole: true } : { whole: false, top: 0 });
      setWhole(value);
    },
  ];
}

/** How far the output of this key was scrolled when it was last in the document. */
export function scrolledTo(key: string): number {
  return rows.get(key)?.top ?? 0;
}

/** Remembers how far an output is scrolled. */
export function rememberScrolled(key: string, top: number): void {
  remember(key, { top });
}

/** Long answers that were folded by hand, by the block of their text. */
const [folded, setFolded] = createSignal<ReadonlySet<string>>(new Set());

/** Whether the long text of this block is folded to its beginning; a signal. */
export const isFolded = (block: string): boolean => folded().has(block);

/** Folds a long text to its beginning, or shows all of it again. */
export function foldText(block: string, fold: boolean): void {
  setFolded((before) => {
    // Taken out first, so that the order is that of the last touch.
    const after = [...before].filter((each) => each !== block);
    return new Set((fold ? [...after, block] : after).slice(-most));
  });
}

/** Opens everything that can be opened, or closes it: what is drawn, and what comes onto the screen later. */
export function foldAll(open: boolean): void {
  if (open) setFolded(new Set<string>());
  setAll(({ times }) => ({ open, times: times + 1 }));
}

/** Closes everything: another thread begins as it is usually read. What was opened in one row by itself stays. */
export function leaveFolding(): void {
  if (untrack(all).open) foldAll(false);
}

/** Closes everything; for tests. */
export function forgetOpened(): void {
  rows.clear();
  setFolded(new Set<string>());
  foldAll(false);
}
