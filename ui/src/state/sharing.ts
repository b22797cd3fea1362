import { toApiError, type PairingRow, type Pairings, type SessionRow } from "../backend";
import { text } from "../strings";
import type { App } from "./app";

/** Whether nothing of a pairing can be changed any more. */
export const isOver = ({ state }: Pick<PairingRow, "state">): boolean => state === "revoking" || state === "revoked";

/** How a thread stands to a pairing. */
export interface Sharing {
  pairing: PairingRow;
  /** What the server is called: its host, with this desktop's name there where two pairings have the same. */
  server: string;
  /** By itself, along with its folder, or not. */
  how: "alone" | "byFolder" | "not";
}

/** How a thread stands to every pairing that is not over. */
export function sharingOf(pairings: Pairings, row: Pick<SessionRow, "id" | "folder">): Sharing[] {
  const all = pairings.rows.filter((pairing) => !isOver(pairing));
  return all.map((pairing) => ({
    pairing,
    server: all.filter(({ host }) => host === pairing.host).length > 1 ? `${pairing.host} (${pairing.label})` : pairing.host,
    how: pairing.folders.some(({ folder }) => folder === row.folder) ? "byFolder" : pairing.threads.some(({ session }) => session === row.id) ? "alone" : "not",
  }));
}

/** Shares a thread no longer, and says so. */
export async function stopSharing(app: App, session: string, { pairing, server }: Pick<Sharing, "pairing" | "server">): Promise<void> {
  try {
    await app.backend.commands.pairingUnshare({ pairing: pairing.id, session });
    app.toasts.show(text("shell.unshared", { server }));
  } catch (thrown) {
    app.toasts.show(text("shell.notUnshared", { server, reason: toApiError(thrown).message }), true);
  }
}

/** What of the pairings the whole window is to show: servers that may reach in, and pairings that wait for the person. */
export function reachOf(pairings: Pairings): { online: string[]; offline: string[]; stuck: string[] } {
  const hosts = (...states: PairingRow["state"][]) => pairings.rows.filter(({ state }) => states.includes(state)).map(({ host }) => host);
  return { online: hosts("online"), offline: hosts("offline", "connecting"), stuck: hosts("needsYou") };
}

/** The servers that ended a pairing since it was looked at last. */
export function endedThere(before: Pairings, now: Pairings): PairingRow[] {
  return now.rows.filter((row) => row.state === "revoked" && row.trouble === "revokedThere" && before.rows.some((known) => known.id === row.id && !isOver(known)));
}
