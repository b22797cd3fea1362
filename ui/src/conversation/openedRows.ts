import { createSignal, type Accessor } from "solid-js";

/**
 * What of a conversation's rows is opened, kept outside of what is drawn: a row that goes off screen is taken out of
 * the document, and has to be what it was when it comes back. Only names and numbers are kept, never content.
 */
interface Opened {
  open: boolean;
  /** All of its output is wanted, not only the beginning. */
  whole: boolean;
  /** How far its output is scrolled, in CSS pixels. */
  top: number;
}

/** More rows than a person opens in a day; the ones touched longest ago close. */
const most = 500;

const rows = new Map<string, Opened>();

const closed: Readonly<Opened> = { open: false, whole: false, top: 0 };

function remember(key: string, change: Partial<Opened>): void {
  const value = { ...(rows.get(key) ?? closed), ...change };
  // Deleted first, so that the map's order is that of the last touch.
  rows.delete(key);
  if (!value.open && !value.whole && value.top === 0) return;
  rows.set(key, value);
  const oldest = rows.keys().next();
  if (rows.size > most && !oldest.done) rows.delete(oldest.value);
}

/** Whether the row of this key is open: a signal that outlives the row. Keys of blocks are their ids. */
export function createOpened(key: string): [Accessor<boolean>, (open: boolean) => void] {
  const [open, setOpen] = createSignal(rows.get(key)?.open ?? false);
  return [
    open,
    (value) => {
      remember(key, { open: value });
      setOpen(value);
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

/** Closes everything; for tests. */
export function forgetOpened(): void {
  rows.clear();
}
