import { fireEvent, screen, within } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { InboxRow, PermissionCard, QuestionCard } from "../backend";
import { guardTime } from "../conversation/askGuard";
import { permission, question } from "../conversation/fixtures";
import { openWindow, settle } from "../test/window";

const row = (id: string, more: Partial<InboxRow> = {}): InboxRow => ({
  id,
  session: "flaky-retry",
  thread: "flaky-retry",
  title: "Fix flaky retry tests",
  folder: "atlas-api",
  agent: "build",
  asked: Date.now() - 120_000,
  subject: "shell",
  runs: ["npm test"],
  about: "npm test -- retry",
  destructive: false,
  proposals: [],
  ...more,
});

const asked = (id: string, more: { permission?: PermissionCard; question?: QuestionCard }): [string, { permission: PermissionCard | null; question: QuestionCard | null }] => [id, { permission: more.permission ?? null, question: more.question ?? null }];

/** An inbox in which two permissions and a question wait. */
async function openInbox(rows = [row("ask-1"), row("ask-2", { thread: "split-queue", session: "split-queue", title: "Split the queue worker", subject: "edit", about: "src/queue.ts", runs: [] }), row("question-1", { subject: null, about: "Which callers?", runs: [] })]) {
  const opened = await openWindow();
  opened.backend.known.asks = new Map([
    asked("ask-1", { permission: permission() }),
    asked("ask-2", { permission: permission({ id: "ask-2", session: "split-queue", subject: "edit", command: null, path: "src/queue.ts", runs: [] }) }),
    asked("question-1", { question: question() }),
  ]);
  opened.backend.push({ inbox: { rows, more: 0 } });
  opened.app.go({ page: "inbox" });
  await vi.advanceTimersByTimeAsync(0);
  const keep = (...ids: string[]) => opened.backend.push({ inbox: { rows: rows.filter((known) => ids.includes(known.id)), more: 0 } });
  return { ...opened, keep };
}
const ready = () => vi.advanceTimersByTimeAsync(guardTime);
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
const selected = () => screen.getAllByTestId("inbox-row").find((other) => other.getAttribute("aria-selected") === "true")?.dataset["ask"];

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the inbox", () => {
  test("has everything that waits, by kind, with its thread, and begins with the first", async () => {
    await openInbox();
    expect(screen.getAllByTestId("inbox-row").map((option) => option.querySelector(".name")?.textContent)).toEqual(["Run npm test?", "Change src/queue.ts?", "Which callers?"]);
    expect(screen.getByRole("group", { name: "Approvals" })).toBeTruthy();
    expect(screen.getByRole("group", { name: "Questions" })).toBeTruthy();
    expect(selected()).toBe("ask-1");
    expect((document.activeElement as HTMLElement).dataset["ask"]).toBe("ask-1");
    expect(within(screen.getByTestId("inbox-detail")).getByText("npm test -- retry --repeat 40")).toBeTruthy();
  });

  test("is gone through with J and K, and with the arrows, and stops at its ends", async () => {
    await openInbox();
    press("j");
    expect(selected()).toBe("ask-2");
    press("J");
    expect(selected()).toBe("question-1");
    press("ArrowDown");
    expect(selected()).toBe("question-1");
    press("k");
    press("ArrowUp");
    press("k");
    expect(selected()).toBe("ask-1");
    press("End");
    expect(selected()).toBe("question-1");
  });

  test("is answered by a figure, and not in the first half second of what is shown", async () => {
    const { backend } = await openInbox();
    press("1");
    expect(backend.requests("permissionAnswer")).toEqual([]);
    await ready();
    press("j");
    await vi.advanceTimersByTimeAsync(0);
    press("1");
    expect(backend.requests("permissionAnswer")).toEqual([]);
    await ready();
    press("1");
    expect(backend.requests("permissionAnswer")).toEqual([{ session: "split-queue", permission: "ask-2", decision: "once", feedback: null, rules: null }]);
  });

  test("answers always and no as the thread does", async () => {
    const { backend } = await openInbox();
    await ready();
    press("2");
    expect(backend.requests("permissionAnswer")).toEqual([{ session: "flaky-retry", permission: "ask-1", decision: "always", feedback: null, rules: { scope: "folder", patterns: ["npm *"] } }]);
    press("j");
    await ready();
    press("3");
    expect(backend.requests("permissionAnswer")[1]).toMatchObject({ permission: "ask-2", decision: "reject" });
  });

  test("figures that are pressed in another part of the window answer nothing", async () => {
    const { backend } = await openInbox();
    await ready();
    const other = document.body.appendChild(document.createElement("button"));
    fireEvent.keyDown(other, { key: "1" });
    expect(backend.requests("permissionAnswer")).toEqual([]);
    other.remove();
    fireEvent.keyDown(document.body, { key: "1" });
    expect(backend.requests("permissionAnswer")).toHaveLength(1);
  });

  test("figures that are typed into a note answer nothing", async () => {
    const { backend } = await openInbox();
    await ready();
    fireEvent.keyDown(screen.getByTestId("deny-feedback"), { key: "1" });
    expect(backend.requests("permissionAnswer")).toEqual([]);
  });

  test("chooses an answer of a question by its figure and sends it by Enter", async () => {
    const { backend } = await openInbox();
    press("End");
    await ready();
    press("2");
    expect(screen.getAllByRole("radio").map((radio) => radio.getAttribute("aria-checked"))).toEqual(["false", "true", "false"]);
    expect(backend.requests("questionAnswer")).toEqual([]);
    press("Enter");
    expect(backend.requests("questionAnswer")).toEqual([{ session: "rate-limit", question: "question-1", answers: [["Tests and the queue worker"]] }]);
  });

  test("goes on with the next one when one was answered, with the focus where it was, and says nothing of it", async () => {
    const { keep } = await openInbox();
    await ready();
    press("1");
    await vi.advanceTimersByTimeAsync(0);
    keep("ask-2", "question-1");
    await vi.advanceTimersByTimeAsync(0);
    expect(selected()).toBe("ask-2");
    expect((document.activeElement as HTMLElement).dataset["ask"]).toBe("ask-2");
    expect(screen.getByTestId("inbox-gone").textContent).toBe("");
  });

  test("stays with what is looked at when another comes in before it, with what is written there", async () => {
    const rows = [row("question-1", { subject: null, about: "Which callers?", runs: [] })];
    const { backend } = await openInbox(rows);
    await ready();
    const field = screen.getByTestId<HTMLInputElement>("question-own");
    field.focus();
    fireEvent.input(field, { target: { value: "Only " } });
    backend.push({ inbox: { rows: [row("ask-1"), ...rows], more: 0 } });
    await ready();
    expect(selected()).toBe("question-1");
    expect(document.activeElement).toBe(screen.getByTestId("question-own"));
    expect(screen.getByTestId<HTMLInputElement>("question-own").value).toBe("Only ");
    press("1");
    expect(backend.requests("permissionAnswer")).toEqual([]);
  });

  test("does not move on when another than the one looked at goes away", async () => {
    const names = ["a", "b", "c", "d"];
    const { keep } = await openInbox(names.map((id) => row(id)));
    press("j");
    keep("a", "c", "d");
    await vi.advanceTimersByTimeAsync(0);
    expect(selected()).toBe("c");
    keep("c", "d");
    await vi.advanceTimersByTimeAsync(0);
    expect(selected()).toBe("c");
  });

  test("takes no figure for the next one that was meant for what was written to one that went away", async () => {
    const { backend, keep } = await openInbox();
    press("End");
    await ready();
    screen.getByTestId("question-own").focus();
    keep("ask-1", "ask-2");
    await ready();
    expect(selected()).toBe("ask-2");
    expect(document.activeElement).toBe(screen.getByTestId("inbox-detail"));
    press("1");
    fireEvent.keyDown(document.body, { key: "1" });
    expect(backend.requests("permissionAnswer")).toEqual([]);
    // Who goes to it means it.
    screen.getAllByTestId("inbox-row")[1]?.focus();
    press("1");
    expect(backend.requests("permissionAnswer")).toHaveLength(1);
  });

  test("keeps what was written to a request while others are looked at", async () => {
    await openInbox();
    fireEvent.input(screen.getByTestId("deny-feedback"), { target: { value: "Use pnpm" } });
    press("j");
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.getByTestId<HTMLInputElement>("deny-feedback").value).toBe("");
    press("k");
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.getByTestId<HTMLInputElement>("deny-feedback").value).toBe("Use pnpm");
  });

  test("knows its own answer, also when the request is gone before the core says that it took it", async () => {
    const { backend, keep } = await openInbox();
    await ready();
    backend.answer("permissionAnswer", () => new Promise(() => {}));
    press("1");
    keep("ask-2", "question-1");
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.getByTestId("inbox-gone").textContent).toBe("");
  });

  test("has the focus on its tab when the last one was answered", async () => {
    const { keep } = await openInbox([row("ask-1")]);
    await ready();
    press("1");
    keep();
    await vi.advanceTimersByTimeAsync(0);
    expect(document.activeElement).toBe(screen.getByTestId("inbox-tab-waiting"));
  });

  test("says politely that a request went away by itself", async () => {
    const { keep } = await openInbox();
    keep("ask-2", "question-1");
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.getByTestId("inbox-gone").textContent).toBe("This was withdrawn or answered elsewhere.");
    expect(selected()).toBe("ask-2");
  });

  test("opens the thread of a request by Enter", async () => {
    const { app } = await openInbox();
    press("j");
    press("Enter");
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "split-queue" });
  });

  test("tells of requests that come in once, when they have settled, and not of those that go", async () => {
    const { backend, keep } = await openInbox([row("ask-1")]);
    expect(screen.getByTestId("inbox-news").textContent).toBe("");
    for (const count of [2, 3, 4]) backend.push({ inbox: { rows: Array.from({ length: count }, (_, index) => row(`ask-${index + 1}`)), more: 0 } });
    expect(screen.getByTestId("inbox-news").textContent).toBe("");
    await vi.advanceTimersByTimeAsync(1000);
    expect(screen.getByTestId("inbox-news").textContent).toBe("4 requests wait for you");
    keep("ask-1");
    await vi.advanceTimersByTimeAsync(1000);
    expect(screen.getByTestId("inbox-news").textContent).toBe("4 requests wait for you");
  });

  test("that is empty says what will be there", async () => {
    await openInbox([]);
    expect(screen.getByTestId("inbox-empty").textContent).toContain("Nothing waits for you");
    expect(screen.queryByTestId("inbox-count")).toBeNull();
  });

  test("says why a request cannot be read, and reads it again", async () => {
    const opened = await openWindow();
    opened.backend.fail("inboxAsk", { code: "internal", message: "It did not answer." });
    opened.backend.push({ inbox: { rows: [row("ask-1")], more: 3 } });
    opened.app.go({ page: "inbox" });
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.getByRole("alert").textContent).toBe("It did not answer.");
    expect(screen.getByText("3 more wait behind these.")).toBeTruthy();
    opened.backend.answer("inboxAsk", () => Promise.resolve({ permission: permission(), question: null }));
    fireEvent.click(screen.getByRole("button", { name: "Read again" }));
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.getByTestId("permission")).toBeTruthy();
  });

  test("is opened by its key, its row with the count, and the status bar", async () => {
    const { app, keep } = await openInbox();
    app.go({ page: "home" });
    expect(screen.getByTestId("inbox-count").textContent).toContain("3");
    fireEvent.click(screen.getByTestId("status-waiting"));
    expect(app.state.route.page).toBe("inbox");
    app.go({ page: "home" });
    fireEvent.keyDown(document.body, { key: "i", ctrlKey: true });
    expect(app.state.route.page).toBe("inbox");
    keep();
    expect(screen.queryByTestId("status-waiting")).toBeNull();
  });
});
