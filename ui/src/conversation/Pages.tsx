import { createEffect, createMemo, createRenderEffect, createSignal, For, on, onCleanup, onMount, Show, type Accessor, type JSX } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { text } from "../strings";

/** How far beyond what is seen pages are drawn already, in heights of the scrolling place. */
const overscan = 1;

/** Pages whose content is kept after they left the document: to scroll back a little asks for nothing. */
const mostHeld = 8;

/** Pages that are in the document because a selection reaches over them; a longer one loses what went out of sight. */
const mostSelected = 12;

/** What the scrolling place is taken for until it has a size, and the least a page takes up. CSS pixels. */
const usualScreen = 420;
const leastHeight = 20;

interface PagesProps<Page> {
  /** What scrolls; the pages are the whole of what is in it, or nearly. */
  scroller: Accessor<HTMLElement | undefined>;
  count: number;
  /** What the height of a page is taken for before it was drawn, in CSS pixels. */
  estimate(index: number): number;
  /** A page that is at hand already. */
  known?(index: number): Page | undefined;
  load(index: number): Promise<Page>;
  /** Where to begin, in CSS pixels from the top. */
  top?: number;
  onScroll?(top: number): void;
  children(page: Page, index: number): JSX.Element;
}

/**
 * Pages below each other, of which only those near what is seen are in the document, each with the height it was
 * measured to have. What a person looks at stays where it is while pages above it turn out higher or lower.
 */
export function Pages<Page>(props: PagesProps<Page>) {
  const heights = new Map<number, number>();
  const held = new Map<number, Page>();
  const [measured, setMeasured] = createSignal(0);
  const [arrived, setArrived] = createSignal(0);
  const [top, setTop] = createSignal(0);
  const [screen, setScreen] = createSignal(usualScreen);
  const [selected, setSelected] = createSignal<readonly number[]>([]);
  const [failed, setFailed] = createSignal<ReadonlyMap<number, string>>(new Map());
  const asked = new Set<number>();
  let anchor = { page: 0, offset: 0 };
  let gone = false;

  /** Where each page begins, and where the last one ends. What was drawn tells how good the estimates are. */
  const tops = createMemo(() => {
    measured();
    let [real, taken] = [0, 0];
    for (const [index, height] of heights) {
      real += height;
      taken += props.estimate(index);
    }
    const scale = taken > 0 ? real / taken : 1;
    const all = [0];
    for (let index = 0; index < props.count; index += 1) all.push((all[index] ?? 0) + (heights.get(index) ?? Math.max(props.estimate(index) * scale, leastHeight)));
    return all;
  });
  const topOf = (index: number) => tops()[index] ?? tops().at(-1) ?? 0;
  const at = (place: number) => {
    let [low, high] = [0, Math.max(props.count - 1, 0)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (topOf(middle) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  const drawn = createMemo(
    () => {
      const first = at(top() - overscan * screen());
      const end = Math.min(at(top() + (1 + overscan) * screen()) + 1, props.count);
      const reached = { first: Math.min(first, ...selected()), end: Math.max(end, ...selected().map((index) => index + 1)) };
      return reached.end - reached.first > mostSelected ? { first, end } : reached;
    },
    undefined,
    { equals: (left, right) => left.first === right.first && left.end === right.end },
  );
  const indices = createMemo(() => Array.from({ length: drawn().end - drawn().first }, (_, place) => drawn().first + place));

  const page = (index: number): Page | undefined => {
    arrived();
    return props.known?.(index) ?? held.get(index);
  };
  const fetch = async (index: number) => {
    if (asked.has(index) || page(index) !== undefined) return;
    asked.add(index);
    setFailed((all) => new Map([...all].filter(([other]) => other !== index)));
    try {
      const loaded = await props.load(index);
      if (gone) return;
      held.set(index, loaded);
      for (const other of held.keys()) {
        if (held.size <= mostHeld) break;
        if (other < drawn().first || other >= drawn().end) held.delete(other);
      }
      setArrived((count) => count + 1);
    } catch (thrown) {
      if (!gone) setFailed((all) => new Map([...all, [index, toApiError(thrown).message]]));
    } finally {
      asked.delete(index);
    }
  };
  createEffect(on(indices, (all) => all.forEach((index) => void fetch(index))));

  const hold = () => {
    const index = at(top());
    anchor = { page: index, offset: top() - topOf(index) };
  };
  const scrolled = () => {
    const place = props.scroller();
    if (!place) return;
    setTop(place.scrollTop);
    hold();
    props.onScroll?.(place.scrollTop);
  };
  const restore = () => {
    const place = props.scroller();
    const wanted = topOf(anchor.page) + anchor.offset;
    if (!place || Math.abs(place.scrollTop - wanted) < 1) return;
    place.scrollTop = wanted;
    setTop(place.scrollTop);
  };

  const pages = new WeakMap<Element, number>();
  // Called after layout and before painting: what is put right here was never seen wrong.
  const observer = new ResizeObserver((entries) => {
    let changed = false;
    for (const { target } of entries) {
      const index = pages.get(target);
      const height = target instanceof HTMLElement ? target.offsetHeight : 0;
      if (index === undefined || height === 0 || heights.get(index) === height || page(index) === undefined) continue;
      heights.set(index, height);
      changed = true;
    }
    if (!changed) return;
    setMeasured((count) => count + 1);
    restore();
  });
  const screens = new ResizeObserver(() => setScreen(props.scroller()?.clientHeight || usualScreen));
  /** Pages that a selection begins or ends in stay, or it would be lost. */
  const select = () => {
    const selection = document.getSelection();
    const ends = selection && !selection.isCollapsed ? [selection.anchorNode, selection.focusNode] : [];
    const found = ends.flatMap((node) => {
      const element = (node instanceof Element ? node : node?.parentElement)?.closest("[data-page]");
      const index = element && pages.get(element);
      return typeof index === "number" ? [index] : [];
    });
    setSelected((before) => (before.length === found.length && before.every((index, place) => index === found[place]) ? before : found));
  };
  onMount(() => {
    const place = props.scroller();
    if (!place) return;
    screens.observe(place);
    place.addEventListener("scroll", scrolled, { passive: true });
    document.addEventListener("selectionchange", select);
    if (props.top) {
      place.scrollTop = props.top;
      scrolled();
    }
    onCleanup(() => place.removeEventListener("scroll", scrolled));
  });
  onCleanup(() => {
    gone = true;
    observer.disconnect();
    screens.disconnect();
    document.removeEventListener("selectionchange", select);
  });

  const watch = (element: HTMLElement, index: number) => {
    pages.set(element, index);
    observer.observe(element);
    onCleanup(() => observer.unobserve(element));
  };

  return (
    <>
      <div aria-hidden="true" ref={room(() => topOf(drawn().first))} />
      <For each={indices()}>
        {(index) => (
          <div data-page={index} ref={(element) => watch(element, index)}>
            <Show when={page(index)} fallback={<Missing height={() => topOf(index + 1) - topOf(index)} failure={failed().get(index)} onAgain={() => void fetch(index)} />}>
              {(content) => props.children(content(), index)}
            </Show>
          </div>
        )}
      </For>
      <div aria-hidden="true" ref={room(() => topOf(props.count) - topOf(drawn().end))} />
    </>
  );
}

/** Keeps an element as high as is said. */
const room = (height: Accessor<number>) => (element: HTMLElement) => {
  createRenderEffect(() => {
    element.style.height = `${height()}px`;
  });
};

/** A page that is on its way, or did not come. */
function Missing(props: { height: Accessor<number>; failure: string | undefined; onAgain(): void }) {
  return (
    <div class="page-missing" ref={room(() => props.height())}>
      <Show when={props.failure} fallback={<p role="status">{text("pages.loading")}</p>}>
        {(reason) => (
          <p role="alert">
            <span class="is-danger">{reason()}</span>
            <Button small onClick={() => props.onAgain()}>
              {text("pages.again")}
            </Button>
          </p>
        )}
      </Show>
    </div>
  );
}
