import { createSignal, getOwner, onCleanup, type Accessor } from "solid-js";

/** One timer for all that shows a time of one step; it runs only while something on the screen reads it. */
function sharedClock(step: number): () => Accessor<number> {
  const [now, setNow] = createSignal(Date.now());
  let readers = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  return () => {
    readers += 1;
    if (timer === undefined) {
      setNow(Date.now());
      timer = setInterval(() => setNow(Date.now()), step);
    }
    if (getOwner()) {
      onCleanup(() => {
        readers -= 1;
        if (readers === 0 && timer !== undefined) {
          clearInterval(timer);
          timer = undefined;
        }
      });
    }
    return now;
  };
}

/** The time in milliseconds since the epoch, once a second. Call inside a component. */
export const createSecondClock = sharedClock(1000);

/** The time in milliseconds since the epoch, twice a minute. Call inside a component. */
export const createMinuteClock = sharedClock(30_000);
