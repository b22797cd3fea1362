import { fireEvent, screen, within } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { InboxRow, PermissionCard, QuestionCard } from "../backend";
import { fakeProposal } from "../backend/fake";
import { guardTime } from "../conversation/askGuard";
import { permission, question } from "../conversation/fixtures";
import { openWindow } from "../test/window";

const row = (id: string, more: Partial<InboxRow> = {}): InboxRow => ({
  id,
  session: "flaky-retry",
  thread: "flaky-retry",
  title: "Fix flaky retry tests",
  folder: "atlas",
  agent: "build",
  asked: Date.now() - 120_000,
  subject: "shell",
  runs: ["npm test"],
  about: "npm test -- retry",
  destructive: false,
  proposals: [],
  ...more,
});
const allowed = () => row("ask-1", { proposals: [fakeProposal()] });
const answered = () =>
  row("question-1", {
    subject: null,
    about: "Which callers?",
    runs: [],
    proposals: [fakeProposal({ id: "proposal-2", who: null, answer: { kind: "answers", answers: [["All of them"], ["My own words"]] } })],
  });

async function open(rows: InboxRow[], cards: { permission?: PermissionCard; question?: QuestionCard } = {}) {
  const opened = await openWindow();
  opened.backend.known.asks = new Map(
    rows.map((each): [string, { permission: PermissionCard | null; question: QuestionCard | null }] => [
      each.id,
      each.subject === null ? { permission: null, question: cards.question ?? question() } : { permission: cards.permission ?? permission({ id: each.id }), question: null },
    ]),
  );
  opened.backend.push({ inbox: { rows, more: 0 } });
  opened.app.go({ page: "inbox" });
  await vi.advanceTimersByTimeAsync(0);
  return opened;
}
const ready = () => vi.advanceTimersByTimeAsync(guardTime);
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
const rows = () => screen.getAllByTestId("inbox-row");
const detail = () => screen.getByTestId("inbox-detail");
const given = (backend: Awaited<ReturnType<typeof open>>["backend"]) => [...backend.requests("permissionAnswer"), ...backend.requests("questionAnswer"), ...backend.requests("remoteAskAnswer")];

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an answer from afar", () => {
  test("stands in a group of its own, before the request it is for, and says who answered what over which server", async () => {
    await open([allowed()]);
    const group = within(screen.getByRole("group", { name: "Answered from afar" }));
    const own = group.getByRole("option");
    expect(own.querySelector(".name")?.textContent).toBe("Mara Voss: allow");
    expect(own.textContent).toContain("Run npm test?");
    expect(own.textContent).toContain("over releases.example.net · Fix flaky retry tests");
    expect(within(screen.getByRole("group", { name: "Approvals" })).getAllByRole("option")).toHaveLength(1);
    expect(own.getAttribute("aria-selected")).toBe("true");
    expect(document.activeElement).toBe(own);
  });

  test("cannot be taken for a request of an agent: another head, another sign, other buttons", async () => {
    await open([allowed()]);
    const afar = detail();
    expect(afar.dataset["afar"]).toBe("true");
    expect(within(afar).getByRole("heading", { level: 2 }).textContent).toBe("Mara Voss answered from afar: allow");
    expect(afar.textContent).toContain("Who it was is what releases.example.net says; this computer cannot check it. It counts only when you say so here.");
    for (const name of ["permission", "allow-once", "allow-always", "deny-feedback"]) expect(within(afar).queryByTestId(name)).toBeNull();
    const sign = rows()[0]?.querySelector("path")?.getAttribute("d");
    expect(rows()[1]?.querySelector("path")?.getAttribute("d")).not.toBe(sign);
    press("j");
    await vi.advanceTimersByTimeAsync(0);
    expect(detail().dataset["afar"]).toBeUndefined();
    expect(within(detail()).getByTestId("permission")).toBeTruthy();
  });

  test("shows the whole of what would be done before it can count", async () => {
    const { backend } = await open([allowed()]);
    expect(within(screen.getByTestId("afar-permission")).getByText("npm test -- retry --repeat 40")).toBeTruthy();
    backend.answer("inboxAsk", () => new Promise(() => {}));
    backend.push({ inbox: { rows: [row("ask-2", { proposals: [fakeProposal({ id: "proposal-9" })] })], more: 0 } });
    await ready();
    expect(screen.getByTestId("afar-accept").getAttribute("aria-disabled")).toBe("true");
    press("1");
    expect(given(backend)).toEqual([]);
    press("2");
    expect(given(backend)).toEqual([{ proposal: "proposal-9", accept: false }]);
  });

  test("counts by a figure, and not in the first half second of what is shown", async () => {
    const { backend } = await open([allowed()]);
    press("1");
    expect(given(backend)).toEqual([]);
    await ready();
    press("1");
    expect(given(backend)).toEqual([{ proposal: "proposal-1", accept: true }]);
  });

  test("counts not before what it is for has been in sight for half a second, however late that came", async () => {
    const { backend } = await open([]);
    let found = (_asked: { permission: PermissionCard | null; question: QuestionCard | null }) => {};
    backend.answer("inboxAsk", () => new Promise((resolve) => (found = resolve)));
    backend.push({ inbox: { rows: [allowed()], more: 0 } });
    await ready();
    found({ permission: permission({ id: "ask-1" }), question: null });
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.getByTestId("afar-permission")).toBeTruthy();
    press("1");
    expect(given(backend)).toEqual([]);
    expect(screen.getByTestId("afar-accept").getAttribute("aria-disabled")).toBe("true");
    await ready();
    press("1");
    expect(given(backend)).toEqual([{ proposal: "proposal-1", accept: true }]);
  });

  test("is dropped by the second figure, and the request stays with the focus on it", async () => {
    const { backend } = await open([allowed()]);
    await ready();
    press("2");
    await vi.advanceTimersByTimeAsync(0);
    expect(given(backend)).toEqual([{ proposal: "proposal-1", accept: false }]);
    expect(rows()).toHaveLength(1);
    expect((document.activeElement as HTMLElement).dataset["ask"]).toBe("ask-1");
    expect(screen.getByTestId("inbox-gone").textContent).toBe("");
  });

  test("takes no third figure: nothing here allows for good", async () => {
    const { backend } = await open([allowed()]);
    await ready();
    press("3");
    expect(given(backend)).toEqual([]);
  });

  test("takes no figure that was pressed in another part of the window", async () => {
    const { backend } = await open([allowed()]);
    await ready();
    const other = document.body.appendChild(document.createElement("button"));
    fireEvent.keyDown(other, { key: "1" });
    expect(given(backend)).toEqual([]);
    other.remove();
  });

  test("can be answered here instead, which leads to the request", async () => {
    await open([allowed()]);
    fireEvent.click(screen.getByTestId("afar-own"));
    await vi.advanceTimersByTimeAsync(0);
    expect(within(detail()).getByTestId("permission")).toBeTruthy();
    expect((document.activeElement as HTMLElement).dataset["ask"]).toBe("ask-1");
  });

  test("to questions shows for each what was chosen, and what are their own words", async () => {
    const asked = question();
    const [first] = asked.questions;
    if (first) asked.questions = [{ ...first, text: "Which callers?", choices: [{ label: "All of them", description: "" }] }, { ...first, text: "Which tests?" }, { ...first, text: "Which day?" }];
    const { backend } = await open([answered()], { question: asked });
    expect(within(detail()).getByRole("heading", { level: 2 }).textContent).toBe("Somebody answered from afar: “All of them, My own words”");
    const items = [...screen.getByTestId("afar-questions").children].map((item) => item.textContent);
    expect(items[0]).toBe("Which callers?All of them ");
    expect(items[1]).toBe("Which tests?My own words in their own words");
    expect(items[2]).toBe("Which day?No answer was chosen.");
    await ready();
    fireEvent.click(screen.getByTestId("afar-accept"));
    expect(given(backend)).toEqual([{ proposal: "proposal-2", accept: true }]);
  });

  test.each([
    [{ kind: "allow" as const }, "Allow it once"],
    [{ kind: "deny" as const }, "Deny it"],
    [{ kind: "turnDown" as const }, "Turn it down"],
  ])("is named on the button that lets it count: %o", async (answer, words) => {
    await open([row("ask-1", { proposals: [fakeProposal({ answer })] })]);
    expect(screen.getByTestId("afar-accept").textContent).toContain(words);
  });

  test("to what deletes has no accent and is marked in the list", async () => {
    await open([row("ask-1", { destructive: true, proposals: [fakeProposal()] })]);
    expect(screen.getByTestId("afar-accept").className).not.toContain("button--primary");
    expect(rows()[0]?.textContent).toContain("Careful");
  });

  test("that lapsed is said politely, and one that was not taken says why and stays", async () => {
    const { backend } = await open([allowed()]);
    await ready();
    backend.fail("remoteAskAnswer", { code: "notFound", message: "The request is gone." });
    press("1");
    await vi.advanceTimersByTimeAsync(0);
    expect(within(detail()).getByRole("alert").textContent).toBe("The request is gone.");
    backend.push({ inbox: { rows: [row("ask-1")], more: 0 } });
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.getByTestId("inbox-gone").textContent).toBe("This was withdrawn or answered elsewhere.");
  });

  test("keeps its row and the focus in it when another comes in, and several to one request stand each for itself", async () => {
    const { backend } = await open([allowed()]);
    const own = rows()[0];
    own?.focus();
    backend.push({ inbox: { rows: [row("ask-0", { proposals: [fakeProposal({ id: "proposal-0", who: "Noa" })] }), row("ask-1", { proposals: [fakeProposal(), fakeProposal({ id: "proposal-3", who: "Ben", answer: { kind: "deny" } })] })], more: 0 } });
    await vi.advanceTimersByTimeAsync(0);
    expect(document.activeElement).toBe(own);
    expect(own?.getAttribute("aria-selected")).toBe("true");
    expect(rows().map((each) => each.dataset["ask"])).toEqual(["afar proposal-0", "afar proposal-1", "afar proposal-3", "ask-0", "ask-1"]);
  });

  test("adds nothing to how many requests wait", async () => {
    await open([allowed()]);
    expect(screen.getByTestId("status-waiting").textContent).toBe("1 waits for you");
  });
});
