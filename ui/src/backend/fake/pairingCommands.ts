import type { ApiError, Commands, PairingAddress, PairingAuditRow, PairingPreview, PairingRow, PairingToken, Start, Update } from "../generated";
import { fakeCode, fakePairing } from "./pairings";

/** What a fake core knows of pairings beside those it pushes, free to be changed. */
export interface FakePairings {
  /** What `pairingCheckAddress` says of an address. */
  address(address: string, pastProxy: boolean): PairingAddress;
  /** All of the audit, the newest first. */
  audit: PairingAuditRow[];
  /** What `pairingPreview` answers, beside its page. */
  preview: PairingPreview;
  /** What the person says to the system's dialog about answers from afar. */
  agrees: boolean;
}

interface World {
  world: Start;
  known: FakePairings;
  push(update: Partial<Omit<Update, "sequence">>): void;
  refuse(error: ApiError): Promise<never>;
}

type Names =
  | "pairingList"
  | "pairingCheckAddress"
  | "pairingCreate"
  | "pairingRenew"
  | "pairingUpdate"
  | "pairingPause"
  | "pairingResume"
  | "pairingSync"
  | "pairingRevoke"
  | "pairingShare"
  | "pairingUnshare"
  | "pairingPreview"
  | "pairingAudit"
  | "pairingAuditExport"
  | "remoteAskAnswer";

/** Rows of one page of the audit. */
const auditPage = 100;
/** For how long a token can be entered, in milliseconds. */
const tokenTime = 600_000;

/** Judges an address as simply as can be: what is encrypted answers. */
export function fakeAddress(address: string): PairingAddress {
  if (address.startsWith("http://127.0.0.1")) return { kind: "answers", address, host: "127.0.0.1", reach: "loopback", secure: false, behindProxy: false, known: true };
  if (!address.startsWith("https://")) return { kind: "refused", reason: "Only https addresses are taken." };
  return { kind: "answers", address, host: address.slice("https://".length).split("/")[0] ?? "", reach: "public", secure: true, behindProxy: false, known: true };
}

/** Whether a change lets answers from afar count by themselves. */
const opens = (policy: PairingRow["policy"], before?: PairingRow["policy"]) =>
  (["approvals", "questions"] as const).some((field) => policy[field] === "remoteAllowed" && before?.[field] !== "remoteAllowed");

/** The commands about pairings. */
export function createPairingCommands({ world, known, push, refuse }: World): Pick<Commands, Names> {
  let made = 0;
  const row = (id: string) => world.pairings.rows.find((each) => each.id === id);
  const gone: ApiError = { code: "notFound", message: "That pairing is gone." };
  const declined: ApiError = { code: "consentNeeded", message: "Nothing was changed, because it was not agreed to." };
  const tell = () => push({ pairings: world.pairings });
  const change = async (id: string, what: Partial<PairingRow>): Promise<PairingRow> => {
    const found = row(id);
    if (!found) return refuse(gone);
    Object.assign(found, what);
    tell();
    return structuredClone(found);
  };
  const token = (pairing: PairingRow): PairingToken => ({
    pairing: structuredClone(pairing),
    device: "device-1",
    token: `ocp_Zk3vTq8LrY1mWc5uXa9dQe2hNb6sJf0gPi7tKo4RxM${made}`,
    url: `${pairing.broker}/enrol#pair=e30${made}`,
    code: [...fakeCode],
    expires: Date.now() + tokenTime,
  });
  const named = (folders: string[]) => folders.map((folder) => ({ folder, label: world.folders.find((each) => each.id === folder)?.label ?? folder }));
  const titled = (session: string) => ({ session, title: world.sessions.find((each) => each.id === session)?.title ?? session, fromAfar: false });
  return {
    pairingList: async () => structuredClone({ pairings: world.pairings, audit: { rows: known.audit.slice(0, auditPage), count: known.audit.length, more: known.audit.length > auditPage } }),
    pairingCheckAddress: async ({ address, pastProxy }) => structuredClone(known.address(address, pastProxy)),
    pairingCreate: async ({ address, label, policy, folders, threads, pastProxy }) => {
      if (opens(policy) && !known.agrees) return refuse(declined);
      made += 1;
      const judged = known.address(address, pastProxy);
      const created = fakePairing({
        id: `made-${made}`,
        label,
        broker: address,
        host: judged.kind === "refused" ? address : judged.host,
        state: "waiting",
        since: Date.now(),
        lastAnswer: null,
        expires: Date.now() + tokenTime,
        policy: structuredClone(policy),
        folders: named(folders),
        threads: threads.map(titled),
        pastProxy,
        lastCommand: null,
        created: Date.now(),
      });
      world.pairings.rows.push(created);
      tell();
      return token(created);
    },
    pairingRenew: async ({ pairing }) => {
      made += 1;
      return token(await change(pairing, { state: "waiting", trouble: null, detail: "", expires: Date.now() + tokenTime }));
    },
    pairingUpdate: async ({ pairing, label, policy, folders, pastProxy }) => {
      const found = row(pairing);
      if (!found) return refuse(gone);
      if (opens(policy, found.policy) && !known.agrees) return refuse(declined);
      return change(pairing, { label, policy: structuredClone(policy), folders: named(folders), pastProxy });
    },
    pairingPause: ({ pairing }) => change(pairing, { state: "paused", since: Date.now(), trouble: null, detail: "" }),
    pairingResume: ({ pairing }) => change(pairing, { state: "connecting", since: Date.now() }),
    pairingSync: async ({ pairing }) => {
      const found = row(pairing);
      return found ? structuredClone(found) : refuse(gone);
    },
    pairingRevoke: async ({ pairing }) => {
      const found = row(pairing);
      if (!found) return refuse(gone);
      // A server that answers is told at once, and then the pairing is forgotten; so is one that never was, or is over.
      if (found.state === "online" || found.state === "expired" || found.state === "revoked") {
        world.pairings.rows = world.pairings.rows.filter((each) => each.id !== pairing);
        tell();
      } else await change(pairing, { state: "revoking", since: Date.now(), trouble: null });
    },
    pairingShare: async ({ pairing, session }) => {
      const found = row(pairing);
      if (!found) return refuse(gone);
      return change(pairing, { threads: [titled(session), ...found.threads.filter((each) => each.session !== session)] });
    },
    pairingUnshare: async ({ pairing, session }) => {
      const found = row(pairing);
      if (!found) return refuse(gone);
      return change(pairing, { threads: found.threads.filter((each) => each.session !== session) });
    },
    pairingPreview: async ({ pairing, session, page }) => {
      const shared = row(pairing ?? "")?.threads.some((each) => each.session === session) ?? false;
      return structuredClone({ ...known.preview, shared, page });
    },
    pairingAudit: async ({ pairing, before }) => {
      const all = known.audit.filter((each) => pairing === null || each.pairing === pairing);
      const from = all.filter((each) => before === null || each.number < before);
      return structuredClone({ rows: from.slice(0, auditPage), count: all.length, more: from.length > auditPage });
    },
    pairingAuditExport: async () => "pairing-audit.json",
    remoteAskAnswer: async ({ proposal }) => {
      for (const waiting of world.inbox.rows) waiting.proposals = waiting.proposals.filter((each) => each.id !== proposal);
      push({ inbox: world.inbox });
    },
  };
}

/** What would be sent of a thread: one message, with what was taken out of it. */
export const fakePreview: PairingPreview = {
  events: [
    '{"type":"session.event","payload":{"v":1,"event":{"kind":"thread","thread":{"title":"Pricing page copy","folder":"launch-site"}}}}',
    '{"type":"session.event","payload":{"v":1,"event":{"kind":"part","part":{"text":"The key is [redacted]"}}}}',
  ],
  page: 0,
  pages: 1,
  count: 2,
  bytes: 231,
  redactions: 1,
  shared: false,
  cut: false,
};
