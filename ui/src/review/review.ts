import { batch, createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import { toApiError, type Conversation, type GitDone, type HunkPlace, type KeptRevert, type PatchOf, type RevertLoss, type ReviewFile, type ReviewList, type ReviewScope } from "../backend";
import { writeText } from "../design/clipboard";
import { changesOf } from "../conversation/changes";
import type { Thread } from "../conversation/thread";
import { lastPrompt } from "../conversation/turns";
import { isRunning } from "../conversation/TurnView";
import { reviewText as text } from "../strings/review";
import type { Toasts } from "../state/toasts";
import { look } from "./look";
import { reviewMemory } from "./memory";
import { putBack, type PutBack } from "./putBack";

/** What is about to be put back, and what that takes away. It is done as it was asked, whatever is looked at by then. */
export interface AskedRevert {
  path: string;
  hunk: HunkPlace | null;
  which: { session: string; scope: ReviewScope; ignoreWhitespace: boolean };
  loss: RevertLoss;
  /** The lines of a hunk; of a file their number is told. */
  lines: PutBack | null;
}

/** What a person reviews in one thread, and does with it. */
export function createReview(thread: Thread, conversation: () => Conversation, tell: Pick<Toasts, "show">) {
  const { scope, setScope, wanted, setWanted, begun, setBegun, message, setMessage } = reviewMemory(thread.backend, thread.session());
  const [list, setList] = createSignal<ReviewList>();
  const [error, setError] = createSignal<string>();
  const [asked, setAsked] = createSignal<AskedRevert>();
  const [kept, setKept] = createSignal<KeptRevert[]>([]);
  const [busy, setBusy] = createSignal(false);
  /** Counts what was read, so that a file is looked at anew after it. */
  const [reading, setReading] = createSignal(0);
  const { commands } = thread.backend;
  const session = () => thread.session();

  const wire = (): ReviewScope | undefined => {
    if (scope() !== "turn") return { kind: scope() === "tree" ? "tree" : "session" };
    const prompt = lastPrompt(conversation());
    return prompt && { kind: "turn", message: prompt.id };
  };
  const files = createMemo(() => list()?.files ?? []);
  const file = createMemo((): ReviewFile | undefined => files().find((other) => other.path === wanted()) ?? files()[0]);

  /** What is read just now: of which changes, and whether they have to be read once more because something happened meanwhile. */
  interface Reading {
    of: string;
    again: boolean;
    done: Promise<void>;
  }
  let running: Reading | undefined;
  onCleanup(() => (running = undefined));
  /** Reads what changed; done when nothing newer is to be read. One call at a time, however often it is asked for: git of a large folder takes seconds. */
  const read = (): Promise<void> => {
    const which = wire();
    if (!which) {
      running = undefined;
      setError(undefined);
      setList({ files: [], total: 0, additions: 0, deletions: 0, origin: "history", more: false, git: null });
      return Promise.resolve();
    }
    const of = JSON.stringify(which);
    if (running?.of === of) {
      running.again = true;
      return running.done;
    }
    const mine: Reading = { of, again: false, done: Promise.resolve() };
    running = mine;
    const whole = async (): Promise<void> => {
      mine.again = false;
      await readOnce(which, () => running === mine);
      if (running !== mine) return;
      if (mine.again) await whole();
      else running = undefined;
    };
    mine.done = whole();
    return mine.done;
  };
  const readOnce = async (which: ReviewScope, isWanted: () => boolean) => {
    try {
      const [found, reverted] = await Promise.all([commands.reviewFiles({ session: session(), scope: which }), commands.reviewKept({ session: session() })]);
      if (!isWanted()) return;
      batch(() => {
        setError(undefined);
        // What is shown stays shown where it is still among them, whatever now comes before it.
        if (!found.files.some(({ path }) => path === wanted())) setWanted(found.files[0]?.path);
        setList(found);
        // The same ones stay as they are drawn, with the focus on their button.
        setKept((before) => (JSON.stringify(before) === JSON.stringify(reverted) ? before : reverted));
        setReading((count) => count + 1);
      });
    } catch (thrown) {
      if (isWanted()) setError(toApiError(thrown).message);
    }
  };
  createEffect(
    on(scope, () => {
      setList(undefined);
      setError(undefined);
    }),
  );
  // Read anew whenever an edit was made or the turn ended, which is when it can have changed.
  createEffect(on([scope, () => changesOf(conversation().messages).length, () => isRunning(conversation().status), () => lastPrompt(conversation())?.id], () => void read()));
  // What a person changed in another program is looked for when they come back from it.
  const back = () => scope() === "tree" && void read();
  window.addEventListener("focus", back);
  onCleanup(() => window.removeEventListener("focus", back));

  const failed = (thrown: unknown) => tell.show(toApiError(thrown).message, true);
  const step = (by: number) => {
    const at = files().findIndex((other) => other.path === file()?.path);
    const next = files()[(at + by + files().length) % files().length];
    if (next) setWanted(next.path);
  };
  const ask = async (path: string, hunk: HunkPlace | null) => {
    const seen = wire();
    if (!seen) return;
    const which = { session: session(), scope: seen, ignoreWhitespace: look().ignoreWhitespace };
    try {
      const loss = await commands.reviewLoss({ ...which, path, hunk });
      // Read after the loss, whose stamp has the core refuse where the file became another one in between.
      const patch = hunk && (await commands.reviewPatch({ ...which, of: { kind: "hunk", path, hunk } }));
      setAsked({ path, hunk, which, loss, lines: patch && putBack(patch.text) });
    } catch (thrown) {
      failed(thrown);
    }
  };
  /** Puts back what was asked about. What it throws is said in the dialog. */
  const agree = async () => {
    const about = asked();
    if (!about) return;
    const { path, hunk, which, loss } = about;
    const done = await commands.reviewRevert({ ...which, path, hunk, stamp: loss.stamp });
    setAsked(undefined);
    tell.show(text(done.hunk ? "review.revertedHunk" : "review.reverted", { path: done.path }), false, { label: text("review.undo"), run: () => void undo(done) });
    await read();
  };
  const undo = async (reverted: KeptRevert) => {
    try {
      const path = await commands.reviewUndo({ session: session(), kept: reverted.id });
      tell.show(text("review.undone", { path }));
    } catch (thrown) {
      failed(thrown);
    }
    await read();
  };
  const copyText = async (written: string, words: string) => {
    try {
      await writeText(written);
      tell.show(words);
    } catch (thrown) {
      tell.show(text("review.copyFailed", { reason: toApiError(thrown).message }), true);
    }
  };
  const copy = async (of: PatchOf) => {
    const which = wire();
    if (!which) return;
    const fetching = commands.reviewPatch({ session: session(), scope: which, of, ignoreWhitespace: look().ignoreWhitespace });
    let leftOut = 0;
    let refused = false;
    // Promised at once: a press allows nothing to be copied any more once the patch is there.
    const written = fetching.then(
      (patch) => {
        leftOut = patch.leftOut;
        return patch.text;
      },
      (thrown: unknown) => {
        refused = true;
        throw thrown;
      },
    );
    try {
      await writeText(written);
      tell.show(leftOut > 0 ? text("review.copiedWithout", { count: leftOut }) : text("review.copied"));
    } catch (thrown) {
      if (refused) await written.catch(failed);
      else tell.show(text("review.copyFailed", { reason: toApiError(thrown).message }), true);
    }
  };
  const open = async (path: string, line: number | null) => {
    try {
      const where = await commands.fileOpen({ session: session(), path, line });
      tell.show(where.kind === "editor" ? text("review.openedIn", { name: where.name }) : text("review.openedFolder"));
    } catch (thrown) {
      failed(thrown);
    }
  };
  let toDo = 0;
  let before: Promise<unknown> = Promise.resolve();
  /** Has git do something once it did what it was asked before, says what it refused, and reads anew. */
  const git = (doing: () => Promise<GitDone>): Promise<GitDone | undefined> => {
    toDo += 1;
    setBusy(true);
    const run = async (): Promise<GitDone | undefined> => {
      try {
        return await doing();
      } catch (thrown) {
        failed(thrown);
        return undefined;
      } finally {
        toDo -= 1;
        setBusy(toDo > 0);
        void read();
      }
    };
    const done = before.then(run);
    before = done;
    return done;
  };
  const stage = async (chosen: readonly ReviewFile[], staged: boolean) => {
    if (chosen.length === 0) return;
    const paths = chosen.flatMap((each) => (each.oldPath === null ? [each.path] : [each.path, each.oldPath]));
    const done = await git(() => commands.gitStage({ session: session(), paths, staged }));
    if (done && !done.done) tell.show(text("review.gitRefused", { said: done.said }), true);
  };
  const commit = async () => {
    const said = message();
    const done = await git(() => commands.gitCommit({ session: session(), message: said }));
    // Words that were written while hooks ran are another commit's.
    if (done?.done && message() === said) setMessage("");
    return done;
  };
  const branch = async (name: string, create: boolean): Promise<boolean> => {
    const done = await git(() => commands.gitBranch({ session: session(), branch: name, create }));
    if (done) tell.show(done.done ? text("review.switched", { branch: name }) : text("review.gitRefused", { said: done.said }), !done.done);
    return done?.done === true;
  };

  return {
    thread, tell, scope, setScope, wire, list, files, file, error, read, reading, choose: setWanted, step, begun, setBegun,
    asked, ask, agree, cancel: () => setAsked(undefined), kept, undo,
    copy, copyText, open, busy, stage, message, setMessage, commit, branch,
  };
}

export type Review = ReturnType<typeof createReview>;
