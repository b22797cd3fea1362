/*
 * What was written on the home page and not sent. It belongs to no session yet, so the core cannot keep it; the window
 * keeps it across a reload, for as long as it is open. A page of several desktops keeps it for each, by its place.
 */
const key = "unsent-home";
const begunKey = "begun-home";

/** Prompts begun from home that come back one after the other: as many as somebody walks through. */
const mostBegun = 20;

/** Characters of all of them, so that they fit where the window keeps them. */
const mostCharacters = 100_000;

export function keptHomeText(place = ""): string {
  try {
    return sessionStorage.getItem(key + place) ?? "";
  } catch {
    return "";
  }
}

export function keepHomeText(written: string, place = ""): void {
  try {
    if (written === "") sessionStorage.removeItem(key + place);
    else sessionStorage.setItem(key + place, written);
  } catch {
    // Storage is full or off: the text is still in the composer.
  }
}

/** The prompts that threads were begun with from home, oldest first. They stay in the window, as what is unsent does. */
export function keptBegun(place = ""): string[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(begunKey + place) ?? "[]");
    return Array.isArray(found) ? found.filter((each): each is string => typeof each === "string") : [];
  } catch {
    return [];
  }
}

/** With one more behind them. The oldest give way, and one that is begun anew stands last. */
export function withBegun(all: readonly string[], prompt: string, place = ""): string[] {
  let left = mostCharacters;
  const newest = [...all.filter((other) => other !== prompt), prompt].slice(-mostBegun).toReversed();
  const kept = newest.filter((each) => (left -= each.length) >= 0).toReversed();
  try {
    sessionStorage.setItem(begunKey + place, JSON.stringify(kept));
  } catch {
    // Storage is full or off: they hold until the page is loaded anew.
  }
  return kept;
}
