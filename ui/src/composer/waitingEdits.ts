import { createStore } from "solid-js/store";
import type { Backend } from "../backend";

/** Other words that are being written for a waiting prompt. */
export interface WaitingEdit {
  /** Its words when that began. */
  before: string;
  words: string;
  /** They are on their way to the core. */
  saving: boolean;
}

/** Threads whose edits are remembered beside those that have one open; a thread has at most twenty prompts that wait. */
const most = 50;

/** What is being written for the waiting prompts of a thread. Each of them is held by the core until it is saved or given up. */
function createWaitingEdits() {
  const [edits, setEdits] = createStore<Record<string, WaitingEdit | undefined>>({});
  /** Prompts the core was asked to hold and did not answer yet. */
  const beginning = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    edits,
    beginning,
    begin: (prompt: string, words: string) => setEdits(prompt, { before: words, words, saving: false }),
    change: (prompt: string, next: Partial<WaitingEdit>) => edits[prompt] && setEdits(prompt, next),
    end: (prompt: string) => setEdits(prompt, undefined),
    /** Holds and releases reach the core one after the other: of two that run at once the first asked for could count. */
    inOrder<T>(deed: () => Promise<T>): Promise<T> {
      const done = last.then(deed);
      // Whoever asked is told of a failure; the next one goes on.
      last = done.catch(() => undefined);
      return done;
    },
  };
}

type WaitingEdits = ReturnType<typeof createWaitingEdits>;

const memories = new WeakMap<Backend, Map<string, WaitingEdits>>();

/** What is being written for the waiting prompts of a thread. It outlives the queue on the screen, so that looking at another thread neither sends nor loses it. */
export function waitingEdits(backend: Backend, session: string): WaitingEdits {
  const all = memories.get(backend) ?? new Map<string, WaitingEdits>();
  memories.set(backend, all);
  const known = all.get(session) ?? createWaitingEdits();
  // The one looked at last stands last.
  all.delete(session);
  all.set(session, known);
  const writes = ({ edits, beginning }: WaitingEdits) => beginning.size > 0 || Object.values(edits).some((edit) => edit !== undefined);
  for (const [other, memory] of all) {
    if (all.size <= most) break;
    if (other !== session && !writes(memory)) all.delete(other);
  }
  return known;
}
