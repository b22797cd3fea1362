import type { AgentChoice, Backend, BrandView, EngineState, Folder, ModelChoice, SessionRow } from "../backend";
import type { createConversation } from "../state/conversation";

/** The open thread. */
export function ConversationPane(props: {
  conversation: ReturnType<typeof createConversation>;
  row: SessionRow;
  folder: Folder | undefined;
  models: ModelChoice[];
  agents: AgentChoice[];
  backend: Backend;
  engine: EngineState;
  onOpenSession(session: string): void;
  onOpenHome(): void;
  brand: BrandView;
}) {
  return <main class="main">{props.row.title}</main>;
}
