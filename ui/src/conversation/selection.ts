import { createEffect, createSignal, onCleanup, onMount, type Accessor } from "solid-js";
import type { Conversation } from "../backend";
import { writeLater } from "../design/clipboard";
import { isMac } from "../shell/keys";
import type { PlacedRow } from "./rows";
import { endAt, joined, piecesOf, type Beside, type Reach } from "./selectedText";
import type { Thread } from "./thread";
import type { VirtualRows } from "./virtualRows";

/** How far the copying of a whole conversation is, or of a part of it that has to be read first. */
export type Copying = { what: "all" | "part"; state: "selected" | "copying" | "copied" | "cut" | "short" | "failed" };

/** How long it is said that something was copied. Milliseconds. */
const saidFor = 4000;

/**
 * Selecting and copying over rows that are not drawn: what lies between the ends of a selection is composed from what
 * the rows are drawn from, and read from the core where the page does not hold it. Everything, with Control and A or by
 * ends outside of the messages, is the whole conversation.
 */
export function createCopying(options: {
  thread: Thread;
  conversation: Accessor<Conversation>;
  list: Accessor<readonly PlacedRow[]>;
  rows: VirtualRows;
  scroller: Accessor<HTMLElement | undefined>;
  container: Accessor<HTMLElement | undefined>;
}): { copying: Accessor<Copying | undefined> } {
  const [copying, setCopying] = createSignal<Copying>();
  let everything = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = (what: Copying["what"], state: Copying["state"]) => {
    clearTimeout(timer);
    setCopying({ what, state });
    if (state !== "copying") timer = setTimeout(() => setCopying(undefined), saidFor);
  };

  const placeOfKey = (key: string | undefined) => (key === undefined ? -1 : options.list().findIndex((row) => row.key === key));
  const placeAt = (node: Node, offset: number) => placeOfKey(elementAt(node, offset)?.closest<HTMLElement>("[data-row]")?.dataset["row"]);
  const element = (key: string) => options.rows.element(key);

  const selectDrawn = () => {
    const container = options.container();
    if (container) document.getSelection()?.setBaseAndExtent(container, 0, container, container.childNodes.length);
  };
  const onKeyDown = (press: KeyboardEvent) => {
    const control = isMac(options.thread.platform) ? press.metaKey && !press.ctrlKey : press.ctrlKey && !press.metaKey;
    if (!control || press.shiftKey || press.altKey || press.key.toLowerCase() !== "a" || press.defaultPrevented) return;
    if (isField(press.target)) return;
    press.preventDefault();
    everything = true;
    selectDrawn();
    say("all", "selected");
  };
  // Rows that come while everything is selected are, too.
  createEffect(() => {
    options.rows.drawn();
    if (everything) queueMicrotask(() => everything && selectDrawn());
  });

  const placeOfEnd = (range: Range, isStart: boolean) => (isStart ? placeAt(range.startContainer, range.startOffset) : placeAt(range.endContainer, range.endOffset - 1));
  const reachOf = (range: Range, first: number, last: number): Reach => ({ first: Math.max(first, 0), last: last < 0 ? options.list().length - 1 : last, range });
  const onSelection = () => {
    if (everything) {
      const selection = document.getSelection();
      const container = options.container();
      const ends = [container?.firstElementChild, container?.lastElementChild];
      everything = selection !== null && !selection.isCollapsed && ends.every((row) => !row || selection.containsNode(row, true));
    }
  };

  /** Copies what the core has between two messages, and around it what is selected of those. */
  const copyRead = async (what: Copying["what"], after: string | null, before: string | null, around: (said: string, cut: boolean) => string) => {
    const { thread } = options;
    say(what, "copying");
    let cut = false;
    const text = thread.backend.commands.conversationText({ session: thread.session(), after, before }).then((answer) => {
      cut = answer.cut;
      return around(answer.text, cut);
    });
    try {
      await writeLater(text);
      say(what, cut ? "cut" : "copied");
    } catch {
      say(what, "failed");
    }
  };

  /** Copies from one end to another, of which the page does not hold all. Without an end it goes to that of the thread. */
  const copyBetween = (event: ClipboardEvent, start: Beside | undefined, end: Beside | undefined) => {
    event.preventDefault();
    void copyRead(start || end ? "part" : "all", start?.message ?? null, end?.message ?? null, (said, cut) => joined([start?.text ?? "", said, cut ? "" : (end?.text ?? "")]));
  };
  const onCopy = (event: ClipboardEvent) => {
    if (!event.clipboardData || isField(event.target)) return;
    const range = rangeNow();
    const container = options.container();
    if (!range || !container || range.collapsed || !range.intersectsNode(container)) return;
    const list = options.list();
    const first = everything ? -1 : placeOfEnd(range, true);
    const last = everything ? -1 : placeOfEnd(range, false);
    // An end that is in no row is outside of all messages.
    const [fromStart, toEnd] = [first < 0, last < 0];
    const { before, moreBefore, after } = options.conversation();
    const reach = reachOf(range, first, last);
    if ((fromStart && (before > 0 || moreBefore)) || (toEnd && after > 0)) {
      const start = fromStart ? undefined : endAt(list, first, range.startContainer, range.startOffset, element)?.from;
      const end = toEnd ? undefined : endAt(list, last, range.endContainer, range.endOffset, element)?.upTo;
      copyBetween(event, start, end);
      return;
    }
    if (fromStart && toEnd) say("all", "copied");
    // The page lets go of messages far from what is looked at; of an end in one of them the document has only where its
    // row stood. What is copied then is what is still there, and that it is less is said.
    else if (range.startContainer === container || range.endContainer === container) say("part", "short");
    if (reach.last <= reach.first) return;
    const drawn = new Set(options.rows.drawn());
    const missing = list.slice(reach.first, reach.last + 1).some((_, index) => !drawn.has(reach.first + index));
    // What is all in the document is copied as the webview does it.
    if (!missing) return;
    const said = piecesOf(list, reach, element).filter(({ plain }) => plain !== "");
    event.preventDefault();
    event.clipboardData.setData("text/plain", joined(said.map(({ plain }) => plain)));
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

const isField = (target: EventTarget | null) => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;

const rangeNow = (): Range | undefined => {
  const selection = document.getSelection();
  return selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : undefined;
};

/** The element that stands at an end of a selection. */
function elementAt(node: Node, offset: number): Element | null {
  if (!(node instanceof Element)) return node.parentElement;
  return node.children[Math.max(0, Math.min(offset, node.children.length - 1))] ?? node;
}
