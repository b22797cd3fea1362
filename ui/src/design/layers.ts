import { onCleanup } from "solid-js";

/*
 * What is open on top of the window, topmost last. Escape closes the topmost of these and nothing else; only when
 * nothing is open does it reach what lies below, such as stopping a turn.
 */
interface Layer {
  close(): void;
  /** A menu or a list of choices: it goes as soon as the person turns to something else. */
  popup: boolean;
}
const open: Layer[] = [];

/** Registers something Escape closes, for as long as the component that calls this lives. */
export function useLayer(close: () => void, popup = false): void {
  const layer = { close, popup };
  open.push(layer);
  onCleanup(() => {
    const index = open.indexOf(layer);
    if (index >= 0) open.splice(index, 1);
  });
}

/** Closes the menus and lists that are open, before something opens over them. */
export function closePopups(): void {
  for (const layer of open.filter(({ popup }) => popup).toReversed()) layer.close();
}

/** Closes the topmost layer. Says whether there was one. */
export function closeTopmost(): boolean {
  const layer = open.at(-1);
  layer?.close();
  return layer !== undefined;
}
