import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Conversation, RevertPreview, SessionRow } from "../backend";
import { settle } from "../test/window";
import { answer, block, code, conversation, person, prose } from "./fixtures";
import { openThread } from "./openThread";

const session = "flaky-retry";
const idle = conversation(session, []).status;
const files = [{ path: "src/a.ts", additions: 3, deletions: 1 }];
const first = { ...person("Fix it"), id: "first" };
const done = { ...answer([prose("<p>Done &amp; dusted.</p>"), code("sh", "echo hi\n")], { completed: 1 }), id: "done" };
const turn = (more: Partial<Conversation> = {}) => conversation(session, structuredClone([first, done]), { status: idle, ...more });
const composer = () => screen.getByTestId<HTMLTextAreaElement>("composer-input");
const menuOf = (place: number) => fireEvent.click(screen.getAllByTestId("message-menu")[place] as HTMLElement);
const entry = (name: string) => screen.getByRole("menuitem", { name: new RegExp(`^${name}`) });
const entries = () => screen.getAllByRole("menuitem").map((each) => each.querySelector(".title")?.textContent);

async function opened(shown: Conversation = turn(), preview: Partial<RevertPreview> = {}) {
  const window = await openThread(shown);
  vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async (written) => void copied.push(written));
  window.backend.known.revert = { ...window.backend.known.revert, ...preview };
  return window;
}

let copied: string[] = [];
afterEach(() => {
  copied = [];
  vi.restoreAllMocks();
});

describe("what can be done with a message", () => {
  test("stands in the menus of the prompt and of the answer, each with a name", async () => {
    await opened();
    expect(screen.getAllByTestId("message-menu").map((button) => button.getAttribute("aria-label"))).toEqual(["More for this prompt", "More for this answer"]);
    menuOf(0);
    expect(entries()).toEqual(["Fork from here", "Edit and send again", "Send again", "Go back to before this…"]);
    fireEvent.keyDown(document.activeElement as HTMLElement, { key: "Escape" });
    menuOf(1);
    expect(entries()).toEqual(["Copy as Markdown", "Copy as text", "Copy the code block", "Fork from here", "Send again", "Go back to before this…"]);
  });

  test("copies an answer as it was written, as it is read, and its code alone", async () => {
    await opened();
    for (const name of ["Copy as Markdown", "Copy as text", "Copy the code block"]) {
      menuOf(1);
      fireEvent.click(entry(name));
      await settle();
    }
    expect(copied).toEqual(["The text as it was written.", "Done & dusted.\n\necho hi", "echo hi"]);
    expect(screen.getAllByRole("status").map((status) => status.textContent)).toContain("Copied");
  });

  test("what goes back waits for the turn to end, and says so", async () => {
    const { backend } = await opened(turn({ status: { ...idle, state: { kind: "working" }, since: 0 } }));
    menuOf(0);
    expect(entry("Edit and send again").getAttribute("aria-disabled")).toBe("true");
    expect(entry("Edit and send again").textContent).toContain("stop the turn first");
    fireEvent.click(entry("Go back"));
    fireEvent.click(screen.getByTestId("edit-prompt"));
    await settle();
    expect(backend.requests("revertPreview")).toEqual([]);
  });

  test("a sub-agent's thread is only copied from", async () => {
    const { app } = await openThread(turn());
    app.openSession("child-explore");
    await settle();
    expect(screen.queryByTestId("fork")).toBeNull();
  });
});

describe("a fork", () => {
  test("begins at a message or with all of the thread, is named after it, and opens", async () => {
    const { backend, app } = await opened();
    menuOf(1);
    fireEvent.click(entry("Fork from here"));
    await settle();
    expect(backend.requests("sessionFork")).toEqual([{ session, message: "done", title: "Fork of Fix flaky retry tests" }]);
    expect(app.state.route).toMatchObject({ page: "session", session: expect.stringMatching(/^fork-/) });
    await settle();
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Fork of Fix flaky retry tests");
    fireEvent.click(screen.getByTestId("fork"));
    await settle();
    expect(backend.requests("sessionFork").at(-1)).toMatchObject({ message: null });
  });

  test("does not take along who went elsewhere meanwhile", async () => {
    const { backend, app } = await opened();
    let made: (() => void) | undefined;
    const forked = { ...(app.state.sessions.find((row) => row.id === session) as SessionRow), id: "forked", title: "Fork" };
    backend.answer("sessionFork", () => new Promise((answered) => (made = () => answered({ thread: forked, missing: [] }))));
    fireEvent.click(screen.getByTestId("fork"));
    await settle();
    app.go({ page: "inbox" });
    made?.();
    await settle();
    expect(app.state.route).toEqual({ page: "inbox" });
    expect(app.toasts.list.at(-1)?.text).toBe("“Fork of Fix flaky retry tests” was made.");
    app.toasts.list.at(-1)?.action?.run();
    await settle();
    expect(app.state.route).toMatchObject({ page: "session", session: "forked" });
  });

  test("names the files that did not come along", async () => {
    const { backend, app } = await opened();
    const forked = { ...(app.state.sessions.find((row) => row.id === session) as SessionRow), id: "forked", title: "Fork" };
    backend.answer("sessionFork", async () => ({ thread: forked, missing: ["paper.pdf"] }));
    fireEvent.click(screen.getByTestId("fork"));
    await settle();
    expect(app.toasts.list.at(-1)).toMatchObject({ danger: true, text: expect.stringContaining("did not come along: paper.pdf.") });
  });

  test("that fails is told, and the thread stays open", async () => {
    const { backend, app } = await opened();
    backend.fail("sessionFork", { code: "engineNotReady", message: "The engine is starting." });
    fireEvent.click(screen.getByTestId("fork"));
    await settle();
    expect(document.body.textContent).toContain("The engine is starting.");
    expect(app.state.route).toMatchObject({ session });
  });
});

describe("going back", () => {
  test("shows first what it takes back and what stays", async () => {
    const { backend } = await opened(turn(), { prompts: 2, files, left: [{ path: "/tmp/out.log", additions: 1, deletions: 0 }], more: true, attachments: true });
    menuOf(0);
    fireEvent.click(entry("Go back"));
    const dialog = await screen.findByRole("dialog", { name: "Go back to before this prompt?" });
    expect(within(dialog).getByTestId("going-back-files").textContent).toContain("src/a.ts");
    expect(within(dialog).getByTestId("going-back-files").textContent).toContain("+3");
    expect(within(dialog).getByTestId("going-back-left").textContent).toContain("/tmp/out.log");
    expect(dialog.textContent).toContain("2 prompts and their answers are kept aside");
    expect(dialog.textContent).toContain("not all were looked at");
    expect(dialog.textContent).toContain("attached to it come back");
    fireEvent.click(within(dialog).getByRole("button", { name: "Cancel" }));
    await settle();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(backend.requests("sessionRevert")).toEqual([]);
  });

  test("says that no file is put back where the folder has no history", async () => {
    await opened(turn(), { history: false });
    menuOf(0);
    fireEvent.click(entry("Go back"));
    expect((await screen.findByTestId("going-back-no-history")).textContent).toContain("no git repository");
  });

  test("puts the prompt into the composer, above what is written there", async () => {
    const { backend, user } = await opened();
    await user.type(composer(), "And then?");
    menuOf(0);
    fireEvent.click(entry("Go back"));
    fireEvent.click(await screen.findByTestId("going-back-confirm"));
    await waitFor(() => expect(composer().value).toBe("What the prompt said.\n\nAnd then?"));
    expect(backend.requests("sessionRevert")).toEqual([{ session, message: "first" }]);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(composer()));
  });

  test("that fails says why in the dialog and keeps it open", async () => {
    const { backend } = await opened();
    backend.fail("sessionRevert", { code: "engineRefused", message: "The engine refused." });
    menuOf(0);
    fireEvent.click(entry("Go back"));
    fireEvent.click(await screen.findByTestId("going-back-confirm"));
    expect((await screen.findByRole("alert")).textContent).toBe("The engine refused.");
    expect(composer().value).toBe("");
  });

  test("whose thread is left meanwhile keeps the prompt as its draft", async () => {
    const { backend, app, user } = await opened();
    await user.type(composer(), "And then?");
    let reverted: (() => void) | undefined;
    backend.answer("sessionRevert", () => new Promise((answered) => (reverted = () => answered({ text: "What the prompt said.", attachments: [], missing: [] } as never))));
    fireEvent.click(screen.getByTestId("edit-prompt"));
    await settle();
    app.go({ page: "home" });
    await settle();
    reverted?.();
    await settle();
    expect(backend.requests("draftSave").at(-1)).toEqual({ session, text: "What the prompt said.\n\nAnd then?" });
  });

  test("whose thread is left and opened again meanwhile puts the prompt into its composer", async () => {
    const { backend, app } = await opened();
    let reverted: (() => void) | undefined;
    backend.answer("sessionRevert", () => new Promise((answered) => (reverted = () => answered({ text: "What the prompt said.", attachments: [], missing: [] } as never))));
    fireEvent.click(screen.getByTestId("edit-prompt"));
    await settle();
    app.go({ page: "home" });
    app.openSession(session);
    await settle();
    reverted?.();
    await waitFor(() => expect(composer().value).toBe("What the prompt said."));
  });

  test("that fails when its thread was left is told all the same", async () => {
    const { backend, app } = await opened();
    let refuse: (() => void) | undefined;
    backend.answer("sessionRevert", () => new Promise((_, failed) => (refuse = () => failed({ code: "engineRefused", message: "The engine refused." }))));
    menuOf(0);
    fireEvent.click(entry("Go back"));
    fireEvent.click(await screen.findByTestId("going-back-confirm"));
    app.go({ page: "home" });
    refuse?.();
    await settle();
    expect(app.toasts.list.at(-1)?.text).toBe("The engine refused.");
  });

  test("leaves a line that says what is kept aside, with the way back", async () => {
    const { backend } = await opened(turn({ reverted: { prompts: 2, files: false } }));
    const marker = screen.getByTestId("reverted");
    expect(marker.textContent).toContain("Went back to here. 2 prompts and their answers are kept aside until you send the next message.");
    fireEvent.click(screen.getByTestId("undo-revert"));
    await waitFor(() => expect(backend.requests("sessionUnrevert")).toEqual([{ session }]));
  });

  test("asks before files are changed again", async () => {
    const { backend } = await opened(turn({ messages: [], reverted: { prompts: 1, files: true } }));
    expect(document.body.textContent).not.toContain("Nothing here yet");
    fireEvent.click(screen.getByTestId("undo-revert"));
    const dialog = await screen.findByRole("dialog", { name: "Bring everything back?" });
    expect(backend.requests("sessionUnrevert")).toEqual([]);
    fireEvent.click(within(dialog).getByTestId("going-back-confirm"));
    await waitFor(() => expect(backend.requests("sessionUnrevert")).toEqual([{ session }]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(composer()));
  });

  test("undone, takes the prompt out of the composer again unless it was changed", async () => {
    const { backend, user } = await opened(turn({ reverted: { prompts: 1, files: false } }));
    fireEvent.click(screen.getByTestId("edit-prompt"));
    await waitFor(() => expect(composer().value).toBe("What the prompt said."));
    await settle();
    fireEvent.click(screen.getByTestId("undo-revert"));
    await waitFor(() => expect(composer().value).toBe(""));
    await settle();
    fireEvent.click(screen.getByTestId("edit-prompt"));
    await waitFor(() => expect(composer().value).toBe("What the prompt said."));
    await user.type(composer(), " Or not.");
    fireEvent.click(screen.getByTestId("undo-revert"));
    await waitFor(() => expect(backend.requests("sessionUnrevert")).toHaveLength(2));
    expect(composer().value).toBe("What the prompt said. Or not.");
  });

  test("farther back and undone, takes out all prompts that came, and all their files", async () => {
    const { backend } = await opened(turn({ reverted: { prompts: 1, files: false } }));
    const answers = ["second", "first"];
    backend.answer("sessionRevert", async () => {
      const name = answers.shift() ?? "";
      return { text: `The ${name}.`, attachments: [`file of the ${name}`], missing: [] };
    });
    for (const written of ["The second.", "The first.\n\nThe second."]) {
      fireEvent.click(screen.getByTestId("edit-prompt"));
      await waitFor(() => expect(composer().value).toBe(written));
      await settle();
    }
    fireEvent.click(screen.getByTestId("undo-revert"));
    await waitFor(() => expect(composer().value).toBe(""));
    await waitFor(() => expect(backend.requests("attachmentRemove")).toEqual(["second", "first"].map((name) => ({ session, attachment: `file of the ${name}` }))));
  });
});

describe("a prompt sent again", () => {
  test("is edited in the composer at once when nothing else would be lost", async () => {
    await opened();
    fireEvent.click(screen.getByTestId("edit-prompt"));
    await waitFor(() => expect(composer().value).toBe("What the prompt said."));
    await waitFor(() => expect(document.activeElement).toBe(composer()));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("is asked about first when files would be put back", async () => {
    const { backend } = await opened(turn(), { files });
    menuOf(1);
    fireEvent.click(entry("Send again"));
    const dialog = await screen.findByRole("dialog", { name: "Go back and send this prompt again?" });
    expect(dialog.textContent).toContain("goes for good");
    fireEvent.click(within(dialog).getByTestId("going-back-confirm"));
    await waitFor(() => expect(backend.requests("promptSend")).toMatchObject([{ session, text: "What the prompt said." }]));
  });

  test("is offered where a turn failed or was cut off", async () => {
    const failure = { kind: "provider" as const, message: "overloaded", status: 529 };
    const failed = turn({ status: { ...idle, failure } });
    const { backend } = await opened(failed);
    fireEvent.click(within(screen.getByTestId("failure")).getByTestId("retry"));
    await waitFor(() => expect(backend.requests("promptSend")).toHaveLength(1));
    expect(backend.requests("sessionRevert")).toEqual([{ session, message: "first" }]);
  });

  test("stands beside the way to go on after an interruption", async () => {
    const cut = turn({ status: { ...idle, state: { kind: "interrupted" } } });
    const { backend } = await opened(cut);
    fireEvent.click(within(screen.getByTestId("interrupted")).getByTestId("retry"));
    await waitFor(() => expect(backend.requests("promptSend")).toHaveLength(1));
  });

  test("takes the files along that were attached to it, and says so", async () => {
    const withFile = { ...structuredClone(first), blocks: [...first.blocks, block({ kind: "file", file: { name: "a.pdf", mediaType: "application/pdf" } })] };
    const cut = conversation(session, [withFile, structuredClone(done)], { status: { ...idle, state: { kind: "interrupted" } } });
    const { backend } = await opened(cut, { attachments: true });
    backend.answer("sessionRevert", async () => ({ text: "Look at it.", attachments: ["kept"], missing: [] }) as never);
    expect(within(screen.getByTestId("interrupted")).getByTestId("retry")).toBeTruthy();
    for (const place of [0, 1]) {
      menuOf(place);
      expect(entries()).toContain("Send again");
      if (place === 0) fireEvent.keyDown(document.activeElement as HTMLElement, { key: "Escape" });
    }
    fireEvent.click(entry("Send again"));
    const dialog = await screen.findByRole("dialog", { name: "Go back and send this prompt again?" });
    expect(dialog.textContent).toContain("are sent along");
    expect(dialog.textContent).not.toContain("come back into the composer");
    fireEvent.click(within(dialog).getByTestId("going-back-confirm"));
    await waitFor(() => expect(backend.requests("promptSend")).toMatchObject([{ text: "Look at it.", attachments: ["kept"] }]));
  });

  test("is not sent without its files: it waits in the composer, and those that are missing are named", async () => {
    const { backend, app } = await opened();
    backend.answer("sessionRevert", async () => ({ text: "Look at both.", attachments: ["kept"], missing: ["a.png", "b.pdf"] }));
    menuOf(0);
    fireEvent.click(entry("Send again"));
    await waitFor(() => expect(composer().value).toBe("Look at both."));
    await settle();
    expect(backend.requests("promptSend")).toEqual([]);
    expect(app.toasts.list.at(-1)).toMatchObject({ danger: true, text: expect.stringContaining("2 files that were attached to the prompt did not come along: a.png, b.pdf.") });
  });

  test("waits in the composer when it cannot be sent", async () => {
    const { backend } = await opened();
    backend.fail("promptSend", { code: "engineNotReady", message: "The engine is starting." });
    menuOf(0);
    fireEvent.click(entry("Send again"));
    await waitFor(() => expect(composer().value).toBe("What the prompt said."));
    await waitFor(() => expect(document.body.textContent).toContain("The engine is starting."));
  });
});

describe("by the palette", () => {
  const run = async (title: string) => {
    fireEvent.keyDown(document.body, { key: "P", ctrlKey: true, shiftKey: true });
    fireEvent.input(screen.getByTestId("palette-input"), { target: { value: `>${title}` } });
    const found = screen.getAllByRole("option").find((option) => option.querySelector(".palette-label")?.textContent === title);
    fireEvent.click(found as HTMLElement);
    // One thing at a time goes back.
    await settle();
    await settle();
  };

  test("all of it is done with the newest prompt and answer", async () => {
    const { backend } = await opened(turn({ reverted: { prompts: 1, files: false } }));
    await run("Copy the last answer as text");
    expect(copied).toEqual(["Done & dusted.\n\necho hi"]);
    await run("Edit the last prompt and send it again");
    await waitFor(() => expect(backend.requests("sessionRevert")).toEqual([{ session, message: "first" }]));
    await run("Undo going back");
    await waitFor(() => expect(backend.requests("sessionUnrevert")).toHaveLength(1));
    await run("Send the last prompt again");
    await waitFor(() => expect(backend.requests("promptSend")).toHaveLength(1));
    await run("Go back to before the last prompt…");
    fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Cancel" }));
    await run("Fork this thread");
    await waitFor(() => expect(backend.requests("sessionFork")).toHaveLength(1));
  });
});
