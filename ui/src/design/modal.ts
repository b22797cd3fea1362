import { onCleanup, onMount } from "solid-js";
import { useLayer } from "./layers";

/**
 * Shows a native dialog over the window for as long as the component lives: the browser keeps the focus inside and gives
 * it back. While it is open no key reaches what lies beneath, where it could answer an ask or leave the page.
 */
export function useModal(dialog: () => HTMLDialogElement | undefined, close: () => void): void {
  useLayer(close);
  const inside = (press: KeyboardEvent) => {
    press.stopPropagation();
    if (press.key !== "Escape") return;
    press.preventDefault();
    close();
  };
  const outside = (press: KeyboardEvent) => {
    if (!(press.target instanceof Node && dialog()?.contains(press.target))) inside(press);
  };
  onMount(() => {
    dialog()?.showModal();
    dialog()?.addEventListener("keydown", inside);
    window.addEventListener("keydown", outside, true);
  });
  onCleanup(() => {
    window.removeEventListener("keydown", outside, true);
    dialog()?.close();
  });
}
