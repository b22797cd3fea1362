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

test("what does not fit is left out, and that it could not be copied is said", async () => {
  const { backend } = await openCopying([person("One"), answer([prose("<p>First.</p>", "<p>Second word.</p>")])], { before: 7 });
  select([document.body, 0], at("word"));
  backend.answer("conversationText", async () => ({ text: "a part of it", cut: true }));
  copy();
  await waitFor(() => expect(screen.getByTestId("copy-note").textContent).toBe("The first 16 MB of what is selected were copied"));
  expect(await writtenLast()).toBe("a part of it");
  backend.fail("conversationText", { code: "engineNotReady", message: "The engine is starting." });
  vi.stubGlobal("navigator", { ...navigator, clipboard: { write: async (items: unknown[]) => { void items; await written.at(-1)?.["text/plain"]; } } });
  copy();
  await waitFor(() => expect(screen.getByTestId("copy-note").textContent).toBe("What is selected could not be copied"));
  vi.unstubAllGlobals();
});

test("an end in a message that was let go of is not passed over in silence", async () => {
  const messages = [person("One"), answer([prose("<p>Not this, but this.</p>")]), person("Two"), answer([prose("<p>Quixotic zebras.</p>")])];
  const { backend } = await openCopying(messages);
  select(at("but this"), at("zebras"));
  expect(copy()).toEqual({ own: false, plain: undefined });
  backend.push({ conversation: patchOf({ removedMessages: messages.slice(0, 2).map(({ id }) => id), before: 2 }) });
  await settle();
  const container = document.querySelector(".rows");
  if (!container) throw new Error("no rows are drawn");
  // What the webview makes of the end that is gone.
  select([container, 0], at("zebras"));
  copy();
  expect(screen.getByTestId("copy-note").textContent).toContain("only what it holds was copied");
  // In a field it is that field's own.
  expect(copy(screen.getByTestId("composer-input")).own).toBe(false);
});
