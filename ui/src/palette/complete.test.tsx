import { expect, test } from "vitest";
import { fakeStart } from "../backend/fake";
import { createActions } from "../shell/actions";
import type { Shortcut, ThreadKey } from "../shell/keys";
import { openWindow, settle } from "../test/window";
import { palette, type ActionName } from "../strings/palette";
import { input, key, opened, openKey, options, type } from "../test/palette";
import { allEntries } from "./entries";

/** Keys that are no action of the palette: it itself, the places of a list, and the steps of a search that is open. */
type NoAction = "palette" | "recent" | "findNext" | "findPrevious";
const windowKeys: Record<Exclude<Shortcut, NoAction>, true> = { search: true, newThread: true, sidebar: true, review: true, settings: true, inbox: true, nextPane: true, shortcuts: true, zoomIn: true, zoomOut: true, zoomReset: true };
const threadKeys: Record<Exclude<ThreadKey, NoAction>, true> = { find: true, previousPrompt: true, nextPrompt: true, unfoldAll: true, foldAll: true, showAsk: true };

test("every key of the window and of a thread is printed beside an action", async () => {
  const { app } = await openWindow();
  const keyed = createActions(app).flatMap(({ key: bound }) => (bound ? [bound] : []));
  const windows = keyed.flatMap((bound) => ("window" in bound ? [bound.window] : []));
  const threads = keyed.flatMap((bound) => ("thread" in bound ? [bound.thread] : []));
  expect(windows.toSorted()).toEqual(Object.keys(windowKeys).toSorted());
  expect(threads.toSorted()).toEqual(Object.keys(threadKeys).toSorted());
});

test("every action that has a name in the catalog is one, and each is named once", async () => {
  const { app } = await openWindow();
  const named = Object.keys(palette).flatMap((entry) => (entry.startsWith("action.") ? [entry.slice("action.".length) as ActionName] : []));
  const ids = createActions(app).map(({ id }) => id);
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((name) => !ids.includes(name))).toEqual([]);
  expect(ids.length).toBe(new Set(ids).size);
});

test.each(["home", "thread"])("what can be done is found in the palette by its name, with its key: %s", async (place) => {
  const { app } = await opened({ start: fakeStart() }, place === "thread" ? "flaky-retry" : undefined);
  const able = createActions(app).filter((action) => action.available());
  const keys = new Set(allEntries(app, Date.now()).map((entry) => entry.key));
  expect(able.length).toBeGreaterThan(30);
  expect(able.filter(({ id }) => !keys.has(`action:${id}`))).toEqual([]);
  for (const { id, title, shortcut } of able) {
    type(`>${title}`);
    const row = options().find((option) => option.dataset["key"] === `action:${id}`);
    expect(row?.textContent ?? `${title} is not found`).toContain(shortcut ?? title);
  }
});

test("files of a sub-agent's folder are found and opened in its thread", async () => {
  const { app, backend } = await opened({}, "flaky-retry");
  key("Escape");
  app.openSession("child");
  await settle();
  openKey();
  type("@retry");
  await new Promise((resolve) => setTimeout(resolve, 60));
  await settle();
  expect(backend.requests("mentionSearch").at(-1)).toEqual({ folder: app.rowOf("flaky-retry")?.folder, typed: "retry" });
  key("Enter");
  expect(backend.requests("fileOpen")).toEqual([{ session: "child", path: "src/retry.ts", line: null }]);
});

test("files of the folder that is chosen on home are found, and named in the prompt", async () => {
  const { app, backend } = await opened();
  key("Escape");
  app.setHome({ folder: "atlas", text: "Look at" });
  openKey();
  type("@retry");
  await new Promise((resolve) => setTimeout(resolve, 60));
  await settle();
  expect(backend.requests("mentionSearch")).toEqual([{ folder: "atlas", typed: "retry" }]);
  key("Enter");
  await settle();
  expect(app.state.home.text).toBe("Look at @src/retry.ts ");
  expect(document.activeElement).toBe(document.querySelector("[data-testid='composer-input']"));
  expect(backend.requests("fileOpen")).toEqual([]);
});

test("files of the open thread's folder are found by their names and opened, and only they behind an @", async () => {
  const { app, backend } = await opened({}, "flaky-retry");
  type("@retry");
  await new Promise((resolve) => setTimeout(resolve, 60));
  await settle();
  expect(backend.requests("mentionSearch").at(-1)).toEqual({ folder: app.state.sessions.find(({ id }) => id === "flaky-retry")?.folder, typed: "retry" });
  expect(backend.requests("search")).toEqual([]);
  expect(options().map((option) => option.dataset["key"])).toEqual(["file:src/retry.ts"]);
  expect(options()[0]?.textContent).toContain("retry.ts");
  expect([...(options()[0]?.querySelectorAll("mark") ?? [])].map((mark) => mark.textContent).join("")).toBe("re");
  backend.answer("fileOpen", async () => ({ kind: "editor", name: "An editor" }));
  key("Enter");
  await settle();
  expect(backend.requests("fileOpen")).toEqual([{ session: "flaky-retry", path: "src/retry.ts", line: null }]);
  expect(app.toasts.list.at(-1)?.text).toContain("An editor");
  openKey();
  type("@");
  expect(input().value).toBe("@");
  backend.fail("mentionSearch", { code: "folderUnavailable", message: "The folder is gone." });
  type("@x");
  await new Promise((resolve) => setTimeout(resolve, 60));
  await settle();
  expect(document.querySelector(".palette [role='alert']")?.textContent).toBe("Files could not be looked for. The folder is gone.");
});
