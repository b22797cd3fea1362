import { batch, createEffect, createMemo, createSignal, onCleanup, untrack, type Accessor } from "solid-js";

/** What was asked for last, and whether an answer is under way. */
export interface Asked<Value> {
  value: Accessor<Value | undefined>;
  loading: Accessor<boolean>;
  again(): void;
}

/**
 * Asks whenever what it asks about changes, and keeps the last answer until the next one is there. It suspends nothing: what
 * reads it is drawn at once, where a resource would take the part around it away until the first answer. Does not ask about
 * `null`; what asks may not reject.
 */
export function createAsked<About, Value>(about: Accessor<About | null>, ask: (about: About) => Promise<Value>): Asked<Value> {
  const wanted = createMemo(about);
  const [value, setValue] = createSignal<Value>();
  const [loading, setLoading] = createSignal(untrack(wanted) !== null);
  let turn = 0;
  const run = async (now: About | null) => {
    turn += 1;
    const mine = turn;
    setLoading(now !== null);
    if (now === null) return;
    const found = await ask(now);
    // An older question may be answered after a newer one.
    if (mine !== turn) return;
    batch(() => {
      setValue(() => found);
      setLoading(false);
    });
  };
  createEffect(() => {
    const now = wanted();
    untrack(() => void run(now));
  });
  onCleanup(() => (turn += 1));
  return { value, loading, again: () => void run(untrack(wanted)) };
}
