import { createEffect, createMemo } from "solid-js";
import { useSurroundings, type Fate } from "../shell/surroundings";

/** What became of an answer that is on its way or waits for somebody's yes; nothing where the ask can be answered. */
export type Pending = () => Fate | undefined;

/**
 * Follows what becomes of the answers to an ask, whoever gave them in whichever of its views. Where one comes to nothing,
 * `over` is told why, once, and the ask is open again.
 */
export function followFate(ask: string, over: (why: string) => void): Pending {
  const around = useSurroundings();
  // What is told of another answer, or told again, is no news of this one.
  const fate = createMemo(() => around.fate?.(ask), undefined, { equals: (one, other) => one?.answer === other?.answer && one?.words === other?.words && one?.over === other?.over });
  createEffect(() => {
    const now = fate();
    if (now?.over) over(now.words);
  });
  return () => {
    const now = fate();
    return now?.over ? undefined : now;
  };
}
