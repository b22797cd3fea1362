import { createContext, useContext } from "solid-js";
import type { Backend, Folder } from "../backend";

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
  /** Says that something failed. */
  tell(thrown: unknown): void;
}

const ThreadContext = createContext<Thread>();
export const ThreadProvider = ThreadContext.Provider;

/** The thread this component stands in. */
export function useThread(): Thread {
  const thread = useContext(ThreadContext);
  if (!thread) throw new Error("useThread needs a ThreadProvider above it");
  return thread;
}
