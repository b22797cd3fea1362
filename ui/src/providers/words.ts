import { toApiError, type ModelChoice, type ProviderRow, type SignInKeeper } from "../backend";
import { text } from "../strings";

/** Why a command about a provider did nothing; the core says it best, and some codes have words of their own. */
export function whyNot(thrown: unknown): string {
  const { code, message } = toApiError(thrown);
  // The system's own dialog asked, and the person did not agree.
  if (code === "consentNeeded") return text("models.notAgreed");
  if (message !== "") return message;
  return text(code === "notAllowed" ? "models.notAllowed" : "models.unreachable");
}

/** Who keeps what a sign-in brings, and who can read it. */
export const keptBy = (keeper: SignInKeeper): string => text(`signIn.keeper.${keeper}`);

/** Whether a key stands behind it that another one can take the place of. */
export const takesKey = (row: ProviderRow): boolean => ["missing", "kept", "thisRun", "plain", "cannotBeRead"].includes(row.key.kind);

/** Whether there is a key to forget. */
export const hasKey = (row: ProviderRow): boolean => ["kept", "thisRun", "plain", "cannotBeRead"].includes(row.key.kind);

/** A model's id at its provider: what comes after the first slash. */
export const modelAtProvider = (id: string): string => id.slice(id.indexOf("/") + 1);

/** Models that only their ids are known of, as a list shows them. Their provider has no id before it is connected. */
export const plainModels = (ids: readonly string[], provider: string): ModelChoice[] =>
  ids.map((id) => ({ id: `new/${id}`, name: id, provider, scripted: false, context: 0, variants: [], tools: true, images: null }));

/** The host of an address, which is what a person knows it by. */
export function hostOf(baseUrl: string): string {
  try {
    return new URL(baseUrl).host;
  } catch {
    return baseUrl;
  }
}

/** What to call a server at first: this computer, or its host. */
export function suggestedName(baseUrl: string): string {
  try {
    const { hostname } = new URL(baseUrl);
    return ["localhost", "127.0.0.1", "[::1]"].includes(hostname) ? text("models.nameLocal") : hostname.slice(0, 60);
  } catch {
    return "";
  }
}
