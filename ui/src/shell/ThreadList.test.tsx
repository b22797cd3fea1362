import { fireEvent, screen, within } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeFirstStart, fakeFolders, fakeNow, fakeStart } from "../backend/fake";
import type { SessionRow } from "../backend";
import { openPart, settle } from "../test/window";
import { ThreadList } from "./ThreadList";

// The fake world stands at a moment of its own, and the days of the list are counted from there.
beforeEach(() => void vi.useFakeTimers({ now: fakeNow, toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

const list = (options = {}) => openPart(() => <ThreadList />, options);
const rows = () => screen.getAllByTestId("session-row");
const row = (id: string) => rows().find((element) => element.dataset["session"] === id) as HTMLElement;
const press = (key: string) => fireEvent.keyDown(document.activeElement as Element, { key });
const focused = () => (document.activeElement as HTMLElement).dataset["session"];

describe("the list of threads", () => {
  test("groups threads by folder and day, throw-away folders together at the end", async () => {
    const { container } = await list();
    const folders = screen.getAllByTestId("thread-group");
    expect(folders.map((heading) => heading.textContent)).toEqual(["atlas-api55 threads", "launch-site33 threads", "archiveThis folder cannot be read now11 thread", "Throw-away folders33 threads"]);
    const slots = [...container.querySelectorAll(".thread-slot > *")].map((part) => (part instanceof HTMLElement ? (part.dataset["session"] ?? part.textContent) : ""));
    expect(slots.slice(0, 9)).toEqual(["atlas-api55 threads", "Today", "split-queue", "flaky-retry", "rate-limit", "Tuesday", "deploy-script", "Monday", "node-24"]);
  });

  test("says to a screen reader where in the list a thread stands", async () => {
    await list();
    const places = (element: HTMLElement) => ["aria-level", "aria-posinset", "aria-setsize"].map((name) => element.getAttribute(name));
    expect(places(screen.getAllByTestId("thread-group")[1] as HTMLElement)).toEqual(["1", "2", "4"]);
    expect(places(row("deploy-script"))).toEqual(["2", "4", "5"]);
  });

  test("gives every mark a shape of its own and words for those who do not see it", async () => {
    await list();
    const shapes = new Map(rows().map((element) => [element.dataset["mark"], element.querySelector("path")?.getAttribute("d") ?? "none"]));
    expect(new Set(shapes.values()).size).toBe(8);
    expect(row("split-queue").textContent).toContain("asks for permission");
    expect(row("pricing-copy").textContent).toContain("done, unread");
    expect(row("node-24").textContent).toContain("failed");
  });

  test("shows the title of a row as text, whatever is in it", async () => {
    const start = fakeStart();
    const first = start.sessions[0];
    if (first) first.title = "<img src=x onerror=alert(1)>";
    const { container } = await list({ start });
    expect(container.querySelector("img")).toBeNull();
    expect(row("split-queue").textContent).toContain("<img src=x onerror=alert(1)>");
  });

  test("says what will be here while it is empty", async () => {
    await list({ start: fakeFirstStart() });
    expect(screen.getByText(/Threads appear here/)).toBeTruthy();
  });

  test("is one stop for Tab; J, K, arrows, Home and End move inside", async () => {
    await list();
    expect(rows().filter((element) => element.tabIndex === 0)).toHaveLength(1);
    row("split-queue").focus();
    press("j");
    expect(focused()).toBe("flaky-retry");
    press("ArrowDown");
    expect(focused()).toBe("rate-limit");
    press("K");
    press("ArrowUp");
    press("ArrowUp");
    expect(focused()).toBe("split-queue");
    press("End");
    expect(focused()).toBe("long-title");
    press("Home");
    expect(focused()).toBe("split-queue");
    expect(row("split-queue").tabIndex).toBe(0);
  });

  test("opens a thread and marks it as the current one", async () => {
    const { user, backend } = await list();
    await user.click(row("changelog"));
    expect(row("changelog").getAttribute("aria-current")).toBe("page");
    expect(backend.requests("sessionOpen")).toEqual([{ session: "changelog", around: null }]);
  });
});

describe("a row with the focus", () => {
  /** The list as the core changes it: rows of the world, changed. */
  async function focusedRow(id: string) {
    const opened = await list();
    const element = row(id);
    element.focus();
    const change = (changed: string, more: Partial<SessionRow>) =>
      opened.backend.push({ sessions: opened.backend.world.sessions.filter((known) => known.id === changed).map((known) => Object.assign(known, more)) });
    const stays = () => row(id) === element && document.activeElement === element;
    return { ...opened, change, stays, element };
  }

  test("stays the same element when its mark changes", async () => {
    const { change, stays, element } = await focusedRow("changelog");
    change("changelog", { mark: "working" });
    expect(stays()).toBe(true);
    expect(element.dataset["mark"]).toBe("working");
  });

  test("keeps the focus when it moves to the top, and its folder with it", async () => {
    const { change, stays } = await focusedRow("old-photos");
    change("old-photos", { updated: fakeNow + 1 });
    expect(focused()).toBe("old-photos");
    expect(rows()[0]?.dataset["session"]).toBe("old-photos");
    expect(stays()).toBe(true);
  });

  test("keeps the focus when it moves within its folder", async () => {
    const { change, stays } = await focusedRow("node-24");
    change("node-24", { updated: fakeNow + 1, mark: "working" });
    expect(rows()[0]?.dataset["session"]).toBe("node-24");
    expect(stays()).toBe(true);
  });

  test("keeps the focus when others come, go and move, and when the folders are told anew", async () => {
    const { backend, change, stays } = await focusedRow("split-queue");
    change("node-24", { updated: fakeNow + 1 });
    expect(stays()).toBe(true);
    backend.push({ removedSessions: ["flaky-retry"], folders: structuredClone(fakeFolders) });
    expect(stays()).toBe(true);
    change("pricing-copy", { updated: fakeNow + 2 });
    expect(stays()).toBe(true);
  });

  test("leaves the focus where it is when that is somewhere else", async () => {
    const { change, element } = await focusedRow("node-24");
    element.blur();
    change("node-24", { updated: fakeNow + 1 });
    expect(document.activeElement).toBe(document.body);
  });
});

describe("renaming", () => {
  test("happens in the row: Enter keeps, and the focus returns to it", async () => {
    const { backend, user } = await list();
    row("changelog").focus();
    press("F2");
    const field = screen.getByLabelText<HTMLInputElement>("Title of the thread");
    expect(document.activeElement).toBe(field);
    await user.clear(field);
    await user.type(field, "Changelog in German{Enter}");
    expect(backend.requests("sessionRename")).toEqual([{ session: "changelog", title: "Changelog in German" }]);
    await settle();
    expect(row("changelog").textContent).toContain("Changelog in German");
    expect(focused()).toBe("changelog");
  });

  test("Escape leaves the title as it was", async () => {
    const { backend, user } = await list();
    row("changelog").focus();
    press("F2");
    await user.type(screen.getByLabelText("Title of the thread"), "other{Escape}");
    expect(backend.requests("sessionRename")).toEqual([]);
    expect(row("changelog").textContent).toContain("Translate changelog");
  });

  test("an empty or unchanged title is not sent", async () => {
    const { backend, user } = await list();
    row("changelog").focus();
    press("F2");
    await user.clear(screen.getByLabelText("Title of the thread"));
    await user.keyboard("{Enter}");
    expect(backend.requests("sessionRename")).toEqual([]);
  });

  test("tells when it was refused, and the old title stays", async () => {
    const { backend, app, user } = await list();
    backend.fail("sessionRename", { code: "notSaved", message: "The disk is full." });
    row("changelog").focus();
    press("F2");
    await user.type(screen.getByLabelText("Title of the thread"), "x{Enter}");
    await settle();
    expect(app.toasts.list.map((toast) => toast.text)).toEqual(["The disk is full."]);
    expect(row("changelog").textContent).toContain("Translate changelog");
  });
});

describe("the menu of a thread", () => {
  test("opens by the menu key, moves by arrows, and gives the focus back when it closes", async () => {
    await list();
    row("changelog").focus();
    fireEvent.contextMenu(row("changelog"));
    const menu = screen.getByRole("menu", { name: "Actions for “Translate changelog”" });
    expect(within(menu).getAllByRole("menuitem").map((entry) => entry.textContent)).toEqual(["RenameF2", "Tags…", "Delete…"]);
    press("ArrowDown");
    expect(document.activeElement?.textContent).toBe("Tags…");
    press("ArrowDown");
    expect(document.activeElement?.textContent).toBe("Delete…");
    press("ArrowDown");
    expect(document.activeElement?.textContent).toBe("RenameF2");
    press("d");
    expect(document.activeElement?.textContent).toBe("Delete…");
    press("Escape");
    expect(screen.queryByRole("menu")).toBeNull();
    expect(focused()).toBe("changelog");
  });

  test("closes when something else is pressed", async () => {
    await list();
    fireEvent.contextMenu(row("changelog"));
    fireEvent.pointerDown(document.body);
    expect(screen.queryByRole("menu")).toBeNull();
  });
});

describe("deleting", () => {
  test("asks first, with the focus on the safe answer", async () => {
    const { backend, user } = await list();
    row("changelog").focus();
    press("Delete");
    const dialog = screen.getByRole("dialog", { name: "Delete this thread?" });
    expect(document.activeElement?.textContent).toBe("Cancel");
    await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(backend.requests("sessionDelete")).toEqual([]);
  });

  test("takes the thread away once agreed", async () => {
    const { backend, user } = await list();
    row("changelog").focus();
    press("Delete");
    await user.click(screen.getByRole("button", { name: "Delete thread" }));
    expect(backend.requests("sessionDelete")).toEqual([{ session: "changelog" }]);
    expect(row("changelog")).toBeUndefined();
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("says why when it was refused, and nothing is gone", async () => {
    const { backend, user } = await list();
    backend.fail("sessionDelete", { code: "engineNotReady", message: "The engine is starting. Try again in a moment." });
    row("changelog").focus();
    press("Delete");
    await user.click(screen.getByRole("button", { name: "Delete thread" }));
    expect(within(screen.getByRole("dialog")).getByRole("alert").textContent).toBe("The engine is starting. Try again in a moment.");
    expect(row("changelog")).toBeTruthy();
  });
});
