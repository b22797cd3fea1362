import { fakeFile, fakePage, fakeReview } from "../../review/fixtures";
import type { Commands, Conversation, ReviewFile } from "../generated";

type ReviewCommands = Pick<Commands, "reviewFiles" | "reviewPage" | "reviewLoss" | "reviewRevert" | "reviewKept" | "reviewUndo" | "reviewPatch" | "gitStage" | "gitCommit" | "gitBranch" | "fileOpen">;

/** What is reviewed: what the tools of a conversation changed. */
export function createReviewCommands(conversations: ReadonlyMap<string, Conversation>): ReviewCommands {
  return {
    reviewFiles: async ({ session }) => {
      const blocks = conversations.get(session)?.messages.flatMap((message) => message.blocks) ?? [];
      const files = new Map<string, ReviewFile>();
      for (const { content } of blocks) {
        if (content.kind !== "tool" || !content.tool.change) continue;
        const { path, additions, deletions } = content.tool.change;
        const known = files.get(path) ?? fakeFile(path, { additions: 0, deletions: 0 });
        files.set(path, { ...known, additions: (known.additions ?? 0) + additions, deletions: (known.deletions ?? 0) + deletions });
      }
      return fakeReview([...files.values()]);
    },
    reviewPage: async () => fakePage(),
    reviewLoss: async ({ path }) => ({ path, oldPath: null, linesLost: 2, linesBack: 1, removesFile: false, restoresFile: false, bytes: 910, stamp: "stamp", kept: true }),
    reviewRevert: async ({ path, hunk }) => ({ id: "kept-1", path, hunk: hunk !== null, at: Date.UTC(2026, 10, 20) }),
    reviewKept: async () => [],
    reviewUndo: async () => "src/a.ts",
    reviewPatch: async () => ({ text: "diff --git a/a b/a\n", leftOut: 0 }),
    gitStage: async () => ({ done: true, said: "" }),
    gitCommit: async () => ({ done: true, said: "" }),
    gitBranch: async () => ({ done: true, said: "" }),
    fileOpen: async () => ({ kind: "folder" }),
  };
}
