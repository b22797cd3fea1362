import { circleAlert, circleDashed, circleDot, circlePause, circleX, clock, radioTower, triangleAlert, type IconPath } from "../../design/icons";
import { dayName, timeOfDay, weekdayName } from "../../strings/format";
import { pairingText as text } from "../../strings/pairing";
import type { PairingRow, PairingState } from "../../backend";

/** How a state looks: a sign of its own for each, the colour says the same again. */
export const looks: Record<PairingState, { icon: IconPath; colour: string }> = {
  waiting: { icon: circleDot, colour: "is-live" },
  expired: { icon: clock, colour: "is-warn" },
  connecting: { icon: circleDot, colour: "is-live" },
  online: { icon: radioTower, colour: "is-success" },
  offline: { icon: circleAlert, colour: "subtle" },
  paused: { icon: circlePause, colour: "subtle" },
  needsYou: { icon: triangleAlert, colour: "is-warn" },
  revoking: { icon: circleDashed, colour: "subtle" },
  revoked: { icon: circleX, colour: "subtle" },
};

/** The one thing that mends a pairing which does not work. */
export type Repair = "renew" | "sync" | "pastProxy" | "storage";

/** What mends it; nothing where it mends itself, or where nobody here can. */
export function repairOf(row: PairingRow): Repair | undefined {
  if (row.state === "expired") return "renew";
  if (row.state === "offline") return row.trouble === "notSaved" ? "storage" : "sync";
  if (row.state !== "needsYou") return undefined;
  switch (row.trouble) {
    case "refused":
    case "noToken":
      return "renew";
    case "addressRefused":
      return row.behindProxy && !row.pastProxy ? "pastProxy" : "sync";
    case "notSaved":
      return "storage";
    case "forbidden":
    case "revokedThere":
      return undefined;
    default:
      return "sync";
  }
}

/** Why it is not online, as a sentence; nothing where there is no trouble. */
export const troubleWords = (row: PairingRow): string => (row.trouble === null ? "" : text(`trouble.${row.trouble}`));

const commandKinds = ["create_session", "prompt", "abort", "permission.respond", "question.reply", "question.reject", "status", "revoke_pairing"] as const;
type CommandKind = (typeof commandKinds)[number];
const isCommandKind = (kind: string): kind is CommandKind => (commandKinds as readonly string[]).includes(kind);

/** What a command asked for; one of a later protocol as it is spelled. */
export const commandWords = (kind: string): string => (isCommandKind(kind) ? text(`command.${kind}`) : kind);

const day = 86_400_000;

/** When something was, in few words: today by the clock, in the last days by the weekday too, before that by the date. Milliseconds since the epoch. */
export function momentWords(at: number, now: number): string {
  if (new Date(at).toDateString() === new Date(now).toDateString()) return timeOfDay(at);
  return now - at < 6 * day && at < now ? `${weekdayName(at)} ${timeOfDay(at)}` : dayName(at);
}
