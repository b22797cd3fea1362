import { fireEvent, screen, waitFor } from "@solidjs/testing-library";
import { beforeEach, describe, expect, test } from "vitest";
import { settle } from "../test/window";
import { fakeFile } from "./fixtures";
import { chooseLook } from "./look";
import { openReview as open, panel, repository, session, two } from "./openReview";

beforeEach(() => {
  chooseLook({ split: false, ignoreWhitespace: false });
  localStorage.clear();
});

describe("git", () => {
  test("shows where the branch stands, stages by row and key, and commits", async () => {
    const { backend, user } = await open([fakeFile("src/a.ts"), fakeFile("b.ts", { staged: "all" })], repository);
    expect(panel().getByTestId("git-bar").textContent).toMatch(/main.*2 commits ahead.*1 commit behind/);
    fireEvent.keyDown(panel().getByTestId("review-files"), { key: " " });
    await settle();
    expect(backend.requests("gitStage")).toEqual([{ session, paths: ["src/a.ts"], staged: true }]);
    await user.click(panel().getByTestId("review-commit"));
    backend.answer("gitCommit", async () => ({ done: false, said: "the hook says no" }));
    await user.type(screen.getByTestId("commit-message"), "Two");
    await user.click(screen.getByTestId("commit-now"));
    expect((await screen.findByRole("alert")).textContent).toContain("the hook says no");
    // What the hook minds is mended first; the words are there again then.
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.click(panel().getByTestId("review-commit"));
    expect(screen.getByTestId<HTMLTextAreaElement>("commit-message").value).toBe("Two");
    backend.answer("gitCommit", async () => ({ done: true, said: "" }));
    await user.click(screen.getByTestId("commit-now"));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(backend.requests("gitCommit").at(-1)).toEqual({ session, message: "Two" });
    await user.click(panel().getByTestId("review-commit"));
    expect(screen.getByTestId<HTMLTextAreaElement>("commit-message").value).toBe("");
  });

  test("stages one file after the other, however quickly they are chosen", async () => {
    const { backend } = await open([fakeFile("src/a.ts"), fakeFile("b.ts")], repository);
    let done = () => {};
    const held = new Promise<void>((finish) => (done = finish));
    backend.answer("gitStage", async () => {
      await held;
      return { done: true, said: "" };
    });
    const list = panel().getByTestId("review-files");
    for (const key of [" ", "ArrowDown", " "]) fireEvent.keyDown(list, { key });
    await settle();
    expect(backend.requests("gitStage")).toHaveLength(1);
    done();
    await waitFor(() => expect(backend.requests("gitStage").map((request) => (request as { paths: string[] }).paths)).toEqual([["src/a.ts"], ["b.ts"]]));
  });

  test("says which files a commit takes along from beside the folder", async () => {
    const files = [fakeFile("src/a.ts"), fakeFile("b.ts", { staged: "all" })];
    const { user } = await open(files, { ...repository, staged: 3 });
    await user.click(panel().getByTestId("review-commit"));
    expect(screen.getByTestId("commit-elsewhere").textContent).toContain("2 of them");
  });

  test("switches and makes branches, and says when git refuses", async () => {
    const { backend, user } = await open(two(), repository);
    await user.click(panel().getByTestId("git-branch"));
    backend.answer("gitBranch", async () => ({ done: false, said: "Your local changes would be overwritten: a.ts" }));
    await user.click(screen.getByRole("menuitemradio", { name: /side/ }));
    expect(await screen.findByText(/would be overwritten/)).toBeTruthy();
    let made: ((done: { done: boolean; said: string }) => void) | undefined;
    backend.answer("gitBranch", () => new Promise((done) => (made = done)));
    await user.click(panel().getByTestId("git-branch"));
    await user.click(screen.getByRole("menuitem", { name: /New branch/ }));
    await user.type(screen.getByTestId("branch-name"), "next");
    await user.keyboard("{Enter}");
    // What is being made is not made twice.
    await user.keyboard("{Enter}");
    await settle();
    expect(backend.requests("gitBranch").slice(1)).toEqual([{ session, branch: "next", create: true }]);
    made?.({ done: true, said: "" });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});
