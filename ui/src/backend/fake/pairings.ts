import type { PairingAuditRow, PairingPolicy, PairingRow, Pairings, RemoteProposal } from "../generated";

const minute = 60_000;

/** What a pairing lets in and out when nobody changed it. */
export const fakePolicy: PairingPolicy = { prompts: true, abort: true, approvals: "localConfirmation", questions: "localConfirmation", artifactBodies: false, localPaths: false, toolServers: false, attachments: false };

/** A pairing that works, or one that differs from it. */
export const fakePairing = (more: Partial<PairingRow> = {}): PairingRow => ({
  id: "pairing-1",
  label: "Release desk",
  broker: "https://releases.example.net",
  host: "releases.example.net",
  state: "online",
  since: Date.UTC(2026, 10, 20, 9, 0),
  trouble: null,
  detail: "",
  lastAnswer: Date.UTC(2026, 10, 20, 14, 21),
  nextTry: null,
  expires: null,
  policy: structuredClone(fakePolicy),
  folders: [{ folder: "atlas", label: "atlas-api" }],
  threads: [{ session: "pricing-copy", title: "Pricing page copy", fromAfar: false }],
  moreThreads: 0,
  behindProxy: false,
  pastProxy: false,
  waiting: 0,
  lastCommand: { kind: "prompt", who: "Mara Voss", status: "completed", at: Date.UTC(2026, 10, 20, 14, 21) },
  created: Date.UTC(2026, 10, 1),
  ...more,
});

export const noPairings: Pairings = { rows: [], limit: 8, forbidden: false, remoteAnswersForbidden: false };

/** One pairing for every state, and for each thing that mends one. */
export const fakePairingStates: PairingRow[] = [
  fakePairing(),
  fakePairing({ id: "pairing-2", label: "Studio, second desk", host: "cowork.example.org", broker: "https://cowork.example.org", state: "waiting", expires: Date.UTC(2026, 10, 20, 14, 31), lastCommand: null, folders: [], threads: [] }),
  fakePairing({ id: "pairing-3", label: "Night desk", host: "night.example.org", state: "expired", lastCommand: null }),
  fakePairing({ id: "pairing-4", label: "New desk", host: "new.example.org", state: "connecting" }),
  fakePairing({ id: "pairing-5", label: "Far desk", host: "far.example.org", state: "offline", trouble: "unreachable", detail: "connection refused", waiting: 12 }),
  fakePairing({ id: "pairing-6", label: "Quiet desk", host: "quiet.example.org", state: "paused" }),
  fakePairing({ id: "pairing-7", label: "Lost desk", host: "lost.example.org", state: "needsYou", trouble: "refused", detail: "401 Unauthorized" }),
  fakePairing({ id: "pairing-8", label: "Proxied desk", host: "proxied.example.org", state: "needsYou", trouble: "addressRefused", behindProxy: true }),
  fakePairing({ id: "pairing-9", label: "Full desk", host: "full.example.org", state: "needsYou", trouble: "notSaved" }),
  fakePairing({ id: "pairing-10", label: "Leaving desk", host: "leaving.example.org", state: "revoking" }),
  fakePairing({ id: "pairing-11", label: "Former desk", host: "former.example.org", state: "revoked", trouble: "revokedThere" }),
];

/** What was done over a pairing, the newest first. */
export const fakeAudit: PairingAuditRow[] = [
  { number: 5, pairing: "pairing-1", label: "Release desk", action: "command.completed", who: "Mara Voss", detail: "prompt", at: Date.UTC(2026, 10, 20, 14, 21, 7) },
  { number: 4, pairing: "pairing-1", label: "Release desk", action: "command.blocked", who: "#release channel", detail: "permission.respond: answers are not taken", at: Date.UTC(2026, 10, 20, 14, 2, 10) },
  { number: 3, pairing: "pairing-1", label: "Release desk", action: "pairing.remote_allowed_enabled", who: null, detail: "questions", at: Date.UTC(2026, 10, 20, 13, 59) },
  { number: 2, pairing: "pairing-1", label: "Release desk", action: "pairing.connected", who: null, detail: "", at: Date.UTC(2026, 10, 20, 13, 58) },
  { number: 1, pairing: "pairing-1", label: "Release desk", action: "pairing.created", who: null, detail: "", at: Date.UTC(2026, 10, 20, 13, 50) },
];

/** What somebody answered from afar. */
export const fakeProposal = (more: Partial<RemoteProposal> = {}): RemoteProposal => ({
  id: "proposal-1",
  who: "Mara Voss",
  host: "releases.example.net",
  label: "Release desk",
  answer: { kind: "allow" },
  at: Date.now() - minute,
  ...more,
});

/** A code of few squares: a frame, which is drawn and read by nobody. */
export const fakeCode: string[] = ["1110111", "1010101", "1110111", "0001000", "1110101", "1010010", "1110111"];
