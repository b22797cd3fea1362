import { createStore } from "solid-js/store";
import { toApiError, type ApiError, type Backend, type Conversation, type ConversationPatch } from "../backend";

export interface ConversationState {
  conversation: Conversation | null;
  loading: boolean;
  error: ApiError | null;
}

/** The open conversation. */
export function createConversation(backend: Backend) {
  const [state, setState] = createStore<ConversationState>({ conversation: null, loading: false, error: null });
  return {
    state,
    async open(session: string): Promise<void> {
      setState({ conversation: null, loading: true, error: null });
      try {
        setState({ conversation: await backend.commands.sessionOpen({ session, limit: null }), loading: false });
      } catch (thrown) {
        setState({ loading: false, error: toApiError(thrown) });
      }
    },
    close(): void {
      setState({ conversation: null, loading: false, error: null });
      void backend.commands.sessionClose();
    },
    receive(_patch: ConversationPatch): void {},
  };
}
