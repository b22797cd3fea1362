import { createMemo, createSignal, untrack, type Accessor, type Setter } from "solid-js";

/** Something in a list, by a key that stays while its value changes. */
export interface Keyed<Value> {
  readonly key: string;
  readonly value: Accessor<Value>;
}

/**
 * Turns a list that is computed anew into one whose entries stay: an entry with a known key keeps its object and only
 * its value moves on. What is drawn for it is then kept, with everything a person opened in it.
 */
export function keyedList<Value>(
  source: () => ReadonlyArray<{ key: string; value: Value }>,
  same: (left: Value, right: Value) => boolean,
): Accessor<Array<Keyed<Value>>> {
  let known = new Map<string, Keyed<Value> & { set: Setter<Value> }>();
  return createMemo(() => {
    const next: typeof known = new Map();
    for (const { key, value } of source()) {
      const before = known.get(key);
      if (before) {
        untrack(() => before.set(() => value));
        next.set(key, before);
      } else {
        const [read, set] = createSignal(value, { equals: same });
        next.set(key, { key, value: read, set });
      }
    }
    known = next;
    return [...next.values()];
  });
}

/** Whether two lists hold the same things in the same order. */
export function sameItems<Item>(left: readonly Item[], right: readonly Item[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
