import { createEffect, createSignal, on, onCleanup, onMount, type Accessor } from "solid-js";
import type { Conversation } from "../backend";
import { isMac } from "../shell/keys";
import type { PlacedRow } from "./rows";
import { endAt, joined, piecesOf, writeLater, type Beside, type End, type Reach } from "./selectedText";
import type { Thread } from "./thread";
import type { VirtualRows } from "./virtualRows";

/** How far the copying of a whole conversation is, or of a part of it that has to be read first. */
export type Copying = { what: "all" | "part"; state: "selected" | "copying" | "copied" | "cut" | "failed" };

/** How long it is said that something was copied. Milliseconds. */
const saidFor = 4000;

/** Between two looks at what is selected while that changes. Milliseconds. */
const noted = 150;

/** An end of a selection: where it began, and where it is led to. Either may come first in the document. */
type Side = "anchor" | "focus";
const sides: readonly Side[] = ["anchor", "focus"];

interface Point {
  node: Node;
  offset: number;
}

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

  /*
   * The page lets go of messages far from what is looked at, and with them of an end of a selection. The document then
   * has that end where its row stood, which says nothing of where it was. So what of its message lies beside it is noted
   * while it is there, and where the document has it since.
   */
  const known: Record<Side, End | undefined> = { anchor: undefined, focus: undefined };
  const standIn: Record<Side, Point | undefined> = { anchor: undefined, focus: undefined };
  /** What is selected where both ends are in one message. */
  let within = "";
  let noting: ReturnType<typeof setTimeout> | undefined;
  const placeOfPoint = ({ node, offset }: Point) => placeAt(node, offset);
  const placeOfEnd = (range: Range, isStart: boolean) => (isStart ? placeAt(range.startContainer, range.startOffset) : placeAt(range.endContainer, range.endOffset - 1));
  /** The end whose row is gone, as long as the person does not select otherwise. */
  const lost = (side: Side): End | undefined => {
    const at = standIn[side];
    const point = pointNow(side);
    if (!at || !point) return undefined;
    return point.node === options.container() || (point.node === at.node && point.offset === at.offset) ? known[side] : undefined;
  };
  const reachOf = (range: Range, first: number, last: number): Reach => ({ first: Math.max(first, 0), last: last < 0 ? options.list().length - 1 : last, range });
  const note = () => {
    clearTimeout(noting);
    noting = undefined;
    const range = rangeNow();
    for (const side of sides) if (!lost(side)) standIn[side] = undefined;
    if (!range || everything || (range.collapsed && !(standIn.anchor && standIn.focus))) {
      for (const side of sides) known[side] = standIn[side] = undefined;
      return;
    }
    const list = options.list();
    for (const side of sides) {
      const point = pointNow(side);
      const place = point ? placeOfPoint(point) : -1;
      if (!standIn[side]) known[side] = point && place >= 0 ? endAt(list, place, point.node, point.offset, element) : undefined;
    }
    if (standIn.anchor || standIn.focus) return;
    const [first, last] = [placeOfEnd(range, true), placeOfEnd(range, false)];
    const isOne = known.anchor && known.anchor.upTo.message === known.focus?.upTo.message;
    within = isOne && first >= 0 && last >= 0 ? joined(piecesOf(list, reachOf(range, first, last), element).map(({ plain }) => plain)) : "";
  };
  const onSelection = () => {
    if (everything) {
      const selection = document.getSelection();
      const container = options.container();
      const ends = [container?.firstElementChild, container?.lastElementChild];
      everything = selection !== null && !selection.isCollapsed && ends.every((row) => !row || selection.containsNode(row, true));
    }
    noting ??= setTimeout(note, noted);
  };
  createEffect(
    on(options.list, () => {
      for (const side of sides) {
        const end = known[side];
        if (end && (standIn[side] || placeOfKey(end.key) < 0)) standIn[side] = pointNow(side);
      }
    }),
  );

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
  /** Copies a selection of which an end is gone. Says whether it was for this to do. */
  const copyLost = (event: ClipboardEvent): boolean => {
    const gone = { anchor: lost("anchor"), focus: lost("focus") };
    if (!gone.anchor && !gone.focus) return false;
    const ends = sides.map((side) => {
      const point = pointNow(side);
      return gone[side] ?? (point && endAt(options.list(), placeOfPoint(point), point.node, point.offset, element));
    });
    const [left, right] = ends;
    if (!left || !right) return false;
    const [start, end] = left.created <= right.created ? [left, right] : [right, left];
    if (start.upTo.message !== end.upTo.message) copyBetween(event, start.from, end.upTo);
    else {
      event.preventDefault();
      event.clipboardData?.setData("text/plain", within);
    }
    return true;
  };
  const onCopy = (event: ClipboardEvent) => {
    if (!event.clipboardData || isField(event.target)) return;
    // What was selected last may not have been looked at yet.
    if (noting !== undefined) note();
    if (copyLost(event)) return;
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
      clearTimeout(noting);
    });
  });
  return { copying };
}

const isField = (target: EventTarget | null) => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;

const rangeNow = (): Range | undefined => {
  const selection = document.getSelection();
  return selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : undefined;
};

const pointNow = (side: Side): Point | undefined => {
  const selection = document.getSelection();
  const node = side === "anchor" ? selection?.anchorNode : selection?.focusNode;
  const offset = side === "anchor" ? selection?.anchorOffset : selection?.focusOffset;
  return node ? { node, offset: offset ?? 0 } : undefined;
};

/** The element that stands at an end of a selection. */
function elementAt(node: Node, offset: number): Element | null {
  if (!(node instanceof Element)) return node.parentElement;
  return node.children[Math.max(0, Math.min(offset, node.children.length - 1))] ?? node;
}
