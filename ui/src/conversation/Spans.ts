import { createRenderEffect } from "solid-js";
import type { OutputSpan } from "../backend";

/**
 * Fills an element with an output. Made by hand and not by a list of components: an output has thousands of spans, and
 * none of them changes by itself.
 */
export function fillWithSpans(element: HTMLElement, spans: () => readonly OutputSpan[]): void {
  createRenderEffect(() => element.replaceChildren(...spans().map(node)));
}

function node({ text, look }: OutputSpan): Node {
  if (look === "") return document.createTextNode(text);
  const span = document.createElement("span");
  span.className = look;
  span.textContent = text;
  return span;
}

/** The text of an output, without its looks and with long lines whole. */
export function textOfSpans(spans: readonly OutputSpan[]): string {
  return spans.map(({ text, look }) => (look === "goes-on" ? "" : text)).join("");
}
