import { fireEvent, screen } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ConversationPatch, Message, PromptReceipt } from "../backend";
import { conversation, person } from "./fixtures";
import { openThread } from "./openThread";

const session = "flaky-retry";
const input = () => screen.getByTestId<HTMLTextAreaElement>("composer-input");
const write = (written: string) => fireEvent.input(input(), { target: { value: written } });
const enter = () => fireEvent.keyDown(input(), { key: "Enter" });
const settled = () => vi.advanceTimersByTimeAsync(1000);

function given(draft: string, revision: number): ConversationPatch {
  return { session, revision, base: revision - 1, before: null, moreBefore: null, after: null, removedMessages: [], messages: [], removedBlocks: [], blocks: [], texts: [], status: null, permissions: null, questions: null, todos: null, draft };
}

async function open(draft = "", messages: Message[] = []) {
  const opening = openThread(conversation(session, messages, { draft }));
  await settled();
  const opened = await opening;
  let taken: (receipt: PromptReceipt) => void = () => {};
  opened.backend.answer("promptSend", () => new Promise((done) => (taken = done)));
  return {
    ...opened,
    /** The engine takes what was sent last. */
    take: async () => {
      taken({ message: "message-1" });
      await settled();
    },
    saved: () => opened.backend.requests("draftSave").map((request) => (request as { text: string }).text),
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("an older prompt that is shown again", () => {
  const up = () => {
    input().setSelectionRange(0, 0);
    fireEvent.keyDown(input(), { key: "ArrowUp" });
  };

  test("is nobody's draft: what was being written stays what is kept, also where the thread is left", async () => {
    const { app, saved } = await open("", [person("The first prompt")]);
    write("Half of");
    up();
    expect(input().value).toBe("The first prompt");
    await settled();
    app.go({ page: "home" });
    await settled();
    expect(saved()).toEqual(["Half of"]);
  });

  test("is written once it is changed, and what was behind it comes back when it is sent", async () => {
    const { saved, take } = await open("", [person("The first prompt")]);
    write("Half of");
    up();
    await settled();
    enter();
    await take();
    expect(input().value).toBe("Half of");
    expect(saved().at(-1)).toBe("Half of");
    up();
    write("The first prompt, changed");
    await settled();
    expect(saved().at(-1)).toBe("The first prompt, changed");
    enter();
    await take();
    expect(input().value).toBe("Half of");
    enter();
    await take();
    expect(input().value).toBe("");
  });
});

describe("a prompt on its way", () => {
  test("does not take newer text along when it arrives after its pane was left", async () => {
    const { app, saved, take } = await open();
    write("A");
    enter();
    await settled();
    app.go({ page: "home" });
    app.openSession(session);
    await settled();
    write("B");
    app.go({ page: "home" });
    await take();
    expect(saved()).toEqual(["A", "B"]);
  });

  test("leaves what another pane of the thread shows alone", async () => {
    const { app, saved, take } = await open();
    write("A");
    enter();
    app.go({ page: "home" });
    app.openSession(session);
    await settled();
    write("B");
    await take();
    expect(input().value).toBe("B");
    expect(saved().at(-1)).toBe("B");
  });

  test("takes itself out of the composer, and what was written since stays", async () => {
    const { saved, take } = await open();
    write("A");
    enter();
    write("A and more");
    await take();
    expect(input().value).toBe("A and more");
    expect(saved().at(-1)).toBe("A and more");
    enter();
    await take();
    expect(input().value).toBe("");
    expect(saved().at(-1)).toBe("");
  });
});

describe("what is taken when its pane is gone", () => {
  /** A command of the folder that is on its way. */
  async function run() {
    const opened = await open();
    opened.backend.answer("commandList", async () => [{ key: "review", name: "review", description: "", hint: "", arguments: 0, takesRest: true, origin: "engine", trust: "none", hash: "", agent: null, model: null, subtask: false } as never]);
    let taken: () => void = () => {};
    opened.backend.answer("commandRun", () => new Promise((done) => (taken = () => done({ message: "message-1" } as never))));
    write("/review it");
    fireEvent.keyDown(input(), { key: "Escape" });
    enter();
    await settled();
    expect(opened.backend.requests("commandRun")).toHaveLength(1);
    opened.app.go({ page: "home" });
    await settled();
    expect(opened.saved().at(-1)).toBe("/review it");
    return { ...opened, take: async () => (taken(), await settled()) };
  }

  test("is no draft any more, also where it was a command", async () => {
    const { saved, take } = await run();
    await take();
    expect(saved().at(-1)).toBe("");
  });

  test("is no draft of the pane that came after it", async () => {
    const { app, saved, take } = await run();
    app.conversation.receive(given("/review it", 2));
    app.openSession(session);
    await settled();
    write("/review it");
    await take();
    expect(input().value).toBe("");
    expect(saved().at(-1)).toBe("");
  });

  test("leaves what was written since", async () => {
    const { app, saved, take } = await run();
    app.openSession(session);
    await settled();
    write("Something else");
    app.go({ page: "home" });
    await take();
    expect(saved().at(-1)).toBe("Something else");
  });
});

describe("a prompt given back", () => {
  test("lands in an empty composer", async () => {
    const { app } = await open();
    app.conversation.receive(given("Try once more", 2));
    expect(input().value).toBe("Try once more");
  });

  test("is the composer's from then on, and what the thread was opened with was so before", async () => {
    const { app, backend } = await open("As it was left");
    expect(backend.requests("draftSave")).toEqual([]);
    write("");
    await settled();
    app.conversation.receive(given("Try once more", 2));
    expect(backend.requests("draftSave").at(-1)).toEqual({ session, text: "Try once more", took: true });
  });

  test("never replaces what is being written", async () => {
    const { app, saved } = await open();
    write("Something else");
    app.conversation.receive(given("Try once more", 2));
    expect(input().value).toBe("Something else");
    await settled();
    expect(saved()).toEqual(["Something else"]);
  });

  test("lands also when it is the draft the thread was opened with", async () => {
    const { app, take } = await open("Try once more");
    expect(input().value).toBe("Try once more");
    enter();
    await take();
    expect(input().value).toBe("");
    app.conversation.receive(given("Try once more", 2));
    expect(input().value).toBe("Try once more");
  });
});
