import { onCleanup, onMount, type Accessor } from "solid-js";
import { may } from "../backend/abilities";
import type { Conversation } from "../backend";
import { matchThreadKey } from "../shell/keys";
import type { OpenConversation } from "../state/conversation";
import { text } from "../strings";
import type { PlacedRow } from "./rows";
import type { Thread } from "./thread";
import type { VirtualRows } from "./virtualRows";

/** Of a prompt, what is said of it when one jumps there. Characters. */
const said = 120;

/** Goes from prompt to prompt, also to those that are not held. */
export function createJumps(options: {
  thread: Thread;
  open: OpenConversation;
  conversation: Accessor<Conversation>;
  list: Accessor<readonly PlacedRow[]>;
  rows: VirtualRows;
  scroller: Accessor<HTMLElement | undefined>;
  leaveEnd(): void;
  latest(): void;
  say(what: string): void;
}): { jump(back: boolean): Promise<void> } {
  const { thread, open, list, rows } = options;
  /** Where one jumped last, as long as one stays there: the last prompts may not reach the top of the screen. */
  let last: { key: string; top: number } | undefined;
  let asked = 0;

  const jump = async (back: boolean) => {
    // Whoever jumps on does not go where the jump before was to.
    asked += 1;
    const mine = asked;
    const scroller = options.scroller();
    const all = list();
    const stayed = last !== undefined && last.top === scroller?.scrollTop;
    const from = stayed ? all.findIndex(({ key }) => key === last?.key) : rows.topmost();
    const isPrompt = (row: PlacedRow, place: number) => row.value().kind === "prompt" && (back ? place < from : place > from);
    const found = back ? all.findLast(isPrompt) : all.find(isPrompt);
    if (found) {
      options.leaveEnd();
      rows.show(found.key);
      last = { key: found.key, top: scroller?.scrollTop ?? 0 };
      const prompt = found.turn.value().prompt?.blocks.map(({ content }) => (content.kind === "text" ? content.plain : "")).join(" ") ?? "";
      options.say(text("conversation.atPrompt", { prompt: prompt.trim().slice(0, said) }));
      return;
    }
    const { before, moreBefore, after, messages } = options.conversation();
    const end = back ? messages[0] : messages.at(-1);
    if (!end || (back ? before === 0 && !moreBefore : after === 0)) {
      if (back) options.say(text("conversation.noEarlierPrompt"));
      else options.latest();
      return;
    }
    // Without that question the next older messages are asked for, and the key finds the prompt among them.
    if (!may(thread.backend, "farPrompt")) {
      await open.turn({ kind: back ? "older" : "newer" });
      return;
    }
    try {
      const prompt = await thread.backend.commands.conversationPrompt({ session: thread.session(), from: end.id, back });
      if (mine !== asked) return;
      if (prompt !== null) await open.reach(prompt);
      else if (back) options.say(text("conversation.noEarlierPrompt"));
      else options.latest();
    } catch (thrown) {
      if (mine === asked) thread.tell(thrown);
    }
  };
  // What is open then may be another thread, which has no such prompt.
  onCleanup(() => (asked += 1));

  const onKeyDown = (press: KeyboardEvent) => {
    const key = matchThreadKey(press, thread.platform);
    if ((key !== "previousPrompt" && key !== "nextPrompt") || document.querySelector("dialog[open]")) return;
    // Elsewhere in the window they mean something else, and so they do among the prompts that wait, where they move one.
    if (press.target instanceof Element && press.target !== document.body && (!press.target.closest("[data-testid=conversation]") || press.target.closest("[data-testid=queue]"))) return;
    // On macOS these keys move the caret in what is being written.
    if (thread.platform === "macos" && press.target instanceof HTMLTextAreaElement && press.target.value !== "") return;
    press.preventDefault();
    press.stopPropagation();
    void jump(key === "previousPrompt");
  };
  onMount(() => document.addEventListener("keydown", onKeyDown, true));
  onCleanup(() => document.removeEventListener("keydown", onKeyDown, true));
  return { jump };
}
