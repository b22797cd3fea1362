import type { FileDiff, Message } from "../backend";

/** What happened to one file, by one or several changes in order. */
export interface ChangedFile {
  path: string;
  additions: number;
  deletions: number;
  changes: FileDiff[];
}

/** Changes by file, in the order the files were first touched. */
export function byFile(changes: readonly FileDiff[]): ChangedFile[] {
  const files = new Map<string, ChangedFile>();
  for (const change of changes) {
    const file = files.get(change.path) ?? { path: change.path, additions: 0, deletions: 0, changes: [] };
    file.additions += change.additions;
    file.deletions += change.deletions;
    file.changes.push(change);
    files.set(change.path, file);
  }
  return [...files.values()];
}

/** The changes that the tools of these messages made. */
export function changesOf(messages: readonly Message[]): FileDiff[] {
  return messages.flatMap((message) =>
    message.blocks.flatMap(({ content }) => (content.kind === "tool" && content.tool.mark === "done" && content.tool.change ? [content.tool.change] : [])),
  );
}

/** Lines added and removed in all. */
export function totals(files: ReadonlyArray<{ additions: number; deletions: number }>): { additions: number; deletions: number } {
  return {
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
  };
}
