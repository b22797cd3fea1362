import { createEffect, createSignal, onCleanup, type Accessor } from "solid-js";

/** Pieces of a block that are drawn with it: as much as its scroll box shows. */
const atOnce = 6;

/** And how many more with each further frame: a hundred lines of coloured code are drawn in a few milliseconds. */
const eachFrame = 4;

/** How many of a block's pieces are drawn. The first at once, the others over the next frames, so that no block holds one up. */
export function drawGradually(count: Accessor<number>): Accessor<number> {
  const [drawn, setDrawn] = createSignal(atOnce);
  let frame = 0;
  const more = () => {
    frame = 0;
    setDrawn((before) => before + eachFrame);
  };
  createEffect(() => {
    if (drawn() < count() && frame === 0) frame = requestAnimationFrame(more);
  });
  onCleanup(() => cancelAnimationFrame(frame));
  return () => Math.min(drawn(), count());
}
