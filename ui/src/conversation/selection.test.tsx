import { screen, waitFor } from "@solidjs/testing-library";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ConversationPatch, Message } from "../backend";
import { settle } from "../test/window";
import { answer, conversation, person, prose } from "./fixtures";
import { openThread } from "./openThread";

const session = "flaky-retry";

/** What was written to the clipboard when it was not there yet. */
let written: Array<Record<string, Promise<Blob>>> = [];

beforeEach(() => {
  written = [];
  vi.stubGlobal(
    "ClipboardItem",
    class {
      readonly types: string[];
      constructor(items: Record<string, Promise<Blob>>) {
        this.types = Object.keys(items);
        written.push(items);
      }
    },
  );
});
afterEach(() => {
  document.getSelection()?.removeAllRanges();
  vi.useRealTimers();
});

const writtenLast = async () => (await written.at(-1)?.["text/plain"])?.text();

async function openCopying(messages: Message[], more: Parameters<typeof conversation>[2] = {}) {
  const opened = await openThread(conversation(session, messages, more));
  Object.defineProperty(navigator, "clipboard", { value: { write: async (items: unknown[]) => void items }, configurable: true });
  opened.backend.answer("conversationText", async () => ({ text: "what the core has", cut: false }));
  return opened;
}

/** Copies as the keyboard does. What was set at once, if the page did so itself. */
function copy(target: EventTarget = document) {
  const setData = vi.fn();
  const event = new Event("copy", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "clipboardData", { value: { setData } });
  target.dispatchEvent(event);
  return { own: event.defaultPrevented, plain: setData.mock.calls.find(([type]) => type === "text/plain")?.[1] as string | undefined };
}

const textOf = (words: string): Text => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) if (node instanceof Text && node.data.includes(words)) return node;
  throw new Error(`${words} is not drawn`);
};
const at = (words: string): [Node, number] => [textOf(words), textOf(words).data.indexOf(words)];

function select(from: [Node, number], to: [Node, number]) {
  document.getSelection()?.setBaseAndExtent(...from, ...to);
  document.dispatchEvent(new Event("selectionchange"));
}
/** What is selected is looked at a moment after. */
const noticed = () => new Promise((done) => setTimeout(done, 200));

function patchOf(more: Partial<ConversationPatch>): ConversationPatch {
  const nothing = { status: null, permissions: null, questions: null, todos: null, draft: null, before: null, moreBefore: null, after: null };
  return { ...nothing, session, base: 1, revision: 2, removedMessages: [], messages: [], removedBlocks: [], blocks: [], texts: [], ...more };
}

test("all of a thread is copied, whether or not it is held", async () => {
  const { user, backend } = await openCopying([person("One"), answer([prose("<p>1</p>")])], { before: 7 });
  screen.getByRole("region", { name: "Messages" }).focus();
  await user.keyboard("{Control>}a{/Control}");
  expect(screen.getByTestId("copy-note").textContent).toContain("is selected");
  expect(copy().own).toBe(true);
  await waitFor(() => expect(screen.getByTestId("copy-note").textContent).toContain("was copied"));
  expect(backend.requests("conversationText")).toEqual([{ session, after: null, before: null }]);
  expect(await writtenLast()).toBe("what the core has");
});

test("a selection with both ends outside of the messages is the whole thread", async () => {
  const { backend } = await openCopying([person("One"), answer([prose("<p>1</p>")])], { before: 7 });
  select([document.body, 0], [document.body, document.body.childNodes.length]);
  expect(copy().own).toBe(true);
  await waitFor(() => expect(screen.getByTestId("copy-note").textContent).toBe("The whole thread was copied"));
  expect(backend.requests("conversationText")).toEqual([{ session, after: null, before: null }]);
});

test("a selection that begins above the messages has all of the thread up to its end", async () => {
  const [asked, answered] = [person("One"), answer([prose("<p>First.</p>", "<p>Second word.</p>")])];
  const { backend } = await openCopying([asked, answered], { before: 7 });
  select([document.body, 0], at("word"));
  expect(copy().own).toBe(true);
  await waitFor(() => expect(screen.getByTestId("copy-note").textContent).toBe("What is selected was copied"));
  expect(backend.requests("conversationText")).toEqual([{ session, after: null, before: answered.id }]);
  expect(await writtenLast()).toBe("what the core has\n\nFirst.\nSecond");
});

test("what is selected and no longer held is copied with all that came since", async () => {
  const first = answer([prose("<p>Not this, but this.</p>"), prose("<p>And this.</p>")]);
  const messages = [person("One"), first, person("Two"), answer([prose("<p>2</p>")])];
  const { backend } = await openCopying(messages);
  select(at("but this"), at("Two"));
  await noticed();
  expect(copy()).toEqual({ own: false, plain: undefined });
  const last = answer([prose("<p>The end of it.</p>")]);
  backend.push({ conversation: patchOf({ removedMessages: messages.slice(0, 2).map(({ id }) => id), before: 2, messages: [{ index: 2, fresh: true, message: last }] }) });
  await settle();
  document.dispatchEvent(new Event("selectionchange"));
  await noticed();
  // Further down the person holds Shift and clicks.
  const range = document.getSelection()?.getRangeAt(0);
  if (!range) throw new Error("nothing is selected");
  select([range.startContainer, range.startOffset], at("of it."));
  expect(copy().own).toBe(true);
  await waitFor(() => expect(screen.getByTestId("copy-note").textContent).toBe("What is selected was copied"));
  expect(backend.requests("conversationText")).toEqual([{ session, after: first.id, before: last.id }]);
  expect(await writtenLast()).toBe("but this.\n\nAnd this.\n\nwhat the core has\n\nThe end");

  // What does not fit is left out at the end, and that is said.
  backend.answer("conversationText", async () => ({ text: "a part of it", cut: true }));
  copy();
  await waitFor(() => expect(screen.getByTestId("copy-note").textContent).toBe("The first 16 MB of what is selected were copied"));
  expect(await writtenLast()).toBe("but this.\n\nAnd this.\n\na part of it");
  backend.fail("conversationText", { code: "engineNotReady", message: "The engine is starting." });
  vi.stubGlobal("navigator", { ...navigator, clipboard: { write: async (items: unknown[]) => { void items; await written.at(-1)?.["text/plain"]; } } });
  copy();
  await waitFor(() => expect(screen.getByTestId("copy-note").textContent).toBe("What is selected could not be copied"));
  vi.unstubAllGlobals();
});

test("an end that is gone comes last where it stood last, wherever the document has it", async () => {
  const asked = person("Where it begins", Date.now() - 100_000);
  const last = answer([prose("<p>The end of it all.</p>")]);
  const messages = [person("One"), answer([prose("<p>1</p>")]), asked, last];
  const { backend } = await openCopying(messages);
  // One letter, to be led upwards from its end.
  select([textOf("end of it"), 11], [textOf("end of it"), 10]);
  await noticed();
  backend.push({ conversation: patchOf({ removedMessages: [last.id], after: 1 }) });
  await settle();
  const container = document.querySelector(".rows");
  const begins = textOf("Where it begins");
  if (!container) throw new Error("no rows are drawn");
  // What a webview makes of it that has moved the end to the top.
  select([container, 0], [begins, 6]);
  await noticed();
  expect(copy().own).toBe(true);
  await waitFor(() => expect(screen.getByTestId("copy-note").textContent).toBe("What is selected was copied"));
  expect(backend.requests("conversationText")).toEqual([{ session, after: asked.id, before: last.id }]);
  expect(await writtenLast()).toBe("it begins\n\nwhat the core has\n\nThe end of");
});

test("a selection that is gone as a whole is still copied, until something else is selected", async () => {
  const first = answer([prose("<p>Not this, but this.</p>")]);
  const messages = [person("One"), first, person("Two"), answer([prose("<p>Quixotic zebras.</p>")])];
  const { backend } = await openCopying(messages);
  select(at("but this"), [textOf("but this"), 18]);
  await noticed();
  backend.push({ conversation: patchOf({ removedMessages: messages.slice(0, 2).map(({ id }) => id), before: 2 }) });
  await settle();
  document.dispatchEvent(new Event("selectionchange"));
  await noticed();
  expect(copy()).toEqual({ own: true, plain: "but this" });
  // In a field it is that field's own.
  expect(copy(screen.getByTestId("composer-input")).own).toBe(false);
  select(at("Quixotic"), at("zebras"));
  expect(copy().own).toBe(false);
  expect(backend.requests("conversationText")).toEqual([]);
});
