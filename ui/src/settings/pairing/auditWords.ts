import { pairingText as text } from "../../strings/pairing";
import type { PairingAuditRow } from "../../backend";

/** What of the audit is shown. */
export const auditKinds = ["all", "commands", "refused", "changes"] as const;
export type AuditKind = (typeof auditKinds)[number];

const actions = [
  "pairing.created",
  "pairing.updated",
  "pairing.enabled",
  "pairing.disabled",
  "pairing.connected",
  "pairing.offline",
  "pairing.revoked",
  "pairing.remote_allowed_enabled",
  "command.accepted",
  "command.completed",
  "command.failed",
  "command.blocked",
  "remote.event.published",
] as const;
type Action = (typeof actions)[number];
const isAction = (action: string): action is Action => (actions as readonly string[]).includes(action);

/** What happened; what a later version wrote down, as it is spelled. */
export const actionWords = (action: string): string => (isAction(action) ? text(`audit.${action}`) : action);

const refused = new Set(["command.failed", "command.blocked"]);
const colours: Readonly<Record<string, string>> = { "command.failed": "is-danger", "command.blocked": "is-danger", "pairing.remote_allowed_enabled": "is-warn" };

/** What is to catch the eye. */
export const actionColour = (action: string): string => colours[action] ?? "";

/** Whether a row is of a kind. */
export function fitsKind(kind: AuditKind, { action }: Pick<PairingAuditRow, "action">): boolean {
  switch (kind) {
    case "all":
      return true;
    case "commands":
      return action.startsWith("command.");
    case "refused":
      return refused.has(action);
    case "changes":
      return action.startsWith("pairing.");
  }
}
