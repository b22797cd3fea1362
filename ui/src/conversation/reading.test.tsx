import { fireEvent, screen, waitFor } from "@solidjs/testing-library";
import { beforeEach, describe, expect, test } from "vitest";
import type { Conversation } from "../backend";
import { settle } from "../test/window";
import { answer, block, conversation, person, printed, prose, toolBlock } from "./fixtures";
import { sourceOf, withSources } from "./formulas";
import { fileIn } from "./namedFiles";
import { forgetOpened } from "./openedRows";
import { openThread } from "./openThread";

const session = "flaky-retry";
const idle = conversation(session, []).status;
const repeated = { place: { message: "answer", block: "call" }, tool: "bash", target: "npm test", times: 3, seconds: 20 };
const working: Conversation["status"] = { ...idle, state: { kind: "working" }, since: 0 };

beforeEach(forgetOpened);

describe("the same call again and again", () => {
  const stuck = (status: Partial<Conversation["status"]> = {}) =>
    openThread(conversation(session, [person("Fix it"), answer([toolBlock({ shape: "shell", target: "npm test" })])], { status: { ...working, repeated, ...status } }));

  test("is said plainly, once, with what it is", async () => {
    await stuck();
    expect(await screen.findAllByTestId("repeated")).toHaveLength(1);
    expect(screen.getByTestId("repeated").textContent).toContain("The same call came 3 times in this turn, three of them within 20 seconds.");
    expect(screen.getByTestId("repeated").textContent).toContain("bash npm test");
  });

  test("is ended by a press", async () => {
    const { backend, user } = await stuck();
    await user.click(await screen.findByTestId("repeated-stop"));
    expect(backend.requests("turnStop")).toEqual([{ session }]);
  });

  test("is ended to say something, with the focus where that is written", async () => {
    const { backend, user } = await stuck();
    await user.click(await screen.findByTestId("repeated-say"));
    expect(backend.requests("turnStop")).toEqual([{ session }]);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId("composer-input")));
  });

  test("is not told any more when the turn is stopped or has ended", async () => {
    await stuck({ state: { kind: "stopping" } });
    expect(screen.queryByTestId("repeated")).toBeNull();
  });
});

describe("a file that is named", () => {
  test("is found with its line, and what is no path is not", () => {
    expect(fileIn("src/a.rs:12")).toEqual({ path: "src/a.rs", line: 12 });
    expect(fileIn("./src/a.rs:12:5")).toEqual({ path: "src/a.rs", line: 12 });
    expect(fileIn("a.rs#L7")).toEqual({ path: "a.rs", line: 7 });
    expect(fileIn("src/a.rs:3-9")).toEqual({ path: "src/a.rs", line: 3 });
    expect(fileIn("Makefile")).toBeUndefined();
    expect(fileIn("npm test")).toBeUndefined();
    expect(fileIn("https://a.example/b")).toBeUndefined();
    expect(fileIn("..")).toBeUndefined();
  });

  test("opens at its line when the core knows it, and is plain otherwise", async () => {
    const { backend, user } = await openThread(
      conversation(session, [person("Where?"), answer([prose("<p>In <code>src/net/retry.ts:31</code>, not in <code>src/other.ts</code>.</p>")], { completed: 1 })]),
      { files: ["src/net/retry.ts"] },
    );
    const mention = await screen.findByRole("link", { name: "src/net/retry.ts:31" });
    expect(mention.title).toBe("Open src/net/retry.ts at line 31 in an editor");
    expect(screen.queryByRole("link", { name: "src/other.ts" })).toBeNull();
    expect(backend.requests("filesNamed")).toEqual([{ session, names: ["src/net/retry.ts", "src/other.ts"] }]);
    await user.click(mention);
    mention.focus();
    await user.keyboard("{Enter}");
    expect(backend.requests("fileOpen")).toEqual([
      { session, path: "src/net/retry.ts", line: 31 },
      { session, path: "src/net/retry.ts", line: 31 },
    ]);
  });

  test("of a change opens from above its lines, where they are now", async () => {
    const line = (kind: "same" | "added" | "removed", old: number | null, next: number | null) => ({ kind, old, new: next, html: "" as never, goesOn: false });
    const change = { path: "src/a.ts", additions: 1, deletions: 1, pages: 1, more: 0, bytes: 10, lines: [line("same", 2, 2), line("removed", 3, null), line("added", null, 3), line("same", 4, 4)] };
    const { backend, user } = await openThread(conversation(session, [person("Edit"), answer([toolBlock({ shape: "edit", target: "src/a.ts", change })])]), { files: ["src/a.ts"] });
    await user.click(screen.getByRole("button", { name: /^Edited src\/a\.ts/ }));
    await user.click(await screen.findByTestId("open-file"));
    expect(backend.requests("fileOpen")).toEqual([{ session, path: "src/a.ts", line: 3 }]);
  });

  test("of a call opens from its line, at the first line that changed, by the pointer and by a key", async () => {
    const line = (kind: "same" | "added" | "removed" | "gap", old: number | null, next: number | null) => ({ kind, old, new: next, html: "" as never, goesOn: false });
    const change = { path: "src/a.ts", additions: 0, deletions: 1, pages: 1, more: 0, bytes: 10, lines: [line("gap", null, 11), line("same", 12, 12), line("removed", 13, null), line("same", 14, 13)] };
    const { backend, user } = await openThread(
      conversation(session, [person("Edit"), answer([toolBlock({ shape: "edit", target: "src/a.ts", change }), toolBlock({ shape: "edit", mark: "running", target: "src/b.ts", ended: null }), toolBlock({ shape: "shell", target: "src/c.ts" })])]),
      { files: ["src/a.ts", "src/b.ts", "src/c.ts"] },
    );
    const link = await screen.findByRole("link", { name: "src/a.ts" });
    expect(screen.getAllByTestId("tool-file")).toEqual([link]);
    expect(link.title).toBe("Open src/a.ts at line 12 in an editor");
    await user.click(link);
    link.focus();
    await user.keyboard("{Enter}");
    const asked = { session, path: "src/a.ts", line: 12 };
    expect(backend.requests("fileOpen")).toEqual([asked, asked]);
    // The line itself opens by all that is beside the name.
    const toggle = screen.getByRole("button", { name: /^Edited src\/a\.ts/ });
    expect(toggle.getAttribute("aria-expanded")).toBe("false");
    await user.click(toggle);
    expect(toggle.getAttribute("aria-expanded")).toBe("true");
    expect(backend.requests("fileOpen")).toHaveLength(2);
  });

  test("of a call is plain where the core knows no such file", async () => {
    const { backend, user } = await openThread(conversation(session, [person("Read"), answer([toolBlock({ shape: "read", target: "/etc/hosts" })])]), { files: [] });
    await waitFor(() => expect(backend.requests("filesNamed")).toEqual([{ session, names: ["/etc/hosts"] }]));
    expect(screen.queryByRole("link", { name: "/etc/hosts" })).toBeNull();
    await user.click(screen.getByText("/etc/hosts"));
    expect(screen.getByRole("button", { name: /^Read \/etc\/hosts/ }).getAttribute("aria-expanded")).toBe("true");
    expect(backend.requests("fileOpen")).toEqual([]);
  });

  test("is asked about only when nothing is added to the answer any more", async () => {
    const open = block({ kind: "text", plain: "", open: true, html: [{ frame: { kind: "html" }, pieces: ["<p><code>src/a.ts</code></p>" as never] }] });
    const { backend } = await openThread(conversation(session, [person("Go"), answer([open])], { status: working }), { files: ["src/a.ts"] });
    expect(backend.requests("filesNamed")).toEqual([]);
  });
});

describe("everything at once", () => {
  const thought = () => block({ kind: "reasoning", html: [{ frame: { kind: "html" }, pieces: ["<p>Deep.</p>" as never] }], firstLine: "Deep.", started: 0, ended: 1, open: false });
  const call = (target: string) => toolBlock({ shape: "read", target, output: printed("words") });
  const some = () => openThread(conversation(session, [person("x\n".repeat(60)), answer([thought(), call("a"), call("b"), prose("<p>Done.</p>")], { completed: 1 })]));
  const shut = (container: Element) => container.querySelectorAll(".transcript :is(.disclosure, .tool-toggle, .show-whole)[aria-expanded='false']").length;

  test("opens and closes by a key, and one row after that by itself", async () => {
    const { container, user } = await some();
    expect(shut(container)).toBe(3);
    fireEvent.keyDown(document.body, { key: "ArrowDown", altKey: true, shiftKey: true });
    await settle();
    expect(shut(container)).toBe(0);
    await user.click(container.querySelector("[data-testid='reasoning'] .disclosure") as HTMLElement);
    expect(shut(container)).toBe(1);
    fireEvent.keyDown(document.body, { key: "ArrowUp", altKey: true, shiftKey: true });
    await settle();
    expect(shut(container)).toBe(3);
  });

  test("leaves a key in a field to the field", async () => {
    const { container } = await some();
    fireEvent.keyDown(screen.getByTestId("composer-input"), { key: "ArrowDown", altKey: true, shiftKey: true });
    expect(shut(container)).toBe(3);
  });
});

describe("a formula", () => {
  const inline = '<math alttext="a &lt; b"><mi>a</mi><mo>&lt;</mo><mi>b</mi></math>';

  test("is copied and found by its source", () => {
    expect(withSources(`<p>So ${inline}.</p>`)).toBe("<p>So $a &lt; b$.</p>");
    expect(withSources('<math display="block" alttext="x<y"><mi>x</mi></math>')).toBe("$$x&lt;y$$");
    const drawn = document.createElement("div");
    drawn.setAttribute("alttext", "x^2");
    expect(sourceOf(drawn)).toBe("$x^2$");
  });

  test("that could not be read says so", async () => {
    await openThread(conversation(session, [person("Go"), answer([prose('<p><code class="math-source">$\\foo$</code></p>')])]));
    expect(screen.getByTitle("This formula could not be read, so it is shown as it was written").textContent).toBe("$\\foo$");
  });
});
