import type { AgentChoice, Folder, ModelChoice, ProviderRow, SessionMark, SessionRow, Settings, Start } from "../generated";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The moment the fake world stands at, so that ages in it never change. Friday, 20 November 2026, 14:21 UTC. */
export const fakeNow = Date.UTC(2026, 10, 20, 14, 21);

export const fakeSettings: Settings = {
  theme: "dark",
  density: "cozy",
  defaultModel: "local/qwen3-coder-30b",
  defaultAgent: "build",
  reviewOpen: true,
  sidebarHidden: false,
};

export const fakeFolders: Folder[] = [
  {
    id: "atlas",
    label: "atlas-api",
    path: "/home/ada/work/atlas-api",
    kind: "project",
    available: true,
    ignored: ["agent reviewer", "command release"],
  },
  { id: "site", label: "launch-site", path: "/home/ada/work/launch-site", kind: "project", available: true, ignored: [] },
  { id: "archive", label: "archive", path: "/media/usb/archive", kind: "project", available: false, ignored: [] },
  { id: "sandbox-1", label: "invoices", path: "/home/ada/.local/share/app/sandboxes/1", kind: "sandbox", available: true, ignored: [] },
  { id: "sandbox-2", label: "contracts", path: "/home/ada/.local/share/app/sandboxes/2", kind: "sandbox", available: true, ignored: [] },
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

export const fakeModels: ModelChoice[] = [
  { id: "local/qwen3-coder-30b", name: "Qwen3 Coder 30B", provider: "Local models", scripted: false, context: 262_144 },
  { id: "local/gemma3-12b", name: "Gemma 3 12B", provider: "Local models", scripted: false, context: 131_072 },
  { id: "scripted/demo", name: "Demo", provider: "Scripted", scripted: true, context: 0 },
];

export const fakeAgents: AgentChoice[] = [
  { name: "build", description: "Works in the folder and asks before it changes things" },
  { name: "plan", description: "Reads and plans; changes nothing" },
];

export const fakeProviders: ProviderRow[] = [
  { id: "local", name: "Local models", baseUrl: "http://127.0.0.1:11434/v1", models: ["qwen3-coder-30b", "gemma3-12b"] },
];

/** A window's first picture with every kind of session in it. */
export function fakeStart(): Start {
  return structuredClone({
    brand: { name: "Sample", shortName: "Sample", helpUrl: "https://help.example", supportUrl: "https://support.example", securityUrl: "https://security.example" },
    version: "0.1.0",
    platform: "linux",
    settings: fakeSettings,
    folders: fakeFolders,
    sessions: fakeSessions,
    engine: { kind: "ready", version: "1.18.33" },
    models: fakeModels,
    agents: fakeAgents,
    providers: fakeProviders,
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
