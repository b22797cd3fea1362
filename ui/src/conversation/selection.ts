import { createEffect, createSignal, onCleanup, onMount, type Accessor } from "solid-js";
import type { Conversation } from "../backend";
import { isMac } from "../shell/keys";
import type { PlacedRow } from "./rows";
import { copyOfRow, markupOfText, type Copied } from "./rowText";
import type { Thread } from "./thread";
import type { VirtualRows } from "./virtualRows";

/** How far the copying of a whole conversation is, which may have to be read first. */
export type Copying = "rest" | "all" | "copying" | "copied" | "cut" | "failed";

/** How long it is said that something was copied. Milliseconds. */
const saidFor = 4000;

/**
 * Selecting and copying over rows that are not drawn: what lies between the ends of a selection is composed from what
 * the rows are drawn from. Everything, with Control and A, is the whole conversation, not what the page holds of it.
 */
export function createCopying(options: {
  thread: Thread;
  conversation: Accessor<Conversation>;
  list: Accessor<readonly PlacedRow[]>;
  rows: VirtualRows;
  scroller: Accessor<HTMLElement | undefined>;
  container: Accessor<HTMLElement | undefined>;
}): { copying: Accessor<Copying> } {
  const [copying, setCopying] = createSignal<Copying>("rest");
  let everything = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = (what: Copying) => {
    clearTimeout(timer);
    setCopying(what);
    if (what !== "copying") timer = setTimeout(() => setCopying("rest"), saidFor);
  };

  const placeOfRow = (element: Element | null | undefined) => {
    const key = element?.closest<HTMLElement>("[data-row]")?.dataset["row"];
    return key === undefined ? -1 : options.list().findIndex((row) => row.key === key);
  };

  const selectDrawn = () => {
    const container = options.container();
    if (container) document.getSelection()?.setBaseAndExtent(container, 0, container, container.childNodes.length);
  };
  const onKeyDown = (press: KeyboardEvent) => {
    const control = isMac(options.thread.platform) ? press.metaKey && !press.ctrlKey : press.ctrlKey && !press.metaKey;
    if (!control || press.shiftKey || press.altKey || press.key.toLowerCase() !== "a" || press.defaultPrevented) return;
    if (press.target instanceof HTMLInputElement || press.target instanceof HTMLTextAreaElement) return;
    press.preventDefault();
    everything = true;
    selectDrawn();
    say("all");
  };
  // Rows that come while everything is selected are, too.
  createEffect(() => {
    options.rows.drawn();
    if (everything) queueMicrotask(() => everything && selectDrawn());
  });
  const onSelection = () => {
    if (!everything) return;
    const selection = document.getSelection();
    const container = options.container();
    const ends = [container?.firstElementChild, container?.lastElementChild];
    everything = selection !== null && !selection.isCollapsed && ends.every((row) => !row || selection.containsNode(row, true));
  };

  const allHeld = () => {
    const { before, moreBefore, after } = options.conversation();
    return before === 0 && !moreBefore && after === 0;
  };
  const copyAll = async () => {
    const { thread } = options;
    say("copying");
    let cut = false;
    const text = thread.backend.commands.conversationText({ session: thread.session(), after: null, before: null }).then((answer) => {
      cut = answer.cut;
      return answer.text;
    });
    try {
      await writeLater(text);
      say(cut ? "cut" : "copied");
    } catch {
      say("failed");
    }
  };
  const onCopy = (event: ClipboardEvent) => {
    const selection = document.getSelection();
    if (!event.clipboardData || !selection || selection.isCollapsed || selection.rangeCount === 0) return;
    if (everything && !allHeld()) {
      event.preventDefault();
      void copyAll();
      return;
    }
    if (everything) say("copied");
    const list = options.list();
    const range = selection.getRangeAt(0);
    const first = everything ? 0 : placeOfRow(elementAt(range.startContainer, range.startOffset));
    const last = everything ? list.length - 1 : placeOfRow(elementAt(range.endContainer, range.endOffset - 1));
    if (first < 0 || last <= first) return;
    const drawn = new Set(options.rows.drawn());
    const missing = list.slice(first, last + 1).some((_, index) => !drawn.has(first + index));
    // What is all in the document is copied as the webview does it.
    if (!missing) return;
    const pieces: Copied[] = list.slice(first, last + 1).map((row, index) => {
      const isEnd = !everything && (index === 0 || index === last - first);
      const element = options.rows.element(row.key);
      if (!isEnd || !element) return copyOfRow(row);
      const part = document.createRange();
      part.selectNodeContents(element);
      if (index === 0) part.setStart(range.startContainer, range.startOffset);
      else part.setEnd(range.endContainer, range.endOffset);
      const plain = textOfNodes(part.cloneContents()).trim();
      return { plain, markup: markupOfText(plain) };
    });
    const said = pieces.filter(({ plain }) => plain !== "");
    event.preventDefault();
    event.clipboardData.setData("text/plain", said.map(({ plain }) => plain).join("\n\n"));
    event.clipboardData.setData("text/html", said.map(({ markup }) => markup).join("\n"));
  };

  onMount(() => {
    const scroller = options.scroller();
    scroller?.addEventListener("keydown", onKeyDown);
    document.addEventListener("copy", onCopy);
    document.addEventListener("selectionchange", onSelection);
    onCleanup(() => {
      scroller?.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("selectionchange", onSelection);
      clearTimeout(timer);
    });
  });
  return { copying };
}

/** The element that stands at an end of a selection. */
function elementAt(node: Node, offset: number): Element | null {
  if (!(node instanceof Element)) return node.parentElement;
  return node.children[Math.max(0, Math.min(offset, node.children.length - 1))] ?? node;
}

/** Writes a text to the clipboard that is yet to come: the webview lets a press write only what it was promised with it. */
async function writeLater(text: Promise<string>): Promise<void> {
  if (typeof ClipboardItem !== "undefined") {
    const blob = text.then((written) => new Blob([written], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return;
  }
  await navigator.clipboard.writeText(await text);
}

/** What is in a row and is no text of it. */
const unselectable = "button, svg, .sr-only, .turn-meta, .code-head, .message-actions, .disclosure, .tools";
const onLines = new Set(["P", "LI", "H1", "H2", "H3", "H4", "H5", "H6", "PRE", "TR", "DIV", "FIGURE", "UL", "OL", "BLOCKQUOTE", "TABLE"]);

/** The text of a part of a row as a person reads it. */
function textOfNodes(node: Node): string {
  if (node instanceof Text) return node.parentElement?.closest("pre, .written") ? node.data : node.data.replace(/\s+/g, " ");
  if (node instanceof Element && node.matches(unselectable)) return "";
  if (node instanceof HTMLBRElement) return "\n";
  const inside = [...node.childNodes].map(textOfNodes).join("");
  if (!(node instanceof Element)) return inside;
  if (node.tagName === "TD" || node.tagName === "TH") return `${inside}\t`;
  return onLines.has(node.tagName) && inside.trim() !== "" ? `${inside.replace(/\n+$/, "")}\n` : inside;
}
