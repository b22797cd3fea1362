import type { PairingRow } from "../backend";
import { fakePairing, fakeStart } from "../backend/fake";
import { openWindow, settle } from "./window";

/** Opens the window where pairings are set, with these. */
export async function openPairings(rows: PairingRow[] = [fakePairing()], more: Partial<ReturnType<typeof fakeStart>["pairings"]> = {}) {
  const start = fakeStart();
  start.pairings = { ...start.pairings, rows, ...more };
  const opened = await openWindow({ start });
  opened.app.openSettings("pairing");
  await settle();
  const change = (id: string, what: Partial<PairingRow>) => opened.backend.push({ pairings: { ...opened.backend.world.pairings, rows: opened.backend.world.pairings.rows.map((row) => (row.id === id ? { ...row, ...what } : row)) } });
  return { ...opened, change };
}
