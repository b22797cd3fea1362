import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { unwrap } from "solid-js/store";
import { describe, expect, test } from "vitest";
import { fakeDeploy, fakePicture } from "../backend/fake/composerCommands";
import { empty, input, openComposer, press, session, working, write } from "../test/composer";
import { settle } from "../test/window";
import { commandIn, mentionOf, namingAt } from "./parts";

const file = (name: string, content: string, type = "text/plain") => new File([content], name, { type });
const transfer = (files: File[], types = ["Files"]) => ({ files, types }) as unknown as DataTransfer;

describe("what is being named before the caret", () => {
  test.each([
    ["@", 1, { kind: "mention", from: 0, to: 1, typed: "" }],
    ["look at @src/re", 15, { kind: "mention", from: 8, to: 15, typed: "src/re" }],
    ['(@"a b', 6, { kind: "mention", from: 1, to: 6, typed: "a b" }],
    ["/", 1, { kind: "command", from: 0, to: 1, typed: "" }],
    ["/rev", 4, { kind: "command", from: 0, to: 4, typed: "rev" }],
  ] as const)("%s", (written, caret, naming) => expect(namingAt(written, caret)).toEqual(naming));

  test.each([["me@example.org", 14], ["@src/a.ts ", 10], ["/review all", 11], ["a /b", 4], ["", 0]])("nothing in %s", (written, caret) => expect(namingAt(written, caret)).toBeUndefined());

  test("a command is told from a path", () => {
    expect(commandIn("/review the  rest\nof it")).toEqual({ name: "review", rest: "the  rest\nof it" });
    expect(commandIn("//comment")).toBeUndefined();
    expect(mentionOf("a b.txt")).toBe('@"a b.txt"');
  });
});

describe("attached files", () => {
  test("are shown with their size and a picture, taken away, and go with the prompt", async () => {
    const { backend, user } = await openComposer({ composer: { attachments: [fakePicture, { ...fakePicture, id: "file-2", name: "notes.pdf", mediaType: "application/pdf", thumbnail: null, scaled: false }] } });
    const items = screen.getAllByTestId("attachment");
    expect(items[0]?.textContent).toContain("screen.png120.0 KB, made smaller");
    expect(items[0]?.querySelector("img")?.getAttribute("src")).toBe(fakePicture.thumbnail);
    await write("Look at both");
    await press("Enter");
    expect(backend.requests("promptSend")).toMatchObject([{ text: "Look at both", attachments: ["file-1", "file-2"] }]);
    await user.click(screen.getByRole("button", { name: "Remove screen.png" }));
    expect(backend.requests("attachmentRemove")).toEqual([{ session, attachment: "file-1" }]);
    expect(document.activeElement).toBe(input());
  });

  test("come by the button, by paste and by drop, and what cannot is refused with what to do", async () => {
    const { backend, user } = await openComposer();
    await user.click(screen.getByTestId("attach"));
    expect(backend.requests("attachmentPick")).toEqual([{ session }]);
    fireEvent.paste(input(), { clipboardData: transfer([file("", "x", "image/png")]) });
    await waitFor(() => expect(backend.requests("attachmentAdd")).toEqual([{ session, name: "pasted.png", data: "eA==" }]));
    const form = input().closest("form") as HTMLFormElement;
    fireEvent.dragOver(form, { dataTransfer: transfer([]) });
    expect(form.className).toContain("is-dropping");
    fireEvent.drop(form, { dataTransfer: transfer([file("letter.docx", "PK"), file("big.bin", "x".repeat(11 * 1024 * 1024))]) });
    await waitFor(() => expect(screen.getByTestId("refused-files").textContent).toContain("Save it as PDF or text"));
    await waitFor(() => expect(screen.getByTestId("refused-files").textContent).toContain("big.bin is larger than 10 MB"));
    expect(form.className).not.toContain("is-dropping");
    await waitFor(() => expect(screen.getAllByTestId("attachment")).toHaveLength(2));
    expect(backend.requests("attachmentAdd")).toHaveLength(2);
  });

  test("are waited for: a prompt does not go without one that is on its way", async () => {
    const { backend } = await openComposer();
    let arrive = () => {};
    backend.answer("attachmentPick", () => new Promise((done) => (arrive = () => done({ attached: [], refused: [] }))));
    fireEvent.click(screen.getByTestId("attach"));
    await write("Look at it");
    await press("Enter");
    expect(backend.requests("promptSend")).toEqual([]);
    expect(screen.getByTestId("composer-error").textContent).toContain("still being attached");
    arrive();
    await settle();
    await press("Enter");
    await waitFor(() => expect(backend.requests("promptSend")).toHaveLength(1));
  });

  test("a model that reads no pictures is told apart, and of one that nobody knows nothing is said", async () => {
    const { app, backend } = await openComposer({ composer: { attachments: [fakePicture] } });
    const choose = async (images: boolean | null) => {
      const [first] = app.state.models;
      if (!first) throw new Error("the fake world has models");
      backend.push({ models: [{ ...unwrap(first), variants: [], images }] });
      await settle();
    };
    await choose(false);
    expect((await screen.findByTestId("no-pictures")).textContent).toMatch(/reads no pictures, so it will not see this one\./);
    backend.push({ composers: [{ ...empty, attachments: [fakePicture, { ...fakePicture, id: "file-2" }] }] });
    await waitFor(() => expect(screen.getByTestId("no-pictures").textContent).toContain("will not see these"));
    for (const images of [true, null]) {
      await choose(images);
      expect(screen.queryByTestId("no-pictures")).toBeNull();
    }
    await choose(false);
    backend.push({ composers: [{ ...empty, attachments: [{ ...fakePicture, mediaType: "application/pdf" }] }] });
    await waitFor(() => expect(screen.queryByTestId("no-pictures")).toBeNull());
  });

  test("words that come with a picture of them are pasted as words", async () => {
    const { backend } = await openComposer();
    fireEvent.paste(input(), { clipboardData: transfer([file("table.png", "x", "image/png")], ["text/plain", "Files"]) });
    await settle();
    expect(backend.requests("attachmentAdd")).toEqual([]);
  });
});

describe("naming files and sub-agents", () => {
  test("arrows move, Enter chooses, and the field names what is active", async () => {
    const { backend } = await openComposer();
    await write("Look at @re");
    await screen.findByText("explore", { exact: false }).catch(() => undefined);
    const list = await screen.findByRole("listbox", { name: "Files and sub-agents" });
    await waitFor(() => expect(within(list).getAllByRole("option")).toHaveLength(2));
    expect(screen.getByText("2 suggestions").className, "it takes no room below the list").toBe("sr-only");
    expect(backend.requests("mentionSearch")).toMatchObject([{ typed: "re" }]);
    expect(input().getAttribute("aria-controls")).toBe(list.id);
    await press("ArrowDown");
    const active = document.getElementById(input().getAttribute("aria-activedescendant") ?? "");
    expect(active?.getAttribute("aria-selected")).toBe("true");
    expect(active?.textContent).toContain("src/retry.ts");
    await press("Enter");
    expect(input().value).toBe("Look at @src/retry.ts ");
    expect(screen.queryByTestId("suggestions")).toBeNull();
    expect(backend.requests("promptSend")).toEqual([]);
  });

  test("the mouse chooses, a name with spaces is quoted, Escape closes the list alone", async () => {
    const { user } = await openComposer();
    await write("@how");
    await user.click(await screen.findByText("docs/how to.md"));
    expect(input().value).toBe('@"docs/how to.md" ');
    await write("@");
    await screen.findByTestId("suggestions");
    await press("Escape");
    expect(screen.queryByTestId("suggestions")).toBeNull();
    expect(document.activeElement).toBe(input());
  });

  test("Enter sends nothing before the list is there", async () => {
    const { backend } = await openComposer();
    backend.answer("mentionSearch", () => new Promise(() => {}));
    await write("Look at @re");
    await press("Enter");
    await screen.findByTestId("suggestions");
    await press("Enter");
    expect(backend.requests("promptSend")).toEqual([]);
  });

  test("Enter chooses nothing that was found for other words", async () => {
    const { backend } = await openComposer();
    await write("@ho");
    const list = await screen.findByRole("listbox", { name: "Files and sub-agents" });
    await waitFor(() => expect(within(list).getAllByRole("option").length).toBeGreaterThan(0));
    let arrive: (() => void) | undefined;
    const files = [{ path: "src/retry.ts", matched: [] }];
    backend.answer("mentionSearch", () => new Promise((found) => (arrive = () => found({ files, agents: [], more: 0, cut: false }))));
    await write("@retry");
    await press("Enter");
    expect(input().value).toBe("@retry");
    expect(backend.requests("promptSend")).toEqual([]);
    arrive?.();
    await settle();
    await press("Enter");
    expect(input().value).toBe("@src/retry.ts ");
  });

  test("what stands behind the name stays where it is", async () => {
    await openComposer();
    await write("see @re and more");
    input().setSelectionRange(7, 7);
    fireEvent.click(input());
    const list = await screen.findByRole("listbox", { name: "Files and sub-agents" });
    await waitFor(() => expect(within(list).getAllByRole("option")).toHaveLength(2));
    // The caret is put elsewhere and nothing told the field.
    input().setSelectionRange(0, 0);
    await press("ArrowDown");
    await press("Enter");
    expect(input().value).toBe("see @src/retry.ts  and more");
  });

  test("nothing found, and a list that fails, say so", async () => {
    const { backend } = await openComposer();
    await write("@zzz");
    expect((await screen.findByText("No file and no sub-agent has this name.")).className).toContain("choices-left");
    backend.fail("mentionSearch", { code: "internal", message: "The disk is gone." });
    await write("@zzzz");
    expect(await screen.findByText("The list could not be read. The disk is gone.")).toBeTruthy();
  });
});

describe("commands", () => {
  test("are listed with what they take, and run with what is written behind them", async () => {
    const { backend } = await openComposer();
    await write("/rev");
    const option = await screen.findByRole("option", { name: /review/ });
    expect(option.textContent).toContain("Reviews changes");
    await press("Tab");
    expect(input().value).toBe("/review ");
    await write("/review the last commit");
    await press("Enter");
    await waitFor(() => expect(backend.requests("commandRun")).toMatchObject([{ session, key: "engine/review", arguments: "the last commit" }]));
    await waitFor(() => expect(input().value).toBe(""));
    expect(backend.requests("promptSend")).toEqual([]);
  });

  test("those of a folder are shown as code first, and run once they are trusted", async () => {
    const { backend, user } = await openComposer();
    await write("/deploy home");
    await press("Enter");
    expect((await screen.findByTestId("template")).textContent).toBe(fakeDeploy.template);
    expect(screen.getByRole("dialog").textContent).toContain("shell command");
    expect(backend.requests("commandRun")).toEqual([]);
    await user.click(screen.getByTestId("trust-confirm"));
    await waitFor(() => expect(backend.requests("commandRun")).toMatchObject([{ key: "folder/deploy", arguments: "home" }]));
    expect(backend.requests("commandTrust")).toMatchObject([{ key: "folder/deploy", hash: "2" }]);
  });

  test("this app's own are done here, and what is no command is sent as it is", async () => {
    const { backend } = await openComposer();
    await write("/compact");
    await press("Escape");
    await press("Enter");
    await waitFor(() => expect(backend.requests("sessionCompact")).toHaveLength(1));
    expect(input().value).toBe("");
    await write("/etc/hosts is wrong");
    await press("Enter");
    await waitFor(() => expect(backend.requests("promptSend")).toMatchObject([{ text: "/etc/hosts is wrong" }]));
  });

  test("run once, however often Enter is pressed while they are looked up", async () => {
    const { backend } = await openComposer();
    await write("/review it");
    fireEvent.keyDown(input(), { key: "Enter" });
    fireEvent.keyDown(input(), { key: "Enter" });
    await waitFor(() => expect(input().value).toBe(""));
    await settle();
    expect(backend.requests("commandRun")).toHaveLength(1);
  });

  test("of this app that cannot be run now say so and do not go to the model", async () => {
    const { backend } = await openComposer({ status: working });
    await write("/compact");
    await press("Escape");
    await press("Enter");
    expect((await screen.findByTestId("composer-error")).textContent).toContain("once this turn has ended");
    expect(input().value).toBe("/compact");
    expect(backend.requests("queueAdd")).toEqual([]);
  });

  test("one that is refused stays written, with why", async () => {
    const { backend } = await openComposer();
    backend.fail("commandRun", { code: "engineRefused", message: "The engine refused." });
    await write("/review it");
    await press("Enter");
    expect((await screen.findByTestId("composer-error")).textContent).toContain("The engine refused.");
    expect(input().value).toBe("/review it");
  });
});

describe("agents and the focus", () => {
  test("Shift Tab goes to the next agent and says so, Escape leaves the field", async () => {
    await openComposer();
    input().focus();
    await press("Tab", { shiftKey: true });
    expect(screen.getByTestId("composer-said").textContent).toMatch(/^Agent: /);
    expect(document.activeElement).toBe(input());
    await press("Escape");
    expect(document.activeElement).toBe(screen.getByRole("region", { name: "Messages" }));
  });
});

describe("what was sent before", () => {
  test("comes back from the start of a draft, which is kept behind the newest", async () => {
    const { backend } = await openComposer();
    await write("not sent yet");
    await press("ArrowUp");
    expect(input().value).toBe("not sent yet");
    input().setSelectionRange(0, 0);
    await press("ArrowUp");
    expect(input().value).toBe("What was sent before");
    await press("ArrowDown");
    expect(input().value).toBe("not sent yet");
    expect(backend.requests("promptSend")).toEqual([]);
  });
});

describe("the context", () => {
  test("is told by what fills it, and compacted", async () => {
    const { backend, user } = await openComposer({ status: { contextUsed: 76_000, contextSize: 200_000 } });
    await user.click(screen.getByTestId("context-meter"));
    const details = await screen.findByTestId("context-details");
    await waitFor(() => expect(details.textContent).toContain("76,000 of 200,000 tokens"));
    expect(details.textContent).toContain("From the provider’s cache70,000");
    expect(details.textContent).toContain("Free124,000");
    backend.fail("sessionCompact", { code: "engineRefused", message: "Not now." });
    await user.click(within(details).getByTestId("compact"));
    expect((await within(details).findByRole("alert")).textContent).toBe("Not compacted. Not now.");
  });

  test("warns before it is full, and shows a clock while it is compacted", async () => {
    await openComposer({ status: { contextUsed: 180_000, contextSize: 200_000 }, composer: { compacting: true } });
    const notice = await screen.findByTestId("nearly-full");
    expect(notice.textContent).toContain("The context is 90 percent full.");
    expect(within(notice).getByTestId<HTMLButtonElement>("compact").disabled).toBe(true);
    expect(notice.textContent).toContain("Compacting");
  });

  test("is asked for anew when an answer came and when the thread was compacted", async () => {
    const { backend, user } = await openComposer({ status: { contextUsed: 76_000, contextSize: 200_000 } });
    await user.click(screen.getByTestId("context-meter"));
    const details = await screen.findByTestId("context-details");
    await waitFor(() => expect(details.textContent).toContain("76,000 of 200,000 tokens"));
    backend.answer("contextFill", async () => ({ size: 200_000, used: 9_000, input: 9_000, cached: 0, output: 0, reasoning: 0, model: null }));
    backend.push({ composers: [{ ...empty, compacting: true }] });
    backend.push({ composers: [empty] });
    await waitFor(() => expect(details.textContent).toContain("9,000 of 200,000 tokens"));
    expect(details.isConnected).toBe(true);
  });

  test("nothing counted, and a failure, are said", async () => {
    const { backend, user } = await openComposer({ status: { contextUsed: 1, contextSize: 200_000 } });
    backend.fail("contextFill", { code: "notFound", message: "It is gone." });
    await user.click(screen.getByTestId("context-meter"));
    expect((await screen.findByTestId("context-details")).textContent).toContain("It could not be read. It is gone.");
  });
});
