import { createSignal, onCleanup, type Accessor } from "solid-js";
import { isComposing } from "../design/composing";
import { leaveWriting } from "../shell/panes";

/** For how long an ask that just came up takes no answer: a key already on its way must approve nothing. Milliseconds. */
export const guardTime = 500;

/** Whether an ask takes answers yet. Counts from when the component that calls this was made. */
export function createAskGuard(): Accessor<boolean> {
  const [ready, setReady] = createSignal(false);
  const timer = setTimeout(() => setReady(true), guardTime);
  onCleanup(() => clearTimeout(timer));
  return ready;
}

/** The place of an answer key: Alt and a figure, or Control and a figure where Alt types characters. */
export function answerKey(press: KeyboardEvent, platform: string): number | null {
  const mac = platform === "macos";
  const held = mac ? press.ctrlKey && !press.altKey : press.altKey && !press.ctrlKey;
  if (!held || press.metaKey || press.shiftKey || press.repeat) return null;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(press.code) ?? /^([1-9])$/.exec(press.key);
  return digit ? Number(digit[1]) : null;
}

/** Whether what is typed there is text. */
export const isWriting = (target: Element | null): boolean => target !== null && target.closest("input, textarea, [contenteditable]") !== null;

/** The place of a figure that is pressed alone in the pane an ask stands in, outside of whatever takes text. */
export function plainFigure(press: KeyboardEvent, ask: Element | undefined): number | null {
  if (press.ctrlKey || press.altKey || press.metaKey || press.shiftKey || press.repeat || isComposing(press) || press.defaultPrevented) return null;
  if (press.target instanceof HTMLElement) {
    if (isWriting(press.target) || press.target.closest("select, [role='dialog'], [role='menu']")) return null;
    // In the sidebar or an open list a figure means something else, or nothing. With the focus nowhere it means what is asked.
    if (press.target !== document.body && ask?.closest("[data-pane]")?.contains(press.target) !== true) return null;
  }
  return /^[1-9]$/.test(press.key) ? Number(press.key) : null;
}

/** How that key is printed. */
export const answerKeyLabel = (place: number, platform: string): string => `${platform === "macos" ? "Ctrl" : "Alt"} ${place}`;

/** Escape leaves a field of an ask for the ask first; the next one stops the turn. */
export function leaveField(press: KeyboardEvent): void {
  if (press.key !== "Escape" || isComposing(press) || !(press.target instanceof HTMLElement)) return;
  press.preventDefault();
  leaveWriting(press.target);
}
