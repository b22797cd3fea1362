import { createSignal, onCleanup, type Accessor } from "solid-js";

/** Follows a media query. */
export function createMediaQuery(query: string): Accessor<boolean> {
  const list = window.matchMedia(query);
  const [matches, setMatches] = createSignal(list.matches);
  const changed = () => setMatches(list.matches);
  list.addEventListener("change", changed);
  onCleanup(() => list.removeEventListener("change", changed));
  return matches;
}

/** Below this width the sidebar opens over the page instead of beside it. */
export const narrowWindow = "(max-width: 899px)";
