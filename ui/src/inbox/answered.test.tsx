import { fireEvent, screen, within } from "@solidjs/testing-library";
import { unwrap } from "solid-js/store";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { AnsweredRow, InboxRow } from "../backend";
import { openWindow, settle } from "../test/window";

const answered = (id: string, more: Partial<AnsweredRow> = {}): AnsweredRow => ({
  id,
  thread: "flaky-retry",
  title: "Fix flaky retry tests",
  folder: "atlas-api",
  agent: "build",
  subject: "shell",
  about: "npm test -- retry",
  answer: "once",
  by: "person",
  because: "",
  at: Date.now() - 120_000,
  ...more,
});

const all = [
  answered("one"),
  answered("two", { answer: "always", by: "rule", because: "npm *" }),
  answered("three", { answer: "denied", by: "policy", because: "it reads a secret", subject: "read", about: ".env" }),
  answered("four", { answer: "denied", because: "use the trash", thread: null }),
  answered("five", { subject: null, about: "Which callers?", answer: "answered", because: "All of them" }),
  answered("six", { answer: "always", because: "echo *" }),
  answered("eight", { by: "afar" }),
  answered("seven", { subject: null, about: "Which tests?", answer: "skipped" }),
];

const waits: InboxRow = { id: "ask-1", session: "flaky-retry", thread: "flaky-retry", title: "Fix flaky retry tests", folder: "atlas-api", agent: "build", asked: 0, subject: "shell", runs: ["npm test"], about: "npm test", destructive: false, proposals: [] };

async function open(rows = all, more = 0) {
  const opened = await openWindow();
  opened.backend.known.answered = { rows, more, days: 90 };
  opened.app.go({ page: "inbox" });
  await settle();
  fireEvent.click(screen.getByTestId("inbox-tab-answered"));
  await settle();
  return opened;
}
const row = (id: string) => screen.getAllByTestId("answered-row").find((each) => each.dataset["ask"] === id) as HTMLElement;
const said = (id: string) => within(row(id)).getByTestId("answered-verdict").textContent;

describe("what was answered", () => {
  test("is listed with what it was, where, by whom and why", async () => {
    await open(all, 12);
    expect(row("one").querySelector(".name")?.textContent).toBe("Run npm test -- retry");
    expect(row("one").textContent).toContain("Fix flaky retry tests · atlas-api · build");
    expect(row("five").querySelector(".name")?.textContent).toBe("Which callers?");
    expect(all.map(({ id }) => said(id))).toEqual([
      "Allowed once, by you",
      "Allowed by your rule npm *",
      "Refused by the app’s policy: it reads a secret",
      "Denied by you: use the trash",
      "You answered: All of them",
      "Allowed by you, with the rule echo *",
      "Allowed once from afar, over a pairing",
      "Turned down by you",
    ]);
    expect(screen.getByTestId("answered").textContent).toContain("12 older answers are kept. They are kept for 90 days.");
  });

  test("is gone through by keys with one stop for Tab, and leads to its thread where that is there", async () => {
    const { app } = await open();
    const stops = () => screen.getAllByTestId("answered-row").filter((each) => each.tabIndex === 0).map((each) => each.dataset["ask"]);
    expect(stops()).toEqual(["one"]);
    row("one").focus();
    fireEvent.keyDown(row("one"), { key: "j" });
    expect((document.activeElement as HTMLElement).dataset["ask"]).toBe("two");
    fireEvent.keyDown(row("two"), { key: "End" });
    fireEvent.keyDown(row("seven"), { key: "ArrowUp" });
    expect(stops()).toEqual(["eight"]);
    fireEvent.click(row("four"));
    expect(app.state.route.page).toBe("inbox");
    expect(row("four").getAttribute("aria-disabled")).toBe("true");
    fireEvent.click(row("one"));
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "flaky-retry" });
  });

  test("that is nothing says what will be there, and how long it is kept is a press away", async () => {
    const { app } = await open([]);
    expect(screen.getByTestId("answered-none").textContent).toContain("Nothing was answered lately");
    app.go({ page: "home" });
    await open();
    fireEvent.click(screen.getAllByTestId("answered-days").at(-1) as HTMLElement);
  });

  test("says why it cannot be read, keeps what was read, and is read again", async () => {
    const { backend } = await open();
    backend.fail("inboxAnswered", { code: "internal", message: "The disk is gone." });
    backend.push({ inbox: { rows: [], more: 0 } });
    fireEvent.click(screen.getByTestId("inbox-tab-waiting"));
    fireEvent.click(screen.getByTestId("inbox-tab-answered"));
    await settle();
    expect(screen.getByRole("alert").textContent).toContain("The disk is gone.");
    backend.answer("inboxAnswered", async () => ({ rows: all, more: 0, days: 90 }));
    fireEvent.click(screen.getByRole("button", { name: "Read again" }));
    await settle();
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.getAllByTestId("answered-row")).toHaveLength(all.length);
  });

  describe("while it is looked at", () => {
    afterEach(() => void vi.useRealTimers());

    test("is read again a moment after a thread went on, an ask went, or the window got the focus: never more than once a second", async () => {
      const { app, backend } = await openWindow();
      backend.push({ inbox: { rows: [waits], more: 0 } });
      app.go({ page: "inbox" });
      await settle();
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      fireEvent.click(screen.getByTestId("inbox-tab-answered"));
      await vi.advanceTimersByTimeAsync(0);
      const reads = () => backend.requests("inboxAnswered").length;
      expect(reads()).toBe(1);
      // What was answered just before may not have been written down when it opened.
      await vi.advanceTimersByTimeAsync(1000);
      expect(reads()).toBe(2);
      await vi.advanceTimersByTimeAsync(5000);
      expect(reads()).toBe(2);

      // A rule answered: no ask waited, and only the thread tells of it.
      backend.known.answered = { rows: all.slice(1, 2), more: 0, days: 90 };
      const thread = unwrap(app.state.sessions[0]);
      if (!thread) throw new Error("the fake core has threads");
      for (const updated of [1, 2, 3]) backend.push({ sessions: [{ ...thread, updated: thread.updated + updated }] });
      window.dispatchEvent(new Event("focus"));
      expect(reads()).toBe(2);
      await vi.advanceTimersByTimeAsync(1000);
      expect(reads()).toBe(3);
      expect(said("two")).toBe("Allowed by your rule npm *");
      // Once more for what changed while that was waited for.
      await vi.advanceTimersByTimeAsync(5000);
      expect(reads()).toBe(4);

      for (const change of [() => backend.push({ inbox: { rows: [], more: 0 } }), () => window.dispatchEvent(new Event("focus")), () => backend.push({ sessions: [{ ...thread, mark: "failed" }] })]) {
        const before = reads();
        change();
        await vi.advanceTimersByTimeAsync(1000);
        expect(reads()).toBe(before + 1);
        await vi.advanceTimersByTimeAsync(5000);
      }

      const before = reads();
      window.dispatchEvent(new Event("focus"));
      fireEvent.click(screen.getByTestId("inbox-tab-waiting"));
      window.dispatchEvent(new Event("focus"));
      await vi.advanceTimersByTimeAsync(5000);
      expect(reads()).toBe(before);
    });
  });

  test("the tabs are one stop, and arrows choose", async () => {
    await open();
    const tab = screen.getByTestId("inbox-tab-answered");
    expect(tab.getAttribute("aria-selected")).toBe("true");
    fireEvent.keyDown(tab, { key: "ArrowLeft" });
    expect(document.activeElement).toBe(screen.getByTestId("inbox-tab-waiting"));
    expect(screen.queryByTestId("answered")).toBeNull();
    expect(screen.getByRole("tabpanel").getAttribute("aria-labelledby")).toBe(screen.getByTestId("inbox-tab-waiting").id);
  });

  test("whether the desktop tells of requests is set from the inbox", async () => {
    const { app } = await open();
    const notify = screen.getByTestId("inbox-notify");
    expect(notify.getAttribute("aria-pressed")).toBe("true");
    fireEvent.click(notify);
    await settle();
    expect(app.state.settings.notifyAsks).toBe(false);
    expect(notify.getAttribute("aria-pressed")).toBe("false");
  });
});
