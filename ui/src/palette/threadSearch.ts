import { createEffect, createSignal, on, onCleanup, type Accessor } from "solid-js";
import { toApiError } from "../backend";
import type { App } from "../state/app";
import { fileEntry, nameInPrompt, openFile, threadEntry } from "./entries";
import type { Entry } from "./entry";

/** How long typing rests before it is searched for, in milliseconds: less than the next key takes a fast typist. */
const rest = 40;
/** From this on it is said that a search is on its way, in milliseconds. */
const slowAfter = 300;

/** What the core finds, as it comes. */
export interface CoreSearch {
  entries: Accessor<Entry[]>;
  busy: Accessor<boolean>;
  slow: Accessor<boolean>;
  error: Accessor<string | undefined>;
}

/** Threads that the core finds by their titles and by what was said in them, for as long as something is typed. */
export const createThreadSearch = (app: App, query: Accessor<string>, now: number): CoreSearch =>
  createCoreSearch(() => (app.can("search") ? query() : ""), async (wanted) => {
    const answer = await app.backend.commands.search({
      query: wanted,
      facets: { folder: null, agent: null, model: null, withinDays: null, hasChanges: false, needsYou: false, tag: null },
      offset: 0,
    });
    return answer.wantsWord ? [] : answer.hits.map((hit) => threadEntry(app, hit.session, now, hit));
  });

/**
 * Files that the core finds by their names: of the open thread's folder, where choosing one opens it as its name in the
 * thread does, and on home of the folder that is chosen there, where choosing one names it in the prompt.
 */
export const createFileSearch = (app: App, query: Accessor<string>): CoreSearch =>
  createCoreSearch(() => (app.can("findFiles") ? query() : ""), async (wanted) => {
    const { route, home } = app.state;
    const session = route.page === "session" ? route.session : undefined;
    const folder = session !== undefined ? app.rowOf(session)?.folder : route.page === "home" ? home.folder : undefined;
    // A throw-away folder that is not made yet has none.
    if (folder === undefined || folder === null) return [];
    const { files } = await app.backend.commands.mentionSearch({ folder, typed: wanted });
    const choose = (path: string) => (session === undefined ? nameInPrompt(app, path) : openFile(app, session, path));
    return files.map(({ path, matched }) => fileEntry(path, matched, () => choose(path)));
  });

/** Asks once typing rests; only the last answer counts. */
function createCoreSearch(query: Accessor<string>, find: (wanted: string) => Promise<Entry[]>): CoreSearch {
  const [entries, setEntries] = createSignal<Entry[]>([]);
  const [busy, setBusy] = createSignal(false);
  const [slow, setSlow] = createSignal(false);
  const [error, setError] = createSignal<string>();
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;
  const settle = () => {
    clearTimeout(patience);
    setBusy(false);
    setSlow(false);
  };
  onCleanup(() => {
    asked += 1;
    clearTimeout(timer);
    clearTimeout(patience);
  });

  const ask = async (wanted: string, own: number) => {
    try {
      const found = await find(wanted);
      // What was typed since is on its way.
      if (own !== asked) return;
      setEntries(found);
      setError(undefined);
    } catch (thrown) {
      if (own !== asked) return;
      setEntries([]);
      setError(toApiError(thrown).message);
    }
    settle();
  };
  createEffect(
    on(query, (wanted) => {
      asked += 1;
      const own = asked;
      clearTimeout(timer);
      if (wanted === "") {
        settle();
        setEntries([]);
        setError(undefined);
        return;
      }
      if (!busy()) patience = setTimeout(() => setSlow(true), slowAfter);
      setBusy(true);
      timer = setTimeout(() => void ask(wanted, own), rest);
    }),
  );
  return { entries, busy, slow, error };
}
