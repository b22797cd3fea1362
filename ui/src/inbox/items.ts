import type { InboxRow, RemoteProposal } from "../backend";

/** Something in the list: what an agent asks, or what somebody answered to that from afar. */
export interface InboxItem {
  id: string;
  row: InboxRow;
  /** What was answered from afar; absent where the agent's own request is meant. */
  proposal?: RemoteProposal;
}

/** Where an item stands. */
export type ItemKind = "afar" | "approvals" | "questions";

export const kindOf = ({ row, proposal }: InboxItem): ItemKind => (proposal ? "afar" : row.subject === null ? "questions" : "approvals");

export const itemKinds: readonly ItemKind[] = ["afar", "approvals", "questions"];

/** One item for one thing for as long as that is there, so that its row in the list stays with the focus in it. */
const known = new WeakMap<InboxRow | RemoteProposal, InboxItem>();

function itemOf(of: InboxRow | RemoteProposal, make: () => InboxItem): InboxItem {
  const item = known.get(of) ?? make();
  known.set(of, item);
  return item;
}

/**
 * All that can be gone through, in the order it stands in: what somebody waits for from afar before what agents ask. Where
 * nobody can say whether an answer counts, it is left out: that is said at the desktop alone.
 */
export function itemsOf(rows: readonly InboxRow[], confirms: boolean): InboxItem[] {
  const all = rows.flatMap((row): InboxItem[] => [
    ...(confirms ? row.proposals : []).map((proposal) => itemOf(proposal, () => ({ id: `afar ${proposal.id}`, row, proposal }))),
    itemOf(row, () => ({ id: row.id, row })),
  ]);
  return itemKinds.flatMap((kind) => all.filter((item) => kindOf(item) === kind));
}
