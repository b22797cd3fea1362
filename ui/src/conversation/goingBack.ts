import { createSignal, onCleanup, type Accessor } from "solid-js";
import type { Conversation, RevertPreview, SessionRow } from "../backend";
import { threadTitle } from "../shell/threadTitle";
import type { App } from "../state/app";
import { text } from "../strings";
import type { Draft } from "./draft";
import { isCompaction, lastPrompt } from "./turns";
import { isRunning } from "./TurnView";

/** What a person goes back for. */
export type Purpose = "revert" | "edit" | "retry";

/** What is asked before anything goes. */
export type AskedBack = { purpose: Purpose; prompt: string; preview: RevertPreview } | { purpose: "undo" };

/** Going back in a thread, and making another of it. */
export interface GoingBack {
  /** Makes a thread that begins as this one, up to a message or its end, and opens it. */
  fork(message: string | null): Promise<void>;
  /** Goes back to before a prompt, after it was shown what that takes back. */
  begin(purpose: Purpose, prompt: string): Promise<void>;
  /** Brings back what going back took out. */
  undo(): Promise<void>;
  /** Whether it can be gone back now: not while a turn runs, or while it is being done already. */
  able: Accessor<boolean>;
  /** The newest prompt, when there is one. */
  last: Accessor<string | undefined>;
  /** Whether there is something to undo. */
  reverted: Accessor<boolean>;
  /** What is asked, for a dialog. */
  asked: Accessor<AskedBack | undefined>;
  /** Does what was asked. Rejects when it failed. */
  agree(): Promise<void>;
  cancel(): void;
}

/** What going back in a thread needs of its pane. */
interface Parts {
  app: App;
  row: SessionRow;
  conversation: Accessor<Conversation | undefined>;
  draft: Pick<Draft, "bring" | "takeOut">;
  /** Puts the focus at the end of what is written. */
  focus(): void;
  /** Sends a prompt with these files. */
  send(prompt: string, attachments: string[]): Promise<void>;
  /** Takes an attached file away. */
  detach(attachment: string): Promise<void>;
}

export function createGoingBack({ app, row, conversation, draft, focus, send, detach }: Parts): GoingBack {
  const { commands } = app.backend;
  const session = row.id;
  const [busy, setBusy] = createSignal(false);
  const [asked, setAsked] = createSignal<AskedBack>();
  /** What came into the composer by going back, so that undoing it takes it out again. */
  let came: string | undefined;
  /** The files that came with it. */
  let cameWith: string[] = [];

  const able = () => {
    const shown = conversation();
    return shown !== undefined && !isRunning(shown.status) && !busy();
  };
  const reverted = () => (conversation()?.reverted ?? null) !== null;

  // The dialog that would say why it failed goes with the pane.
  let isGone = false;
  onCleanup(() => (isGone = true));

  /** Does one thing at a time. */
  const alone = async (what: () => Promise<void>) => {
    if (busy()) return;
    setBusy(true);
    try {
      await what();
    } finally {
      setBusy(false);
    }
  };
  const told = (what: () => Promise<void>) => alone(what).catch(app.tell);

  /** What was written stays, below what comes. */
  const putFirst = async (written: string) => {
    const { now, before } = await draft.bring(written);
    // Whoever goes back farther has more of it there, and nothing else.
    came = before.trim() === "" || before === came ? now : undefined;
    focus();
  };
  const goBack = async (purpose: Purpose, prompt: string) => {
    // What came before comes out again together with this; without it what came was sent since.
    const further = reverted();
    const { text: written, attachments, missing } = await commands.sessionRevert({ session, message: prompt });
    cameWith = further ? [...cameWith, ...attachments] : attachments;
    // Without its files it would be another prompt than the one that is sent again; so it waits to be looked at.
    if (purpose !== "retry" || missing.length > 0) {
      await putFirst(written);
      if (missing.length > 0) app.toasts.show(text("conversation.filesMissing", { count: missing.length, names: missing.join(", ") }), true);
      return;
    }
    try {
      await send(written, attachments);
      cameWith = [];
      // What was pressed is gone with its message.
      focus();
    } catch (thrown) {
      // It is not lost: it waits where it can be sent once more.
      await putFirst(written);
      throw thrown;
    }
  };
  const comeBack = async () => {
    await commands.sessionUnrevert({ session });
    if (came !== undefined) draft.takeOut(came);
    came = undefined;
    // They are with the prompt again. What is gone already was sent, or taken away by hand.
    await Promise.all(cameWith.map((attachment) => detach(attachment)));
    cameWith = [];
    focus();
  };

  return {
    able,
    reverted,
    asked,
    last: () => {
      const shown = conversation();
      const prompt = shown && lastPrompt(shown);
      // The engine's own prompt for a summary is not sent again: it is asked for where the context is shown.
      return prompt && !isCompaction(prompt) ? prompt.id : undefined;
    },
    fork: (message) =>
      told(async () => {
        const title = text("conversation.forkTitle", { title: threadTitle(row) });
        const { thread: forked, missing } = await commands.sessionFork({ session, message, title });
        const { route } = app.state;
        // Whoever went elsewhere meanwhile stays there.
        if (route.page === "session" && route.session === session) app.openFound(forked, null);
        else app.toasts.show(text("conversation.forkMade", { title }), false, { label: text("conversation.forkOpen"), run: () => app.openFound(forked, null) });
        if (missing.length > 0) app.toasts.show(text("conversation.filesMissing", { count: missing.length, names: missing.join(", ") }), true);
      }),
    begin: (purpose, prompt) =>
      told(async () => {
        const preview = await commands.revertPreview({ session, message: prompt });
        const { files, left, more, prompts, attachments } = preview;
        const plain = files.length === 0 && left.length === 0 && !more && prompts === 1 && !attachments;
        // Going back is always shown first; what only takes the place of one answer need not be.
        if (purpose === "revert" || !plain) setAsked({ purpose, prompt, preview });
        else await goBack(purpose, prompt);
      }),
    undo: () =>
      told(async () => {
        if (conversation()?.reverted?.files) setAsked({ purpose: "undo" });
        else await comeBack();
      }),
    agree: () =>
      alone(async () => {
        const what = asked();
        if (!what) return;
        try {
          if (what.purpose === "undo") await comeBack();
          else await goBack(what.purpose, what.prompt);
        } catch (thrown) {
          if (!isGone) throw thrown;
          app.tell(thrown);
        }
        setAsked(undefined);
        // The dialog gave the focus back to what is gone by now.
        focus();
      }),
    cancel: () => void setAsked(undefined),
  };
}
