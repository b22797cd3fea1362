import { createSignal } from "solid-js";

/** How changes are looked at. A matter of this window, remembered in it. */
export interface ReviewLookChoice {
  split: boolean;
  ignoreWhitespace: boolean;
}

const key = "review.look";
const usual: ReviewLookChoice = { split: false, ignoreWhitespace: false };

function remembered(): ReviewLookChoice {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<ReviewLookChoice>;
    return { split: found.split === true, ignoreWhitespace: found.ignoreWhitespace === true };
  } catch {
    // What was kept is not what it was, or nothing may be kept: the usual does.
    return usual;
  }
}

const [look, setLook] = createSignal<ReviewLookChoice>(remembered());

export { look };

/** Changes how changes are looked at, and remembers it. */
export function chooseLook(change: Partial<ReviewLookChoice>): void {
  const chosen = { ...look(), ...change };
  setLook(chosen);
  try {
    localStorage.setItem(key, JSON.stringify(chosen));
  } catch {
    // Nothing may be kept; it holds until the window closes.
  }
}
