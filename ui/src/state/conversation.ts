import { batch } from "solid-js";
import { createStore, reconcile, type SetStoreFunction } from "solid-js/store";
import { toApiError, type ApiError, type Backend, type Conversation, type ConversationPage, type ConversationPatch } from "../backend";
import { text } from "../strings";
import { applyPatch } from "./applyPatch";

/** What is known of the open conversation. */
export interface ConversationState {
  conversation: Conversation | null;
  /** It is being fetched and there is nothing to show yet. */
  loading: boolean;
  /** Why it could not be fetched. */
  error: ApiError | null;
  /** What is to be brought onto the screen; none once it was. */
  target: Target | null;
}

/** A message, or a block of it. */
export interface Target {
  message: string;
  block: string | null;
}

/**
 * How many patches wait while a conversation is fetched. The core sends the next ones only when the last were
 * acknowledged, so more than this means that the fetch hangs; then the patches are dropped and it is fetched again.
 */
const mostWaiting = 500;

/** How often in a row a conversation is fetched anew before giving up: more would be a loop, not a repair. */
const mostRepairs = 3;

/** After this long a page that was asked for is taken for lost, and may be asked for again. Milliseconds. */
const pagePatience = 5_000;

/** As long as this the page one goes away from stays, so that what comes at once is drawn once, without an empty page before it. Milliseconds. */
const arrivalPatience = 100;

/** Messages that are no burden whatever they hold: a prompt and an answer or two. */
const fewMessages = 6;

/** The open conversation, kept up to date by patches. One at a time. */
export function createConversation(backend: Backend) {
  const [state, setState] = createStore<ConversationState>({ conversation: null, loading: false, error: null, target: null });
  const setConversation = ((...path: unknown[]) =>
    (setState as (...all: unknown[]) => void)("conversation", ...path)) as SetStoreFunction<Conversation>;

  let session: string | null = null;
  /** When a page was asked for that has not come. */
  let pageAsked = 0;
  /** Counts pages, so that one which fails late says nothing of the next. */
  let pages = 0;
  /** Counts fetches, so that an answer that comes too late is recognised. */
  let fetches = 0;
  let fetching = false;
  let repairs = 0;
  let overflowed = false;
  let waiting: ConversationPatch[] = [];
  let patience: ReturnType<typeof setTimeout> | undefined;
  /** What shows the page of the thread that is fetched; none once it is shown. */
  let arrive: (() => void) | undefined;
  let arrival: ReturnType<typeof setTimeout> | undefined;

  /** Shows the page of the thread that was asked for, with what there is of it. */
  function show(): void {
    clearTimeout(arrival);
    const arrived = arrive;
    arrive = undefined;
    batch(() => {
      if (state.conversation !== null && state.conversation.session !== session) setState({ conversation: null, error: null });
      arrived?.();
    });
  }

  /** Sets what is to be brought onto the screen. It is given up when it does not come, since it may be gone. */
  function aim(target: Target | null): void {
    setState({ target });
    clearTimeout(patience);
    if (target !== null) patience = setTimeout(() => setState({ target: null }), pagePatience);
  }

  /** Around `message` when one is given, else where it is looked at. */
  async function fetch(message: string | null = null): Promise<void> {
    const wanted = session;
    if (wanted === null) return;
    fetches += 1;
    const mine = fetches;
    fetching = true;
    overflowed = false;
    waiting = [];
    try {
      // Fetched anew, it stays where it was looked at.
      const held = state.conversation;
      const around = message !== null ? message : held?.session === wanted && held.after > 0 ? (held.messages[Math.floor(held.messages.length / 2)]?.id ?? null) : null;
      const conversation = await backend.commands.sessionOpen({ session: wanted, around });
      if (mine !== fetches) return;
      fetching = false;
      batch(() => {
        if (state.conversation?.session === wanted) setState("conversation", reconcile(conversation, { key: "id" }));
        else setState({ conversation });
        setState({ loading: false, error: null });
        // What was asked for before is not what would come now.
        pageAsked = 0;
        aim(message === null ? null : { message, block: null });
        const patches = waiting;
        waiting = [];
        if (overflowed) repair();
        else for (const patch of patches) receive(patch);
        show();
      });
    } catch (thrown) {
      if (mine !== fetches) return;
      fetching = false;
      waiting = [];
      batch(() => {
        show();
        setState({ loading: false, error: toApiError(thrown) });
      });
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
    batch(() => {
      if (patch.before !== null || patch.after !== null) {
        pageAsked = 0;
        // Why the page before did not come says nothing any more.
        setState({ error: null });
      }
      applyPatch(setConversation, patch);
    });
  }

  async function turn(page: ConversationPage): Promise<void> {
    const open = state.conversation;
    const jumps = page.kind === "latest" || page.kind === "around";
    if (!open || (Date.now() - pageAsked < pagePatience && !jumps)) return;
    if ((page.kind === "older" && open.before === 0 && !open.moreBefore) || ((page.kind === "newer" || page.kind === "latest") && open.after === 0)) return;
    pageAsked = Date.now();
    pages += 1;
    const mine = pages;
    try {
      await backend.commands.sessionPage({ session: open.session, page });
    } catch (thrown) {
      // Another thread is open by now, or another page was asked for.
      if (session !== open.session || mine !== pages) return;
      pageAsked = 0;
      setState({ error: toApiError(thrown) });
    }
  }

  return {
    state,
    /**
     * Shows a session's conversation, around a message when one is given. Fetches it again when it is the one shown. Who
     * shows it on a page of its own says how in `arrived`, which is called as soon as there is something of it, or it
     * is clear that there is none so soon.
     */
    open(wanted: string, message: string | null = null, arrived?: () => void): Promise<void> {
      // Whoever is on the way to another thread goes there.
      if (session !== wanted && arrive !== undefined && arrived === undefined) return Promise.resolve();
      if (arrived) {
        clearTimeout(arrival);
        arrive = arrived;
        arrival = setTimeout(show, arrivalPatience);
      }
      if (session !== wanted) {
        session = wanted;
        pageAsked = 0;
        pages += 1;
        if (!arrived) setState({ conversation: null });
        aim(null);
      }
      repairs = 0;
      setState({ loading: state.conversation?.session !== wanted, error: null });
      return fetch(message);
    },
    /** The session whose page is shown next, while it is on its way. */
    arriving: () => (arrive === undefined ? null : session),
    /**
     * Asks for other messages than those held; they come as a patch. One page at a time: the next is asked for from where
     * that one ends.
     */
    turn,
    /** Lets go of messages far above the newest ones, which are the ones that are looked at. Not while a page is awaited. */
    async settle(): Promise<void> {
      const open = state.conversation;
      if (!open || open.after > 0 || open.messages.length < fewMessages || state.target !== null || Date.now() - pageAsked < pagePatience) return;
      try {
        await backend.commands.sessionPage({ session: open.session, page: { kind: "latest" } });
      } catch {
        // What could not be let go of now is let go of after the next turn.
      }
    },
    /** Brings a message, or a block of it, onto the screen; with the messages around it when it is not held. */
    async reach(message: string, block: string | null = null): Promise<void> {
      aim({ message, block });
      if (!state.conversation?.messages.some(({ id }) => id === message)) await turn({ kind: "around", message });
    },
    close(): void {
      clearTimeout(arrival);
      arrive = undefined;
      session = null;
      pageAsked = 0;
      pages += 1;
      fetches += 1;
      fetching = false;
      waiting = [];
      setState({ conversation: null, loading: false, error: null });
      aim(null);
      // The core forgets what is open when another session is opened or the window closes; nothing is lost here.
      backend.commands.sessionClose().catch(() => undefined);
    },
    /** What the core kept as the draft was sent; the same text coming back later is a change again. */
    forgetDraft(): void {
      if (state.conversation) setConversation("draft", "");
    },
    /** The message that was looked for is on the screen. */
    reached(): void {
      aim(null);
    },
    /** Takes the changes of an update. */
    receive,
  };
}

/** The open conversation and what can be done with it. */
export type OpenConversation = ReturnType<typeof createConversation>;
