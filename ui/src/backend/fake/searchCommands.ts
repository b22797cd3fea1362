import type { Commands, SearchAnswer, SearchFilter, Start, StorageReport } from "../generated";

/** What a fake core finds and keeps of searches. */
export interface FakeSearches {
  /** Saved searches. */
  filters: SearchFilter[];
  /** What `storageReport` answers. */
  storage: StorageReport;
}

export const fakeStorage: StorageReport = {
  database: 48_000_000,
  index: 31_000_000,
  journal: 200_000,
  free: 1_000_000,
  logs: 3_000_000,
  engineHome: 210_000_000,
  boxHomes: 12_000_000,
  sandboxes: 400_000,
  setAside: 0,
  cut: false,
  threads: 120,
  unread: 0,
};

type Names = "search" | "searchFilters" | "searchFiltersSave" | "searchFiltersRename" | "searchFiltersDelete" | "searchFiltersOrder" | "storageReport";

/** How often each value is there. */
function counts(values: (string | null)[]): { value: string; count: number }[] {
  const all = new Map<string, number>();
  for (const value of values) if (value !== null) all.set(value, (all.get(value) ?? 0) + 1);
  return [...all].map(([value, count]) => ({ value, count }));
}

/** Finds threads by their titles, as far as a world of titles goes. */
export function createSearchCommands({ world, known }: { world: Start; known: FakeSearches }): Pick<Commands, Names> {
  const filters = () => structuredClone(known.filters);
  let made = 0;
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
        ages: [],
        hasChanges: 0,
        needsYou: rows.filter((row) => row.mark === "asksPermission" || row.mark === "asksQuestion").length,
        unread: 0,
      };
      return structuredClone(answer);
    },
    searchFilters: async () => filters(),
    searchFiltersSave: async ({ name, query, facets }) => {
      made += 1;
      known.filters = [...known.filters.filter((filter) => filter.name !== name), { id: made, name, query, facets }];
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
  };
}
