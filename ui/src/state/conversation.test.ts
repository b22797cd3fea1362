import { createEffect, createRoot } from "solid-js";
import { unwrap } from "solid-js/store";
import { describe, expect, test } from "vitest";
import type { Block, Conversation, ConversationPatch, Html, HtmlBlock, Message } from "../backend";
import { createFakeBackend, fakeConversation } from "../backend/fake";
import { createConversation } from "./conversation";

const session = "deploy-script";
const html = (text: string) => text as Html;
const settle = () => new Promise((done) => setTimeout(done));

/** Random numbers that a seed repeats (mulberry32). */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
type Random = ReturnType<typeof random>;

function textBlock(id: string, pieces: string[]): Block {
  return { id, content: { kind: "text", plain: "", html: [{ frame: { kind: "html" }, pieces: pieces.map(html) }], open: true } };
}

function toolBlock(id: string, output: string): Block {
  return {
    id,
    content: {
      kind: "tool",
      tool: {
        shape: "shell",
        name: "bash",
        mark: "running",
        target: "ls",
        description: null,
        arguments: null,
        command: null,
        output: { spans: [{ text: output, look: "" }], bytes: output.length, lines: 1, cut: false },
        shortened: false,
        error: null,
        change: null,
        exit: null,
        started: 0,
        ended: null,
      },
    },
  };
}

function message(id: string, blocks: Block[], author: Message["author"] = "agent"): Message {
  return {
    id,
    author,
    prompt: null,
    agent: null,
    model: null,
    scripted: false,
    created: 0,
    completed: null,
    usage: { tokens: 0, cost: 0 },
    failure: null,
    interrupted: false,
    blocks,
  };
}

const emptyPatch = (base: number, revision: number): ConversationPatch => ({
  session,
  revision,
  base,
  before: null,
  moreBefore: null,
  after: null,
  removedMessages: [],
  messages: [],
  removedBlocks: [],
  blocks: [],
  texts: [],
  status: null,
  permissions: null,
  questions: null,
  todos: null,
  draft: null,
});

/** Changes a snapshot at random and says as a patch what it changed. */
function step(snapshot: Conversation, next: Random, made: { count: number }): ConversationPatch {
  const patch = emptyPatch(snapshot.revision, snapshot.revision + 1);
  snapshot.revision += 1;
  const id = () => {
    made.count += 1;
    return `id-${made.count}`;
  };
  const pick = <Item>(list: Item[]): Item | undefined => list[next(Math.max(1, list.length))];
  const target = pick(snapshot.messages);
  const action = next(9);
  if (action === 0 || !target) {
    const index = next(snapshot.messages.length + 1);
    const added = message(id(), next(2) ? [textBlock(id(), ["<p>a</p>"])] : [], next(2) ? "person" : "agent");
    snapshot.messages.splice(index, 0, added);
    patch.messages.push({ index, fresh: true, message: structuredClone(added) });
  } else if (action === 1) {
    snapshot.messages.splice(snapshot.messages.indexOf(target), 1);
    patch.removedMessages.push(target.id);
  } else if (action === 2) {
    target.completed = next(1000);
    target.usage = { tokens: next(1000), cost: 0 };
    target.failure = next(2) ? { kind: "provider", message: "x", status: 500 } : null;
    patch.messages.push({ index: snapshot.messages.indexOf(target), fresh: false, message: { ...structuredClone(target), blocks: [] } });
  } else if (action === 3) {
    const index = next(target.blocks.length + 1);
    const added = next(2) ? textBlock(id(), []) : toolBlock(id(), "x");
    target.blocks.splice(index, 0, added);
    patch.blocks.push({ message: target.id, index, block: structuredClone(added) });
  } else if (action === 4 && target.blocks.length > 0) {
    const [gone] = target.blocks.splice(next(target.blocks.length), 1);
    if (gone) patch.removedBlocks.push({ message: target.id, block: gone.id });
  } else if (action === 5 && target.blocks.length > 0) {
    const index = next(target.blocks.length);
    const old = target.blocks[index];
    if (old) {
      const replaced = next(2) ? toolBlock(old.id, "y".repeat(next(5))) : textBlock(old.id, ["<p>anew</p>"]);
      target.blocks[index] = replaced;
      patch.blocks.push({ message: target.id, index, block: structuredClone(replaced) });
    }
  } else if (action === 6) {
    snapshot.todos = Array.from({ length: next(4) }, (_, index) => ({ text: `step ${index}`, mark: next(2) ? "done" : "todo" }));
    patch.todos = structuredClone(snapshot.todos);
    snapshot.status = { ...snapshot.status, contextUsed: next(9999), state: next(2) ? { kind: "working" } : { kind: "retrying", attempt: 1, message: "m", next: 5 } };
    patch.status = structuredClone(snapshot.status);
  } else {
    const block = target.blocks.find(({ content }) => content.kind === "text");
    if (block?.content.kind === "text") patch.texts.push({ message: target.id, block: block.id, html: growHtml(block.content.html, next) });
  }
  return patch;
}

/** Changes rendered markdown at random: blocks go, grow, change their frame or are added. */
function growHtml(blocks: HtmlBlock[], next: Random) {
  if (next(4) === 0) blocks.length = next(blocks.length + 1);
  const changes = [];
  const from = Math.max(0, blocks.length - 1 - next(2));
  const until = blocks.length + next(3);
  for (let index = from; index < until; index += 1) {
    const before = blocks[index] ?? { frame: { kind: "html" as const }, pieces: [] };
    const keep = next(before.pieces.length + 1);
    const pieces = Array.from({ length: next(3) }, () => html(`<p>${next(1000)}</p>`));
    const frame: HtmlBlock["frame"] = next(3) ? before.frame : { kind: "code", language: next(2) ? "rust" : null };
    blocks[index] = { frame, pieces: [...before.pieces.slice(0, keep), ...pieces] };
    changes.push(structuredClone({ index, frame, keep, pieces }));
  }
  return { blocks: blocks.length, changes };
}

describe("a conversation kept up to date by patches", () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))("equals the core's own after any sequence of them (seed %i)", async (seed) => {
    const next = random(seed);
    const backend = createFakeBackend();
    const snapshot = fakeConversation(session, { revision: 1 });
    backend.answer("sessionOpen", async () => structuredClone(snapshot));
    const open = createConversation(backend);
    await open.open(session);
    const made = { count: 0 };
    for (let count = 0; count < 120; count += 1) {
      open.receive(step(snapshot, next, made));
      expect(unwrap(open.state.conversation)).toEqual(snapshot);
    }
    expect(backend.requests("sessionOpen")).toHaveLength(1);
  });

  test("a delta of text touches the piece it names and no other", async () => {
    const backend = createFakeBackend();
    const start = fakeConversation(session, { revision: 1, messages: [message("m", [textBlock("b", ["<p>one</p>", "<p>tw</p>"])])] });
    backend.conversations.set(session, start);
    const open = createConversation(backend);
    await open.open(session);
    const seen: string[] = [];
    const dispose = createRoot((end) => {
      const pieces = () => {
        const content = open.state.conversation?.messages[0]?.blocks[0]?.content;
        return content?.kind === "text" ? content.html[0]?.pieces : undefined;
      };
      createEffect(() => seen.push(`first ${pieces()?.[0]}`));
      createEffect(() => seen.push(`second ${pieces()?.[1]}`));
      createEffect(() => seen.push(`messages ${open.state.conversation?.messages.map(({ id }) => id).join()}`));
      return end;
    });
    seen.length = 0;
    const patch = emptyPatch(1, 2);
    patch.texts.push({ message: "m", block: "b", html: { blocks: 1, changes: [{ index: 0, frame: { kind: "html" }, keep: 1, pieces: [html("<p>two</p>")] }] } });
    open.receive(patch);
    expect(seen).toEqual(["second <p>two</p>"]);
    dispose();
  });

  test("keeps the identity of messages that did not change", async () => {
    const backend = createFakeBackend();
    backend.conversations.set(session, fakeConversation(session, { revision: 1, messages: [message("a", []), message("b", [])] }));
    const open = createConversation(backend);
    await open.open(session);
    const before = open.state.conversation?.messages[1];
    const patch = emptyPatch(1, 2);
    patch.messages.push({ index: 2, fresh: true, message: message("c", []) });
    open.receive(patch);
    expect(open.state.conversation?.messages[1]).toBe(before);
    expect(open.state.conversation?.messages.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });
});

describe("opening", () => {
  test("patches that come while it is fetched are applied to what was fetched", async () => {
    const backend = createFakeBackend();
    let answer = (_: Conversation) => {};
    backend.answer("sessionOpen", () => new Promise((done) => (answer = done)));
    const open = createConversation(backend);
    const opened = open.open(session);
    expect(open.state.loading).toBe(true);
    open.receive({ ...emptyPatch(3, 4), todos: [{ text: "old", mark: "todo" }] });
    open.receive({ ...emptyPatch(5, 6), todos: [{ text: "new", mark: "done" }] });
    answer(fakeConversation(session, { revision: 5 }));
    await opened;
    expect(open.state.loading).toBe(false);
    expect(open.state.conversation?.revision).toBe(6);
    expect(unwrap(open.state.conversation?.todos)).toEqual([{ text: "new", mark: "done" }]);
    expect(backend.requests("sessionOpen")).toHaveLength(1);
  });

  test("a patch that is already contained is ignored, and one of another session too", async () => {
    const backend = createFakeBackend();
    backend.conversations.set(session, fakeConversation(session, { revision: 5 }));
    const open = createConversation(backend);
    await open.open(session);
    open.receive({ ...emptyPatch(4, 5), todos: [{ text: "again", mark: "todo" }] });
    open.receive({ ...emptyPatch(5, 6), session: "changelog", todos: [{ text: "theirs", mark: "todo" }] });
    expect(open.state.conversation?.revision).toBe(5);
    expect(unwrap(open.state.conversation?.todos)).toEqual([]);
  });

  test("a gap fetches the conversation anew and keeps showing what is there meanwhile", async () => {
    const backend = createFakeBackend();
    backend.conversations.set(session, fakeConversation(session, { revision: 5, messages: [message("a", [])] }));
    const open = createConversation(backend);
    await open.open(session);
    backend.conversations.set(session, fakeConversation(session, { revision: 9, messages: [message("a", []), message("b", [])] }));
    open.receive(emptyPatch(8, 9));
    expect(open.state.conversation?.messages).toHaveLength(1);
    expect(open.state.loading).toBe(false);
    await settle();
    expect(open.state.conversation?.messages).toHaveLength(2);
    expect(backend.requests("sessionOpen")).toHaveLength(2);
  });

  test("gaps that fetching does not close are told instead of fetched for ever", async () => {
    const backend = createFakeBackend();
    backend.conversations.set(session, fakeConversation(session, { revision: 5 }));
    const open = createConversation(backend);
    await open.open(session);
    for (let count = 0; count < 6; count += 1) {
      open.receive(emptyPatch(80, 81));
      await settle();
    }
    expect(backend.requests("sessionOpen")).toHaveLength(4);
    expect(open.state.error?.message).toContain("Open the thread again");
  });

  test("the answer to an older request does not overwrite a newer one", async () => {
    const backend = createFakeBackend();
    const answers: Array<(conversation: Conversation) => void> = [];
    backend.answer("sessionOpen", () => new Promise((done) => answers.push(done)));
    const open = createConversation(backend);
    const first = open.open(session);
    const second = open.open("changelog");
    answers[1]?.(fakeConversation("changelog"));
    await second;
    answers[0]?.(fakeConversation(session));
    await first;
    expect(open.state.conversation?.session).toBe("changelog");
  });

  test("a failure says why and opening again can succeed", async () => {
    const backend = createFakeBackend();
    backend.fail("sessionOpen", { code: "notFound", message: "That thread is gone." });
    const open = createConversation(backend);
    await open.open(session);
    expect(open.state).toMatchObject({ loading: false, error: { code: "notFound", message: "That thread is gone." } });
    backend.answer("sessionOpen", async () => fakeConversation(session));
    await open.open(session);
    expect(open.state.error).toBeNull();
    expect(open.state.conversation?.session).toBe(session);
  });

  test("a page is asked for once until it came, and only where there is one", async () => {
    const backend = createFakeBackend();
    backend.conversations.set(session, fakeConversation(session, { before: 9, messages: [message("a", [])] }));
    const open = createConversation(backend);
    await open.open(session);
    await open.turn({ kind: "newer" });
    await open.turn({ kind: "older" });
    await open.turn({ kind: "older" });
    expect(backend.requests("sessionPage")).toEqual([{ session, page: { kind: "older" } }]);
    const revision = open.state.conversation?.revision ?? 0;
    const older = { index: 0, fresh: true, message: message("b", []) };
    open.receive({ ...emptyPatch(revision, revision + 1), before: 8, messages: [older] });
    expect(open.state.conversation?.messages.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(open.state.conversation?.before).toBe(8);
    await open.turn({ kind: "older" });
    expect(backend.requests("sessionPage")).toHaveLength(2);
  });

  test("messages far above the newest are let go of where there are many, and older ones can be asked for at once", async () => {
    const backend = createFakeBackend();
    const many = Array.from({ length: 6 }, (_, number) => message(`m${number}`, []));
    backend.conversations.set(session, fakeConversation(session, { before: 9, messages: many.slice(1) }));
    const open = createConversation(backend);
    await open.open(session);
    await open.settle();
    expect(backend.requests("sessionPage")).toEqual([]);
    backend.conversations.set(session, fakeConversation(session, { before: 9, messages: many }));
    await open.open(session);
    await open.settle();
    await open.turn({ kind: "older" });
    expect(backend.requests("sessionPage")).toEqual([
      { session, page: { kind: "latest" } },
      { session, page: { kind: "older" } },
    ]);
  });

  test("why a page did not come is forgotten once one comes", async () => {
    const backend = createFakeBackend();
    backend.conversations.set(session, fakeConversation(session, { before: 9, messages: [message("a", [])] }));
    const open = createConversation(backend);
    await open.open(session);
    backend.fail("sessionPage", { code: "engineNotReady", message: "The engine is starting." });
    await open.turn({ kind: "older" });
    expect(open.state.error?.message).toBe("The engine is starting.");
    const revision = open.state.conversation?.revision ?? 0;
    open.receive({ ...emptyPatch(revision, revision + 1), todos: [] });
    expect(open.state.error).not.toBeNull();
    open.receive({ ...emptyPatch(revision + 1, revision + 2), before: 8, messages: [{ index: 0, fresh: true, message: message("b", []) }] });
    expect(open.state.error).toBeNull();
  });

  test("what was asked of one thread changes nothing in the next", async () => {
    const backend = createFakeBackend();
    backend.conversations.set(session, fakeConversation(session, { before: 9, messages: [message("a", [])] }));
    backend.conversations.set("other", fakeConversation("other", { before: 9, messages: [message("z", [])] }));
    const failures: Array<(thrown: unknown) => void> = [];
    backend.answer("sessionPage", () => new Promise((_, failed) => failures.push(failed)));
    const open = createConversation(backend);
    await open.open(session);
    void open.reach("much-older");
    expect(open.state.target).toEqual({ message: "much-older", block: null });
    const opening = open.open("other");
    expect(open.state).toMatchObject({ target: null, error: null, conversation: null });
    await opening;
    void open.turn({ kind: "older" });
    failures[0]?.({ code: "engineNotReady", message: "The engine is starting." });
    await settle();
    expect(open.state.error).toBeNull();
    void open.turn({ kind: "older" });
    expect(backend.requests("sessionPage")).toHaveLength(2);
  });

  test("a page may be asked for again once the thread was fetched anew", async () => {
    const backend = createFakeBackend();
    backend.conversations.set(session, fakeConversation(session, { before: 9, messages: [message("a", [])] }));
    const open = createConversation(backend);
    await open.open(session);
    await open.turn({ kind: "older" });
    await open.open(session);
    await open.turn({ kind: "older" });
    expect(backend.requests("sessionPage")).toHaveLength(2);
  });

  test("a conversation that is fetched anew stays where it was looked at", async () => {
    const backend = createFakeBackend();
    backend.conversations.set(session, fakeConversation(session, { before: 9, after: 5, messages: ["a", "b", "c"].map((id) => message(id, [])) }));
    const open = createConversation(backend);
    await open.open(session);
    await open.open(session);
    expect(backend.requests("sessionOpen")).toEqual([
      { session, around: null },
      { session, around: "b" },
    ]);
  });
});
