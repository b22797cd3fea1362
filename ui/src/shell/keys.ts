/*
 * The one map of keys. What a key does is decided where it is used; how it is written and matched is decided here.
 */

/** Everything the window has a key for. */
export type Shortcut = "newThread" | "sidebar" | "review" | "settings" | "nextPane" | "recent";

const keys: Record<Shortcut, { key: string; control?: boolean; shift?: boolean }> = {
  newThread: { key: "n", control: true },
  sidebar: { key: "b", control: true },
  review: { key: "r", control: true, shift: true },
  settings: { key: ",", control: true },
  nextPane: { key: "F6" },
  recent: { key: "1–9", control: true },
};

/** The key that closes the topmost thing, as it is printed on every platform. */
export const escapeLabel = "Esc";

const isMac = (platform: string) => platform === "macos";

/** How a key is printed on this platform. */
export function shortcutLabel(shortcut: Shortcut, platform: string): string {
  const { key, control = false, shift = false } = keys[shortcut];
  const name = key.length === 1 ? key.toUpperCase() : key;
  if (isMac(platform)) return `${control ? "⌘" : ""}${shift ? "⇧" : ""}${name}`;
  return `${control ? "Ctrl " : ""}${shift ? "Shift " : ""}${name}`;
}

/** What a key press means, with the place in the list for `recent`. */
export function matchShortcut(press: KeyboardEvent, platform: string): { shortcut: Shortcut; place: number } | null {
  const control = isMac(platform) ? press.metaKey : press.ctrlKey;
  const other = isMac(platform) ? press.ctrlKey : press.metaKey;
  if (press.altKey || other) return null;
  if (control && !press.shiftKey && /^[1-9]$/.test(press.key)) return { shortcut: "recent", place: Number(press.key) - 1 };
  for (const shortcut of Object.keys(keys) as Shortcut[]) {
    const wanted = keys[shortcut];
    const shifted = shortcut === "nextPane" ? press.shiftKey : (wanted.shift ?? false);
    if (press.key.toLowerCase() === wanted.key.toLowerCase() && control === (wanted.control ?? false) && press.shiftKey === shifted) {
      return { shortcut, place: 0 };
    }
  }
  return null;
}
