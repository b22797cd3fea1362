import { fireEvent, screen } from "@solidjs/testing-library";
import type { ComposerState, ConversationStatus } from "../backend";
import { answer, conversation, person, prose } from "../conversation/fixtures";
import { openThread } from "../conversation/openThread";
import { settle } from "./window";

export const session = "flaky-retry";
const turn = () => [person("What was sent before"), answer([prose("An answer.")])];
const idle: Partial<ConversationStatus> = { state: { kind: "idle" }, since: null };
export const input = () => screen.getByTestId<HTMLTextAreaElement>("composer-input");
export const empty: ComposerState = { session, attachments: [], queue: [], held: false, waitsForEdit: false, compacting: false, failed: null };
export const working: Partial<ConversationStatus> = { state: { kind: "working" }, since: 0 };

export async function openComposer(more: { status?: Partial<ConversationStatus>; composer?: Partial<ComposerState>; draft?: string } = {}) {
  const shown = conversation(session, turn(), { draft: more.draft ?? "" });
  const opened = await openThread({ ...shown, status: { ...shown.status, ...idle, ...more.status } });
  await settle();
  if (more.composer) opened.backend.push({ composers: [{ ...empty, ...more.composer }] });
  await settle();
  return opened;
}

/** Types at the end of what is written. */
export async function write(written: string) {
  input().focus();
  input().value = written;
  input().setSelectionRange(written.length, written.length);
  fireEvent.input(input());
  await settle();
}
export const press = async (key: string, more: KeyboardEventInit = {}) => {
  fireEvent.keyDown(input(), { key, ...more });
  await settle();
};
