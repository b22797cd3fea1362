import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { Conversation, ConversationPatch, Html } from "../backend";
import { fakeStart } from "../backend/fake";
import { media } from "../test/setup";
import { settle } from "../test/window";
import { answer, block, conversation, lane, permission, person, printed, prose, toolBlock } from "./fixtures";
import { openThread } from "./openThread";

const session = "flaky-retry";
const idle = conversation(session, []).status;
const working: Conversation["status"] = { ...idle, state: { kind: "working" }, since: 0 };
const html = (written: string) => written as Html;
const nasty = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';

function patchOf(more: Partial<ConversationPatch>): ConversationPatch {
  return { session, revision: 2, base: 1, before: null, moreBefore: null, after: null, removedMessages: [], messages: [], removedBlocks: [], blocks: [], texts: [], status: null, permissions: null, questions: null, todos: null, draft: null, ...more };
}

describe("the transcript", () => {
  test("shows what a person wrote and what answered it", async () => {
    await openThread(conversation(session, [person("Fix it\nplease"), answer([prose("<p>Done.</p>")], { completed: 1 })]));
    expect(screen.getByTestId("message-person").textContent).toContain("Fix it\nplease");
    expect(within(screen.getAllByTestId("message-agent")[0] as HTMLElement).getByTestId("prose").textContent).toBe("Done.");
  });

  test("turns to the newest when something is sent from here, and not when messages come or pages are turned", async () => {
    const { backend, user } = await openThread(conversation(session, [person("Go"), answer([prose("<p>One.</p>")])], { after: 7 }));
    const latest = () => backend.requests("sessionPage").filter((request) => (request as { page: { kind: string } }).page.kind === "latest");
    const came = { ...person("From before"), id: "older" };
    const goes = { ...answer([prose("<p>Two.</p>")]), id: "goes-on" };
    backend.push({
      conversation: patchOf({
        messages: [
          { index: 0, fresh: true, message: came },
          { index: 3, fresh: true, message: goes },
        ],
      }),
    });
    await settle();
    expect(latest()).toEqual([]);
    await user.type(screen.getByTestId("composer-input"), "And now?{Enter}");
    await waitFor(() => expect(latest()).toHaveLength(1));
  });

  test("shows markup that a person, a tool or a title brings as the text it is", async () => {
    const start = fakeStart();
    const row = start.sessions.find(({ id }) => id === session);
    if (row) row.title = nasty;
    const { container, user } = await openThread(
      conversation(session, [
        person(nasty),
        answer([
          toolBlock({ shape: "shell", target: nasty, output: printed(nasty), exit: 1 }),
          toolBlock({ shape: "other", name: nasty, mark: "failed", error: printed(nasty), arguments: printed(nasty) }),
          lane({ agent: nasty, task: nasty, activity: nasty }),
          block({ kind: "reasoning", html: [], firstLine: nasty, started: 0, ended: 1, open: false }),
          block({ kind: "file", file: { name: nasty, mediaType: nasty } }),
        ]),
      ], { permissions: [permission({ subject: "read", command: null, path: nasty, patterns: [nasty], always: [{ pattern: nasty, choices: [nasty] }], runs: [nasty] })] }),
      { start },
    );
    const opened = [...container.querySelectorAll<HTMLElement>(".transcript [aria-expanded='false']")].map((closed) => user.click(closed));
    await Promise.all(opened);
    expect(container.querySelector("img, script")).toBeNull();
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(nasty);
    expect("broken" in window).toBe(false);
  });

  test("draws a delta into the piece that grew and leaves the others as they are", async () => {
    const streaming = block({ kind: "text", plain: "", open: true, html: [{ frame: { kind: "html" }, pieces: [html("<p>One.</p>")] }, { frame: { kind: "html" }, pieces: [html("<p>Tw</p>")] }] });
    const message = answer([streaming]);
    const { app } = await openThread(conversation(session, [person("Count"), message], { status: working }));
    const first = screen.getByText("One.");
    app.conversation.receive(patchOf({ texts: [{ message: message.id, block: streaming.id, html: { blocks: 2, changes: [{ index: 1, frame: { kind: "html" }, keep: 0, pieces: [html("<p>Two.</p>")] }] } }] }));
    expect(screen.getByTestId("prose").textContent).toBe("One.Two.");
    expect(screen.getByText("One.")).toBe(first);
  });

  test("keeps what a person opened while the turn goes on", async () => {
    const message = answer([toolBlock({ shape: "edit", mark: "failed", target: "a.ts", error: printed("No such file") })]);
    const { app, user } = await openThread(conversation(session, [person("Go"), message], { status: working }));
    await user.click(within(screen.getByTestId("tool")).getByRole("button"));
    app.conversation.receive(patchOf({ blocks: [{ message: message.id, index: 1, block: prose("<p>I try again.</p>") }], messages: [{ index: 2, fresh: true, message: answer([prose("<p>More.</p>")]) }] }));
    expect(within(screen.getByTestId("tool")).getByRole("button").getAttribute("aria-expanded")).toBe("true");
    expect(screen.getByText("More.")).toBeTruthy();
  });

  test("labels answers of the demo model as scripted", async () => {
    await openThread(conversation(session, [person("Show me"), answer([prose("<p>Look.</p>")], { scripted: true, completed: 1 })]));
    expect(screen.getByTestId("scripted").textContent).toBe("Scripted demo, not a model");
  });

  test("asks for older messages when there are some", async () => {
    const { backend, user } = await openThread(conversation(session, [person("Go")], { before: 24 }));
    await user.click(screen.getByRole("button", { name: "Show 24 earlier messages" }));
    // Near the end of what is held they were asked for already.
    expect(backend.requests("sessionPage")).toEqual([{ session, page: { kind: "older" } }]);
  });

  test("cuts a very long message of a person until it is opened", async () => {
    const { user } = await openThread(conversation(session, [person(Array.from({ length: 90 }, (_, line) => `line ${line}`).join("\n"))]));
    expect(screen.getByTestId("message-person").textContent).not.toContain("line 80");
    await user.click(screen.getByRole("button", { name: "Show all 90 lines" }));
    expect(screen.getByTestId("message-person").textContent).toContain("line 80");
  });

  test("follows links by the system's browser", async () => {
    const { backend } = await openThread(conversation(session, [person("Go"), answer([prose('<p><a href="https://example.com/x">there</a></p>')])]));
    expect(fireEvent.click(screen.getByText("there"))).toBe(false);
    expect(backend.requests("linkOpen")).toEqual([{ url: "https://example.com/x" }]);
  });

  test("says that a prompt was cut off before anything answered it", async () => {
    await openThread(conversation(session, [{ ...person("Go"), interrupted: true }, person("And then"), answer([prose("<p>Done.</p>")])], { status: idle }));
    expect(screen.getAllByTestId("interrupted").map(({ textContent }) => textContent)).toEqual(["Interrupted. The engine stopped; everything above was kept."]);
  });

  test("says that a turn was interrupted and goes on by one press", async () => {
    const { backend, user } = await openThread(conversation(session, [person("Go"), answer([prose("<p>Half.</p>")], { interrupted: true })], { status: { ...idle, state: { kind: "interrupted" } } }));
    await user.click(within(screen.getByTestId("interrupted")).getByRole("button", { name: "Continue" }));
    expect(backend.requests("promptSend")).toEqual([{ session, text: "Continue.", agent: "build", model: "local/qwen3-coder-30b" }]);
    expect(document.activeElement?.textContent).toContain("Continue");
    backend.push({ conversation: patchOf({ status: working }) });
    await settle();
    expect(document.activeElement).toBe(screen.getByTestId("composer-input"));
  });

  test("says why it could not be opened, and opens again", async () => {
    const { backend, app, user } = await openThread(conversation("changelog", []));
    backend.fail("sessionOpen", { code: "engineNotReady", message: "The engine is starting." });
    app.openSession(session);
    expect((await screen.findByTestId("open-failed")).textContent).toContain("The engine is starting. The thread is kept on this computer, and opens when the engine runs.");
    backend.answer("sessionOpen", async () => conversation(session, [person("Here I am")]));
    await user.click(screen.getByRole("button", { name: "Open again" }));
    expect((await screen.findByTestId("message-person")).textContent).toContain("Here I am");
  });

  test("promises nothing of a thread that is gone, and no more than is known of another", async () => {
    const { backend, app } = await openThread(conversation("changelog", []));
    backend.fail("sessionOpen", { code: "notFound", message: "The thread is no longer there." });
    app.openSession(session);
    expect((await screen.findByTestId("open-failed")).querySelector("p")?.textContent).toBe("The thread is no longer there.");
    backend.fail("sessionOpen", { code: "internal", message: "Something went wrong inside the app." });
    await app.conversation.open(session);
    expect(screen.getByTestId("open-failed").querySelector("p")?.textContent).toBe("Something went wrong inside the app. Trying to open it changed nothing.");
  });

  test("opens by itself once there is an engine", async () => {
    const { backend, app } = await openThread(conversation("changelog", []));
    backend.push({ engine: { kind: "starting", step: "preparing", since: 0 } });
    backend.fail("sessionOpen", { code: "engineNotReady", message: "The engine is starting." });
    app.openSession(session);
    await screen.findByTestId("open-failed");
    backend.answer("sessionOpen", async () => conversation(session, [person("Here I am")]));
    backend.push({ engine: { kind: "ready", version: "1.18.33" } });
    expect((await screen.findByTestId("message-person")).textContent).toContain("Here I am");
  });

  test("of a sub-agent leads back to its thread and has no composer", async () => {
    const { app, user } = await openThread(conversation(session, [person("Go"), answer([lane({ session: "child", agent: "explore", task: "Find callers" })])]));
    await user.click(screen.getByRole("button", { name: "Open the thread of explore: Find callers" }));
    expect(app.state.route).toEqual({ page: "session", session: "child" });
    expect(screen.queryByTestId("composer-input")).toBeNull();
    await user.click(screen.getByTestId("back-to-parent"));
    expect(app.state.route).toEqual({ page: "session", session });
  });
});

describe("tools", () => {
  test("that are done fold into one sentence, which opens", async () => {
    const { user } = await openThread(
      conversation(session, [person("Go"), answer([toolBlock({ target: "a.ts" }), toolBlock({ target: "b.ts" }), toolBlock({ shape: "search", target: "x" }), toolBlock({ shape: "shell", target: "ls" })])]),
    );
    expect(screen.queryByTestId("tool")).toBeNull();
    await user.click(screen.getByRole("button", { name: /Read 2 files, searched once, ran 1 command/ }));
    expect(screen.getAllByTestId("tool").map(({ dataset }) => dataset["shape"])).toEqual(["read", "read", "search", "shell"]);
  });

  test("that failed or changed a file stand for themselves", async () => {
    await openThread(
      conversation(session, [person("Go"), answer([toolBlock({ target: "a.ts" }), toolBlock({ shape: "edit", target: "b.ts" }), toolBlock({ mark: "failed", target: "c.ts", error: printed("No such file") })])]),
    );
    expect(screen.getAllByTestId("tool").map(({ dataset }) => [dataset["shape"], dataset["mark"]])).toEqual([
      ["read", "done"],
      ["edit", "done"],
      ["read", "failed"],
    ]);
    expect(screen.getByText("No such file")).toBeTruthy();
  });

  test("that run show the end of their output and can be stopped", async () => {
    const { backend, user } = await openThread(
      conversation(session, [person("Go"), answer([toolBlock({ shape: "shell", mark: "running", target: "make", ended: null, output: printed("one\ntwo\n") })])], { status: working }),
    );
    const tool = within(screen.getByTestId("tool"));
    expect(tool.getByText(/one/).textContent).toBe("one\ntwo\n");
    expect(tool.getByText("Last 2 lines")).toBeTruthy();
    await user.click(tool.getByRole("button", { name: "Stop" }));
    expect(backend.requests("turnStop")).toEqual([{ session }]);
  });

  test("whose output is cut show all of it page by page", async () => {
    const message = answer([toolBlock({ shape: "shell", target: "make", exit: 1, output: printed("begin\n", { bytes: 3000, lines: 20, cut: true }) })]);
    const { backend, user } = await openThread(conversation(session, [person("Go"), message]));
    const page = (words: string) => ({ spans: [{ text: words, look: "ink-red" }], pages: 5, bytes: 3000, lines: 20, leftOut: 0, shortened: false });
    backend.answer("toolOutput", async ({ page: index }) => page(index === 0 ? "page one\n" : "page two\n"));
    backend.answer("toolText", async () => "all of it");
    await user.click(within(screen.getByTestId("tool")).getByRole("button"));
    await waitFor(() => expect(screen.getByTestId("output-pages").textContent).toMatch(/^page one\n(page two\n){3}$/));
    expect(screen.getByTestId("output-size").textContent).toContain("20 lines, 3");
    await user.click(screen.getByRole("button", { name: "Show all 20 lines" }));
    await waitFor(() => expect(screen.getByTestId("output-pages").textContent).toMatch(/^page one\n(page two\n){4}$/));
    expect(screen.getAllByText("page two")[0]?.className).toBe("ink-red");
    await user.click(screen.getByRole("button", { name: "Copy all" }));
    expect(backend.requests("toolText")).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Show the beginning" }));
    await waitFor(() => expect(screen.getByTestId("output-pages").textContent).toMatch(/^page one\n(page two\n){3}$/));
  });

  test("whose output grows show what was asked for last, whichever answer comes first", async () => {
    const shell = (bytes: number) => toolBlock({ shape: "shell", target: "make", exit: 1, output: printed("begin\n", { bytes, lines: 900, cut: true }) });
    const message = answer([shell(3000)]);
    const { backend, app, user } = await openThread(conversation(session, [person("Go"), message]));
    const asked: ((words: string) => void)[] = [];
    backend.answer("toolOutput", () => new Promise((give) => asked.push((words) => give({ spans: [{ text: words, look: "" }], pages: 1, bytes: 3, lines: 1, leftOut: 0, shortened: false }))));
    await user.click(within(screen.getByTestId("tool")).getByRole("button"));
    await waitFor(() => expect(asked).toHaveLength(1));
    const grown = { ...shell(4000), id: message.blocks[0]?.id ?? "" };
    app.conversation.receive(patchOf({ blocks: [{ message: message.id, index: 0, block: grown }] }));
    await waitFor(() => expect(asked).toHaveLength(2));
    asked[1]?.("newer");
    await waitFor(() => expect(screen.getByLabelText("Output").textContent).toBe("newer"));
    asked[0]?.("older");
    await settle();
    expect(screen.getByLabelText("Output").textContent).toBe("newer");
  });

  test("whose output cannot be read say so and try again", async () => {
    const message = answer([toolBlock({ shape: "shell", target: "make", exit: 1, output: printed("begin\n", { bytes: 3000, lines: 900, cut: true }) })]);
    const { backend, user } = await openThread(conversation(session, [person("Go"), message]));
    backend.fail("toolOutput", { code: "notFound", message: "It is gone." });
    await user.click(within(screen.getByTestId("tool")).getByRole("button"));
    expect((await screen.findByRole("alert")).textContent).toBe("It is gone.");
    expect(screen.getByLabelText("Output").textContent).toBe("begin\n");
    backend.answer("toolOutput", async () => ({ spans: [{ text: "all", look: "" }], pages: 1, bytes: 3, lines: 1, leftOut: 0, shortened: true }));
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.getByLabelText("Output").textContent).toBe("all"));
    expect(screen.getByTestId("output-size").textContent).toContain("the engine kept only this part");
  });

  test("that changed a file show the lines", async () => {
    const change = { path: "a.ts", additions: 1, deletions: 0, pages: 1, more: 0, bytes: 100, lines: [{ kind: "added" as const, old: null, new: 1, html: html("<span class='k'>let</span> x;"), goesOn: false }] };
    const { user } = await openThread(conversation(session, [person("Go"), answer([toolBlock({ shape: "edit", target: "a.ts", change })])]));
    expect(screen.getByTestId("tool").textContent).toContain("+1");
    await user.click(within(screen.getByTestId("tool")).getByRole("button"));
    expect(within(screen.getByTestId("tool")).getByTestId("diff").textContent).toContain("let x;");
  });

  test("the plan stands once, where it was made, and moves on", async () => {
    const { app } = await openThread(
      conversation(session, [person("Go"), answer([toolBlock({ shape: "plan" }), prose("<p>First.</p>"), toolBlock({ shape: "plan" })])], { status: working, todos: [{ text: "Look", mark: "now" }] }),
    );
    expect(screen.getAllByTestId("plan")).toHaveLength(1);
    app.conversation.receive(patchOf({ todos: [{ text: "Look", mark: "done" }, { text: "Leap", mark: "now" }] }));
    expect(screen.getByTestId("plan").textContent).toContain("1 of 2 done");
    expect(screen.getByText("Leap")).toBeTruthy();
  });
});

describe("writing in a thread", () => {
  test("sends with the chosen agent and model", async () => {
    const { backend, user } = await openThread(conversation(session, []));
    await user.click(screen.getByTestId("agent-picker"));
    await user.click(screen.getByRole("option", { name: /plan/ }));
    await user.type(screen.getByTestId("composer-input"), "Go on{Enter}");
    expect(backend.requests("promptSend")).toEqual([{ session, text: "Go on", agent: "plan", model: "local/qwen3-coder-30b" }]);
  });

  test("begins with the draft the core kept and saves what is typed when the thread is left", async () => {
    const { backend, app, user } = await openThread(conversation(session, [], { draft: "And the docs" }));
    expect(screen.getByTestId<HTMLTextAreaElement>("composer-input").value).toBe("And the docs");
    await user.type(screen.getByTestId("composer-input"), "!");
    app.go({ page: "home" });
    expect(backend.requests("draftSave")).toEqual([{ session, text: "And the docs!" }]);
  });

  test("forgets the draft once it was delivered, and keeps it when it was not", async () => {
    const { backend, user } = await openThread(conversation(session, []));
    backend.fail("promptSend", { code: "engineRefused", message: "The engine took it not." });
    await user.type(screen.getByTestId("composer-input"), "Go{Enter}");
    expect((await screen.findByTestId("composer-error")).textContent).toContain("The engine took it not.");
    expect(backend.requests("draftSave").filter((saved) => (saved as { text: string }).text === "")).toEqual([]);
    backend.answer("promptSend", async () => ({ message: "m" }));
    await user.type(screen.getByTestId("composer-input"), "{Enter}");
    await settle();
    expect(screen.getByTestId<HTMLTextAreaElement>("composer-input").value).toBe("");
    expect(backend.requests("draftSave").at(-1)).toEqual({ session, text: "" });
  });

  test("Escape closes what is open before it stops the turn", async () => {
    const { backend, user } = await openThread(conversation(session, [person("Go")], { status: working }));
    await user.click(screen.getByTestId("model-picker"));
    await user.keyboard("{Escape}");
    expect(backend.requests("turnStop")).toEqual([]);
    await user.keyboard("{Escape}");
    expect(backend.requests("turnStop")).toEqual([{ session }]);
  });

  test("the focus on the button that stops, or goes on, goes to the composer when that is gone", async () => {
    const { backend, user } = await openThread(conversation(session, [person("Go")], { status: working }));
    await user.click(screen.getByTestId("composer-stop"));
    backend.push({ conversation: patchOf({ status: { ...working, state: { kind: "stopping" } } }) });
    await settle();
    expect(document.activeElement).toBe(screen.getByTestId("composer-stop"));
    await user.click(screen.getByTestId("composer-stop"));
    expect(backend.requests("turnStop")).toHaveLength(1);
    backend.push({ conversation: patchOf({ status: idle, revision: 3, base: 2 }) });
    await settle();
    expect(screen.queryByTestId("composer-stop")).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId("composer-input"));
  });

  test("Escape leaves the note to a request before it stops the turn", async () => {
    const { backend, user } = await openThread(conversation(session, [person("Go")], { status: working, permissions: [permission()] }));
    await user.type(screen.getByTestId("deny-feedback"), "No{Escape}");
    expect(backend.requests("turnStop")).toEqual([]);
    await user.keyboard("{Escape}");
    expect(backend.requests("turnStop")).toEqual([{ session }]);
  });

  test("the title is changed in place; Escape leaves it and stops nothing", async () => {
    const { backend, user } = await openThread(conversation(session, [person("Go")], { status: working }));
    await user.click(screen.getByTestId("rename"));
    await user.keyboard("Nonsense{Escape}");
    expect(backend.requests("sessionRename")).toEqual([]);
    expect(backend.requests("turnStop")).toEqual([]);
    await user.click(screen.getByTestId("rename"));
    await settle();
    await user.clear(screen.getByTestId("title-input"));
    await user.keyboard("Retry jitter{Enter}");
    expect(backend.requests("sessionRename")).toEqual([{ session, title: "Retry jitter" }]);
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Retry jitter");
  });
});

describe("the review", () => {
  const change = (path: string, additions: number, deletions: number, line: string) => ({
    path,
    additions,
    deletions,
    pages: 1,
    more: 0,
    bytes: 100,
    lines: [{ kind: "added" as const, old: null, new: 1, html: html(line), goesOn: false }],
  });
  const edited = () =>
    conversation(session, [
      person("Go"),
      answer([
        toolBlock({ shape: "edit", target: "src/a.ts", change: change("src/a.ts", 3, 1, "first") }),
        toolBlock({ shape: "edit", target: "src/a.ts", change: change("src/a.ts", 2, 0, "second") }),
        toolBlock({ shape: "edit", target: "b.ts", change: change("b.ts", 0, 4, "other") }),
      ]),
    ]);

  test("closes by its key and stays closed", async () => {
    const { backend } = await openThread(edited());
    fireEvent.keyDown(document.body, { key: "R", ctrlKey: true, shiftKey: true });
    await settle();
    expect(screen.queryByTestId("review")).toBeNull();
    expect(backend.requests("settingsSave")).toMatchObject([{ reviewOpen: false }]);
  });

  test("in a narrow window is a button with its counts and opens over the conversation until Escape", async () => {
    media.set("(max-width: 1099px)", true);
    const { backend, user } = await openThread(edited());
    expect(screen.queryByTestId("review")).toBeNull();
    expect(screen.getByTestId("review-toggle").textContent).toContain("+5");
    await user.click(screen.getByTestId("review-toggle"));
    await waitFor(() => expect(screen.getByTestId("review").contains(document.activeElement)).toBe(true));
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("review")).toBeNull();
    fireEvent.keyDown(document.body, { key: "R", ctrlKey: true, shiftKey: true });
    expect(screen.getByTestId("review")).toBeTruthy();
    expect(backend.requests("settingsSave")).toEqual([]);
  });
});
