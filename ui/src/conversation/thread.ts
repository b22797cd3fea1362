import { createContext, useContext } from "solid-js";
import type { Backend, BlockReference, Folder } from "../backend";
import type { Snippets } from "../state/snippets";
import type { LineComment } from "../review/comments";
import type { NamedFiles } from "./namedFiles";
import type { GoingBack } from "./goingBack";

/** What the parts of an open thread need from around them. */
export interface Thread {
  readonly backend: Backend;
  /** The session's id. */
  session(): string;
  folder(): Folder | undefined;
  /** `linux`, `macos` or `windows`. */
  readonly platform: string;
  openSession(session: string): void;
  /** Sends a prompt with the chosen agent and model. */
  send(prompt: string): Promise<void>;
  /** Stops the running turn. */
  stop(): void;
  /** Whether the box of its folder is being tried just now, so that commands wait. */
  boxIsTried?(): boolean;
  /** Code blocks that run. */
  readonly snippets?: Snippets | undefined;
  /** Adds a text to what is being written, where the thread has a composer. */
  addToDraft?: ((written: string) => void) | undefined;
  /** Puts the focus where the next prompt is written, where the thread has a composer. */
  write?: (() => void) | undefined;
  /** Which names are files of the thread's folder, and opens them. */
  readonly files?: NamedFiles | undefined;
  /** What is being written, where the thread has a composer. */
  readonly draft?: { text(): string; write(written: string): void; comment(comment: LineComment): void } | undefined;
  /** Goes back in it, where the thread has a composer. */
  readonly goingBack?: GoingBack | undefined;
  /** Goes back to where all threads are listed, in a window that shows one thing at a time. */
  readonly home?: (() => void) | undefined;
  /** Looks for words in it. */
  find?(): void;
  /** Brings a block of it onto the screen. */
  show?(place: BlockReference): void;
  /** Whether figures alone answer what waits, because nothing is written where it is shown. */
  readonly plainFigures?: boolean | undefined;
  /** Says that something failed. */
  tell(thrown: unknown): void;
}

/** Where a part may also stand without a thread around it. */
export const ThreadContext = createContext<Thread>();
export const ThreadProvider = ThreadContext.Provider;

/** The thread this component stands in. */
export function useThread(): Thread {
  const thread = useContext(ThreadContext);
  if (!thread) throw new Error("useThread needs a ThreadProvider above it");
  return thread;
}
