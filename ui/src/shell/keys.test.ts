import { expect, test } from "vitest";
import { matchThreadKey, threadKeyLabel } from "./keys";

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
