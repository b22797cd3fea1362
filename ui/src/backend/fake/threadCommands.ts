import type { Commands, SessionRow, Start } from "../generated";

/** Threads a first picture has, as the core gives them. */
export const fakeFirst = 200;

const newestFirst = (left: SessionRow, right: SessionRow) => right.updated - left.updated || (left.id < right.id ? -1 : 1);

/** The list of threads over the fake world's sessions, as the core's index answers. */
export function createThreadCommands(world: Start): Pick<Commands, "start" | "threadOutline" | "threadPage"> {
  const sorted = () => world.sessions.filter((row) => row.parent === null).toSorted(newestFirst);
  const placeOf = (row: SessionRow) => (world.folders.find((folder) => folder.id === row.folder)?.kind === "sandbox" ? null : row.folder);
  return {
    start: async () => {
      const rows = sorted();
      return structuredClone({ ...world, sessions: rows.slice(0, fakeFirst), moreSessions: rows.length > fakeFirst });
    },
    threadOutline: async ({ starts }) => {
      const rows = sorted();
      const groups = new Map<string | null, { folder: string | null; label: string; newest: number; counts: number[] }>();
      for (const row of rows) {
        const folder = placeOf(row);
        const label = world.folders.find(({ id }) => id === folder)?.label ?? folder ?? "";
        const group = groups.get(folder) ?? { folder, label, newest: row.updated, counts: [...starts, 0].map(() => 0) };
        const span = starts.findIndex((start) => row.updated >= start);
        const place = span < 0 ? starts.length : span;
        group.counts[place] = (group.counts[place] ?? 0) + 1;
        groups.set(folder, group);
      }
      return structuredClone({ groups: [...groups.values()], recent: rows.slice(0, fakeFirst) });
    },
    threadPage: async ({ folder, from, until, offset, count }) => {
      const rows = sorted().filter((row) => placeOf(row) === folder && (from === null || row.updated >= from) && (until === null || row.updated < until));
      return structuredClone({ rows: rows.slice(offset, offset + count), count: rows.length });
    },
  };
}
