import type { ChangeSource, FileDiff, Message } from "../backend";

/** A change, and where the rest of a long one is to be had. */
export interface SourcedChange {
  diff: FileDiff;
  source: ChangeSource;
}

/** The changes that the tools of these messages made. */
export function changesOf(messages: readonly Message[]): SourcedChange[] {
  return messages.flatMap((message) =>
    message.blocks.flatMap(({ id, content }): SourcedChange[] =>
      content.kind === "tool" && content.tool.mark === "done" && content.tool.change ? [{ diff: content.tool.change, source: { kind: "tool", message: message.id, block: id } }] : [],
    ),
  );
}

/** Lines added and removed in all. */
export function totals(files: ReadonlyArray<{ additions: number; deletions: number }>): { additions: number; deletions: number } {
  return {
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
  };
}
