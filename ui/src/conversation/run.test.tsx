import { fireEvent, screen, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
import type { Block, ConversationPatch, Html, SnippetEnd, SnippetState } from "../backend";
import { fakeStart, type FakeBackend } from "../backend/fake";
import { openWindow, settle } from "../test/window";
import { answer, block, code, conversation, person, prose } from "./fixtures";
import { openThread } from "./openThread";

const session = "deploy-script";
const buttons = () => screen.queryAllByTestId("run-block");
const panel = () => screen.getByTestId("run");
const state = () => panel().querySelector("[role='status']")?.textContent;
const written = () => screen.queryByTestId("run-output")?.textContent ?? "";

async function openBlocks(blocks: Block[], more: Parameters<typeof answer>[1] = { completed: 1 }) {
  const message = answer(blocks, more);
  return { ...(await openThread(conversation(session, [person("Show me"), message]))), message };
}

/** A run that was begun by a press, and a way to tell how it goes. */
async function begin(opened: Awaited<ReturnType<typeof openWindow>>, at = 0) {
  await opened.user.click(buttons()[at] as HTMLElement);
  await settle();
  const run = `run-${opened.backend.requests("snippetRun").length}`;
  const tell = (next: SnippetState, ...output: Array<[text: string, kind?: "error" | "compiler"]>) =>
    opened.backend.push({ snippets: [{ run, state: next, output: output.map(([text, kind]) => ({ text, isError: kind === "error", isCompiler: kind === "compiler" })) }] });
  const end = (how: SnippetEnd, more: { elapsed?: number; fromCache?: boolean } = {}) => tell({ kind: "ended", how, elapsed: 240, fromCache: false, ...more });
  return { run, tell, end };
}

const python = () => code("python", "print(1)\n", "print(2)\n");

describe("a code block that can be run", () => {
  test("is one in a language of this computer, in an answer that is complete", async () => {
    const { backend } = await openBlocks([python(), code("toml", "a = 1\n"), code(null, "what\n"), code("PY,ignore", "print(3)\n")]);
    await settle();
    expect(buttons()).toHaveLength(2);
    expect(buttons()[0]?.textContent).toBe("Run in sandbox");
    expect(backend.requests("snippetLanguages")).toHaveLength(1);
  });

  test("is none while its answer is written", async () => {
    const streaming = block({ kind: "text", plain: "", open: true, html: [{ frame: { kind: "code", language: "python" }, pieces: ["print(1)\n" as Html] }] });
    const { app, message } = await openBlocks([streaming], { completed: null });
    await settle();
    expect(buttons()).toEqual([]);
    const patch: ConversationPatch = { session, revision: 2, base: 1, before: null, moreBefore: null, after: null, removedMessages: [], messages: [{ index: 1, fresh: false, message: { ...message, completed: 2, blocks: [] } }], removedBlocks: [], blocks: [{ message: message.id, index: 0, block: { ...streaming, content: { ...streaming.content, open: false } as Block["content"] } }], texts: [], status: null, permissions: null, questions: null, todos: null, draft: null };
    app.conversation.receive(patch);
    await settle();
    expect(buttons()).toHaveLength(1);
  });

  test("is none when the languages are not known, and the next block asks again", async () => {
    const opened = await openThread(conversation(session, [person("Hello")]));
    opened.backend.fail("snippetLanguages", { code: "internal", message: "No." });
    const show = (revision: number) => {
      const message = answer([python()], { completed: 1 });
      opened.app.conversation.receive({ session, revision, base: revision - 1, before: null, moreBefore: null, after: null, removedMessages: [], messages: [{ index: 9, fresh: true, message }], removedBlocks: [], blocks: [], texts: [], status: null, permissions: null, questions: null, todos: null, draft: null });
    };
    show(2);
    await settle();
    expect(buttons()).toEqual([]);
    opened.backend.answer("snippetLanguages", async () => [{ label: "Python", fences: ["python"], }]);
    show(3);
    await settle();
    expect(buttons().length).toBeGreaterThan(0);
  });

  test("runs all of its text, and shows what it is at", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const { tell, end } = await begin(opened);
    expect(opened.backend.requests("snippetRun")).toEqual([{ language: "python", source: "print(1)\nprint(2)\n" }]);
    expect(state()).toBe("Starting…");
    tell({ kind: "waiting", before: 2 });
    expect(state()).toBe("Waiting: 2 before");
    tell({ kind: "waiting", before: 0 });
    expect(state()).toBe("Waiting: next");
    tell({ kind: "compiling" });
    expect(state()).toBe("Compiling…");
    tell({ kind: "running" }, ["one\n"]);
    expect(state()).toBe("Running…");
    expect(buttons()[0]?.textContent).toBe("Running in sandbox");
    tell({ kind: "running" }, ["two\n"], ["careful\n", "error"]);
    expect(within(screen.getByTestId("run-output")).getByText("Error output")).toBeTruthy();
    expect([...panel().querySelectorAll(".run-part")].map((part) => [part.getAttribute("data-kind"), part.querySelector("pre")?.textContent])).toEqual([["output", "one\ntwo\n"], ["error", "careful\n"]]);
    // Only what it is at is read out.
    expect(screen.getByTestId("run-output").closest("[aria-live], [role='status']")).toBeNull();
    end({ kind: "finished", code: 0 }, { fromCache: true });
    expect(state()).toBe("Finished in 0.2 s");
    expect(within(panel()).getByText("compiled before")).toBeTruthy();
    expect(buttons()[0]?.textContent).toBe("Run in sandbox");
  });

  test.each<[SnippetEnd, string]>([
    [{ kind: "finished", code: 1 }, "Exit code 1 after 0.2 s"],
    [{ kind: "notCompiled" }, "Could not be compiled"],
    [{ kind: "signalled", signal: 11 }, "Ended by signal 11"],
    [{ kind: "timedOut", seconds: 10 }, "Took longer than 10 s"],
    [{ kind: "stopped" }, "Stopped"],
    [{ kind: "outputLimit", bytes: 256 * 1024 }, "Wrote more than 256 KB"],
    [{ kind: "memoryLimit", bytes: 512 * 1024 * 1024 }, "Used more than 512 MB of memory"],
    [{ kind: "diskLimit", bytes: 1024 * 1024 * 1024 }, "Wrote more than 1 GB into files"],
    [{ kind: "processLimit", processes: 64 }, "Started more than 64 processes"],
    [{ kind: "notStarted", advice: "No box. Install bubblewrap." }, "Not started"],
  ])("says how it ended: %o", async (how, words) => {
    const opened = await openBlocks([python()]);
    await settle();
    const { end } = await begin(opened);
    end(how);
    expect(state()).toBe(words);
    expect(panel().dataset["state"]).toBe(how.kind);
    expect(panel().textContent).toContain(how.kind === "notStarted" ? "No box. Install bubblewrap." : "It printed nothing.");
  });

  test("says why it was refused, and can be run again", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    opened.backend.fail("snippetRun", { code: "notAllowed", message: "There is no box. Open Health to see why." });
    await begin(opened);
    expect([state(), panel().dataset["state"]]).toEqual(["Not run", "refused"]);
    expect(panel().textContent).toContain("There is no box. Open Health to see why.");
    opened.backend.answer("snippetRun", async () => ({ run: "later" }));
    await opened.user.click(screen.getByTestId("run-again"));
    expect(state()).toBe("Starting…");
  });

  test("is stopped, and the focus goes on to what can be done next", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const { run, tell } = await begin(opened);
    tell({ kind: "running" });
    let stopped: () => void = () => undefined;
    opened.backend.answer("snippetStop", () => new Promise((done) => (stopped = done)));
    const stop = screen.getByTestId("run-stop");
    await opened.user.click(stop);
    await opened.user.click(stop);
    expect(opened.backend.requests("snippetStop")).toEqual([{ run }]);
    expect([stop.textContent, state()]).toEqual(["Stopping", "Stopping…"]);
    stopped();
    tell({ kind: "ended", how: { kind: "stopped" }, elapsed: 1, fromCache: false });
    expect(state()).toBe("Stopped");
    expect(document.activeElement).toBe(screen.getByTestId("run-again"));
  });

  test("can be stopped again when that could not be told", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const { tell } = await begin(opened);
    tell({ kind: "running" });
    opened.backend.fail("snippetStop", { code: "internal", message: "Not now." });
    await opened.user.click(screen.getByTestId("run-stop"));
    await settle();
    expect(screen.getByTestId("run-stop").textContent).toBe("Stop");
    expect(screen.getByText("Not now.")).toBeTruthy();
  });

  test("shows what it wrote as the text it is", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const { tell } = await begin(opened);
    tell({ kind: "running" }, ["<img src=x onerror='window.broken=1'>"], ["<b>e</b>", "error"]);
    expect(panel().querySelector("img, b")).toBeNull();
    expect(written()).toContain("<img src=x");
  });

  test("keeps 256 KB and says so", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const { tell } = await begin(opened);
    tell({ kind: "running" }, ["ä".repeat(100 * 1024)]);
    expect(panel().textContent).not.toContain("Only the first");
    tell({ kind: "running" }, ["b".repeat(60 * 1024)]);
    tell({ kind: "running" }, ["and more"]);
    expect(panel().textContent).toContain("Only the first 256 KB are kept here.");
    expect(new TextEncoder().encode(written()).length).toBe(256 * 1024);
  });

  test("bounds the pieces of a program that changes between its outputs at each byte", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const { tell } = await begin(opened);
    tell({ kind: "running" }, ...Array.from({ length: 2100 }, (_, index): [string, "error"] | [string] => (index % 2 === 0 ? ["x", "error"] : ["x"])));
    expect(panel().querySelectorAll(".run-part")).toHaveLength(2000);
    expect(panel().textContent).toContain("Only the first");
  });

  test("copies what it wrote", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const { tell, end } = await begin(opened);
    tell({ kind: "running" }, ["one\n"], ["two\n", "error"], ["three\n"]);
    end({ kind: "finished", code: 0 });
    const copied = vi.spyOn(navigator.clipboard, "writeText");
    await opened.user.click(within(panel()).getByRole("button", { name: "Copy output" }));
    expect(copied).toHaveBeenCalledWith("one\ntwo\nthree\n");
  });

  test("puts the result into what is being written, in a fence that it cannot leave", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const field = screen.getByTestId<HTMLTextAreaElement>("composer-input");
    await opened.user.type(field, "Look:");
    const { tell, end } = await begin(opened);
    tell({ kind: "running" }, ["a ```` fence\n"]);
    end({ kind: "finished", code: 3 });
    await opened.user.click(screen.getByTestId("run-add"));
    await settle();
    expect(field.value).toBe("Look:\n\nI ran the python code above in the sandbox. Exit code 3 after 0.2 s.\n\n`````text\na ```` fence\n`````\n");
    expect(document.activeElement).toBe(field);
  });

  test("of a long result puts the end into the message", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const { tell, end } = await begin(opened);
    tell({ kind: "running" }, [`begin${"x".repeat(30_000)}end`]);
    end({ kind: "finished", code: 0 });
    await opened.user.click(screen.getByTestId("run-add"));
    const { value } = screen.getByTestId<HTMLTextAreaElement>("composer-input");
    expect(value).toContain("The last 20,000 characters of what it wrote:");
    expect(value).toContain("xxend\n```");
    expect(value).not.toContain("begin");
  });

  test("is run again in the place of what it wrote before, and closed", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const first = await begin(opened);
    first.tell({ kind: "running" }, ["one\n"]);
    first.end({ kind: "finished", code: 0 });
    await opened.user.click(screen.getByTestId("run-again"));
    await settle();
    expect(written()).toBe("");
    opened.backend.push({ snippets: [{ run: "run-2", state: { kind: "running" }, output: [{ text: "two\n", isError: false, isCompiler: false }] }, { run: first.run, state: { kind: "running" }, output: [{ text: "late\n", isError: false, isCompiler: false }] }] });
    expect(written()).toBe("two\n");
    opened.backend.push({ snippets: [{ run: "run-2", state: { kind: "ended", how: { kind: "finished", code: 0 }, elapsed: 1, fromCache: false }, output: [] }] });
    await opened.user.click(screen.getByTestId("run-close"));
    expect(screen.queryByTestId("run")).toBeNull();
    expect(document.activeElement).toBe(buttons()[0]);
  });

  test("keeps its result while other blocks change, and each block has its own", async () => {
    const opened = await openBlocks([python(), prose("<p>And</p>"), python()]);
    await settle();
    const first = await begin(opened, 0);
    first.tell({ kind: "running" }, ["first\n"]);
    const second = await begin(opened, 1);
    second.tell({ kind: "running" }, ["second\n"]);
    const panels = screen.getAllByTestId("run");
    opened.app.conversation.receive({ session, revision: 2, base: 1, before: null, moreBefore: null, after: null, removedMessages: [], messages: [{ index: 2, fresh: true, message: answer([prose("<p>More.</p>")]) }], removedBlocks: [], blocks: [], texts: [], status: null, permissions: null, questions: null, todos: null, draft: null });
    expect(screen.getAllByTestId("run")).toEqual(panels);
    expect(panels.map((each) => within(each).getByTestId("run-output").textContent)).toEqual(["first\n", "second\n"]);
  });

  test("takes news that come before the answer that names the run", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    let answered: (receipt: { run: string }) => void = () => undefined;
    opened.backend.answer("snippetRun", () => new Promise((done) => (answered = done)));
    await opened.user.click(buttons()[0] as HTMLElement);
    opened.backend.push({ snippets: [{ run: "early", state: { kind: "running" }, output: [{ text: "fast\n", isError: false, isCompiler: false }] }] });
    expect(state()).toBe("Starting…");
    answered({ run: "early" });
    await settle();
    expect([state(), written()]).toEqual(["Running…", "fast\n"]);
  });

  test("is stopped when its thread is left, and nothing of it is left either", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    const { run, tell } = await begin(opened);
    tell({ kind: "running" }, ["one\n"]);
    opened.app.go({ page: "home" });
    expect(opened.backend.requests("snippetStop")).toEqual([{ run }]);
    opened.app.openSession(session);
    await settle();
    expect(screen.queryByTestId("run")).toBeNull();
    expect(buttons()).toHaveLength(1);
  });

  test("is stopped when its thread was left before it had begun", async () => {
    const opened = await openBlocks([python()]);
    await settle();
    let answered: (receipt: { run: string }) => void = () => undefined;
    opened.backend.answer("snippetRun", () => new Promise((done) => (answered = done)));
    await opened.user.click(buttons()[0] as HTMLElement);
    opened.app.go({ page: "home" });
    answered({ run: "late" });
    await settle();
    expect(opened.backend.requests("snippetStop")).toEqual([{ run: "late" }]);
  });

  test("goes through all by itself on a fake core that has a pace", async () => {
    await openThread(conversation(session, [person("Show me"), answer([code("c", "syntax error\n"), code("sh", "echo for ever\n"), python()], { completed: 1 })]), { pace: 1 });
    await settle();
    for (const button of buttons()) fireEvent.click(button);
    const states = () => screen.getAllByTestId("run").map((each) => each.dataset["state"]);
    await vi.waitFor(() => expect(states()).toEqual(["notCompiled", "running", "finished"]));
    expect(screen.getByText("Compiler")).toBeTruthy();
    fireEvent.click(screen.getByTestId("run-stop"));
    await vi.waitFor(() => expect(states()[1]).toBe("stopped"));
  });
});

describe("the box of a thread's folder", () => {
  const thread = (more: Partial<Parameters<FakeBackend["push"]>[0]> = {}, backend?: FakeBackend) => backend?.push(more);

  test("is said to be none where the person chose so, with the way to change it", async () => {
    const opened = await openBlocks([prose("<p>Done.</p>")]);
    expect(screen.queryByTestId("thread-unboxed")).toBeNull();
    thread({ folders: opened.backend.world.folders.map((folder) => ({ ...folder, unboxedAllowed: folder.id === "atlas" })) }, opened.backend);
    const note = within(screen.getByTestId("thread-unboxed"));
    expect(note.getByText("Commands run without a box here.")).toBeTruthy();
    await opened.user.click(note.getByRole("button", { name: "What commands may reach in atlas-api" }));
    expect(screen.getByRole("dialog", { name: "What commands may reach in atlas-api" })).toBeTruthy();
    expect(screen.getByTestId("folder-unbox").dataset["allowed"]).toBe("true");
  });

  test("is said to be none on home too, where the next thread begins in such a folder", async () => {
    const start = fakeStart();
    for (const folder of start.folders) folder.unboxedAllowed = folder.id === "atlas";
    const { app } = await openWindow({ start });
    expect(screen.getByTestId("thread-unboxed")).toBeTruthy();
    app.setHome({ folder: "site" });
    expect(screen.queryByTestId("thread-unboxed")).toBeNull();
  });

  test("is opened from the thread's first line too", async () => {
    const opened = await openBlocks([prose("<p>Done.</p>")]);
    await opened.user.click(within(document.querySelector<HTMLElement>(".pane-header") as HTMLElement).getByRole("button", { name: "What commands may reach in atlas-api" }));
    expect(screen.getByTestId("reach")).toBeTruthy();
  });
});
