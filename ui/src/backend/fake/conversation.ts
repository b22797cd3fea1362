import type { Conversation } from "../generated";

/** A conversation with nothing in it, for a session that is opened for the first time. */
export function fakeConversation(session: string, more: Partial<Conversation> = {}): Conversation {
  return {
    session,
    revision: 0,
    before: 0,
    moreBefore: false,
    after: 0,
    messages: [],
    status: {
      state: { kind: "idle" },
      since: null,
      usage: { tokens: 0, cost: 0 },
      contextUsed: 0,
      contextSize: 262_144,
      failure: null,
      repeated: null,
    },
    permissions: [],
    questions: [],
    todos: [],
    draft: "",
    reverted: null,
    ...more,
  };
}
