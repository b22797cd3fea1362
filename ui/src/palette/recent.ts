/*
 * What was chosen in the palette, newest first, so that it stands first the next time. Names of actions, agents, models
 * and folders alone; threads have a time of their own.
 */
const key = "palette-recent";

/** How many are remembered. */
export const mostRecent = 24;

export function recentKeys(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string").slice(0, mostRecent) : [];
  } catch {
    // Storage is off, or holds something else: everything stands in its usual order.
    return [];
  }
}

export function noteUsed(used: string): void {
  try {
    localStorage.setItem(key, JSON.stringify([used, ...recentKeys().filter((other) => other !== used)].slice(0, mostRecent)));
  } catch {
    // It is not remembered; nothing else depends on it.
  }
}
