import { batch, createEffect, createMemo, createSignal, on, onCleanup, onMount, untrack, type Accessor } from "solid-js";
import { afterPaint } from "../state/painted";

/** How far beyond the screen rows are drawn already, in screens: what a fast turn of the wheel covers in a frame. */
const overscan = 1;

/** How far before anything was on the screen: rows whose height is not known yet may be less high than they are taken for. */
const firstOverscan = 0.25;

/** What the screen is taken for until it has a size: what it was when it was looked at last. Pixels. */
let usualScreen = 900;

/** The room left above a row that is brought to the top of the screen. Pixels. */
const aboveShown = 12;

/**
 * What is scrolled stands at whole pixels, and is put right by whole pixels, while rows have parts of one: a row that was
 * brought to the top may stand so much lower. Less than any row is high. Pixels.
 */
const rounding = 4;

/** Where on the screen a row is brought. */
export type Where = "start" | "middle";

/** What of a list of rows is drawn. */
export interface VirtualRows {
  /** The places of the rows that are drawn, in order. Those near the screen, and those that may not be lost. */
  drawn: Accessor<readonly number[]>;
  /** The element the rows stand in. */
  container(element: HTMLElement): void;
  /** Watches the height of a row that is drawn. */
  row(element: HTMLElement, key: string): void;
  /** The element of a row, while it is drawn. */
  element(key: string): HTMLElement | undefined;
  /** Whether the person is within so many screens of the first or the last row; not before anything is on the screen. */
  nearStart(screens: number): boolean;
  nearEnd(screens: number): boolean;
  /** The place of the row at the top of the screen. */
  topmost(): number;
  /** Brings a row onto the screen. */
  show(key: string, where?: Where): void;
  /** Takes what is looked at now for what stays where it is. */
  hold(): void;
}

/** What stays where it is on the screen while things around it change their size. */
interface Held {
  key: string;
  /** Of its top, below the top of the screen. Pixels. */
  offset: number;
}

interface Anchor extends Held {
  /** What stands below it on the screen, and stays where it is when the first one is gone: the end of an answer is another row once the prompt before it is known. */
  below: Held[];
}

/**
 * Draws only the rows of a scrolling place that are near the screen, each with the height it was measured to have. What
 * a person looks at stays where it is while rows come, go and grow; who is at the end is kept there by whoever follows
 * it. Rows with an end of a selection or with the focus in them stay drawn wherever one scrolls, and only they.
 */
export function createVirtualRows(options: {
  scroller: Accessor<HTMLElement | undefined>;
  /** The rows in order. A key stays with its row. */
  keys: Accessor<readonly string[]>;
  /** How high a row is taken for until it was measured. */
  estimate(place: number): number;
  /** Where that is which a row showed whose key is gone; -1 when that is gone, too. */
  find(key: string): number;
  /** Whether the end is followed, so that nothing else is held. */
  following: Accessor<boolean>;
}): VirtualRows {
  const heights = new Map<string, number>();
  const elements = new Map<string, HTMLElement>();
  const [measured, setMeasured] = createSignal(0);
  /** The top of the screen, below the top of the first row. */
  const [top, setTop] = createSignal(0);
  const [screen, setScreen] = createSignal(usualScreen);
  /** Rows that a selection reaches over, or that hold the focus: they stay drawn, or it would be lost. */
  const [kept, setKept] = createSignal<readonly string[]>([]);
  /** Whether the first rows are on the screen. What nobody sees yet is drawn, and asked for, after them. */
  const [shown, setShown] = createSignal(false);
  let container: HTMLElement | undefined;
  /** Where the first row begins in what is scrolled: above it may stand something that comes and goes. */
  let begin = 0;
  let anchor: Anchor | undefined;

  const places = createMemo(() => new Map(options.keys().map((key, place) => [key, place])));
  /** Heights of rows that were not measured yet; kept as long as the list stays, because what is estimated from changes. */
  const estimates = createMemo(() => {
    options.keys();
    return new Map<number, number>();
  });
  /** Where each row begins, and behind the last one where that ends. */
  const tops = createMemo(() => {
    measured();
    const guessed = estimates();
    const all = [0];
    let sum = 0;
    options.keys().forEach((key, place) => {
      let height = heights.get(key) ?? guessed.get(place);
      if (height === undefined) {
        height = options.estimate(place);
        guessed.set(place, height);
      }
      sum += height;
      all.push(sum);
    });
    return all;
  });
  const total = () => tops().at(-1) ?? 0;
  const topOf = (place: number) => tops()[place] ?? total();
  /** The row that stands so far down. */
  const at = (distance: number) => {
    const all = tops();
    let [low, high] = [0, Math.max(all.length - 2, 0)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((all[middle] ?? 0) <= distance) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  /** What of the things that are held is still there, and at which place. */
  const standing = (): { held: Held; place: number } | undefined => {
    if (!anchor) return undefined;
    const place = places().get(anchor.key) ?? options.find(anchor.key);
    if (place >= 0) return { held: anchor, place };
    for (const held of anchor.below) {
      const below = places().get(held.key);
      if (below !== undefined) return { held, place: below };
    }
    return undefined;
  };
  /**
   * The top of the screen once what is looked at was put back where it was. Between a change of the list and that, what
   * was scrolled stands somewhere else in it: drawn by that, everything on the screen would be thrown away for rows that
   * nobody is to see, and made anew.
   */
  const settledTop = () => {
    const now = top();
    if (options.following()) return now;
    const found = untrack(standing);
    // What became shorter ends before that.
    return found ? Math.min(topOf(found.place) - found.held.offset, Math.max(total() - screen(), 0)) : now;
  };

  const drawn = createMemo(
    (): readonly number[] => {
      const count = options.keys().length;
      if (count === 0) return [];
      const margin = shown() ? overscan : firstOverscan;
      const looked = settledTop();
      let first = at(looked - margin * screen());
      let end = Math.min(at(looked + (1 + margin) * screen()) + 1, count);
      // Where the end is followed it is drawn before anybody scrolled there.
      if (options.following()) {
        end = count;
        const near = at(total() - (1 + margin) * screen());
        // Until somebody scrolled, what is at the top was never on the screen.
        first = top() === 0 ? near : Math.max(Math.min(first, near), at(total() - (2 + 2 * margin) * screen()));
      }
      const all = new Set<number>();
      for (let place = first; place < end; place += 1) all.add(place);
      for (const key of kept()) {
        const place = places().get(key);
        if (place !== undefined) all.add(place);
      }
      return [...all].sort((left, right) => left - right);
    },
    [],
    { equals: (left, right) => left.length === right.length && left.every((place, index) => place === right[index]) },
  );

  /** What was last given to an element, so that one which keeps its place is not touched. */
  const given = new WeakMap<HTMLElement, number>();
  const give = (element: HTMLElement, property: "marginTop" | "paddingBottom", room: number) => {
    const before = given.get(element) ?? 0;
    if (Math.abs(before - room) < 0.01) return;
    given.set(element, room);
    element.style[property] = room === 0 ? "" : `${room}px`;
  };
  /** Makes the room that rows take which are not drawn. */
  const makeRoom = () => {
    let next = 0;
    for (const place of drawn()) {
      const element = elements.get(options.keys()[place] ?? "");
      if (element) give(element, "marginTop", topOf(place) - topOf(next));
      next = place + 1;
    }
    if (container) give(container, "paddingBottom", total() - topOf(next));
  };

  /** How far was scrolled when that was looked at last. */
  let seen = 0;
  const look = (place: HTMLElement) => {
    seen = place.scrollTop;
    setTop(seen - begin);
  };
  const findBegin = () => {
    begin = container?.offsetTop ?? 0;
  };
  const hold = () => {
    const index = at(top());
    const held = options
      .keys()
      .slice(index, at(top() + screen()) + 1)
      .map((key, place) => ({ key, offset: topOf(index + place) - top() }));
    const [first, ...below] = held;
    anchor = first && { ...first, below };
  };
  /** Puts what was looked at back where it was. */
  const restore = () => {
    const place = options.scroller();
    if (!place || !anchor || options.following()) return;
    const found = standing();
    if (!found) {
      hold();
      return;
    }
    const { held, place: index } = found;
    makeRoom();
    findBegin();
    // Whoever scrolled meanwhile, without having been told of it yet, stays where they went. At the very end it may be
    // that what is scrolled only became shorter.
    const now = place.scrollTop;
    if (now !== seen && now < place.scrollHeight - place.clientHeight - 1) for (const each of [anchor, ...anchor.below]) each.offset -= now - seen;
    const wanted = begin + topOf(index) - held.offset;
    if (Math.abs(place.scrollTop - wanted) >= 1) place.scrollTop = wanted;
    look(place);
    if (held !== anchor) hold();
  };

  const scrolled = () => {
    const place = options.scroller();
    if (!place) return;
    // Read before anything is drawn, while nothing has to be laid out for it.
    findBegin();
    // Told of both at once: by one without the other something else would be drawn.
    batch(() => {
      look(place);
      hold();
    });
  };
  const selected = () => {
    const place = options.scroller();
    if (!place) return;
    const selection = document.getSelection();
    const ends = selection && !selection.isCollapsed ? [selection.anchorNode, selection.focusNode] : [];
    const rows = [...ends, document.activeElement].map((node) => {
      const element = node instanceof Element ? node : node?.parentElement;
      const row = element?.closest<HTMLElement>("[data-row]");
      return row && place.contains(row) ? row.dataset["row"] : undefined;
    });
    const found = rows.filter((key) => key !== undefined);
    setKept((before) => (before.length === found.length && before.every((key, index) => key === found[index]) ? before : found));
  };

  const keyOf = new WeakMap<Element, string>();
  // Called after layout and before painting: what is put right here was never seen wrong.
  const observer = new ResizeObserver((entries) => {
    let changed = false;
    for (const { target, borderBoxSize } of entries) {
      const key = keyOf.get(target);
      const height = borderBoxSize[0]?.blockSize ?? 0;
      if (key === undefined || height === 0 || Math.abs((heights.get(key) ?? 0) - height) < 0.01) continue;
      heights.set(key, height);
      changed = true;
    }
    if (!changed) return;
    setMeasured((count) => count + 1);
    restore();
  });
  const screens = new ResizeObserver(() => {
    const height = options.scroller()?.clientHeight ?? 0;
    if (height === 0) return;
    usualScreen = height;
    setScreen(height);
  });

  onMount(() => {
    const place = options.scroller();
    if (!place) return;
    screens.observe(place);
    // A frame's callback runs before the frame is drawn, so the first rows stand when the second one runs.
    afterPaint(() => afterPaint(() => setShown(true)));
    place.addEventListener("scroll", scrolled, { passive: true });
    document.addEventListener("selectionchange", selected);
    place.addEventListener("focusin", selected);
    onCleanup(() => {
      place.removeEventListener("scroll", scrolled);
      place.removeEventListener("focusin", selected);
    });
  });
  onCleanup(() => {
    observer.disconnect();
    screens.disconnect();
    document.removeEventListener("selectionchange", selected);
  });
  createEffect(makeRoom);
  createEffect(
    on(
      options.keys,
      (keys) => {
        // Heights of rows that are not held any more are not kept for ever.
        if (heights.size > 4 * keys.length + 400) {
          const held = new Set(keys);
          for (const key of heights.keys()) if (!held.has(key)) heights.delete(key);
        }
        restore();
      },
      { defer: true },
    ),
  );

  return {
    drawn,
    container: (element) => (container = element),
    row(element, key) {
      keyOf.set(element, key);
      elements.set(key, element);
      observer.observe(element);
      onCleanup(() => {
        observer.unobserve(element);
        if (elements.get(key) === element) elements.delete(key);
      });
    },
    element: (key) => elements.get(key),
    // Who follows the end is there, though nobody scrolled yet.
    nearStart: (count) => shown() && (options.following() ? Math.max(0, total() - screen()) : settledTop()) < count * screen(),
    nearEnd: (count) => shown() && total() - settledTop() - screen() < count * screen(),
    topmost() {
      // Where the end is followed, or somebody just scrolled, the page may not have been told of it yet.
      if (options.following()) return at(Math.max(0, total() - screen()));
      const place = options.scroller();
      return at((place ? place.scrollTop - begin : top()) + aboveShown + rounding);
    },
    show(key, where = "start") {
      const place = options.scroller();
      const index = places().get(key);
      if (!place || index === undefined) return;
      const above = where === "middle" ? Math.max(aboveShown, (screen() - (topOf(index + 1) - topOf(index))) / 2) : aboveShown;
      findBegin();
      place.scrollTop = begin + topOf(index) - above;
      batch(() => {
        look(place);
        anchor = { key, offset: topOf(index) - top(), below: [] };
      });
    },
    hold,
  };
}
