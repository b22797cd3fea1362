import { batch } from "solid-js";
import { createStore, reconcile, type SetStoreFunction } from "solid-js/store";
import { toApiError, type ApiError, type Backend, type Conversation, type ConversationPatch } from "../backend";
import { text } from "../strings";
import { applyPatch } from "./applyPatch";

/** What is known of the open conversation. */
export interface ConversationState {
  conversation: Conversation | null;
  /** It is being fetched and there is nothing to show yet. */
  loading: boolean;
  /** Why it could not be fetched. */
  error: ApiError | null;
}

/**
 * How many patches wait while a conversation is fetched. The core sends the next ones only when the last were
 * acknowledged, so more than this means that the fetch hangs; then the patches are dropped and it is fetched again.
 */
const mostWaiting = 500;

/** How often in a row a conversation is fetched anew before giving up: more would be a loop, not a repair. */
const mostRepairs = 3;

/** How many more messages are fetched when older ones are asked for. */
const earlierStep = 100;

/** The open conversation, kept up to date by patches. One at a time. */
export function createConversation(backend: Backend) {
  const [state, setState] = createStore<ConversationState>({ conversation: null, loading: false, error: null });
  const setConversation = ((...path: unknown[]) =>
    (setState as (...all: unknown[]) => void)("conversation", ...path)) as SetStoreFunction<Conversation>;

  let session: string | null = null;
  let limit: number | null = null;
  /** Counts fetches, so that an answer that comes too late is recognised. */
  let fetches = 0;
  let fetching = false;
  let repairs = 0;
  let overflowed = false;
  let waiting: ConversationPatch[] = [];

  async function fetch(): Promise<void> {
    const wanted = session;
    if (wanted === null) return;
    fetches += 1;
    const mine = fetches;
    fetching = true;
    overflowed = false;
    waiting = [];
    try {
      const conversation = await backend.commands.sessionOpen({ session: wanted, limit });
      if (mine !== fetches) return;
      fetching = false;
      batch(() => {
        if (state.conversation?.session === wanted) setState("conversation", reconcile(conversation, { key: "id" }));
        else setState({ conversation });
        setState({ loading: false, error: null });
        const patches = waiting;
        waiting = [];
        if (overflowed) repair();
        else for (const patch of patches) receive(patch);
      });
    } catch (thrown) {
      if (mine !== fetches) return;
      fetching = false;
      waiting = [];
      setState({ loading: false, error: toApiError(thrown) });
    }
  }

  function repair(): void {
    if (repairs >= mostRepairs) {
      setState({ error: { code: "internal", message: text("conversation.outOfStep") } });
      return;
    }
    repairs += 1;
    void fetch();
  }

  function receive(patch: ConversationPatch): void {
    if (patch.session !== session) return;
    if (fetching) {
      if (waiting.length >= mostWaiting) overflowed = true;
      else waiting.push(patch);
      return;
    }
    const current = state.conversation;
    if (!current || patch.revision <= current.revision) return;
    if (patch.base > current.revision) {
      repair();
      return;
    }
    repairs = 0;
    batch(() => applyPatch(setConversation, patch));
  }

  return {
    state,
    /** Shows a session's conversation. Fetches it again when it is the one shown. */
    open(wanted: string): Promise<void> {
      if (session !== wanted) {
        session = wanted;
        limit = null;
        setState({ conversation: null });
      }
      repairs = 0;
      setState({ loading: state.conversation === null, error: null });
      return fetch();
    },
    /** Fetches older messages too. */
    showEarlier(): Promise<void> {
      limit = (state.conversation?.messages.length ?? 0) + earlierStep;
      return fetch();
    },
    close(): void {
      session = null;
      limit = null;
      fetches += 1;
      fetching = false;
      waiting = [];
      setState({ conversation: null, loading: false, error: null });
      // The core forgets what is open when another session is opened or the window closes; nothing is lost here.
      backend.commands.sessionClose().catch(() => undefined);
    },
    /** What the core kept as the draft was sent; the same text coming back later is a change again. */
    forgetDraft(): void {
      if (state.conversation) setConversation("draft", "");
    },
    /** Takes the changes of an update. */
    receive,
  };
}

/** The open conversation and what can be done with it. */
export type OpenConversation = ReturnType<typeof createConversation>;
