import type { SessionRow } from "../backend";
import { text } from "../strings";

/** What a thread is called. It has no title of its own until its first prompt. */
export function threadTitle(row: SessionRow): string {
  return row.title || text(row.parent === null ? "shell.untitled" : "shell.untitledSubagent");
}
