import { screen } from "@solidjs/testing-library";
import { beforeEach, describe, expect, test } from "vitest";
import type { Conversation, Html, Message } from "../backend";
import { answer, block, conversation, person, prose } from "./fixtures";
import { forgetOpened } from "./openedRows";
import { openThread } from "./openThread";

const session = "flaky-retry";
const working: Conversation["status"] = { ...conversation(session, []).status, state: { kind: "working" }, since: 0 };

/** The engine's own prompt, which asks for a summary. */
const asked = (): Message => ({ ...person(""), blocks: [block({ kind: "compaction" })] });
const said = (): Message[] => [person("Hello"), answer([prose("<p>Hi.</p>")], { completed: 1, usage: { tokens: 1200, cost: 0 } })];
const summary = (more: Partial<Message> = {}) => answer([prose("<p>So far: hello.</p>")], { completed: 2, usage: { tokens: 1250, cost: 0 }, ...more });

beforeEach(forgetOpened);

describe("where older messages became a summary", () => {
  test("is said, and opens to the summary and to how full the context was", async () => {
    const { user } = await openThread(conversation(session, [...said(), asked(), summary()]));
    expect(await screen.findByText("Older messages were shortened to a summary to make room")).toBeTruthy();
    expect(screen.queryByText("So far: hello.")).toBeNull();
    const show = screen.getByRole("button", { name: "Show the summary" });
    expect(show.getAttribute("aria-expanded")).toBe("false");
    await user.click(show);
    expect(screen.getByText("So far: hello.")).toBeTruthy();
    expect(screen.getByTestId("compaction").textContent).toContain("Before that, 1.2k tokens were in the context. How many there are now is counted with the next answer.");
    await user.click(screen.getByRole("button", { name: "Hide the summary" }));
    expect(screen.queryByText("So far: hello.")).toBeNull();
  });

  test("has no prompt of anybody that could be sent again or gone back to", async () => {
    const { user } = await openThread(conversation(session, [...said(), asked(), summary()]));
    expect(screen.getAllByTestId("message-person")).toHaveLength(1);
    const menus = screen.getAllByTestId("message-menu");
    await user.click(menus[menus.length - 1] as HTMLElement);
    expect(screen.getByRole("menuitem", { name: "Copy as Markdown" })).toBeTruthy();
    expect(screen.queryByRole("menuitem", { name: "Send again" })).toBeNull();
    expect(screen.queryByRole("menuitem", { name: /go back/i })).toBeNull();
  });

  test("says what the context holds with the next answer", async () => {
    const next = answer([prose("<p>Yes.</p>")], { completed: 3, usage: { tokens: 310, cost: 0 } });
    const { user } = await openThread(conversation(session, [...said(), asked(), summary(), person("And?"), next]));
    await user.click(await screen.findByRole("button", { name: "Show the summary" }));
    expect(screen.getByTestId("compaction").textContent).toContain("Before that, 1.2k tokens were in the context; with the next answer it was 310.");
  });

  test("says so while they are being summed up, and offers no summary before there is one", async () => {
    await openThread(conversation(session, [...said(), asked()], { status: working }));
    expect(await screen.findByText("Older messages are being summed up, to make room")).toBeTruthy();
    expect(screen.queryByTestId("show-summary")).toBeNull();
  });

  test("draws no prompt by which the engine has the model go on, and what follows is no summary", async () => {
    const unsaid: Message = { ...person(""), id: "unsaid", blocks: [] };
    await openThread(conversation(session, [...said(), asked(), summary(), unsaid, answer([prose("<p>Going on.</p>")], { completed: 3, prompt: "unsaid" })]));
    expect(screen.getAllByTestId("message-person")).toHaveLength(1);
    expect(screen.getByText("Going on.")).toBeTruthy();
  });

  test("keeps markup of the summary to what the core made", async () => {
    const nasty = answer([{ ...prose("<p>x</p>"), content: { kind: "text", plain: "", open: false, html: [{ frame: { kind: "html" }, pieces: ["<p>&lt;img src=x&gt;</p>" as Html] }] } }], { completed: 2 });
    const { container, user } = await openThread(conversation(session, [...said(), asked(), nasty]));
    await user.click(await screen.findByTestId("show-summary"));
    expect(container.querySelector(".transcript img")).toBeNull();
    expect(screen.getByTestId("summary").textContent).toBe("<img src=x>");
  });
});
