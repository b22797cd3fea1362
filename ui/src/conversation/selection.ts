import { createEffect, createSignal, on, onCleanup, onMount, type Accessor } from "solid-js";
import type { Conversation } from "../backend";
import { isMac } from "../shell/keys";
import type { PlacedRow } from "./rows";
import { endOf, joined, piecesOf, writeLater, type End, type Reach } from "./selectedText";
import type { Thread } from "./thread";
import type { VirtualRows } from "./virtualRows";

/** How far the copying of a whole conversation is, or of a part of it that has to be read first. */
export type Copying = { what: "all" | "part"; state: "selected" | "copying" | "copied" | "cut" | "failed" };

/** How long it is said that something was copied. Milliseconds. */
const saidFor = 4000;

/** Between two looks at what is selected while that changes. Milliseconds. */
const noted = 150;

/** An end of a selection, as the document has it. */
type Side = "start" | "end";
const sides: readonly Side[] = ["start", "end"];

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
   * The page lets go of messages far from what is looked at, and with them of an end of a selection: the document then
   * has that end where its row stood, and what lay beyond is no longer selected. So what was selected of the message is
   * noted while it is there, and where the document has that end since.
   */
  const known: Record<Side, End | undefined> = { start: undefined, end: undefined };
  const standIn: Record<Side, { node: Node; offset: number } | undefined> = { start: undefined, end: undefined };
  let noting: ReturnType<typeof setTimeout> | undefined;
  const placeOfEnd = (range: Range, side: Side) => (side === "start" ? placeAt(range.startContainer, range.startOffset) : placeAt(range.endContainer, range.endOffset - 1));
  /** The end whose row is gone, as long as the person does not select otherwise. */
  const lost = (range: Range | undefined, side: Side): End | undefined => {
    const at = standIn[side];
    if (!range || !at) return undefined;
    const { node, offset } = boundary(range, side);
    return node === options.container() || (node === at.node && offset === at.offset) ? known[side] : undefined;
  };
  const reachOf = (range: Range, first: number, last: number): Reach => ({ first: Math.max(first, 0), last: last < 0 ? options.list().length - 1 : last, range });
  const note = () => {
    clearTimeout(noting);
    noting = undefined;
    const range = rangeNow();
    for (const side of sides) if (!lost(range, side)) standIn[side] = undefined;
    const nothing = !range || everything || (range.collapsed && !(standIn.start && standIn.end));
    if (nothing) for (const side of sides) known[side] = standIn[side] = undefined;
    if (nothing) return;
    const list = options.list();
    const places = { start: placeOfEnd(range, "start"), end: placeOfEnd(range, "end") };
    const reach = reachOf(range, places.start, places.end);
    for (const side of sides) {
      if (!standIn[side]) known[side] = places[side] < 0 ? undefined : endOf(list, reach, side === "start", element);
    }
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
      const range = rangeNow();
      for (const side of sides) {
        const end = known[side];
        if (end && range && (standIn[side] || placeOfKey(end.key) < 0)) standIn[side] = boundary(range, side);
      }
    }),
  );

  const allHeld = () => {
    const { before, moreBefore, after } = options.conversation();
    return before === 0 && !moreBefore && after === 0;
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

  const onCopy = (event: ClipboardEvent) => {
    if (!event.clipboardData || isField(event.target)) return;
    // What was selected last may not have been looked at yet.
    if (noting !== undefined) note();
    const range = rangeNow();
    const container = options.container();
    const gone = { start: lost(range, "start"), end: lost(range, "end") };
    if (!range || !container || (range.collapsed && !(gone.start && gone.end)) || !range.intersectsNode(container)) return;
    const list = options.list();
    const first = everything || gone.start ? -1 : placeOfEnd(range, "start");
    const last = everything || gone.end ? -1 : placeOfEnd(range, "end");
    // An end that is in no row is outside of all messages.
    const fromStart = first < 0 && !gone.start;
    const toEnd = last < 0 && !gone.end;
    const { before, moreBefore, after } = options.conversation();
    if (fromStart && toEnd && !allHeld()) {
      event.preventDefault();
      void copyRead("all", null, null, (said) => said);
      return;
    }
    const reach = reachOf(range, first, last);
    if (gone.start || gone.end || (fromStart && (before > 0 || moreBefore)) || (toEnd && after > 0)) {
      event.preventDefault();
      const start = fromStart ? undefined : (gone.start ?? endOf(list, reach, true, element));
      const end = toEnd ? undefined : (gone.end ?? endOf(list, reach, false, element));
      if (start && end && start.message === end.message) {
        event.clipboardData.setData("text/plain", start.text);
        return;
      }
      void copyRead("part", start?.message ?? null, end?.message ?? null, (said, cut) => joined([start?.text ?? "", said, cut ? "" : (end?.text ?? "")]));
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

const boundary = (range: Range, side: Side) => (side === "start" ? { node: range.startContainer, offset: range.startOffset } : { node: range.endContainer, offset: range.endOffset });

/** The element that stands at an end of a selection. */
function elementAt(node: Node, offset: number): Element | null {
  if (!(node instanceof Element)) return node.parentElement;
  return node.children[Math.max(0, Math.min(offset, node.children.length - 1))] ?? node;
}
