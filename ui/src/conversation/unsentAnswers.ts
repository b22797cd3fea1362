import type { Backend } from "../backend";

/** What is being written to an ask and was not sent. */
export interface UnsentAnswer {
  /** Which of several questions was looked at. */
  step?: number;
  answers?: readonly { chosen: readonly string[]; own: string }[];
  /** What to do instead of what is denied. */
  feedback?: string;
}

/** Of how many asks it is kept; those left longest ago go first. Few wait at once, and each has a sentence at most. */
const most = 50;

const kept = new WeakMap<Backend, Map<string, UnsentAnswer>>();

/** Keeps what was written to an ask for when it is shown again, in its thread or in the inbox; nothing forgets it. */
export function keepUnsentAnswer(backend: Backend, ask: string, unsent: UnsentAnswer | undefined): void {
  const all = kept.get(backend) ?? new Map<string, UnsentAnswer>();
  kept.set(backend, all);
  all.delete(ask);
  if (unsent) all.set(ask, unsent);
  const [oldest] = all.keys();
  if (all.size > most && oldest !== undefined) all.delete(oldest);
}

export const unsentAnswer = (backend: Backend, ask: string): UnsentAnswer | undefined => kept.get(backend)?.get(ask);
