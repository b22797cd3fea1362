import type { Folder, SessionRow } from "../backend";

/** Threads that work in the same place. */
export interface ThreadGroup {
  id: string;
  /** Absent for the group of all throw-away folders, and for a folder that is no longer known. */
  folder: Folder | undefined;
  throwAway: boolean;
  rows: SessionRow[];
}

/** Threads by folder, the folder used last first, throw-away folders together at the end. `rows` are newest first. */
export function groupThreads(rows: readonly SessionRow[], folders: readonly Folder[]): ThreadGroup[] {
  const known = new Map(folders.map((folder) => [folder.id, folder]));
  const groups = new Map<string, ThreadGroup>();
  for (const row of rows) {
    const folder = known.get(row.folder);
    const throwAway = folder?.kind === "sandbox";
    const id = throwAway ? "" : row.folder;
    const group = groups.get(id) ?? { id, folder: throwAway ? undefined : folder, throwAway, rows: [] };
    group.rows.push(row);
    groups.set(id, group);
  }
  return [...groups.values()].toSorted((left, right) => Number(left.throwAway) - Number(right.throwAway));
}
