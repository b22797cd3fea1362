/*
 * The one map of keys. What a key does is decided where it is used; how it is written and matched is decided here.
 */
import { isComposing } from "../design/composing";
import { text } from "../strings";

/** Keys whose names are printed on them in a person's own language. */
const named = {
  Ctrl: "keyName.control",
  Shift: "keyName.shift",
  Enter: "keyName.enter",
  Home: "keyName.home",
  End: "keyName.end",
  "Page Up": "keyName.pageUp",
  "Page Down": "keyName.pageDown",
  Delete: "keyName.delete",
  Space: "keyName.space",
} as const;

const anyNamed = new RegExp(Object.keys(named).join("|"), "g");
const isNamed = (name: string): name is keyof typeof named => Object.hasOwn(named, name);

/** A key as it is printed on the keyboards of the language that is spoken. */
const asPrinted = (label: string): string => label.replaceAll(anyNamed, (name) => (isNamed(name) ? text(named[name]) : name));

/** Everything the window has a key for. */
export type Shortcut = "palette" | "search" | "newThread" | "sidebar" | "review" | "settings" | "inbox" | "nextPane" | "shortcuts" | "recent" | "zoomIn" | "zoomOut" | "zoomReset";

const keys: Record<Shortcut, { key: string; control?: boolean; shift?: boolean }> = {
  palette: { key: "p", control: true, shift: true },
  search: { key: "k", control: true },
  newThread: { key: "n", control: true },
  sidebar: { key: "b", control: true },
  review: { key: "r", control: true, shift: true },
  settings: { key: ",", control: true },
  inbox: { key: "i", control: true },
  nextPane: { key: "F6" },
  shortcuts: { key: "F1" },
  recent: { key: "1–9", control: true },
  zoomIn: { key: "+", control: true },
  zoomOut: { key: "-", control: true },
  zoomReset: { key: "0", control: true },
};

/** The key that closes the topmost thing, as it is printed on every platform. */
export const escapeLabel = "Esc";

export const isMac = (platform: string) => platform === "macos";

/** How a key is printed on this platform. */
export function shortcutLabel(shortcut: Shortcut, platform: string): string {
  const { key, control = false, shift = false } = keys[shortcut];
  const name = key.length === 1 ? key.toUpperCase() : key;
  if (isMac(platform)) return `${control ? "⌘" : ""}${shift ? "⇧" : ""}${name}`;
  return asPrinted(`${control ? "Ctrl " : ""}${shift ? "Shift " : ""}${name}`);
}

/** What a key press means, with the place in the list for `recent`. */
export function matchShortcut(press: KeyboardEvent, platform: string): { shortcut: Shortcut; place: number } | null {
  const control = isMac(platform) ? press.metaKey : press.ctrlKey;
  const other = isMac(platform) ? press.ctrlKey : press.metaKey;
  if (press.altKey || other) return null;
  if (control && !press.shiftKey && /^[1-9]$/.test(press.key)) return { shortcut: "recent", place: Number(press.key) - 1 };
  // Where F1 is the system's. On many keyboards the slash is typed with Shift.
  if (control && press.key === "/") return { shortcut: "shortcuts", place: 0 };
  // As in browsers: on some keyboards the plus is typed with Shift, on others it shares its key with the equals sign.
  if (control && (press.key === "+" || press.key === "=")) return { shortcut: "zoomIn", place: 0 };
  if (control && press.key === "_") return { shortcut: "zoomOut", place: 0 };
  for (const shortcut of Object.keys(keys) as Shortcut[]) {
    const wanted = keys[shortcut];
    const shifted = shortcut === "nextPane" ? press.shiftKey : (wanted.shift ?? false);
    if (press.key.toLowerCase() === wanted.key.toLowerCase() && control === (wanted.control ?? false) && press.shiftKey === shifted) {
      return { shortcut, place: 0 };
    }
  }
  return null;
}

/** What an open thread has a key for, beside what the window has. */
export type ThreadKey = "find" | "findNext" | "findPrevious" | "previousPrompt" | "nextPrompt" | "unfoldAll" | "foldAll" | "showAsk";

const threadKeys: Record<ThreadKey, { key: string; name?: string; control?: boolean; shift?: boolean; alt?: boolean }> = {
  find: { key: "f", control: true },
  findNext: { key: "F3" },
  findPrevious: { key: "F3", shift: true },
  previousPrompt: { key: "ArrowUp", name: "↑", alt: true },
  nextPrompt: { key: "ArrowDown", name: "↓", alt: true },
  unfoldAll: { key: "ArrowDown", name: "↓", shift: true, alt: true },
  foldAll: { key: "ArrowUp", name: "↑", shift: true, alt: true },
  // Beside the figures that answer an ask.
  showAsk: { key: "0", alt: true },
};

/** Where Alt and a figure type a character, Control is held instead, as with what answers an ask. */
const held = (key: ThreadKey, platform: string) => {
  const { control = false, shift = false, alt = false } = threadKeys[key];
  const instead = key === "showAsk" && isMac(platform);
  return { control: control && !isMac(platform), command: control && isMac(platform), shift, alt: alt && !instead, literalControl: instead };
};

/** How a key of a thread is printed on this platform. */
export function threadKeyLabel(key: ThreadKey, platform: string): string {
  const { key: pressed, name = pressed.length === 1 ? pressed.toUpperCase() : pressed } = threadKeys[key];
  const { control, command, shift, alt, literalControl } = held(key, platform);
  if (isMac(platform)) return asPrinted(`${literalControl ? "Ctrl " : ""}${alt ? "⌥" : ""}${command ? "⌘" : ""}${shift ? "⇧" : ""}${name}`);
  return asPrinted(`${control ? "Ctrl " : ""}${alt ? "Alt " : ""}${shift ? "Shift " : ""}${name}`);
}

/** What a key press means in an open thread. */
export function matchThreadKey(press: KeyboardEvent, platform: string): ThreadKey | null {
  if (isComposing(press)) return null;
  for (const key of Object.keys(threadKeys) as ThreadKey[]) {
    const wanted = threadKeys[key];
    const { control, command, shift, alt, literalControl } = held(key, platform);
    const pressed = press.key.toLowerCase() === wanted.key.toLowerCase() || (key === "showAsk" && press.code === "Digit0");
    if (pressed && press.ctrlKey === (control || literalControl) && press.metaKey === command && press.shiftKey === shift && press.altKey === alt) return key;
  }
  return null;
}

/** What one place of the window has keys for. They are matched there, and written here for the list of all keys. */
export type PlaceKey =
  | "send"
  | "lineBreak"
  | "recall"
  | "join"
  | "nextAgent"
  | "leaveComposer"
  | "queueMove"
  | "queueEdit"
  | "queueRemove"
  | "close"
  | "previousPane"
  | "allowOnce"
  | "allowAlways"
  | "deny"
  | "questionChoose"
  | "inboxMove"
  | "inboxAnswer"
  | "reviewFile"
  | "reviewChange"
  | "reviewComment"
  | "reviewStage"
  | "copyAll"
  | "listMove"
  | "listPage"
  | "listEnds"
  | "listFold"
  | "listOpen"
  | "listRename"
  | "listDelete"
  | "savedMove";

interface Printed {
  keys: readonly string[];
  control?: boolean;
  shift?: boolean;
  alt?: boolean;
  /** An ask is answered with Alt, and with Control where Alt types characters. */
  answers?: boolean;
}

const placeKeys: Record<PlaceKey, Printed> = {
  send: { keys: ["Enter"] },
  lineBreak: { keys: ["Enter"], shift: true },
  recall: { keys: ["↑"] },
  join: { keys: ["Enter"], control: true },
  nextAgent: { keys: ["Tab"], shift: true },
  leaveComposer: { keys: [escapeLabel] },
  queueMove: { keys: ["↑", "↓"], alt: true },
  queueEdit: { keys: ["Enter"] },
  queueRemove: { keys: ["Delete"] },
  close: { keys: [escapeLabel] },
  previousPane: { keys: ["F6"], shift: true },
  allowOnce: { keys: ["1"], answers: true },
  allowAlways: { keys: ["2"], answers: true },
  deny: { keys: ["3"], answers: true },
  questionChoose: { keys: ["1–9"] },
  inboxMove: { keys: ["J", "K"] },
  inboxAnswer: { keys: ["1", "2", "3"] },
  reviewFile: { keys: ["J", "K"] },
  reviewChange: { keys: ["N", "P"] },
  reviewComment: { keys: ["C"] },
  reviewStage: { keys: ["Space"] },
  copyAll: { keys: ["A", "C"], control: true },
  listMove: { keys: ["↑", "↓"] },
  listPage: { keys: ["Page Up", "Page Down"] },
  listEnds: { keys: ["Home", "End"] },
  listFold: { keys: ["←", "→"] },
  listOpen: { keys: ["Enter"] },
  listRename: { keys: ["F2"] },
  listDelete: { keys: ["Delete"] },
  savedMove: { keys: ["↑", "↓"], alt: true },
};

/** How the keys of a place are printed on this platform, one after the other. */
export function placeKeyLabels(place: PlaceKey, platform: string): string[] {
  const { keys: pressed, control, shift, alt, answers } = placeKeys[place];
  const mac = isMac(platform);
  const before = mac
    ? `${answers ? "Ctrl " : ""}${alt ? "⌥" : ""}${control ? "⌘" : ""}${shift ? "⇧" : ""}`
    : `${control ? "Ctrl " : ""}${alt || answers ? "Alt " : ""}${shift ? "Shift " : ""}`;
  return pressed.map((key) => asPrinted(`${before}${key}`));
}
