import { fireEvent, screen, waitFor } from "@solidjs/testing-library";
import { beforeEach, expect, test, vi } from "vitest";
import type { ConversationPatch, FoundPage } from "../backend";
import { settle } from "../test/window";
import { answer, conversation, permission, person, prose, toolBlock } from "./fixtures";
import { openThread } from "./openThread";

const session = "flaky-retry";

/* What the webview has and the page under test does not: named places to mark. */
class FakeHighlight extends Set<Range> {
  priority = 0;
  constructor(...ranges: Range[]) {
    super(ranges);
  }
}

beforeEach(() => {
  vi.stubGlobal("Highlight", FakeHighlight);
  vi.stubGlobal("CSS", { escape: (name: string) => name, highlights: new Map<string, FakeHighlight>() });
  Range.prototype.getBoundingClientRect = () => ({ top: 100, bottom: 120, left: 0, right: 10 }) as DOMRect;
});

const marks = () => [...((CSS as unknown as { highlights: Map<string, FakeHighlight> }).highlights.get("found") ?? [])].map(String);
const now = () => [...((CSS as unknown as { highlights: Map<string, FakeHighlight> }).highlights.get("found-now") ?? [])];

function pageOf(found: FoundPage["found"], more: Partial<FoundPage> = {}): FoundPage {
  return { found, messages: 2, reached: null, since: null, ...more };
}

function patchOf(more: Partial<ConversationPatch>): ConversationPatch {
  const nothing = { status: null, permissions: null, questions: null, todos: null, draft: null, before: null, moreBefore: null, after: null };
  return { ...nothing, session, base: 1, revision: 2, removedMessages: [], messages: [], removedBlocks: [], blocks: [], texts: [], ...more };
}

async function openFinding() {
  const asked = person("Where is the café?");
  const answered = answer([prose("<p>The <strong>ca</strong>fe is near.</p>", "<p>Another Café.</p>"), toolBlock({ target: "cafe.txt" })], { completed: 1 });
  const opened = await openThread(conversation(session, [asked, answered]));
  const places = [asked.blocks[0], answered.blocks[0], answered.blocks[1]].map((one, index) => ({ message: index === 0 ? asked.id : answered.id, block: one?.id ?? "" }));
  const found = places.map((place, index) => ({ place, count: index === 1 ? 2 : 1 }));
  opened.backend.answer("conversationFind", async () => pageOf(found));
  await opened.user.keyboard("{Control>}f{/Control}");
  return { ...opened, found, field: await screen.findByTestId("find-input") };
}

test("marks what is found, counts it and goes from place to place, around the ends", async () => {
  const { user, backend, field } = await openFinding();
  expect(document.activeElement).toBe(field);
  await user.type(field, "café");
  await waitFor(() => expect(screen.getByTestId("find-count").textContent).toBe("1 of 4"));
  expect(backend.requests("conversationFind")).toEqual([{ session, query: "café", before: null }]);
  await waitFor(() => expect(marks()).toEqual(["café", "cafe", "Café", "cafe"]));
  expect(document.querySelector("mark")).toBeNull();
  await user.keyboard("{Enter}");
  expect(screen.getByTestId("find-count").textContent).toBe("2 of 4");
  await waitFor(() => expect(now()[0]?.startContainer.parentElement?.tagName).toBe("STRONG"));
  await user.keyboard("{Shift>}{Enter}{Enter}{/Shift}");
  expect(screen.getByTestId("find-count").textContent).toBe("4 of 4");
  fireEvent.keyDown(document.body, { key: "F3" });
  expect(screen.getByTestId("find-count").textContent).toBe("1 of 4");
  await user.keyboard("{Escape}");
  expect(screen.queryByTestId("find-bar")).toBeNull();
  expect(marks()).toEqual([]);
});

test("older messages are looked through one stretch after the other, and that can be stopped", async () => {
  const { user, backend, field, found } = await openFinding();
  let go: (page: FoundPage) => void = () => {};
  backend.answer("conversationFind", async ({ before }) => {
    if (before === null) return pageOf(found.slice(1), { messages: 500, reached: "m-500" });
    if (before === "m-500") return pageOf([{ place: { message: "old", block: "older" }, count: 5 }], { messages: 500, reached: "m-1000" });
    return new Promise<FoundPage>((done) => (go = done));
  });
  await user.type(field, "café");
  await waitFor(() => expect(screen.getByText("Looking through 1,000 messages")).toBeTruthy());
  // What came before the place moved its number, not the place.
  expect(screen.getByTestId("find-count").textContent).toBe("6 of 8+");
  await user.click(screen.getByRole("button", { name: "Stop" }));
  expect(screen.getByText("Stopped after the newest 1,000 messages")).toBeTruthy();
  go(pageOf([{ place: { message: "oldest", block: "oldest" }, count: 1 }]));
  await settle();
  expect(screen.getByTestId("find-count").textContent).toBe("6 of 8");
});

test("what takes long can be stopped before anything was found, by a button and by Escape", async () => {
  const { user, backend, field, found } = await openFinding();
  const answers: Array<(page: FoundPage) => void> = [];
  backend.answer("conversationFind", () => new Promise((done) => answers.push(done)));
  await user.type(field, "café");
  expect(screen.queryByRole("button", { name: "Stop" })).toBeNull();
  await user.click(await screen.findByRole("button", { name: "Stop" }));
  expect(screen.getByText("Stopped before anything was looked through")).toBeTruthy();
  answers[0]?.(pageOf(found));
  await settle();
  expect(screen.getByTestId("find-count").textContent).not.toContain("4");
  // Escape stops first, and closes then.
  await user.type(field, "s");
  await screen.findByText("Looking through the thread");
  await user.keyboard("{Escape}");
  expect(screen.getByText("Stopped before anything was looked through")).toBeTruthy();
  await user.keyboard("{Escape}");
  expect(screen.queryByTestId("find-bar")).toBeNull();
});

test("what is typed and not looked for yet is not begun once it was stopped", async () => {
  const { user, backend, field } = await openFinding();
  backend.answer("conversationFind", () => new Promise(() => {}));
  vi.useFakeTimers({ shouldAdvanceTime: true });
  await user.type(field, "café");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(backend.requests("conversationFind")).toHaveLength(1);
  screen.getByRole("button", { name: "Stop" }).click();
  // A page that came meanwhile begins nothing either.
  const message = answer([prose("<p>More.</p>")]);
  backend.push({ conversation: patchOf({ messages: [{ index: 2, fresh: true, message }] }) });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(backend.requests("conversationFind")).toHaveLength(1);
  vi.useRealTimers();
});

test("the place keeps within what is found when that changes", async () => {
  const { user, backend, field, found } = await openFinding();
  await user.type(field, "café");
  await waitFor(() => expect(screen.getByTestId("find-count").textContent).toBe("1 of 4"));
  await user.keyboard("{Enter}{Enter}");
  expect(screen.getByTestId("find-count").textContent).toBe("3 of 4");
  let revision = 1;
  const change = async (next: FoundPage["found"]) => {
    backend.answer("conversationFind", async () => pageOf(next));
    const asked = backend.requests("conversationFind").length;
    revision += 1;
    backend.push({ conversation: patchOf({ base: revision - 1, revision, messages: [{ index: 2, fresh: true, message: answer([prose("<p>More.</p>")]) }] }) });
    await waitFor(() => expect(backend.requests("conversationFind").length).toBe(asked + 1), { timeout: 3_000 });
    await settle();
  };
  // One of the two in its block is gone.
  await change(found.map((each) => ({ ...each, count: 1 })));
  expect(screen.getByTestId("find-count").textContent).toBe("2 of 3");
  await user.keyboard("{Enter}");
  expect(screen.getByTestId("find-count").textContent).toBe("3 of 3");
  // Its whole block is gone: the last one is the nearest.
  await change(found.slice(0, 2));
  expect(screen.getByTestId("find-count").textContent).toBe("3 of 3");
  await user.keyboard("{Enter}");
  expect(screen.getByTestId("find-count").textContent).toBe("1 of 3");
  // The one after it is, where there is one.
  await change(found.slice(1, 2));
  expect(screen.getByTestId("find-count").textContent).toBe("1 of 2");
  await change([]);
  expect(screen.getByTestId("find-count").textContent).toBe("Not found");
});

test("what is found anew is counted to its end, however much there was before", async () => {
  const { user, backend, field, found } = await openFinding();
  const page = ({ before }: { before: string | null }, count: number) => pageOf([{ ...(before === null ? found[1] : found[0]), count } as FoundPage["found"][number]], { reached: before === null ? "m-500" : null });
  backend.answer("conversationFind", async (request) => page(request, 1_000));
  await user.type(field, "café");
  await waitFor(() => expect(screen.getByTestId("find-count").textContent).toContain("of 2,000+"));
  backend.answer("conversationFind", async (request) => page(request, 3));
  backend.push({ conversation: patchOf({ messages: [{ index: 2, fresh: true, message: answer([prose("<p>More.</p>")]) }] }) });
  await waitFor(() => expect(screen.getByTestId("find-count").textContent).toContain("of 6"), { timeout: 3_000 });
});

test("a place that is not held is asked for", async () => {
  const { user, backend, field } = await openFinding();
  backend.answer("conversationFind", async () => pageOf([{ place: { message: "old", block: "older" }, count: 1 }]));
  await user.type(field, "café");
  // Nothing is beyond what is held here, so that the page is not asked for in vain; what stands there is.
  await waitFor(() => expect(backend.requests("sessionPage")).toContainEqual({ session, page: { kind: "around", message: "old" } }));
  expect(screen.getByTestId("find-count").textContent).toBe("1 of 1");
});

test("a place is gone to when its page comes, however many frames that takes", async () => {
  const { user, backend, field } = await openFinding();
  const far = answer([prose("<p>The old café.</p>")], { completed: 1 });
  backend.answer("conversationFind", async () => pageOf([{ place: { message: far.id, block: far.blocks[0]?.id ?? "" }, count: 1 }]));
  const scroller = screen.getByRole("region", { name: "Messages" });
  await user.type(field, "old");
  await waitFor(() => expect(screen.getByTestId("find-count").textContent).toBe("1 of 1"));
  await new Promise((passed) => setTimeout(passed, 1_200));
  scroller.scrollTop = 0;
  backend.push({ conversation: patchOf({ messages: [{ index: 0, fresh: true, message: far }] }) });
  // The page under test has no heights: everything stands below the edge, and is scrolled to.
  await waitFor(() => expect(scroller.scrollTop).toBe(100));
});

test("an answer to what was typed before changes nothing", async () => {
  const { user, backend, field, found } = await openFinding();
  const waiting = new Map<string, (page: FoundPage) => void>();
  backend.answer("conversationFind", ({ query }) => new Promise((done) => waiting.set(query, done)));
  await user.type(field, "ca");
  await waitFor(() => expect(waiting.has("ca")).toBe(true));
  await user.type(field, "fé");
  await waitFor(() => expect(waiting.has("café")).toBe(true));
  waiting.get("café")?.(pageOf(found.slice(0, 1)));
  await waitFor(() => expect(screen.getByTestId("find-count").textContent).toBe("1 of 1"));
  waiting.get("ca")?.(pageOf(found));
  await settle();
  expect(screen.getByTestId("find-count").textContent).toBe("1 of 1");
});

test("says that nothing was found, and why it could not be looked for", async () => {
  const { user, backend, field } = await openFinding();
  backend.answer("conversationFind", async () => pageOf([]));
  await user.type(field, "x");
  await waitFor(() => expect(screen.getByTestId("find-count").textContent).toBe("Not found"));
  backend.fail("conversationFind", { code: "engineNotReady", message: "The engine is starting." });
  await user.type(field, "y");
  expect((await screen.findByRole("alert")).textContent).toBe("The engine is starting.");
});

test("goes to the prompt before, and asks for one that is not held", async () => {
  const { user, backend } = await openThread(conversation(session, [person("One"), answer([prose("<p>1</p>")]), person("Two"), answer([prose("<p>2</p>")])], { before: 7 }));
  backend.answer("conversationPrompt", async () => "much-older");
  await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
  await waitFor(() => expect(backend.requests("conversationPrompt")).toHaveLength(1));
  expect(backend.requests("conversationPrompt")[0]).toMatchObject({ session, back: true });
  await waitFor(() => expect(backend.requests("sessionPage")).toContainEqual({ session, page: { kind: "around", message: "much-older" } }));
});

test("a prompt that is found once its thread was left is not looked for in the next one", async () => {
  const { user, backend, app } = await openThread(conversation(session, [person("One"), answer([prose("<p>1</p>")])], { before: 7 }));
  let found: ((prompt: string) => void) | undefined;
  backend.answer("conversationPrompt", () => new Promise((done) => (found = done)));
  await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
  await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
  await waitFor(() => expect(found).toBeDefined());
  const reach = vi.spyOn(app.conversation, "reach");
  app.openSession("child-explore");
  await settle();
  found?.("much-older");
  await settle();
  expect(reach).not.toHaveBeenCalled();
});

test("an ask leads to its call", async () => {
  const call = toolBlock({ shape: "shell", mark: "waiting", target: "npm test" });
  const message = answer([call]);
  const { app, user } = await openThread(conversation(session, [person("Go"), message], { permissions: [permission({ place: { message: message.id, block: call.id } })] }));
  const reach = vi.spyOn(app.conversation, "reach");
  await user.click(screen.getByRole("button", { name: "Show in the thread" }));
  expect(reach).toHaveBeenCalledWith(message.id, call.id);
  await user.keyboard("{Alt>}0{/Alt}");
  expect(reach).toHaveBeenCalledTimes(2);
});
