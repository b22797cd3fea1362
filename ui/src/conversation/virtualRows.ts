import { createEffect, createMemo, createSignal, on, onCleanup, onMount, type Accessor } from "solid-js";

/** How far beyond the screen rows are drawn already, in screens: what a fast turn of the wheel covers in a frame. */
const overscan = 1;

/** What a row is taken for until rows were measured, and what the screen is taken for until it has a size. Pixels. */
const usualRow = 160;
const usualScreen = 900;

/** The rows that are drawn, and the room that the others take. */
export interface Drawn {
  first: number;
  /** One past the last. */
  end: number;
  /** Pixels above the first and below the last. */
  above: number;
  below: number;
}

/** What of a list of rows is drawn. */
export interface VirtualRows {
  drawn: Accessor<Drawn>;
  /** Watches the height of a row that is drawn. */
  row(element: HTMLElement, key: () => string): void;
  /** Whether the person is within so many screens of the first or the last row. */
  nearStart(screens: number): boolean;
  nearEnd(screens: number): boolean;
  /** Brings a row to the top of the screen. */
  show(key: string): void;
}

/** What stays where it is on the screen while things around it change their size. */
interface Anchor {
  key: string;
  /** Of its top, below the top of the screen. Pixels. */
  offset: number;
}

/**
 * Draws only the rows of a scrolling place that are near the screen, each with the height it was measured to have. What
 * a person looks at stays where it is while rows come, go and grow; who is at the end is kept there by whoever follows it.
 */
export function createVirtualRows(options: {
  scroller: Accessor<HTMLElement | undefined>;
  /** The rows in order. A key stays with its row. */
  keys: Accessor<readonly string[]>;
  /** Whether the end is followed, so that nothing else is held. */
  following: Accessor<boolean>;
}): VirtualRows {
  const heights = new Map<string, number>();
  const [measured, setMeasured] = createSignal(0);
  const [top, setTop] = createSignal(0);
  const [screen, setScreen] = createSignal(usualScreen);
  /** Rows that a selection reaches over, or that hold the focus: they stay drawn, or it would be lost. */
  const [kept, setKept] = createSignal<readonly string[]>([]);
  let anchor: Anchor | undefined;
  let sum = 0;

  const usual = () => (heights.size === 0 ? usualRow : sum / heights.size);
  /** Where each row begins, and behind the last one where that ends. */
  const tops = createMemo(() => {
    measured();
    const each = usual();
    const all = [0];
    for (const key of options.keys()) all.push((all.at(-1) ?? 0) + (heights.get(key) ?? each));
    return all;
  });
  const total = () => tops().at(-1) ?? 0;
  const topOf = (index: number) => tops()[index] ?? total();
  /** The row that stands at a place. */
  const at = (place: number) => {
    const all = tops();
    let [low, high] = [0, Math.max(all.length - 2, 0)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((all[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  const drawn = createMemo(
    (): Drawn => {
      const count = options.keys().length;
      if (count === 0) return { first: 0, end: 0, above: 0, below: 0 };
      let first = at(top() - overscan * screen());
      let end = Math.min(at(top() + (1 + overscan) * screen()) + 1, count);
      // Where the end is followed it is drawn before anybody scrolled there.
      if (options.following()) {
        end = count;
        first = Math.min(first, at(total() - (1 + overscan) * screen()));
        first = Math.max(first, at(total() - (2 + 2 * overscan) * screen()));
      }
      for (const key of kept()) {
        const index = options.keys().indexOf(key);
        if (index < 0) continue;
        first = Math.min(first, index);
        end = Math.max(end, index + 1);
      }
      return { first, end, above: topOf(first), below: Math.max(total() - topOf(end), 0) };
    },
    undefined,
    { equals: (left, right) => left.first === right.first && left.end === right.end && left.above === right.above && left.below === right.below },
  );

  const hold = () => {
    const place = options.scroller();
    const index = at(top());
    const key = options.keys()[index];
    anchor = place && key !== undefined ? { key, offset: topOf(index) - place.scrollTop } : undefined;
  };
  /** Puts what was looked at back where it was. */
  const restore = () => {
    const place = options.scroller();
    if (!place || !anchor || options.following()) return;
    const index = options.keys().indexOf(anchor.key);
    if (index < 0) {
      hold();
      return;
    }
    const wanted = topOf(index) - anchor.offset;
    if (Math.abs(place.scrollTop - wanted) < 1) return;
    place.scrollTop = wanted;
    setTop(place.scrollTop);
  };

  const scrolled = () => {
    const place = options.scroller();
    if (!place) return;
    setTop(place.scrollTop);
    hold();
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

  const keyOf = new WeakMap<Element, () => string>();
  // Called after layout and before painting: what is put right here was never seen wrong.
  const observer = new ResizeObserver((entries) => {
    let changed = false;
    for (const { target } of entries) {
      const key = keyOf.get(target)?.();
      if (key === undefined || !(target instanceof HTMLElement)) continue;
      const height = target.offsetHeight;
      const before = heights.get(key);
      if (height === 0 || before === height) continue;
      heights.set(key, height);
      sum += height - (before ?? 0);
      changed = true;
    }
    if (!changed) return;
    setMeasured((count) => count + 1);
    restore();
  });
  const screens = new ResizeObserver(() => {
    const height = options.scroller()?.clientHeight ?? 0;
    if (height > 0) setScreen(height);
  });

  onMount(() => {
    const place = options.scroller();
    if (!place) return;
    screens.observe(place);
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
  createEffect(
    on(
      options.keys,
      (keys) => {
        // Heights of rows that are not held any more are not kept for ever.
        if (heights.size > 4 * keys.length + 100) {
          const held = new Set(keys);
          for (const [key, height] of heights) {
            if (held.has(key)) continue;
            heights.delete(key);
            sum -= height;
          }
        }
        restore();
      },
      { defer: true },
    ),
  );

  return {
    drawn,
    row(element, key) {
      keyOf.set(element, key);
      observer.observe(element);
      onCleanup(() => observer.unobserve(element));
    },
    nearStart: (screens) => top() < screens * screen(),
    nearEnd: (screens) => total() - top() - screen() < screens * screen(),
    show(key) {
      const place = options.scroller();
      const index = options.keys().indexOf(key);
      if (!place || index < 0) return;
      place.scrollTop = topOf(index);
      setTop(place.scrollTop);
      anchor = { key, offset: 0 };
    },
  };
}
