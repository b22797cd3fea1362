import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { settle } from "../test/window";
import { standClear } from "./toastPlace";

/** What is observed, and what is to be called when its size changes. */
const observed = new Map<Element, () => void>();

beforeEach(() => {
  observed.clear();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      own = new Set<Element>();
      changed: () => void;
      constructor(changed: () => void) {
        this.changed = changed;
      }
      observe(element: Element): void {
        this.own.add(element);
        observed.set(element, this.changed);
      }
      disconnect(): void {
        for (const element of this.own) observed.delete(element);
        this.own.clear();
      }
    },
  );
  // As a webview has it: what is not in the document has no place.
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(function at(this: Element) {
    const [left = 0, bottom = 0] = this.isConnected ? (this.getAttribute("data-at") ?? "").split(" ").map(Number) : [];
    return { left, bottom, top: bottom } as DOMRect;
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

function pane(at: string): HTMLElement {
  const made = document.createElement("main");
  made.dataset["at"] = at;
  document.body.append(made);
  return made;
}
/** Takes a pane away, of which its observer hears as of one without a size. */
function take(gone: HTMLElement): void {
  const changed = observed.get(gone);
  gone.remove();
  changed?.();
}

test("news follows the work to the next pane, and is where the style has it while there is none", async () => {
  const toasts = document.createElement("div");
  document.body.append(toasts);
  const stands = () => [toasts.style.getPropertyValue("inset-inline-start"), toasts.style.getPropertyValue("inset-block-end")];
  const placed = (left: number, bottom: number) => [`${left + 12}px`, `${window.innerHeight - bottom + 12}px`];

  const first = pane("240 740");
  const stop = standClear(toasts);
  expect(stands()).toEqual(placed(240, 740));

  const second = pane("0 700");
  take(first);
  expect(stands()).toEqual(placed(0, 700));
  expect([...observed.keys()]).toEqual([second]);

  take(second);
  expect(stands()).toEqual(["", ""]);

  const third = pane("300 600");
  await settle();
  expect(stands()).toEqual(placed(300, 600));
  expect([...observed.keys()]).toEqual([third]);

  take(third);
  stop();
  pane("10 10");
  await settle();
  expect(stands()).toEqual(["", ""]);
  expect(observed.size).toBe(0);
});
