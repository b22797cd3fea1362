import type { ChangeSource, FileDiff, Message } from "../backend";

/** A change, and where the rest of a long one is to be had. */
export interface SourcedChange {
  diff: FileDiff;
  source: ChangeSource;
}

/** What happened to one file, by one or several changes in order. */
export interface ChangedFile {
  path: string;
  additions: number;
  deletions: number;
  changes: SourcedChange[];
}

/** Changes by file, in the order the files were first touched. */
export function byFile(changes: readonly SourcedChange[]): ChangedFile[] {
  const files = new Map<string, ChangedFile>();
  for (const change of changes) {
    const { path, additions, deletions } = change.diff;
    const file = files.get(path) ?? { path, additions: 0, deletions: 0, changes: [] };
    file.additions += additions;
    file.deletions += deletions;
    file.changes.push(change);
    files.set(path, file);
  }
  return [...files.values()];
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
