import { expect, test } from "vitest";
import { matchShortcut, matchThreadKey, placeKeyLabels, shortcutLabel, threadKeyLabel } from "./keys";

const press = (key: string, more: KeyboardEventInit = {}) => new KeyboardEvent("keydown", { key, ...more });

test("a thread's keys are told apart by what is held with them", () => {
  expect(matchThreadKey(press("f", { ctrlKey: true }), "linux")).toBe("find");
  expect(matchThreadKey(press("f", { metaKey: true }), "macos")).toBe("find");
  expect(matchThreadKey(press("f", { ctrlKey: true }), "macos")).toBeNull();
  expect(matchThreadKey(press("f", { ctrlKey: true, shiftKey: true }), "linux")).toBeNull();
  expect(matchThreadKey(press("F3"), "linux")).toBe("findNext");
  expect(matchThreadKey(press("F3", { shiftKey: true }), "linux")).toBe("findPrevious");
  expect(matchThreadKey(press("ArrowUp", { altKey: true }), "linux")).toBe("previousPrompt");
  expect(matchThreadKey(press("ArrowUp"), "linux")).toBeNull();
  expect(matchThreadKey(press("f", { ctrlKey: true, isComposing: true }), "linux")).toBeNull();
});

test("where Alt and a figure type a character the key of an ask is Control and the figure", () => {
  expect(matchThreadKey(press("0", { altKey: true }), "windows")).toBe("showAsk");
  expect(matchThreadKey(press("º", { altKey: true, code: "Digit0" }), "macos")).toBeNull();
  expect(matchThreadKey(press("0", { ctrlKey: true, code: "Digit0" }), "macos")).toBe("showAsk");
  expect([threadKeyLabel("showAsk", "linux"), threadKeyLabel("showAsk", "macos")]).toEqual(["Alt 0", "Ctrl 0"]);
  expect([threadKeyLabel("find", "linux"), threadKeyLabel("find", "macos")]).toEqual(["Ctrl F", "⌘F"]);
  expect([threadKeyLabel("previousPrompt", "linux"), threadKeyLabel("findPrevious", "linux")]).toEqual(["Alt ↑", "Shift F3"]);
});

test("the palette, the search and the list of keys have keys on every platform", () => {
  expect(matchShortcut(press("P", { ctrlKey: true, shiftKey: true }), "linux")?.shortcut).toBe("palette");
  expect(matchShortcut(press("p", { ctrlKey: true }), "linux")).toBeNull();
  expect(matchShortcut(press("p", { metaKey: true, shiftKey: true }), "macos")?.shortcut).toBe("palette");
  expect(matchShortcut(press("k", { ctrlKey: true }), "linux")?.shortcut).toBe("search");
  expect(matchShortcut(press("k", { ctrlKey: true }), "macos")).toBeNull();
  expect(matchShortcut(press("F1"), "linux")?.shortcut).toBe("shortcuts");
  // Where the slash is typed with Shift.
  expect(matchShortcut(press("/", { ctrlKey: true, shiftKey: true }), "linux")?.shortcut).toBe("shortcuts");
  expect(matchShortcut(press("/"), "linux")).toBeNull();
  expect([shortcutLabel("palette", "linux"), shortcutLabel("palette", "macos")]).toEqual(["Ctrl Shift P", "⌘⇧P"]);
});

test("keys of one place are printed as they are pressed there", () => {
  expect(placeKeyLabels("deny", "linux")).toEqual(["Alt 3"]);
  expect(placeKeyLabels("deny", "macos")).toEqual(["Ctrl 3"]);
  expect(placeKeyLabels("copyAll", "linux")).toEqual(["Ctrl A", "Ctrl C"]);
  expect(placeKeyLabels("savedMove", "macos")).toEqual(["⌥↑", "⌥↓"]);
});
