import type { AgentChoice, ModelChoice, Settings } from "../backend";

interface Choices {
  models: ModelChoice[];
  agents: AgentChoice[];
  settings: Settings;
}

/** The model a prompt goes to: the one chosen, else the default, else the scripted one, which is always there. */
export function effectiveModel(from: Choices, chosen: string | null): ModelChoice | undefined {
  const find = (id: string | null) => (id === null ? undefined : from.models.find((model) => model.id === id));
  if (chosen !== null) return find(chosen);
  return find(from.settings.defaultModel) ?? from.models.find((model) => model.scripted);
}

/** The agent a prompt goes to: the one chosen, else the default, else the first the engine names. */
export function effectiveAgent(from: Choices, chosen: string | null): string | null {
  return chosen ?? from.settings.defaultAgent ?? from.agents[0]?.name ?? null;
}
