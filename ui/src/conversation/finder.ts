import { createEffect, createMemo, createSignal, on, onCleanup, untrack, type Accessor } from "solid-js";
import { toApiError, type Conversation, type FoundBlock } from "../backend";
import type { OpenConversation } from "../state/conversation";
import { fold, timesIn } from "./folding";
import { hideMarks, rangesIn, showMarks } from "./marks";
import type { PlacedRow } from "./rows";
import { textOfRow } from "./rowText";
import type { Thread } from "./thread";
import { unfold } from "./unfold";
import type { VirtualRows } from "./virtualRows";

/** After this long without a key what was typed is looked for. Milliseconds. */
const typingPause = 120;

/** Places that are counted. Whoever has more looks for something else. */
const most = 2000;

/** Frames in which a place is waited for that was brought onto the screen: what is folded opens, what is far comes. */
const mostFrames = 40;

/** How long a page with a place is waited for; what comes later is not gone to. Milliseconds. */
const pagePatience = 5_000;

/** A search that takes longer than this says so, and can be stopped: shorter ones come and go before one could. */
const patience = 400;

/** How near to the edges of the screen a place is left where it is. Pixels. */
const edge = 72;

/** The place that is looked at: the how-manieth of a block. */
interface Place {
  message: string;
  block: string;
  nth: number;
}

/** What the transcript gives to whoever finds something in it. */
export interface Searched {
  thread: Thread;
  open: OpenConversation;
  conversation: Accessor<Conversation>;
  list: Accessor<readonly PlacedRow[]>;
  rows: VirtualRows;
  scroller: Accessor<HTMLElement | undefined>;
  container: Accessor<HTMLElement | undefined>;
  /** The end is not followed any more. */
  leaveEnd(): void;
}

/** Finds a text in all of a conversation, whether or not it is held, and goes from place to place. */
export function createFinder(searched: Searched) {
  const { thread, open, list, rows } = searched;
  const [query, setQuery] = createSignal("");
  const [found, setFound] = createSignal<readonly FoundBlock[]>([]);
  const [busy, setIsBusy] = createSignal(false);
  /** It has been looked for so long that one may want to stop it. */
  const [long, setLong] = createSignal(false);
  const [messages, setMessages] = createSignal(0);
  const [since, setSince] = createSignal<number | null>(null);
  const [stopped, setStopped] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const [now, setNow] = createSignal<Place>();
  const folded = createMemo(() => fold(query()));
  const count = createMemo(() => countOf(found()));
  const capped = () => count() >= most;
  /** The place that is looked at among what is found now: what is said there may have become less since. */
  const here = createMemo(() => {
    const at = now();
    let before = 0;
    for (const [index, each] of found().entries()) {
      if (each.place.block === at?.block) {
        const nth = Math.min(at.nth, each.count - 1);
        return { index, nth, place: before + nth + 1 };
      }
      before += each.count;
    }
    return undefined;
  });
  /** The number of the place that is looked at, from 1; 0 when none is. */
  const place = () => here()?.place ?? 0;

  let run = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lasting: ReturnType<typeof setTimeout> | undefined;
  const setBusy = (is: boolean) => {
    if (is === busy()) return;
    clearTimeout(lasting);
    setIsBusy(is);
    setLong(false);
    if (is) lasting = setTimeout(() => setLong(true), patience);
  };
  const look = async (again: boolean) => {
    run += 1;
    const mine = run;
    const wanted = query();
    setError(undefined);
    setStopped(false);
    setMessages(0);
    if (folded() === "") {
      setFound([]);
      setNow(undefined);
      setBusy(false);
      return;
    }
    setBusy(true);
    const before = again ? found() : [];
    let all: readonly FoundBlock[] = [];
    const pages: FoundBlock[][] = [];
    let looked = 0;
    let reached: string | null = null;
    try {
      do {
        const page = await thread.backend.commands.conversationFind({ session: thread.session(), query: wanted, before: reached });
        // Something else is looked for by now.
        if (mine !== run) return;
        pages.unshift(page.found);
        all = pages.flat();
        looked += page.messages;
        // What was found before stays until all of it is known again: the place that is looked at is among it.
        if (!again) setFound(all);
        setMessages(looked);
        setSince(page.since);
        if (!untrack(now) && page.found.length > 0) begin(page.found);
        reached = page.reached;
        // What was found before is no bound for what is found now.
      } while (reached !== null && countOf(all) < most);
      setFound(all);
      if (untrack(now) && !here()) setNow(nearest(before, all));
    } catch (thrown) {
      if (mine === run) setError(toApiError(thrown).message);
    }
    if (mine === run) setBusy(false);
  };
  const stop = () => {
    run += 1;
    clearTimeout(timer);
    if (busy()) setStopped(true);
    setBusy(false);
  };
  /** Where one is when what stood at the place that was looked at is gone: the next place after it, or the last one. */
  const nearest = (before: readonly FoundBlock[], all: readonly FoundBlock[]): Place | undefined => {
    const blocks = new Map(all.map((each) => [each.place.block, each]));
    const at = before.findIndex((each) => each.place.block === now()?.block);
    const after = at < 0 ? undefined : before.slice(at + 1).find((each) => blocks.has(each.place.block));
    const next = (after && blocks.get(after.place.block)) ?? all.at(-1);
    return next && { ...next.place, nth: after ? 0 : next.count - 1 };
  };

  /** Begins at the first place from the top of the screen on, or at the newest one. */
  const begin = (among: readonly FoundBlock[]) => {
    const top = list()[rows.topmost()];
    const held = searched.conversation().messages;
    const from = held.findIndex(({ id }) => id === (top?.value().item?.entries[0]?.message.id ?? top?.turn.value().prompt?.id));
    const places = new Map(held.map(({ id }, index) => [id, index]));
    const first = among.find((each) => (places.get(each.place.message) ?? -1) >= Math.max(from, 0)) ?? among.at(-1);
    if (first) go({ ...first.place, nth: first === among.at(-1) && places.get(first.place.message) === undefined ? first.count - 1 : 0 });
  };

  /** The next place or the one before, around the ends. */
  const step = (by: 1 | -1) => {
    const all = found();
    const at = here();
    const block = at && all[at.index];
    if (!at || !block) {
      const first = by === 1 ? all[0] : all.at(-1);
      if (first) go({ ...first.place, nth: by === 1 ? 0 : first.count - 1 });
      return;
    }
    const nth = at.nth + by;
    if (nth >= 0 && nth < block.count) return go({ ...block.place, nth });
    const next = all[(at.index + by + all.length) % all.length];
    if (next) go({ ...next.place, nth: by === 1 ? 0 : next.count - 1 });
  };

  let frames = 0;
  /** Since when the place is on its way. */
  let went = 0;
  const isHeld = ({ message }: Place) => searched.conversation().messages.some(({ id }) => id === message);
  const go = (to: Place) => {
    setNow(to);
    searched.leaveEnd();
    frames = mostFrames;
    went = Date.now();
    if (!isHeld(to)) void open.turn({ kind: "around", message: to.message });
    plan();
  };

  /** The row in which a place is, and the how-manieth it is there. */
  const rowOf = ({ block, nth }: Place): { row: PlacedRow; nth: number } | undefined => {
    const parts = list().filter((row) => shows(row, block));
    let left = nth;
    for (const row of parts) {
      if (row === parts.at(-1)) return { row, nth: left };
      const times = timesIn(textOfRow(row, block), folded());
      if (left < times) return { row, nth: left };
      left -= times;
    }
    return undefined;
  };

  /** What is marked in each row that is drawn; a row that changes is looked through anew. */
  const marked = new Map<Element, Range[]>();
  let frame = 0;
  const plan = () => {
    if (frame === 0) frame = requestAnimationFrame(paint);
  };
  const paint = () => {
    frame = 0;
    const container = searched.container();
    if (!container) return;
    for (const row of marked.keys()) if (!row.isConnected) marked.delete(row);
    for (const row of container.children) if (!marked.has(row)) marked.set(row, rangesIn(row, folded()));
    const current = untrack(approach);
    showMarks([...marked.values()].flat(), current);
  };
  /** Goes nearer to the place that is looked at, until it is on the screen. Gives what is marked there. */
  const approach = (): Range | undefined => {
    const to = now();
    const spot = to && rowOf(to);
    if (!to || !spot) {
      // A page takes as long as it takes, and the list tells that it came: frames are counted from there on.
      if (frames > 0 && to && isHeld(to)) later();
      return undefined;
    }
    if (frames === mostFrames && Date.now() - went > pagePatience) frames = 0;
    const element = rows.element(spot.row.key);
    if (!element) {
      if (frames > 0) {
        rows.show(spot.row.key, "middle");
        later();
      }
      return undefined;
    }
    const within = element.querySelector(`[data-block="${CSS.escape(to.block)}"]`);
    const ranges = within ? rangesIn(within, folded()) : (marked.get(element) ?? []);
    const range = ranges[Math.min(spot.nth, ranges.length - 1)];
    if (frames === 0) return range;
    // Of a text that is folded to its beginning the place may be in what is not drawn.
    const hidden = spot.row.value().hidden > 0 && spot.nth >= timesIn(textOfRow(spot.row, to.block), folded());
    if (!range || hidden) {
      if (unfold(element, to.block)) marked.delete(element);
      later();
    } else {
      frames = 0;
      bringIntoView(range, searched.scroller());
      rows.hold();
    }
    return range;
  };
  const later = () => {
    frames -= 1;
    plan();
  };

  const observer = new MutationObserver((changes) => {
    for (const { target } of changes) {
      const row = (target instanceof Element ? target : target.parentElement)?.closest("[data-row]");
      if (row) marked.delete(row);
    }
    plan();
  });
  createEffect(() => {
    const container = searched.container();
    if (container) observer.observe(container, { childList: true, characterData: true, subtree: true });
  });
  createEffect(
    on(folded, () => {
      marked.clear();
      plan();
    }),
  );
  createEffect(on([now, list, rows.drawn], plan));
  // What is said while it is looked for counts once the turn is over, and so does what a page replaced.
  createEffect(
    on(
      () => [searched.conversation().status.state.kind, searched.conversation().messages.length + searched.conversation().before + searched.conversation().after] as const,
      ([kind]) => {
        // What a person stopped is not begun again behind their back.
        if (kind !== "idle" || query() === "" || busy() || stopped()) return;
        clearTimeout(timer);
        timer = setTimeout(() => void look(true), 1000);
      },
      { defer: true },
    ),
  );
  onCleanup(() => {
    run += 1;
    clearTimeout(timer);
    clearTimeout(lasting);
    cancelAnimationFrame(frame);
    observer.disconnect();
    hideMarks();
  });

  return {
    query,
    count,
    place,
    busy,
    long,
    capped,
    stopped,
    messages,
    since,
    error,
    stop,
    step,
    type(typed: string) {
      setQuery(typed);
      setNow(undefined);
      // Places of other words are none of these.
      setFound([]);
      setStopped(false);
      setError(undefined);
      setMessages(0);
      clearTimeout(timer);
      run += 1;
      setBusy(false);
      setBusy(typed !== "");
      timer = setTimeout(() => void look(false), typed === "" ? 0 : typingPause);
    },
  };
}

/** A search in a conversation. */
export type Finder = ReturnType<typeof createFinder>;

const countOf = (found: readonly FoundBlock[]) => found.reduce((sum, each) => sum + each.count, 0);

const shows = ({ turn, value }: PlacedRow, block: string) => {
  const { kind, item } = value();
  return kind === "prompt" ? (turn.value().prompt?.blocks.some(({ id }) => id === block) ?? false) : (item?.entries.some((entry) => entry.block.id === block) ?? false);
};

/** Scrolls so that a place is on the screen, in the boxes it stands in as well. One that is there already stays. */
function bringIntoView(range: Range, scroller: HTMLElement | undefined): void {
  if (!scroller) return;
  for (let box = range.startContainer.parentElement; box && box !== scroller; box = box.parentElement) {
    if (!box.matches("pre, .table-scroll, .written")) continue;
    const [place, around] = [range.getBoundingClientRect(), box.getBoundingClientRect()];
    if (place.top < around.top || place.bottom > around.bottom) box.scrollTop += place.top - around.top - around.height / 2;
    if (place.left < around.left || place.right > around.right) box.scrollLeft += place.left - around.left - around.width / 2;
  }
  const [place, around] = [range.getBoundingClientRect(), scroller.getBoundingClientRect()];
  if (place.top < around.top + edge || place.bottom > around.bottom - edge) scroller.scrollTop += place.top - around.top - around.height / 2;
}
