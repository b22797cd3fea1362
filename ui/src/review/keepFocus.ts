import { createComputed, createEffect, on, type Accessor } from "solid-js";
import type { HunkPlace, ReviewPage } from "../backend";
import { isSame } from "./hunks";

/** What had the focus among the lines of a file. */
interface Held {
  hunk: HunkPlace | undefined;
  gap: string | null | undefined;
  /** Which button of the row; none for the lines themselves. */
  button: number;
}

/** Where the lines are drawn, and the list that stands above them. */
interface Parts {
  scroller: HTMLElement | undefined;
  list: HTMLElement | null | undefined;
}

/**
 * Lines that are read anew are drawn anew, and those of another file come later: what had the focus among them has it
 * again, or the lines have it. Until there are any the list has, from which the same keys go on.
 */
export function keepFocus(page: Accessor<ReviewPage | undefined>, parts: () => Parts): void {
  let held: Held | undefined;
  let lent = false;
  // Before anything of it is drawn: what has the focus then is still there.
  createComputed(
    on(page, (_, before) => {
      const focused = document.activeElement;
      held = undefined;
      if (focused && parts().scroller?.contains(focused)) {
        const row = focused.closest("[data-hunk], [data-gap]");
        const index = row?.getAttribute("data-hunk");
        held = {
          hunk: typeof index === "string" ? before?.hunks[Number(index)] : undefined,
          gap: row?.getAttribute("data-gap"),
          button: [...(row?.querySelectorAll("button") ?? [])].findIndex((button) => button === focused),
        };
      }
    }),
  );
  /** The row that what had the focus is in by now. */
  const rowOf = ({ hunk, gap }: Held, scroller: HTMLElement): Element | null => {
    if (hunk) return scroller.querySelector(`[data-hunk="${(page()?.hunks ?? []).findIndex((place) => isSame(place, hunk))}"]`);
    return typeof gap === "string" ? scroller.querySelector(`[data-gap="${gap}"]`) : null;
  };
  createEffect(
    on(page, (now) => {
      const { scroller, list } = parts();
      const drawn = now && scroller?.isConnected ? scroller : undefined;
      if (held && document.activeElement === document.body) {
        lent = !drawn;
        // Where the row is gone, the lines are what one was at.
        const to = drawn ? (rowOf(held, drawn)?.querySelectorAll("button")[held.button] ?? drawn) : list;
        to?.focus({ preventScroll: true });
      } else if (lent && drawn) {
        lent = false;
        if (document.activeElement === list) drawn.focus({ preventScroll: true });
      }
    }),
  );
}

/**
 * What had the focus in the review may go with what changed: something that was put back is undone, a comment is taken
 * out, the last file is as it was. The focus then stays in the review: with the comments, the files, or its first button.
 */
export function keepInside(changes: Accessor<unknown>, place: () => HTMLElement | undefined): void {
  let before: "comments" | "review" | undefined;
  createComputed(
    on(changes, () => {
      const focused = document.activeElement;
      const isInside = focused !== null && place()?.contains(focused) === true;
      before = isInside ? (focused.closest(".review-comments") ? "comments" : "review") : undefined;
    }),
  );
  createEffect(
    on(changes, () => {
      if (!before || document.activeElement !== document.body) return;
      const wanted = before === "comments" ? [".review-comments summary", ".files", "button"] : [".files", "button"];
      const found = wanted.flatMap((what) => place()?.querySelector<HTMLElement>(what) ?? []);
      found[0]?.focus({ preventScroll: true });
    }),
  );
}
