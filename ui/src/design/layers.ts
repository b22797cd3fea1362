import { onCleanup } from "solid-js";

/*
 * What is open on top of the window, topmost last. Escape closes the topmost of these and nothing else; only when
 * nothing is open does it reach what lies below, such as stopping a turn.
 */
const open: Array<() => void> = [];

/** Registers something Escape closes, for as long as the component that calls this lives. */
export function useLayer(close: () => void): void {
  open.push(close);
  onCleanup(() => {
    const index = open.lastIndexOf(close);
    if (index >= 0) open.splice(index, 1);
  });
}

/** Closes the topmost layer. Says whether there was one. */
export function closeTopmost(): boolean {
  const close = open.at(-1);
  close?.();
  return close !== undefined;
}
