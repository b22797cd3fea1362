import { createEffect, createSignal, onCleanup, untrack, type Accessor } from "solid-js";
import type { Backend } from "../backend";
import type { OpenConversation } from "../state/conversation";

/** How long nothing is typed before the draft is saved. Milliseconds. */
const pause = 400;

/** What is written and not sent in the composer of one pane. */
export interface Draft {
  draft: Accessor<string>;
  write(typed: string): void;
  /** Shows words that nobody wrote now, as an older prompt: what stood there before stays what is kept. */
  show(words: string): void;
  sent(prompt: string): void;
  /**
   * Puts words above what is written, and gives what is written then and what was before. Where the pane is gone by now they come into the one
   * that took its place, or into what is kept. Rejects when they could not be kept.
   */
  bring(written: string): Promise<{ now: string; before: string }>;
  /** Takes words out again where nothing else is written, wherever they are by now. */
  takeOut(written: string): void;
}

/** What the window knows of the draft of a thread that no pane may show just now. */
interface Known {
  /** What the pane that shows the thread has; of a thread shown twice in a row, the newer one. */
  shown: Shown | undefined;
  /** What was written last, by a pane that is gone. */
  text: string;
}

interface Shown {
  /** What is written, where that is known already. */
  text(): string | undefined;
  write(typed: string): void;
  sent(prompt: string): void;
}

/** Threads whose drafts are known beside the core: those that something may still be on its way in. */
const most = 50;

const drafts = new WeakMap<Backend, Map<string, Known>>();

/** What is known of a thread's draft. It outlives its pane: what was asked for there may end after it. */
function knownOf(backend: Backend, session: string): Known {
  const all = drafts.get(backend) ?? new Map<string, Known>();
  drafts.set(backend, all);
  const known = all.get(session) ?? { shown: undefined, text: "" };
  // The one shown last stands last.
  all.delete(session);
  all.set(session, known);
  for (const [other, { shown }] of all) {
    if (all.size <= most) break;
    if (shown === undefined && other !== session) all.delete(other);
  }
  return known;
}

const above = (written: string, below: string) => [written, below.trim()].filter((part) => part !== "").join("\n\n");

/** What is written and not sent. It begins with what the core kept, and the core keeps what is typed. */
export function createDraft(backend: Backend, session: string, open: OpenConversation): Draft {
  const [draft, setDraft] = createSignal("");
  const known = knownOf(backend, session);
  let touched = false;
  /** What was taken out last: the thread may be read anew before the core knows of it, and must not bring it back. */
  let gone: string | undefined;
  // A send may end long after its pane is gone, when another pane of the thread holds newer text.
  let disposed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What was written before words were shown in its place. */
  let behind: string | undefined;

  const keep = (written: string, took = false) => {
    known.text = written;
    return backend.commands.draftSave({ session, text: written, ...(took ? { took } : {}) });
  };
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    // What is typed stays in the window whether or not it could be saved, and a prompt that fails is told about.
    keep(draft()).catch(() => undefined);
  };
  const isLoaded = () => open.state.conversation?.session === session;

  /** What the core kept was read once: what comes after that came back. */
  let read = false;
  createEffect(() => {
    const { conversation } = open.state;
    const loaded = conversation?.session === session;
    const kept = loaded ? conversation.draft : "";
    const cameBack = read;
    read ||= loaded;
    // A prompt that came back later must not replace what is being written.
    if (kept === "" || kept === gone || (touched && untrack(draft) !== "")) return;
    setDraft(kept);
    // Or the core would go on keeping it for itself, and bring it once more. What cannot be kept comes once more.
    if (cameBack) keep(kept, true).catch(() => undefined);
  });

  const write = (typed: string) => {
    touched = true;
    behind = undefined;
    gone = typed === "" ? untrack(draft) || gone : undefined;
    setDraft(typed);
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };
  const show = (words: string) => {
    touched = true;
    if (timer !== undefined) save();
    behind ??= untrack(draft);
    setDraft(words);
  };
  /** It was delivered: nothing of it is left to keep. What was written since stays. */
  const sent = (prompt: string) => {
    const early = !touched && !isLoaded();
    touched = true;
    // What the core kept of it may be on its way.
    gone = early ? prompt : undefined;
    // The engine may still throw it away, and the core then gives the same text back as news.
    open.forgetDraft();
    if (draft() !== prompt && !(early && known.text === prompt)) return;
    // What stood there before was not sent.
    const left = behind ?? "";
    behind = undefined;
    setDraft(left);
    save();
  };
  const shown: Shown = { text: () => (touched || isLoaded() ? untrack(draft) : undefined), write, sent };
  known.shown = shown;
  onCleanup(() => {
    if (timer !== undefined) save();
    else if (touched || draft() !== "") known.text = behind ?? draft();
    disposed = true;
    if (known.shown === shown) known.shown = undefined;
  });

  return {
    draft,
    write(typed) {
      if (!disposed) write(typed);
    },
    show(words) {
      if (!disposed) show(words);
    },
    sent(prompt) {
      if (!disposed) sent(prompt);
      else if (known.shown) known.shown.sent(prompt);
      else if (known.text === prompt) keep("").catch(() => undefined);
    },
    async bring(written) {
      const before = known.shown?.text() ?? known.text;
      const now = above(written, before);
      if (known.shown) known.shown.write(now);
      else await keep(now);
      return { now, before };
    },
    takeOut(written) {
      const before = known.shown?.text() ?? known.text;
      if (before !== written) return;
      if (known.shown) known.shown.write("");
      else keep("").catch(() => undefined);
    },
  };
}
