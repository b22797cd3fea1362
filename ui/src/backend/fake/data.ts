import type { AgentChoice, AllowanceRow, BridgeRow, EngineHealth, EngineState, Folder, ModelChoice, ProviderRow, Safety, SessionMark, SessionRow, Settings, Start } from "../generated";
import { defaultSettings } from "../generated";
import { fakeBox } from "./boxCommands";
import { noPairings } from "./pairings";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The moment the fake world stands at, so that ages in it never change. Friday, 20 November 2026, 14:21 UTC. */
export const fakeNow = Date.UTC(2026, 10, 20, 14, 21);

export const fakeSettings: Settings = { ...defaultSettings, theme: "dark", defaultModel: "local/qwen3-coder-30b", defaultAgent: "build", reviewOpen: true };

export const fakeFolders: Folder[] = [
  {
    id: "atlas",
    label: "atlas-api",
    path: "/home/ada/work/atlas-api",
    kind: "project",
    available: true,
    ignored: ["agent reviewer", "command release"],
    unboxedAllowed: false,
    box: structuredClone(fakeBox),
  },
  { id: "site", label: "launch-site", path: "/home/ada/work/launch-site", kind: "project", available: true, ignored: [], unboxedAllowed: false, box: structuredClone(fakeBox) },
  { id: "archive", label: "archive", path: "/media/usb/archive", kind: "project", available: false, ignored: [], unboxedAllowed: false, box: structuredClone(fakeBox) },
  { id: "sandbox-1", label: "invoices", path: "/home/ada/.local/share/app/sandboxes/1", kind: "sandbox", available: true, ignored: [], unboxedAllowed: false, box: structuredClone(fakeBox) },
  { id: "sandbox-2", label: "contracts", path: "/home/ada/.local/share/app/sandboxes/2", kind: "sandbox", available: true, ignored: [], unboxedAllowed: false, box: structuredClone(fakeBox) },
];

function session(id: string, title: string, folder: string, mark: SessionMark, age: number, more?: Partial<SessionRow>): SessionRow {
  return {
    id,
    parent: null,
    title,
    folder,
    mark,
    updated: fakeNow - age,
    agent: "build",
    model: "local/qwen3-coder-30b",
    scripted: false,
    cost: 0,
    tags: [],
    ...more,
  };
}

/** One session for every mark, in three kinds of folder. */
export const fakeSessions: SessionRow[] = [
  session("split-queue", "Split the queue worker", "atlas", "asksPermission", minute),
  session("flaky-retry", "Fix flaky retry tests", "atlas", "asksPermission", 2 * minute, { cost: 0.42 }),
  session("rate-limit", "Rate limit headers", "atlas", "asksQuestion", 6 * minute, { agent: "plan" }),
  session("image-sizes", "Image sizes on mobile", "site", "working", 11 * minute),
  session("invoices", "Invoices to a sheet", "sandbox-1", "retrying", 14 * minute),
  session("pricing-copy", "Pricing page copy", "site", "done", hour, { cost: 0.08 }),
  session("demo", "Show me around", "sandbox-2", "idle", 3 * hour, { model: "scripted/demo", scripted: true }),
  session("changelog", "Translate changelog", "site", "interrupted", 2 * day),
  session("deploy-script", "Explain deploy script", "atlas", "idle", 3 * day),
  session("node-24", "Upgrade to Node 24", "atlas", "failed", 4 * day),
  session("long-title", "Compare the retention clauses of all eleven supplier contracts and say which of them end in spring", "sandbox-2", "idle", 8 * day),
  session("old-photos", "Sort photos by year", "archive", "idle", 11 * day),
];

/** The same sessions with none that works, asks or tries again. */
export function fakeResting(): SessionRow[] {
  const rows = structuredClone(fakeSessions);
  for (const row of rows) row.mark = "idle";
  return rows;
}

export const fakeModels: ModelChoice[] = [
  { id: "local/qwen3-coder-30b", name: "Qwen3 Coder 30B", provider: "Local models", scripted: false, context: 262_144, variants: [], tools: true, images: false },
  { id: "local/gemma3-12b", name: "Gemma 3 12B", provider: "Local models", scripted: false, context: 131_072, variants: [], tools: true, images: true },
  { id: "scripted/demo", name: "Demo", provider: "Scripted", scripted: true, context: 0, variants: [], tools: true, images: null },
];

export const fakeAgents: AgentChoice[] = [
  { name: "build", description: "Works in the folder and asks before it changes things" },
  { name: "plan", description: "Reads and plans; changes nothing" },
];

export const fakeProviders: ProviderRow[] = [
  { id: "local", name: "Local models", kind: "custom", baseUrl: "http://127.0.0.1:11434/v1", models: ["qwen3-coder-30b", "gemma3-12b"], key: { kind: "notNeeded" }, leftOut: null },
];

/** All as promised. */
export const fakeSafety: Safety = { boxed: { kind: "boxed" }, home: "private", notSaving: null, pending: [], restartNeeded: false, tools: { kind: "proven", reduced: null }, folders: [], stopped: [], stoppedFiles: [], servers: [] };

/** Nothing as promised. */
export const fakeUnsafety: Safety = {
  boxed: { kind: "unboxed", reason: "bubblewrap is not installed. Install the package bubblewrap and restart the engine." },
  home: "machine",
  notSaving: "The disk is full.",
  pending: ["atlas-api", "launch-site"],
  restartNeeded: true,
  tools: { kind: "failed", reason: "bubblewrap is not installed. Install the package bubblewrap and restart the engine." },
  folders: [],
  stopped: [],
  stoppedFiles: [],
  servers: [],
};

/** The engine's states that a person has to know of, one of each kind but `ready`. */
export const fakeEngines = {
  absent: { kind: "absent", code: "missing", message: "The engine is missing. Install the app again." },
  starting: { kind: "starting", step: "launching", since: fakeNow },
  degraded: { kind: "degraded", trouble: "streamStalled", message: "No news came from the engine for 45 s. The connection is opened anew.", since: fakeNow - minute },
  memoryHigh: { kind: "degraded", trouble: "memoryHigh", message: "The engine and what it started hold 3400 MB, more than the limit of 3072 MB. Restart it when nothing runs.", since: fakeNow - minute },
  backingOff: { kind: "backingOff", attempt: 2, until: fakeNow + 12_000, code: "exited", message: "The engine ended with status 2. Your threads are kept." },
  broken: {
    kind: "broken",
    code: "exited",
    message: "The engine ended 5 times within 2 minutes. Your threads are kept; restart it, or look at its log.",
    probeAt: fakeNow + 10 * minute,
    log: ["listening on 127.0.0.1:41213", "panic: address already in use", "exit status 2"],
  },
  stopping: { kind: "stopping" },
  stopped: { kind: "stopped" },
} satisfies Record<string, EngineState>;

/** What a fake core knows of its engine beside its state. */
export const fakeHealth: Omit<EngineHealth, "state" | "safety"> = {
  processId: 41_213,
  runningSince: fakeNow - 192 * minute,
  memory: 812 * 1024 * 1024,
  memoryLimit: 3072 * 1024 * 1024,
  memoryKeeper: { kind: "controlGroup", most: 24 * 1024 ** 3 },
  breaker: "closed",
  automaticStarts: 2,
  startsByPerson: 1,
  failures: [
    {
      at: fakeNow - 3 * hour,
      code: "exited",
      message: "The engine ended with status 2.",
      context: "ready, 2 turns ran",
      log: ["panic: out of memory", "exit status 2"],
    },
    { at: fakeNow - 2 * day, code: "unresponsive", message: "The engine did not answer for 60 s and was ended.", context: "degraded, 1 turn ran", log: [] },
  ],
  events: [
    { name: "message.part.delta", count: 48_213 },
    { name: "session.status", count: 1204 },
    { name: "server.heartbeat", count: 611 },
  ],
  journal: 18_400,
  screenDelay: { reads: 4_210, median: 14, most: 27, nearlyAll: 34, gap: 16 },
};

/** Rules of "always allow" in two folders. */
export const fakeAllowances: AllowanceRow[] = [
  { id: 1, folder: "/home/ada/work/atlas-api", agent: "build", permission: "bash", pattern: "npm run *", origin: "npm run test", session: "flaky-retry", thread: "flaky-retry", threadTitle: "Fix flaky retry tests", threadOnly: false, edited: false, uses: 12, lastUsed: fakeNow - 5 * minute, created: fakeNow - 3 * hour },
  { id: 2, folder: "/home/ada/work/atlas-api", agent: "build", permission: "edit", pattern: "src/**", origin: "src/queue.ts", session: "split-queue", thread: "split-queue", threadTitle: "Split the queue worker", threadOnly: true, edited: true, uses: 0, lastUsed: null, created: fakeNow - 2 * day },
  { id: 3, folder: "/home/ada/work/launch-site", agent: "plan", permission: "webfetch", pattern: "https://docs.example/*", origin: "https://docs.example/retry", session: "pricing-copy", thread: "pricing-copy", threadTitle: "Pricing page copy", threadOnly: false, edited: false, uses: 1, lastUsed: fakeNow - 2 * day, created: fakeNow - 8 * day },
];

/** What of the person's own configuration is there, and what of it is open. */
export const fakeBridges: BridgeRow[] = [
  { bridge: "sshAgent", allowed: true, found: ["the agent at SSH_AUTH_SOCK"] },
  { bridge: "sshKeys", allowed: false, found: [".ssh"] },
  { bridge: "gpg", allowed: false, found: [] },
  { bridge: "cloud", allowed: false, found: [".aws", ".kube"] },
  { bridge: "developer", allowed: false, found: [".gitconfig", ".npmrc", ".config/gh"] },
  { bridge: "docker", allowed: false, found: ["/run/docker.sock"] },
];

/** A report as the core writes it: plain text, redacted. */
export const fakeReport = "Sample 0.1.0 on linux\nengine: ready, version 1.18.33\nbox: boxed\nlast failure: exited, token=[redacted]\n";

/** A window's first picture with every kind of session in it. */
export function fakeStart(): Start {
  return structuredClone({
    brand: { name: "Sample", shortName: "Sample", helpUrl: "https://help.example", supportUrl: "https://support.example", securityUrl: "https://security.example" },
    version: "0.1.0",
    platform: "linux",
    settings: fakeSettings,
    folders: fakeFolders,
    sessions: fakeSessions,
    moreSessions: false,
    engine: { kind: "ready", version: "1.18.33" },
    safety: fakeSafety,
    models: fakeModels,
    agents: fakeAgents,
    providers: fakeProviders,
    test: null,
    signIn: null,
    inbox: { rows: [], more: 0 },
    pairings: noPairings,
    notices: [{ kind: "streamResumed", detail: "The engine's event stream broke off and was resumed.", at: fakeNow - 20 * minute }],
    initialFolder: null,
  } satisfies Start);
}

/** A window's first picture on the first day: no folder, no session, only the demo model. */
export function fakeFirstStart(): Start {
  return {
    ...fakeStart(),
    settings: { ...fakeSettings, defaultModel: null, defaultAgent: null },
    folders: [],
    sessions: [],
    models: structuredClone(fakeModels.filter((model) => model.scripted)),
    providers: [],
    notices: [],
  };
}
