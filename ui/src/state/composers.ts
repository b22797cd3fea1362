import { createStore, reconcile } from "solid-js/store";
import type { Backend, ComposerState } from "../backend";

/** The composer of the home page, as the core calls it. */
export const homeComposer = "home";

const empty = (session: string): ComposerState => ({ session, attachments: [], queue: [], held: false, waitsForEdit: false, compacting: false, failed: null });

/** What stands in composers beside their words: told by the core, one for each session that was looked at. */
export interface Composers {
  of(session: string): ComposerState;
  /** Asks for one; what changes follows by itself. */
  open(session: string): Promise<void>;
  receive(changed: readonly ComposerState[]): void;
}

export function createComposers(backend: Backend): Composers {
  const [known, setKnown] = createStore<Record<string, ComposerState>>({});
  /** How often the core told of one, so that an answer that news overtook is dropped. */
  const told = new Map<string, number>();
  const put = (state: ComposerState) => setKnown(state.session, reconcile(state, { key: "id" }));
  return {
    of: (session) => known[session] ?? empty(session),
    async open(session) {
      const before = told.get(session);
      const state = await backend.commands.composerOpen({ session });
      if (told.get(session) === before) put(state);
    },
    receive(changed) {
      for (const state of changed) {
        told.set(state.session, (told.get(state.session) ?? 0) + 1);
        put(state);
      }
    },
  };
}
