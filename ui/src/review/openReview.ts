import { screen, within } from "@solidjs/testing-library";
import type { GitState, ReviewFile } from "../backend";
import { answer, conversation, person } from "../conversation/fixtures";
import { openThread } from "../conversation/openThread";
import { settle } from "../test/window";
import { fakeFile, fakeReview } from "./fixtures";

export const session = "flaky-retry";
export const repository: Extract<GitState, { kind: "repository" }> = { kind: "repository", branch: "main", head: "01234567", upstream: "origin/main", ahead: 2, behind: 1, staged: 1, unstaged: 1, untracked: 0, conflicts: 0, branches: ["main", "side"], moreBranches: false };
export const panel = () => within(screen.getByTestId("review"));
export const two = () => [fakeFile("src/a.ts", { additions: 5 }), fakeFile("b.png", { status: "added", additions: null, deletions: null, binary: true })];

/** A thread with its review open, in which these files changed. */
export async function openReview(files: ReviewFile[], git: GitState | null = null) {
  const opened = await openThread(conversation(session, [person("Go"), answer([])]));
  opened.backend.answer("reviewFiles", async () => fakeReview(files, { git }));
  await opened.user.click(panel().getByTestId("review-tree"));
  await settle();
  await settle();
  return opened;
}
