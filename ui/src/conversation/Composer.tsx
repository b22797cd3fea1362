import type { AgentChoice, ModelChoice } from "../backend";

/** Where a prompt is written. */
export function Composer(props: {
  draft: string;
  onDraft(text: string): void;
  onSend(text: string): Promise<void>;
  busy: boolean;
  onStop?(): void;
  agents: AgentChoice[];
  agent: string | null;
  onAgent(name: string): void;
  models: ModelChoice[];
  model: string | null;
  onModel(id: string): void;
  placeholder: string;
  autofocus: boolean;
  disabledReason?: string | undefined;
  history: string[];
}) {
  return <textarea data-testid="composer-input" value={props.draft} onInput={(typed) => props.onDraft(typed.currentTarget.value)} />;
}
