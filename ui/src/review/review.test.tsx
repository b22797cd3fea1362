import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { GitState } from "../backend";
import { deed } from "../shell/deeds";
import { media } from "../test/setup";
import { settle } from "../test/window";
import { fakeFile, fakePage, fakeReview, fakeRow } from "./fixtures";
import { commentsOf, withComment, withoutComment, type FoundComment } from "./comments";
import { chooseLook, look } from "./look";
import { openReview as open, panel, repository, session, two } from "./openReview";

beforeEach(() => {
  chooseLook({ split: false, ignoreWhitespace: false });
  localStorage.clear();
});

describe("the list of changed files", () => {
  test("says what became of each, and goes from one to the next by keys", async () => {
    const renamed = fakeFile("new/name.ts", { status: "renamed", oldPath: "old.ts", similarity: 87, mode: "100644 → 100755" });
    await open([...two(), renamed, fakeFile("gone.ts", { status: "deleted" })]);
    const options = panel().getAllByRole("option");
    expect(options.map((option) => option.textContent)).toEqual([
      expect.stringContaining("Modified"),
      expect.stringContaining("Binary"),
      expect.stringContaining("from old.ts, 87 % the same · Mode 100644 → 100755"),
      expect.stringContaining("Deleted"),
    ]);
    expect(options[0]?.getAttribute("aria-selected")).toBe("true");
    fireEvent.keyDown(panel().getByTestId("diff"), { key: "j" });
    expect(panel().getAllByRole("option")[1]?.getAttribute("aria-selected")).toBe("true");
    fireEvent.keyDown(panel().getByTestId("review-files"), { key: "End" });
    expect(panel().getByTestId("review-files").getAttribute("aria-activedescendant")).toBe(panel().getAllByRole("option")[3]?.id);
    fireEvent.keyDown(panel().getByTestId("review-files"), { key: "k" });
    expect(panel().getAllByRole("option")[2]?.getAttribute("aria-selected")).toBe("true");
  });

  test("shows what hides in a name, also above its lines", async () => {
    const { user } = await open([fakeFile("src/\u202etxt.exe\nb\u200b.ts")]);
    const seen = "src/\uFFFDtxt.exe\uFFFDb\uFFFD.ts";
    expect(panel().getByRole("option").textContent).toContain(seen);
    expect(panel().getByTestId("file-path").textContent).toBe(seen);
    await user.click(panel().getByRole("button", { name: new RegExp(`${seen}`) }));
    expect(screen.getAllByRole("menu", { name: new RegExp(seen) })).toHaveLength(1);
  });

  test("draws few of ten thousand", async () => {
    await open(Array.from({ length: 10_000 }, (_, index) => fakeFile(`file-${index}.ts`)));
    expect(panel().getByText("10,000 files")).toBeTruthy();
    expect(panel().getAllByRole("option").length).toBeLessThan(60);
    expect(panel().getAllByRole("option")[0]?.getAttribute("aria-setsize")).toBe("10000");
  });

  test("says why there is nothing: no change, no git, no box, git that failed", async () => {
    const { backend, user } = await open([]);
    expect(panel().getByText("Nothing changed")).toBeTruthy();
    const states: [GitState, string][] = [
      [{ kind: "none" }, "is no git repository"],
      [{ kind: "elsewhere", path: "/code/first/.git" }, "/code/first/.git"],
      [{ kind: "noBox", reason: "bubblewrap is missing." }, "bubblewrap is missing."],
      [{ kind: "failed", reason: "fatal: bad object" }, "fatal: bad object"],
    ];
    for (const [git, words] of states) {
      backend.answer("reviewFiles", async () => fakeReview([], { git }));
      await user.click(panel().getByTestId("review-session"));
      await user.click(panel().getByTestId("review-tree"));
      await waitFor(() => expect(panel().getByTestId("review-no-git").textContent).toContain(words));
    }
    backend.fail("reviewFiles", { code: "internal", message: "The snapshot is gone." });
    await user.click(panel().getByTestId("review-turn"));
    expect((await panel().findByRole("alert")).textContent).toContain("The snapshot is gone.");
  });
});

describe("what is asked for while it is still read", () => {
  test("is read once more when that is done, however often it was asked for", async () => {
    const { backend } = await open(two());
    const before = backend.requests("reviewFiles").length;
    const answers: (() => void)[] = [];
    backend.answer("reviewFiles", () => new Promise((found) => answers.push(() => found(fakeReview([fakeFile(`read-${answers.length}.ts`)])))));
    for (let times = 0; times < 10; times += 1) fireEvent.focus(window);
    await settle();
    expect(backend.requests("reviewFiles").length - before).toBe(1);
    answers[0]?.();
    await settle();
    answers[1]?.();
    await waitFor(() => expect(panel().getAllByRole("option")[0]?.textContent).toContain("read-2.ts"));
    expect(backend.requests("reviewFiles").length - before).toBe(2);
  });
});

describe("a review that does not reach the beginning of its thread", () => {
  test("says so, and offers to put single changes back and no whole file", async () => {
    const { backend, user } = await open(two());
    expect(panel().queryByTestId("review-older")).toBeNull();
    expect(panel().getByTestId("revert-file")).toBeTruthy();
    backend.answer("reviewFiles", async () => fakeReview(two(), { more: true }));
    await user.click(panel().getByTestId("review-session"));
    await waitFor(() => expect(panel().getByTestId("review-older").textContent).toContain("Older messages of this thread are not counted"));
    expect(panel().queryByTestId("revert-file")).toBeNull();
    expect(panel().getAllByRole("button", { name: /Put .* back|Revert/ }).length).toBeGreaterThan(0);
    backend.answer("reviewFiles", async () => fakeReview([], { more: true }));
    await user.click(panel().getByTestId("review-turn"));
    await user.click(panel().getByTestId("review-session"));
    await waitFor(() => expect(panel().getByText("Nothing changed").parentElement?.textContent).toContain("Older messages of this thread are not counted"));
  });
});

describe("the lines of a file", () => {
  test("are asked for as they are looked at, and more of them are shown", async () => {
    const { backend, user } = await open(two());
    expect(panel().getByTestId("diff").textContent).toContain("new words");
    expect(panel().getByTestId("diff").querySelectorAll("mark")).toHaveLength(2);
    await user.click(panel().getByTestId("review-split"));
    await user.click(panel().getByTestId("review-whitespace"));
    await settle();
    await user.click(panel().getByRole("button", { name: "Show 20 lines more below" }));
    await settle();
    expect(backend.requests("reviewPage").at(-1)).toEqual({ session, scope: { kind: "tree" }, path: "src/a.ts", look: { split: true, ignoreWhitespace: true, opened: [{ gap: 0, first: 0, last: 20 }] }, page: 0 });
    expect(look()).toEqual({ split: true, ignoreWhitespace: true });
    expect(JSON.parse(localStorage.getItem("review.look") ?? "")).toEqual(look());
  });

  test("of a binary, a too large and a changed file say what they are", async () => {
    const { backend, user } = await open(two());
    backend.answer("reviewPage", async () => fakePage({ body: "binary", rows: [], hunks: [], oldBytes: 2048, newBytes: 4096 }));
    await user.click(panel().getByRole("option", { name: /b\.png/ }));
    await waitFor(() => expect(panel().getByTestId("review-no-lines").textContent).toMatch(/holds no text.* before, .* now/));
    backend.answer("reviewPage", async () => fakePage({ body: "tooLarge", rows: [], hunks: [], oldBytes: null }));
    await user.click(panel().getByRole("option", { name: /a\.ts/ }));
    await waitFor(() => expect(panel().getByTestId("review-no-lines").textContent).toContain("too large"));
    backend.answer("reviewPage", async () => fakePage({ body: "parts", canRevert: false }));
    await user.click(panel().getByRole("option", { name: /b\.png/ }));
    expect(await panel().findByText(/became another one since/)).toBeTruthy();
    expect(panel().queryByTestId("revert-file")).toBeNull();
    backend.fail("reviewPage", { code: "notAllowed", message: "It is kept out of reach." });
    await user.click(panel().getByRole("option", { name: /a\.ts/ }));
    expect((await panel().findByRole("alert")).textContent).toContain("It is kept out of reach.");
  });

  test("of one file never stand under the name of another", async () => {
    const { backend, user } = await open([fakeFile("src/a.ts"), fakeFile("src/b.ts")]);
    expect(panel().getByTestId("diff").textContent).toContain("new words");
    backend.answer("reviewPage", () => new Promise(() => {}));
    await user.click(panel().getByRole("option", { name: /b\.ts/ }));
    expect(panel().queryByTestId("diff")).toBeNull();
    expect(panel().getByText("Reading what changed")).toBeTruthy();
  });

  test("and words about them stay when the list is read anew, and when that fails", async () => {
    const { backend, user } = await open([fakeFile("src/b.ts")]);
    fireEvent.keyDown(panel().getByTestId("diff"), { key: "c" });
    const field = () => within(panel().getByTestId("comment-form")).getByRole<HTMLTextAreaElement>("textbox");
    await user.type(field(), "Half a thought");
    backend.answer("reviewFiles", async () => fakeReview([fakeFile("a.ts"), fakeFile("src/b.ts")]));
    fireEvent.focus(window);
    await settle();
    await settle();
    expect(panel().getAllByRole("option")[1]?.getAttribute("aria-selected")).toBe("true");
    expect(field().value).toBe("Half a thought");
    await user.click(panel().getAllByRole("option")[0] as HTMLElement);
    await settle();
    expect(panel().queryByTestId("comment-form")).toBeNull();
    await user.click(panel().getAllByRole("option")[1] as HTMLElement);
    await settle();
    expect(field().value).toBe("Half a thought");
    backend.fail("reviewFiles", { code: "internal", message: "The snapshot is gone." });
    fireEvent.focus(window);
    await settle();
    expect(panel().getByTestId("review-stale").textContent).toContain("The snapshot is gone.");
    expect(field().value).toBe("Half a thought");
  });

  test("and words about them stay when the window becomes narrow and wide, the panel is closed, and another thread is looked at", async () => {
    const { app, user } = await open([fakeFile("src/a.ts"), fakeFile("src/b.ts")]);
    await user.click(panel().getAllByRole("option")[1] as HTMLElement);
    await settle();
    fireEvent.keyDown(panel().getByTestId("diff"), { key: "c" });
    const field = () => within(panel().getByTestId("comment-form")).getByRole<HTMLTextAreaElement>("textbox");
    await user.type(field(), "Half a thought");
    const before = field();
    for (const isNarrow of [true, false]) {
      media.set("(max-width: 1099px)", isNarrow);
      await settle();
      expect(field()).toBe(before);
      expect(document.activeElement).toBe(before);
      expect(screen.getByTestId("review").className.includes("review--over")).toBe(isNarrow);
    }
    const kept = async () => {
      await settle();
      await settle();
      expect(panel().getByTestId("review-tree").getAttribute("aria-pressed")).toBe("true");
      expect(panel().getAllByRole("option")[1]?.getAttribute("aria-selected")).toBe("true");
      expect(field().value).toBe("Half a thought");
    };
    await user.click(panel().getByRole("button", { name: /^Close review/ }));
    expect(screen.queryByTestId("review")).toBeNull();
    await user.click(screen.getByTestId("review-toggle"));
    await kept();
    app.go({ page: "home" });
    await settle();
    app.openSession(session);
    await kept();
    // Who is not at work in it when the window becomes narrow goes on in the conversation.
    screen.getByTestId("composer-input").focus();
    media.set("(max-width: 1099px)", true);
    await settle();
    expect(screen.queryByTestId("review")).toBeNull();
  });

  test("are gone through by what they are, wherever they are by now", async () => {
    const { backend, user } = await open([fakeFile("src/a.ts")]);
    const places = (by: number) => [10, 50, 90].map((start, index) => ({ oldStart: start, oldLines: 2, newStart: start + by, newLines: 3, row: 1 + index, page: 0 }));
    const changes = (count: number) => Array.from({ length: count }, (_, hunk) => fakeRow({ kind: "changed", new: 10 + hunk, right: `change ${hunk}` as never, hunk }));
    backend.answer("reviewPage", async () => fakePage({ rows: [fakeRow({ kind: "gap", gap: 0, count: 40 }), ...changes(3)], hunks: places(0) }));
    fireEvent.focus(window);
    await waitFor(() => expect(panel().getByTestId("diff").textContent).toContain("change 2"));
    // None is gone through yet, so none is meant.
    deed("changes")?.revertHunk();
    expect(await screen.findByText(/Go to one of the changes first/)).toBeTruthy();
    fireEvent.keyDown(panel().getByTestId("diff"), { key: "n" });
    fireEvent.keyDown(panel().getByTestId("diff"), { key: "n" });
    await user.click(panel().getByRole("button", { name: "Show 20 lines more below" }));
    await settle();
    expect(backend.requests("reviewPage").at(-1)).toMatchObject({ look: { opened: [{ gap: 0, first: 0, last: 20 }] } });
    // A change more above it.
    backend.answer("reviewPage", async () => fakePage({ rows: changes(4), hunks: [{ oldStart: 2, oldLines: 2, newStart: 2, newLines: 3, row: 0, page: 0 }, ...places(7)] }));
    fireEvent.focus(window);
    await waitFor(() => expect(panel().getByTestId("diff").textContent).toContain("change 3"));
    expect(backend.requests("reviewPage").at(-1)).toMatchObject({ look: { opened: [] } });
    expect(screen.getByTestId("review").querySelector(".row-of--current")?.textContent).toContain("change 2");
    deed("changes")?.revertHunk();
    await screen.findByRole("dialog");
    expect(backend.requests("reviewLoss")).toMatchObject([{ hunk: { oldStart: 50, newStart: 57 } }]);
  });

  test("keep the focus when they are read anew, and when another file is gone to", async () => {
    const { backend, user } = await open([fakeFile("src/a.ts"), fakeFile("src/b.ts"), fakeFile("c.png")]);
    const button = () => panel().getByTestId("revert-hunk");
    button().focus();
    const before = button();
    fireEvent.focus(window);
    await settle();
    await settle();
    expect(button()).toBe(before);
    backend.answer("reviewPage", async () => fakePage({ stamp: "another", hunks: [{ oldStart: 41, oldLines: 2, newStart: 44, newLines: 2, row: 2, page: 0 }] }));
    fireEvent.focus(window);
    await waitFor(() => expect(button()).not.toBe(before));
    expect(document.activeElement).toBe(button());
    let arrive: (() => void) | undefined;
    backend.answer("reviewPage", () => new Promise((done) => (arrive = () => done(fakePage()))));
    await user.keyboard("j");
    expect(document.activeElement).toBe(panel().getByTestId("review-files"));
    arrive?.();
    await settle();
    await settle();
    expect(panel().getAllByRole("option")[1]?.getAttribute("aria-selected")).toBe("true");
    expect(document.activeElement).toBe(panel().getByTestId("diff"));
    backend.answer("reviewPage", async () => fakePage({ body: "binary", rows: [], hunks: [] }));
    await user.keyboard("j");
    await settle();
    expect(panel().getByTestId("review-no-lines")).toBeTruthy();
    expect(document.activeElement).toBe(panel().getByTestId("review-files"));
  });

  test("and what stands below them keep the focus in the review", async () => {
    const { backend, user } = await open([fakeFile("src/a.ts")]);
    backend.answer("reviewKept", async () => [{ id: "kept-1", path: "src/a.ts", hunk: true, at: 0 }]);
    fireEvent.focus(window);
    const undo = await panel().findByTestId("review-undo");
    undo.focus();
    fireEvent.focus(window);
    await settle();
    await settle();
    expect(document.activeElement).toBe(undo);
    backend.answer("reviewKept", async () => []);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(panel().queryByTestId("review-undo")).toBeNull());
    expect(document.activeElement).toBe(panel().getByTestId("review-files"));
    panel().getByTestId("revert-file").focus();
    backend.answer("reviewFiles", async () => fakeReview([]));
    fireEvent.focus(window);
    await waitFor(() => expect(panel().queryByTestId("review-files")).toBeNull());
    expect(panel().getAllByRole("button")[0]).toBe(document.activeElement);
  });

  test("of a large change are shown when that is asked for", async () => {
    const { user } = await open([fakeFile("large.ts", { additions: 9_000, deletions: 0 })]);
    expect(panel().getByTestId("review-large").textContent).toContain("9,000 lines");
    expect(panel().queryByTestId("diff")).toBeNull();
    await user.click(panel().getByRole("button", { name: "Show it" }));
    expect(panel().getByTestId("diff").textContent).toContain("new words");
  });

  test("with markup in them stay text", async () => {
    const { backend, user } = await open(two());
    backend.answer("reviewPage", async () => fakePage({ rows: [fakeRow({ kind: "changed", new: 1, right: "&lt;img src=x onerror=alert(1)>" as never, hunk: 0 })] }));
    await user.click(panel().getByTestId("review-split"));
    await waitFor(() => expect(panel().getByTestId("diff").textContent).toContain("<img"));
    expect(screen.getByTestId("review").querySelector("img")).toBeNull();
  });
});

describe("putting back", () => {
  test("says what goes first, and offers to undo it", async () => {
    const { backend, user } = await open(two());
    await user.click(panel().getByTestId("revert-hunk"));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText("2 lines go.")).toBeTruthy();
    expect(dialog.getByText("One line comes back.")).toBeTruthy();
    expect(backend.requests("reviewRevert")).toEqual([]);
    backend.answer("reviewKept", async () => [{ id: "kept-1", path: "src/a.ts", hunk: true, at: 0 }]);
    await user.click(dialog.getByTestId("revert-confirm"));
    await settle();
    expect(backend.requests("reviewRevert")).toMatchObject([{ path: "src/a.ts", stamp: "stamp", hunk: { oldStart: 41 }, ignoreWhitespace: false }]);
    await user.click(await panel().findByTestId("review-undo"));
    expect(backend.requests("reviewUndo")).toEqual([{ session, kept: "kept-1" }]);
  });

  test("does what was asked, whatever is looked at by the time one agrees", async () => {
    const { backend, user } = await open(two());
    await user.click(panel().getByTestId("revert-hunk"));
    const dialog = within(await screen.findByRole("dialog"));
    deed("changes")?.scope("session");
    chooseLook({ ignoreWhitespace: true });
    await settle();
    await user.click(dialog.getByTestId("revert-confirm"));
    await settle();
    expect(backend.requests("reviewRevert")).toMatchObject([{ scope: { kind: "tree" }, ignoreWhitespace: false }]);
  });

  test("shows the very lines of a change, and says when there are more", async () => {
    const { backend, user } = await open(two());
    const added = Array.from({ length: 23 }, (_, index) => `+line ${index}`);
    backend.answer("reviewPatch", async () => ({ text: ["diff --git a/x b/x", "--- a/x", "+++ b/x", "@@ -41,3 +41,25 @@", " before it", "--- a rule\r", ...added, ""].join("\n"), leftOut: 0 }));
    await user.click(panel().getByTestId("revert-hunk"));
    const dialog = within(await screen.findByRole("dialog"));
    expect(backend.requests("reviewPatch")).toMatchObject([{ scope: { kind: "tree" }, of: { kind: "hunk", path: "src/a.ts", hunk: { oldStart: 41 } }, ignoreWhitespace: false }]);
    const items = (name: string) => within(dialog.getByRole("list", { name })).getAllByRole("listitem").map((item) => item.textContent);
    expect(items("Lines that come back")).toEqual(["-- a rule"]);
    expect(items("Lines that go")).toHaveLength(21);
    expect(items("Lines that go").at(-1)).toBe("and 3 more lines");
  });

  test("that is refused is said in the dialog, and nothing is lost", async () => {
    const { backend, user } = await open(two());
    backend.fail("reviewRevert", { code: "notAllowed", message: "The file changed meanwhile." });
    await user.click(panel().getByTestId("revert-file"));
    const dialog = within(await screen.findByRole("dialog"));
    await user.click(dialog.getByTestId("revert-confirm"));
    await waitFor(() => expect(dialog.getByText(/changed meanwhile/)).toBeTruthy());
  });
});

describe("comments", () => {
  test("on lines go into the draft, several of them, and out of it again", async () => {
    const { user } = await open(two());
    fireEvent.click(panel().getByTestId("diff").querySelector("[data-line='42']") as Element);
    await user.type(panel().getByRole("textbox", { name: "What to say about it" }), "Why this?");
    await user.click(panel().getByTestId("comment-add"));
    const composer = screen.getByTestId("composer-input") as HTMLTextAreaElement;
    await waitFor(() => expect(composer.value).toContain("`src/a.ts:42`\n> new words\nWhy this?"));
    fireEvent.keyDown(panel().getByTestId("diff"), { key: "c" });
    await user.type(panel().getByRole("textbox", { name: "What to say about it" }), "And this?");
    await user.click(panel().getByTestId("comment-add"));
    await waitFor(() => expect(composer.value).toContain("`src/a.ts:41-42`"));
    expect(panel().getByText("2 comments in the prompt")).toBeTruthy();
    await user.click(panel().getByRole("button", { name: "Remove the comment on src/a.ts:42", hidden: true }));
    expect(composer.value).not.toContain("Why this?");
    expect(composer.value).toContain("And this?");
    expect(document.activeElement).toBe(panel().getByTestId("review-comments").querySelector("summary"));
  });

  test("on lines that are not drawn quote them all the same, and say when they cannot", async () => {
    const { backend, user } = await open(two());
    // Ten lines of now on each page, and a page of lines that are gone.
    backend.answer("reviewPage", async ({ page, look: { opened } }) => {
      if (opened.length === 0) return fakePage();
      const rows = Array.from({ length: 10 }, (_, row) => (page === 5 ? fakeRow({ kind: "changed", old: 900 + row }) : fakeRow({ new: (page < 5 ? page : page - 1) * 10 + row + 1, right: `a &lt; <b>${page}</b>.${row}` as never })));
      return fakePage({ pages: 12, rows });
    });
    fireEvent.keyDown(panel().getByTestId("diff"), { key: "c" });
    const about = async (from: string, to: string) => {
      for (const [label, line] of [["From line", from], ["to line", to], ["From line", from]] as const) {
        const field = panel().getByLabelText(label) as HTMLInputElement;
        fireEvent.change(field, { target: { value: line } });
      }
      await user.type(panel().getByRole("textbox", { name: "What to say about it" }), "Look");
      await user.click(panel().getByTestId("comment-add"));
      await waitFor(() => expect(panel().queryByTestId("comment-form")).toBeNull());
    };
    await about("49", "52");
    const composer = screen.getByTestId("composer-input") as HTMLTextAreaElement;
    await waitFor(() => expect(composer.value).toContain("`src/a.ts:49-52`\n> a < 4.8\n> a < 4.9\n> a < 6.0\n> a < 6.1\nLook"));
    expect(screen.queryByText(/does not quote them/)).toBeNull();
    fireEvent.keyDown(panel().getByTestId("diff"), { key: "c" });
    await about("400", "400");
    await waitFor(() => expect(composer.value).toContain("`src/a.ts:400`\nLook"));
    expect(await screen.findByText(/does not quote them/)).toBeTruthy();
    // What is written on while the lines are read is not lost.
    let found = () => {};
    const held = new Promise<void>((done) => (found = done));
    backend.answer("reviewPage", async ({ look: { opened } }) => {
      if (opened.length > 0) await held;
      return fakePage();
    });
    fireEvent.keyDown(panel().getByTestId("diff"), { key: "c" });
    fireEvent.change(panel().getByLabelText("to line"), { target: { value: "500" } });
    const words = panel().getByRole("textbox", { name: "What to say about it" });
    await user.type(words, "Look");
    await user.click(panel().getByTestId("comment-add"));
    await user.type(words, " twice");
    found();
    await waitFor(() => expect(composer.value).toMatch(/`src\/a\.ts:\d+-500`\n(?:>.*\n)*Look twice/));
  });

  test("are found in a draft among other words, and end with an empty line", () => {
    const comment = { path: "a b.ts", from: 3, to: 4, quoted: ["x", ""], words: "One.\n\nTwo." };
    const draft = withComment("Please look.", comment);
    expect(draft).toBe("Please look.\n\n`a b.ts:3-4`\n> x\n> \nOne.\nTwo.\n\n");
    const [found] = commentsOf(`${draft}And then.`);
    expect(found).toMatchObject({ path: "a b.ts", from: 3, to: 4, place: "a b.ts:3-4" });
    expect(withoutComment(`${draft}And then.`, found as FoundComment)).toBe("Please look.\n\nAnd then.");
    // Gaps that somebody left elsewhere are theirs.
    expect(withoutComment(`One.\n\n\n\n${draft}`, found as FoundComment)).toBe("One.\n\n\n\nPlease look.\n\n");
    expect(commentsOf("`npm:test` is a word")).toEqual([]);
  });
});

test("a patch is copied, and what is not in it is said", async () => {
  const write = vi.fn(async () => {});
  const { backend, user } = await open(two());
  vi.spyOn(navigator.clipboard, "writeText").mockImplementation(write);
  backend.answer("reviewPatch", async () => ({ text: "the patch", leftOut: 2 }));
  await user.click(panel().getByRole("button", { name: "More actions for all changes" }));
  await user.click(screen.getByRole("menuitem", { name: "Copy all as a patch" }));
  expect(await screen.findByText(/Copied\. 2 files are not in it/)).toBeTruthy();
  expect(write).toHaveBeenCalledWith("the patch");
});

test("what can be done in it is offered to the palette while it is open", async () => {
  const { backend, unmount } = await open(two(), repository);
  const changes = deed("changes");
  expect([changes?.has(), changes?.repository(), changes?.undoable()]).toEqual([true, true, false]);
  changes?.file(1);
  expect(panel().getAllByRole("option")[1]?.getAttribute("aria-selected")).toBe("true");
  changes?.open();
  await settle();
  expect(backend.requests("fileOpen")).toEqual([{ session, path: "b.png", line: null }]);
  unmount();
  expect(deed("changes")).toBeUndefined();
});
