import { render } from "@solidjs/testing-library";
import type { JSX } from "solid-js";
import type { Conversation } from "../backend";
import { createFakeBackend, type FakeOptions } from "../backend/fake";
import { openWindow, settle } from "../test/window";
import { ThreadProvider, type Thread } from "./thread";

/** A window with one thread open, for tests. */
export async function openThread(shown: Conversation, options: FakeOptions = {}) {
  const opened = await openWindow({ ...options, conversations: [shown] });
  opened.app.openSession(shown.session);
  await settle();
  return opened;
}

/** A part of a thread on a fake core, for tests. */
export function openThreadPart(part: () => JSX.Element, more: Partial<Thread> = {}) {
  const backend = createFakeBackend();
  const thread: Thread = {
    backend,
    session: () => "flaky-retry",
    folder: () => undefined,
    platform: "linux",
    openSession: () => {},
    send: async () => {},
    stop: () => {},
    tell: () => {},
    ...more,
  };
  return { backend, ...render(() => <ThreadProvider value={thread}>{part()}</ThreadProvider>) };
}
