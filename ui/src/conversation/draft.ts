import { createEffect, createSignal, onCleanup, untrack, type Accessor } from "solid-js";
import type { Backend } from "../backend";
import type { OpenConversation } from "../state/conversation";

/** How long nothing is typed before the draft is saved. Milliseconds. */
const pause = 400;

/** What is written and not sent in the composer of one pane. */
export interface Draft {
  draft: Accessor<string>;
  write(typed: string): void;
  sent(prompt: string): void;
}

/** What is written and not sent. It begins with what the core kept, and the core keeps what is typed. */
export function createDraft(backend: Backend, session: string, open: OpenConversation): Draft {
  const [draft, setDraft] = createSignal("");
  let touched = false;
  /** What was taken out last: the thread may be read anew before the core knows of it, and must not bring it back. */
  let gone: string | undefined;
  // A send may end long after its pane is gone, when another pane of the thread holds newer text.
  let disposed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    // What is typed stays in the window whether or not it could be saved, and a prompt that fails is told about.
    backend.commands.draftSave({ session, text: draft() }).catch(() => undefined);
  };

  createEffect(() => {
    const { conversation } = open.state;
    const kept = conversation?.session === session ? conversation.draft : "";
    // A prompt that came back later must not replace what is being written.
    if (kept !== "" && kept !== gone && (!touched || untrack(draft) === "")) setDraft(kept);
  });
  onCleanup(() => {
    if (timer !== undefined) save();
    disposed = true;
  });

  return {
    draft,
    write(typed) {
      if (disposed) return;
      touched = true;
      gone = typed === "" ? untrack(draft) || gone : undefined;
      setDraft(typed);
      clearTimeout(timer);
      timer = setTimeout(save, pause);
    },
    /** It was delivered: nothing of it is left to keep. What was written since stays. */
    sent(prompt) {
      if (disposed) return;
      touched = true;
      gone = undefined;
      // The engine may still throw it away, and the core then gives the same text back as news.
      open.forgetDraft();
      if (draft() !== prompt) return;
      setDraft("");
      save();
    },
  };
}
