import { createEffect, createMemo } from "solid-js";
import { useSurroundings, type Fate } from "../shell/surroundings";

/** Follows what becomes of an answer to an ask. Where it comes to nothing, `over` is told why and the ask is open again. */
export function followFate(ask: string, over: (why: string) => void): () => Fate | undefined {
  const around = useSurroundings();
  const fate = createMemo(() => around.fate?.(ask));
  createEffect(() => {
    const now = fate();
    if (now?.over) over(now.words);
  });
  return fate;
}
