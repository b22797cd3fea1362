import { createSignal } from "solid-js";
import { createStore, produce, type SetStoreFunction } from "solid-js/store";
import { may } from "../backend/abilities";
import { toApiError, type Backend, type SnippetChunk, type SnippetState, type SnippetUpdate } from "../backend";

/** Output of a run that is kept, in bytes. The core stops a run that writes more. */
export const mostOutput = 256 * 1024;
/** Pieces of output that are kept: a program that changes between its two outputs at each byte fills no page. */
const mostParts = 2000;
/** A piece longer than this is followed by another, so that what grows stays cheap to draw. Characters. */
const longestPiece = 8192;
/** News of runs that nobody asked for yet, kept while an answer that names one is on its way. */
const mostEarly = 256;

/** Output of one kind in a row. */
export interface RunPart {
  kind: "output" | "error" | "compiler";
  pieces: string[];
}

/** A run of a code block as far as the window knows it. */
export interface BlockRun {
  /** What the core calls it; none before it answered. */
  run: string | null;
  language: string;
  /** What it is at; none before the core told. */
  state: SnippetState | null;
  /** Since when it is compiled, or runs. Milliseconds since the epoch; none while neither. */
  since: number | null;
  stopping: boolean;
  parts: RunPart[];
  bytes: number;
  /** Not all it wrote is kept. */
  cut: boolean;
  /** Why it was not begun. */
  error: string | null;
}

const fresh = (language: string): BlockRun => ({ run: null, language, state: null, since: null, stopping: false, parts: [], bytes: 0, cut: false, error: null });

const kindOf = (chunk: SnippetChunk): RunPart["kind"] => (chunk.isCompiler ? "compiler" : chunk.isError ? "error" : "output");

/** Whether a run goes on. */
export const goesOn = (run: BlockRun): boolean => run.error === null && run.state?.kind !== "ended";

/** All that a run wrote. */
export const writtenBy = (run: BlockRun): string => run.parts.map((part) => part.pieces.join("")).join("");

/** The word of a code fence that names its language. */
const fenceWord = (fence: string): string => fence.trimStart().split(/[\s,{:]/, 1)[0]?.toLowerCase() ?? "";

/** The code blocks of the open conversation that were run. Kept until it is left. */
export function createSnippets(backend: Backend) {
  const [runs, setRuns] = createStore<Record<string, BlockRun | undefined>>({});
  const [fences, setFences] = createSignal<ReadonlySet<string>>(new Set<string>());
  const encoder = new TextEncoder();
  let asked: Promise<void> | undefined;
  let answersDue = 0;
  let early: SnippetUpdate[] = [];
  /** Which block a run belongs to. */
  let blocks = new Map<string, string>();

  const setRun = (key: string) => ((...path: unknown[]) => (setRuns as (...all: unknown[]) => void)(key, ...path)) as SetStoreFunction<BlockRun>;

  function append(run: BlockRun, chunk: SnippetChunk): void {
    if (run.cut || chunk.text === "") return;
    const room = mostOutput - run.bytes;
    const bytes = encoder.encode(chunk.text);
    const kind = kindOf(chunk);
    const last = run.parts.at(-1);
    if (bytes.length > room || (last?.kind !== kind && run.parts.length >= mostParts)) run.cut = true;
    if (last?.kind !== kind && run.parts.length >= mostParts) return;
    const kept = bytes.length > room ? new TextDecoder().decode(bytes.subarray(0, room)).replace(/\uFFFD$/, "") : chunk.text;
    run.bytes += Math.min(bytes.length, room);
    if (last?.kind !== kind) {
      run.parts.push({ kind, pieces: [kept] });
      return;
    }
    const piece = last.pieces.at(-1) ?? "";
    if (piece.length < longestPiece) last.pieces[Math.max(0, last.pieces.length - 1)] = piece + kept;
    else last.pieces.push(kept);
  }

  function take(update: SnippetUpdate): void {
    const key = blocks.get(update.run);
    if (key === undefined || runs[key]?.run !== update.run) {
      // The first news of a run may come before the answer that names it.
      if (answersDue > 0 && early.length < mostEarly) early.push(update);
      return;
    }
    setRun(key)(
      produce((run: BlockRun) => {
        for (const chunk of update.output) append(run, chunk);
        const { kind } = update.state;
        if (kind !== run.state?.kind) run.since = kind === "compiling" || kind === "running" ? Date.now() : null;
        run.state = update.state;
        if (kind === "ended") run.stopping = false;
      }),
    );
    if (update.state.kind === "ended") blocks.delete(update.run);
  }

  const stopRun = (run: string) => backend.commands.snippetStop({ run });

  return {
    /** The run of a block, by the block's key. */
    of: (key: string): BlockRun | undefined => runs[key],
    /** Whether a code block of that language can be run. Asks the core the first time, once. */
    canRun(fence: string | null): boolean {
      if (!may(backend, "runCode")) return false;
      asked ??= backend.commands.snippetLanguages().then(
        (list) => void setFences(new Set(list.flatMap((language) => language.fences))),
        () => {
          // Nothing runs then; the next block that is drawn asks again.
          asked = undefined;
        },
      );
      return fence !== null && fences().has(fenceWord(fence));
    },
    /** Runs a block. */
    async run(key: string, language: string, source: string): Promise<void> {
      const known = runs[key];
      if (known && goesOn(known)) return;
      setRuns(key, fresh(language));
      const mine = runs[key];
      answersDue += 1;
      try {
        const { run } = await backend.commands.snippetRun({ language, source });
        if (runs[key] !== mine) {
          // Its conversation was left meanwhile: nobody sees what it does.
          stopRun(run).catch(() => undefined);
        } else {
          blocks.set(run, key);
          setRuns(key, { run });
        }
      } catch (thrown) {
        if (runs[key] === mine) setRuns(key, { error: toApiError(thrown).message });
      }
      answersDue -= 1;
      const due = early;
      early = [];
      due.forEach(take);
    },
    /** Stops the run of a block. Rejects when it could not be told to. */
    async stop(key: string): Promise<void> {
      const run = runs[key]?.run;
      if (!run) return;
      setRuns(key, { stopping: true });
      try {
        await stopRun(run);
      } catch (thrown) {
        if (runs[key]?.run === run) setRuns(key, { stopping: false });
        throw thrown;
      }
    },
    /** Puts away what the run of a block wrote. */
    close(key: string): void {
      setRuns(key, undefined);
    },
    /** Puts all away, and stops what still runs: where it could be stopped is gone. */
    clear(): void {
      for (const run of blocks.keys()) stopRun(run).catch(() => undefined);
      blocks = new Map();
      setRuns(
        produce((draft) => {
          for (const key of Object.keys(draft)) delete draft[key];
        }),
      );
    },
    /** Takes the news of an update. */
    receive: (updates: readonly SnippetUpdate[]): void => updates.forEach(take),
  };
}

/** The code blocks that were run, and what can be done with them. */
export type Snippets = ReturnType<typeof createSnippets>;
