import { createEffect, createSignal, onCleanup, untrack, type Accessor } from "solid-js";
import type { Backend } from "../backend";
import type { OpenConversation } from "../state/conversation";

/** How long nothing is typed before the draft is saved. Milliseconds. */
const pause = 400;

/** What is written and not sent. It begins with what the core kept, and the core keeps what is typed. */
export function createDraft(backend: Backend, session: string, open: OpenConversation): { draft: Accessor<string>; write(typed: string): void; sent(): void } {
  const [draft, setDraft] = createSignal("");
  let touched = false;
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
    if (kept !== "" && (!touched || untrack(draft) === "")) setDraft(kept);
  });
  onCleanup(() => {
    if (timer !== undefined) save();
  });

  return {
    draft,
    write(typed) {
      touched = true;
      setDraft(typed);
      clearTimeout(timer);
      timer = setTimeout(save, pause);
    },
    /** It was delivered: nothing is left to keep. */
    sent() {
      touched = true;
      setDraft("");
      save();
    },
  };
}
