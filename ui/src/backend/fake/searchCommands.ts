import type { ApiError, Commands, IndexProgress, ModelUsage, SearchAnswer, SearchFilter, Start, StorageReport, Update, UsageDay } from "../generated";

/** What a fake core finds and keeps of searches. */
export interface FakeSearches {
  /** Saved searches. */
  filters: SearchFilter[];
  /** What `storageReport` answers. */
  storage: StorageReport;
  /** What `indexProgress` answers. */
  progress: IndexProgress;
  /** What `usageReport` answers, whatever days are asked for. */
  usageDays: UsageDay[];
  /** What `sessionUsage` answers, of every session. */
  sessionUsage: ModelUsage[];
}

export const fakeProgress: IndexProgress = { threads: 120, unread: 0, read: 0, state: "done" };

/** What a model took, in a world in which it took something. */
export const fakeUsageOf = (model: string | null, cost: number, more: Partial<ModelUsage> = {}): ModelUsage => ({
  model,
  scripted: false,
  answers: 12,
  input: 48_000,
  output: 9_100,
  reasoning: 1_200,
  cacheRead: 210_000,
  cacheWrite: 18_000,
  cost,
  ...more,
});

export const fakeStorage: StorageReport = {
  database: 48_000_000,
  index: 31_000_000,
  journal: 200_000,
  journalLimit: 67_108_864,
  journalDays: 30,
  usage: 400_000,
  answered: 60_000,
  pairing: 90_000,
  free: 1_000_000,
  logs: 3_000_000,
  oldLogs: 2_100_000,
  engineHome: 210_000_000,
  boxHomes: 12_000_000,
  sandboxes: 400_000,
  setAside: 0,
  setAsideCount: 0,
  attachments: 5_000_000,
  needlessAttachments: 1_200_000,
  keptReverts: 3_000_000,
  needlessReverts: 700_000,
  cut: false,
  threads: 120,
  unread: 0,
};

type Names = "sessionTag" | "tags" | "indexProgress" | "indexRebuild" | "logsDeleteOld" | "setAsideDelete" | "attachmentsDeleteNeedless" | "revertsDeleteNeedless" | "usageReport" | "sessionUsage" | "search" | "searchFilters" | "searchFiltersSave" | "searchFiltersRename" | "searchFiltersDelete" | "searchFiltersOrder" | "storageReport";

/** How often each value is there. */
function counts(values: (string | null)[]): { value: string; count: number }[] {
  const all = new Map<string, number>();
  for (const value of values) if (value !== null) all.set(value, (all.get(value) ?? 0) + 1);
  return [...all].map(([value, count]) => ({ value, count }));
}

/** Finds threads by their titles, as far as a world of titles goes. */
export function createSearchCommands({
  world,
  known,
  push,
  refuse,
}: {
  world: Start;
  known: FakeSearches;
  push(update: Partial<Omit<Update, "sequence">>): void;
  refuse(error: ApiError): Promise<never>;
}): Pick<Commands, Names> {
  const filters = () => structuredClone(known.filters);
  return {
    search: async ({ query, facets }) => {
      const words = query.toLowerCase().split(/\s+/).filter((word) => word !== "" && !word.startsWith("-"));
      const rows = world.sessions.filter((row) => {
        const title = row.title.toLowerCase();
        return (
          words.every((word) => title.includes(word)) &&
          (facets.folder === null || row.folder === facets.folder) &&
          (facets.agent === null || row.agent === facets.agent) &&
          (facets.model === null || row.model === facets.model) &&
          (facets.tag === null || row.tags.some((tag) => tag.toLowerCase() === facets.tag?.toLowerCase())) &&
          (!facets.needsYou || row.mark === "asksPermission" || row.mark === "asksQuestion")
        );
      });
      const answer: SearchAnswer = {
        hits: rows.map((row) => ({
          session: row,
          messages: 4,
          changedFiles: 0,
          tokens: 1000,
          titleMarks: words
            .map((word): [number, number] => [row.title.toLowerCase().indexOf(word), row.title.toLowerCase().indexOf(word) + word.length])
            .toSorted((left, right) => left[0] - right[0]),
          place: null,
          snippet: null,
        })),
        found: rows.length,
        capped: false,
        wantsWord: query.trim() !== "" && words.length === 0,
        folders: counts(rows.map((row) => row.folder)),
        agents: counts(rows.map((row) => row.agent)),
        models: counts(rows.map((row) => row.model)),
        tags: counts(rows.flatMap((row) => row.tags)),
        ages: [],
        hasChanges: 0,
        needsYou: rows.filter((row) => row.mark === "asksPermission" || row.mark === "asksQuestion").length,
        unread: 0,
      };
      return structuredClone(answer);
    },
    searchFilters: async () => filters(),
    searchFiltersSave: async ({ name, query, facets }) => {
      const there = known.filters.find((filter) => filter.name === name);
      if (there) Object.assign(there, { query, facets });
      else known.filters = [...known.filters, { id: Math.max(0, ...known.filters.map((filter) => filter.id)) + 1, name, query, facets }];
      return filters();
    },
    searchFiltersRename: async ({ filter, name }) => {
      known.filters = known.filters.map((each) => (each.id === filter ? { ...each, name } : each));
      return filters();
    },
    searchFiltersDelete: async ({ filter }) => {
      known.filters = known.filters.filter((each) => each.id !== filter);
      return filters();
    },
    searchFiltersOrder: async ({ filters: order }) => {
      known.filters = known.filters.toSorted((left, right) => order.indexOf(left.id) - order.indexOf(right.id));
      return filters();
    },
    storageReport: async () => structuredClone(known.storage),
    sessionTag: async ({ session, tags }) => {
      const row = world.sessions.find((each) => each.id === session);
      if (!row) return refuse({ code: "notFound", message: "That thread is gone. Choose another one." });
      row.tags = [...tags];
      push({ sessions: [row] });
      return structuredClone(row);
    },
    tags: async () => counts(world.sessions.flatMap((row) => row.tags)),
    indexProgress: async () => structuredClone(known.progress),
    indexRebuild: async () => {
      known.progress = { ...known.progress, unread: known.progress.threads, state: "reading" };
    },
    logsDeleteOld: async () => {
      const bytes = known.storage.oldLogs;
      known.storage = { ...known.storage, logs: known.storage.logs - bytes, oldLogs: 0 };
      return bytes;
    },
    attachmentsDeleteNeedless: async () => {
      const bytes = known.storage.needlessAttachments;
      known.storage = { ...known.storage, attachments: known.storage.attachments - bytes, needlessAttachments: 0 };
      return bytes;
    },
    revertsDeleteNeedless: async () => {
      const bytes = known.storage.needlessReverts;
      known.storage = { ...known.storage, keptReverts: known.storage.keptReverts - bytes, needlessReverts: 0 };
      return bytes;
    },
    setAsideDelete: async () => {
      const bytes = known.storage.setAside;
      known.storage = { ...known.storage, setAside: 0, setAsideCount: 0 };
      return bytes;
    },
    usageReport: async () => structuredClone({ days: known.usageDays, unread: known.progress.unread }),
    sessionUsage: async () => structuredClone({ models: known.sessionUsage }),
  };
}
