import { createMemo, createRoot, createSignal } from "solid-js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createVirtualRows } from "./virtualRows";

/* Rows with heights that are made up: the page under test lays nothing out. */

/** What waits for a frame to be drawn. */
const frame = vi.hoisted(() => ({ waiting: [] as Array<() => void> }));
vi.mock("../state/painted", () => ({ afterPaint: (done: () => void) => frame.waiting.push(done) }));
const paint = () => {
  for (const done of frame.waiting.splice(0)) done();
};

type Report = (entries: ResizeObserverEntry[]) => void;
let observers: Array<{ report: Report; targets: Set<Element> }> = [];

beforeEach(() => {
  observers = [];
  vi.stubGlobal(
    "ResizeObserver",
    class {
      own: { report: Report; targets: Set<Element> };
      constructor(report: Report) {
        this.own = { report, targets: new Set() };
        observers.push(this.own);
      }
      observe(target: Element) {
        this.own.targets.add(target);
      }
      unobserve(target: Element) {
        this.own.targets.delete(target);
      }
      disconnect() {
        this.own.targets.clear();
      }
    },
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

const keysOf = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `row ${from + index}`);

function open(count: number, follows = false, estimate: (key: string) => number = () => 100) {
  const scroller = document.createElement("div");
  const container = document.createElement("div");
  scroller.append(container);
  document.body.append(scroller);
  let top = 0;
  Object.defineProperty(scroller, "scrollHeight", { get: () => 1_000_000 });
  Object.defineProperty(scroller, "scrollTop", {
    get: () => top,
    set: (value: number) => {
      top = Math.max(0, value);
    },
  });
  const [keys, setKeys] = createSignal<readonly string[]>(keysOf(0, count));
  const [following, setFollowing] = createSignal(follows);
  const find = vi.fn((_key: string) => -1);
  const elements = new Map<string, HTMLElement>();
  /** Each list of rows that a component would have drawn, also those that stand for no time. */
  const lists: string[][] = [];
  const made = createRoot((dispose) => {
    const rows = createVirtualRows({ scroller: () => scroller, keys, estimate: (place) => estimate(keys()[place] ?? ""), find, following });
    rows.container(container);
    createMemo(() => lists.push(rows.drawn().map((place) => keys()[place] ?? "")));
    return { rows, dispose };
  });
  /** Draws what is to be drawn, as the transcript does. */
  const draw = () => {
    const wanted = new Set(made.rows.drawn().map((place) => keys()[place] ?? ""));
    for (const key of wanted) {
      if (elements.has(key)) continue;
      const element = document.createElement("div");
      element.dataset["row"] = key;
      element.textContent = key;
      container.append(element);
      elements.set(key, element);
      createRoot(() => made.rows.row(element, key));
    }
    return [...wanted];
  };
  const scrollTo = (place: number) => {
    scroller.scrollTop = place;
    scroller.dispatchEvent(new Event("scroll"));
    return draw();
  };
  const measure = (key: string, height: number) => {
    const target = elements.get(key);
    if (!target) throw new Error(`${key} is not drawn`);
    for (const { report, targets } of observers) {
      if (targets.has(target)) report([{ target, borderBoxSize: [{ blockSize: height, inlineSize: 700 }] } as unknown as ResizeObserverEntry]);
    }
  };
  return { ...made, scroller, container, keys, setKeys, setFollowing, find, elements, lists, draw, scrollTo, measure };
}

/** What was opened stands, and its first rows are on the screen. */
const settled = async () => {
  await Promise.resolve();
  while (frame.waiting.length > 0) paint();
};

test("who goes to a thread waits for the rows of the screen alone: what nobody sees is drawn, and asked for, after them", async () => {
  const page = open(30, true);
  await Promise.resolve();
  // Two frames: the first one's callback runs before it is drawn.
  paint();
  expect(page.draw().length).toBeLessThan(14);
  expect(page.rows.nearStart(4)).toBe(false);
  paint();
  expect(page.draw().length).toBeGreaterThan(16);
  expect(page.rows.nearStart(4)).toBe(true);
  page.dispose();
});

test("draws what is near the screen, and leaves the room of the rest", async () => {
  const page = open(1000);
  await settled();
  expect(page.scrollTo(50_000).length).toBeLessThan(40);
  page.scrollTo(50_120);
  const first = page.elements.get(page.keys()[page.rows.drawn()[0] ?? 0] ?? "");
  expect(Number.parseInt(first?.style.marginTop ?? "", 10)).toBe((page.rows.drawn()[0] ?? 0) * 100);
  const last = page.rows.drawn().at(-1) ?? 0;
  expect(page.container.style.paddingBottom).toBe(`${(999 - last) * 100}px`);
  page.dispose();
});

test("no row is drawn, nor let go of, for a moment only when a page comes above or goes", async () => {
  const page = open(300);
  await settled();
  const before = page.scrollTo(10_050);
  page.lists.length = 0;
  page.setKeys(keysOf(-100, 300));
  expect(page.scroller.scrollTop).toBe(20_050);
  page.setKeys(keysOf(0, 300));
  expect(page.scroller.scrollTop).toBe(10_050);
  expect(page.lists.length).toBeGreaterThan(0);
  for (const list of page.lists) expect(list).toEqual(before);
  page.dispose();
});

test("a page above is asked for by where the person is, also while it comes", async () => {
  const page = open(300);
  await settled();
  page.scrollTo(500);
  const near: boolean[] = [];
  createRoot(() => createMemo(() => (page.keys(), near.push(page.rows.nearStart(2)))));
  page.setKeys(keysOf(-100, 300));
  expect(near.shift()).toBe(true);
  expect(near.length).toBeGreaterThan(0);
  expect(near).not.toContain(true);
  page.dispose();
});

test("nothing moves on the screen when a row above it grows, or one below", async () => {
  const page = open(1000);
  await settled();
  page.scrollTo(50_020);
  page.measure("row 495", 400);
  expect(page.scroller.scrollTop).toBe(50_320);
  page.measure("row 502", 900);
  expect(page.scroller.scrollTop).toBe(50_320);
  page.measure("row 495", 100);
  expect(page.scroller.scrollTop).toBe(50_020);
  page.dispose();
});

test("nothing moves when rows come before or go", async () => {
  const page = open(200);
  await settled();
  page.scrollTo(10_050);
  page.setKeys([...keysOf(-100, 0), ...keysOf(0, 200)]);
  expect(page.scroller.scrollTop).toBe(20_050);
  page.setKeys(keysOf(50, 200));
  expect(page.scroller.scrollTop).toBe(5050);
  page.dispose();
});

test("a row keeps the height it is taken for when rows come before it", async () => {
  // What no row was measured for: each third row is high.
  const estimate = (key: string) => (Number(key.slice(4)) % 3 === 0 ? 310 : 70);
  const page = open(300, false, estimate);
  await settled();
  const sum = (from: number, to: number) => keysOf(from, to).reduce((all, key) => all + estimate(key), 0);
  page.scrollTo(sum(0, 200) + 30);
  expect(page.rows.topmost()).toBe(200);
  page.setKeys(keysOf(-100, 300));
  expect(page.scroller.scrollTop).toBe(sum(-100, 200) + 30);
  page.draw();
  const first = page.rows.drawn()[0] ?? 0;
  expect(Number.parseInt(page.elements.get(page.keys()[first] ?? "")?.style.marginTop ?? "", 10)).toBe(sum(-100, first - 100));
  page.rows.show("row 7");
  expect(page.scroller.scrollTop).toBe(sum(-100, 7) - 12);
  page.dispose();
});

test("who scrolled and was not heard of yet is not taken back", async () => {
  const page = open(200);
  await settled();
  page.scrollTo(10_050);
  page.scroller.scrollTop = 4000;
  page.setKeys([...keysOf(-10, 0), ...keysOf(0, 200)]);
  expect(page.scroller.scrollTop).toBe(5000);
  page.dispose();
});

test("a row that became another one is held by what it showed", async () => {
  const page = open(200);
  await settled();
  page.scrollTo(10_030);
  page.find.mockReturnValue(90);
  page.setKeys([...keysOf(10, 100), "made of row 100", ...keysOf(101, 200)]);
  expect(page.find).toHaveBeenCalledWith("row 100");
  expect(page.scroller.scrollTop).toBe(9030);
  page.dispose();
});

test("where the row at the top is gone what stands below it is held", async () => {
  const page = open(200);
  await settled();
  page.scrollTo(10_030);
  page.setKeys([...keysOf(-50, 100), "the end of another answer", ...keysOf(101, 200)]);
  expect(page.scroller.scrollTop).toBe(15_030);
  page.setKeys([...keysOf(-60, 101), ...keysOf(101, 200)]);
  expect(page.scroller.scrollTop).toBe(16_030);
  page.dispose();
});

test("who is at the end is followed, not held", async () => {
  const page = open(200, true);
  await settled();
  page.draw();
  expect(page.rows.drawn().at(-1)).toBe(199);
  const before = page.scroller.scrollTop;
  page.measure("row 199", 700);
  expect(page.scroller.scrollTop).toBe(before);
  page.dispose();
});

test("the ends of a selection stay drawn, and nothing between them and the screen does", async () => {
  const page = open(1000);
  await settled();
  page.scrollTo(0);
  const text = page.elements.get("row 3")?.firstChild;
  if (!text) throw new Error("row 3 is not drawn");
  document.getSelection()?.setBaseAndExtent(text, 0, text, 3);
  document.dispatchEvent(new Event("selectionchange"));
  const drawn = page.scrollTo(50_000);
  expect(drawn).toContain("row 3");
  expect(drawn).not.toContain("row 4");
  expect(drawn.length).toBeLessThan(40);
  document.getSelection()?.removeAllRanges();
  document.dispatchEvent(new Event("selectionchange"));
  expect(page.draw()).not.toContain("row 3");
  page.dispose();
});

test("a row is brought to the top of the screen, or to its middle", async () => {
  const page = open(1000);
  await settled();
  page.rows.show("row 600");
  expect(page.scroller.scrollTop).toBe(60_000 - 12);
  expect(page.rows.topmost()).toBe(600);
  page.rows.show("row 600", "middle");
  expect(page.scroller.scrollTop).toBe(60_000 - 400);
  page.dispose();
});
