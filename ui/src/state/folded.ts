import { createSignal } from "solid-js";

/*
 * The groups of the thread list whose rows are folded away. It is how this window looks and nothing else, so the window
 * keeps it.
 */
const key = "folded-threads";

/** How many are kept; of more the oldest are unfolded again. */
const most = 500;

function kept(): string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

/** Which groups are folded, and folding one. */
export function createFolded() {
  const [folded, setFolded] = createSignal<ReadonlySet<string>>(new Set(kept()));
  return {
    is: (id: string): boolean => folded().has(id),
    set(id: string, fold: boolean): void {
      const others = [...folded()].filter((known) => known !== id);
      const ids = (fold ? [...others, id] : others).slice(-most);
      setFolded(new Set(ids));
      try {
        localStorage.setItem(key, JSON.stringify(ids));
      } catch {
        // It is unfolded again the next time.
      }
    },
  };
}
