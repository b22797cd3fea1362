import { createSignal } from "solid-js";
import { createStore } from "solid-js/store";
import type { Backend } from "../backend";

export type ScopeName = "turn" | "session" | "tree";

/** Words that are being written about lines of a file. */
export interface BegunComment {
  from: number;
  to: number;
  words: string;
}

/** Threads whose review is remembered: those a person goes back and forth between. */
const most = 50;

/** Where a person was in the review of a thread, and what they were writing there. */
export function createReviewMemory() {
  const [scope, setScope] = createSignal<ScopeName>("session");
  const [wanted, setWanted] = createSignal<string>();
  /** Comments that are being written, by path: reading anew or a look at another file takes none away. */
  const [begun, setBegun] = createStore<Record<string, BegunComment | undefined>>({});
  /** What a commit is to say: where a hook refuses it, the dialog closes and something is mended first. */
  const [message, setMessage] = createSignal("");
  return { scope, setScope, wanted, setWanted, begun, setBegun, message, setMessage };
}

export type ReviewMemory = ReturnType<typeof createReviewMemory>;

const memories = new WeakMap<Backend, Map<string, ReviewMemory>>();

/** What is remembered of a thread's review. It outlives the panel, which goes when it is closed, when the window becomes narrow and when another thread is opened. */
export function reviewMemory(backend: Backend, session: string): ReviewMemory {
  const all = memories.get(backend) ?? new Map<string, ReviewMemory>();
  memories.set(backend, all);
  const known = all.get(session) ?? createReviewMemory();
  // The one looked at last stands last.
  all.delete(session);
  all.set(session, known);
  const writes = (memory: ReviewMemory) => memory.message() !== "" || Object.values(memory.begun).some((comment) => comment !== undefined && comment.words !== "");
  for (const [other, memory] of all) {
    if (all.size <= most) break;
    if (other !== session && !writes(memory)) all.delete(other);
  }
  return known;
}
