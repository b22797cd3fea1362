import type { AgentChoice, ModelChoice, Settings } from "../backend";

interface Choices {
  models: ModelChoice[];
  agents: AgentChoice[];
  settings: Settings;
}

/** A model's id as it is chosen, taken apart: what comes before `#` is the model, what comes after it a variant. */
export interface ModelReference {
  model: string;
  /** How hard it is told to think; none where it decides by itself. */
  variant: string | null;
}

/** Takes `provider/model#variant` apart. */
export function splitModel(id: string): ModelReference {
  const at = id.lastIndexOf("#");
  return at <= 0 ? { model: id, variant: null } : { model: id.slice(0, at), variant: id.slice(at + 1) || null };
}

/** Puts a model and a variant together as they are chosen. */
export const joinModel = (model: string, variant: string | null): string => (variant === null ? model : `${model}#${variant}`);

/** The provider's id in a model's id: what stands before the first slash. */
export const providerOf = (id: string): string => id.split("/", 1)[0] ?? "";

/** The model of an id, whatever its variant. A model that has a `#` in its own id is found as it is. */
export function findModel(models: readonly ModelChoice[], id: string | null): ModelChoice | undefined {
  if (id === null) return undefined;
  return models.find((model) => model.id === id) ?? models.find((model) => model.id === splitModel(id).model);
}

/** The variant in an id, unless the `#` belongs to the model's own id. */
export function variantOf(models: readonly ModelChoice[], id: string | null): string | null {
  if (id === null || models.some((model) => model.id === id)) return null;
  return splitModel(id).variant;
}

/**
 * What a prompt goes to, as it is sent: the model chosen with its variant, else the default, else the scripted one,
 * which is always there. Nothing where what was chosen is not there.
 */
export function effectiveChoice(from: Choices, chosen: string | null): string | undefined {
  if (chosen !== null) return findModel(from.models, chosen) && chosen;
  const { defaultModel } = from.settings;
  if (defaultModel !== null && findModel(from.models, defaultModel)) return defaultModel;
  return from.models.find((model) => model.scripted)?.id;
}

/** The model of that. */
export const effectiveModel = (from: Choices, chosen: string | null): ModelChoice | undefined => findModel(from.models, effectiveChoice(from, chosen) ?? null);

/** What a chosen model is called, its variant beside it; its id where the model is not there. */
export function modelLabel(models: readonly ModelChoice[], id: string | null): string | undefined {
  if (id === null) return undefined;
  const found = findModel(models, id);
  if (!found) return id;
  const variant = variantOf(models, id);
  return variant === null ? found.name : `${found.name} · ${variant}`;
}

/** The agent a prompt goes to: the one chosen, else the default, else the first the engine names. */
export function effectiveAgent(from: Choices, chosen: string | null): string | null {
  return chosen ?? from.settings.defaultAgent ?? from.agents[0]?.name ?? null;
}
