import type { AllowanceRow, AnsweredList, ApiError, BridgeRow, Commands, Conversation, EngineHealth, InboxAsk, HealthRow, RevertPreview, RuleCheck, Start, TrustedCommandRow, Update } from "../generated";
import type { Backend } from "../index";
import { createBoxCommands, fakeBox, fakeLanguages, type FakeBoxes } from "./boxCommands";
import { fakeHealthRows } from "./health";
import { createComposerCommands } from "./composerCommands";
import { fakeConversation } from "./conversation";
import { fakeAllowances, fakeBridges, fakeHealth, fakeReport, fakeStart } from "./data";
import { createPairingCommands, fakeAddress, fakePreview, type FakePairings } from "./pairingCommands";
import { fakeAudit } from "./pairings";
import { createProviderCommands, type FakeProviders } from "./providerCommands";
import { fakeCatalogue, fakeKeychains, fakeServers } from "./providers";
import { createReviewCommands } from "./reviewCommands";
import { createThreadCommands } from "./threadCommands";
import { createSearchCommands, fakeProgress, fakeStorage, fakeUsageOf, type FakeSearches } from "./searchCommands";

export { fakeConversation } from "./conversation";
export {
  fakeAgents,
  fakeAllowances,
  fakeBridges,
  fakeEngines,
  fakeFirstStart,
  fakeFolders,
  fakeHealth,
  fakeModels,
  fakeNow,
  fakeProviders,
  fakeReport,
  fakeResting,
  fakeSafety,
  fakeSessions,
  fakeSettings,
  fakeStart,
  fakeUnsafety,
} from "./data";
export * from "./pairings";
export { fakeAddress, fakePreview } from "./pairingCommands";
export * from "./providers";
export { fakeBadHealthRows, fakeHealthRows } from "./health";
export { fakeUsageOf } from "./searchCommands";
export { fakeBox, fakeLanguages, fakeOpenedBox, fakeServers, fakeStopped, fakeStoppedFiles } from "./boxCommands";

/** A command that was called. */
export interface FakeCall {
  name: keyof Commands;
  request: unknown;
}

/** What a fake core tells only when asked, free to be changed. */
export interface FakeKnown extends FakeProviders, FakeBoxes, FakeSearches, FakePairings {
  /** What `healthRows` answers. */
  healthRows: HealthRow[];
  /** What `appLog` answers. */
  appLog: string[];
  /** What `engineHealth` answers beside the engine's state and safety, which are those pushed last. */
  health: Omit<EngineHealth, "state" | "safety">;
  /** What `commandTrusted` answers. */
  trusted: TrustedCommandRow[];
  /** What `allowanceList` answers. */
  allowances: AllowanceRow[];
  /** What `ruleCheck` says of rules. */
  ruleCheck(patterns: string[]): RuleCheck;
  /** What `inboxAsk` gives, by the ask's id. */
  asks: Map<string, InboxAsk>;
  /** What `inboxAnswered` gives. */
  answered: AnsweredList;
  /** What `bridgeList` answers. */
  bridges: BridgeRow[];
  /** What `revertPreview` answers. */
  revert: RevertPreview;
}

/** A core without a core: answers from its own world and plays what a test or a developer tells it to. */
export interface FakeBackend extends Backend {
  /** What `start` answers. */
  readonly world: Start;
  /** What `sessionOpen` answers, by session; others get an empty conversation. */
  readonly conversations: Map<string, Conversation>;
  /** What it tells only when asked. */
  readonly known: FakeKnown;
  /** Every command called, oldest first. */
  readonly calls: FakeCall[];
  /** What a command was called with. */
  requests(name: keyof Commands): unknown[];
  /** Puts another answer in a command's place. */
  answer<Name extends keyof Commands>(name: Name, answer: Commands[Name]): void;
  /** Lets a command fail from now on. */
  fail(name: keyof Commands, error: ApiError): void;
  /** Sends an update; what is not given did not change. */
  push(update: Partial<Omit<Update, "sequence">>): void;
}

/** What a fake core begins with. */
export interface FakeOptions {
  start?: Start;
  conversations?: Conversation[];
  /** Files of every folder, as they are named in conversations. */
  files?: string[];
  /** Milliseconds from one step of a test to the next; without it the test tells how it goes on. */
  pace?: number;
}

const nothing: Omit<Update, "sequence"> = {
  sessions: [],
  removedSessions: [],
  threads: false,
  folders: null,
  engine: null,
  safety: null,
  models: null,
  agents: null,
  providers: null,
  test: null,
  signIn: null,
  snippets: [],
  inbox: null,
  pairings: null,
  composers: [],
  notices: [],
  noticesLeftOut: 0,
  wantedSession: null,
  conversation: null,
};

async function refuse(error: ApiError): Promise<never> {
  // The bridge rejects with plain objects, and so does this one.
  throw error;
}

export function createFakeBackend(options: FakeOptions = {}): FakeBackend {
  const world = options.start ?? fakeStart();
  const conversations = new Map((options.conversations ?? []).map((conversation) => [conversation.session, conversation]));
  const calls: FakeCall[] = [];
  let receive: ((update: Update) => void) | undefined;
  let sequence = 0;
  let made = 0;
  const known: FakeKnown = {
    health: structuredClone(fakeHealth),
    healthRows: structuredClone(fakeHealthRows),
    appLog: ["2026-11-20T14:20:58Z  INFO cowork_app: the window was opened"],
    trusted: [{ folder: "/home/ada/code/atlas-api", key: "folder/deploy", name: "deploy", trusted: Date.UTC(2026, 10, 19) }],
    allowances: structuredClone(fakeAllowances),
    ruleCheck: (patterns) => ({ refused: patterns.map((pattern) => (pattern.trim() === "" ? "empty" : pattern.startsWith("*") ? "tooWide" : null)), covers: patterns.every((pattern) => pattern.startsWith("npm")) }),
    asks: new Map(),
    answered: { rows: [], more: 0, days: 90 },
    bridges: structuredClone(fakeBridges),
    revert: { prompts: 1, files: [], left: [], history: true, more: false, attachments: false },
    catalogue: structuredClone(fakeCatalogue),
    servers: structuredClone(fakeServers),
    usage: [],
    keychain: fakeKeychains.encrypted,
    keychainAgain: undefined,
    failsAt: undefined,
    pace: options.pace,
    warning: "",
    languages: structuredClone(fakeLanguages),
    proof: { kind: "proven", reduced: null },
    filters: [],
    storage: structuredClone(fakeStorage),
    progress: structuredClone(fakeProgress),
    usageDays: [],
    sessionUsage: [fakeUsageOf("local/qwen3-coder-30b", 0.42)],
    picked: "/home/ada/work/shared-fixtures",
    address: fakeAddress,
    audit: structuredClone(fakeAudit),
    preview: structuredClone(fakePreview),
    agrees: true,
  };

  const push: FakeBackend["push"] = (update) => {
    sequence += 1;
    if (update.engine) world.engine = structuredClone(update.engine);
    if (update.safety) world.safety = structuredClone(update.safety);
    if (update.inbox) world.inbox = structuredClone(update.inbox);
    if (update.pairings) world.pairings = structuredClone(update.pairings);
    if (update.providers) world.providers = structuredClone(update.providers);
    receive?.({ ...nothing, ...structuredClone(update), sequence });
  };
  const row = (id: string) => world.sessions.find((candidate) => candidate.id === id);
  const gone: ApiError = { code: "notFound", message: "That thread is gone. Choose another one." };

  const commands: Commands = {
    ...createThreadCommands(world),
    ...createReviewCommands(conversations),
    filesNamed: async ({ names }) => names.filter((name) => options.files?.includes(name)),
    acknowledge: async () => {},
    windowShown: async () => {},
    folderPick: async () => null,
    folderForget: async ({ folder }) => {
      world.folders = world.folders.filter((candidate) => candidate.id !== folder);
      push({ folders: world.folders });
    },
    foldersLook: async () => {
      push({ folders: world.folders });
      return structuredClone(world.folders);
    },
    sessionCreate: async ({ folder }) => {
      made += 1;
      let home = folder;
      if (home === null) {
        home = `sandbox-new-${made}`;
        world.folders = [...world.folders, { id: home, label: home, path: `/tmp/${home}`, kind: "sandbox", available: true, ignored: [], unboxedAllowed: false, box: structuredClone(fakeBox) }];
        push({ folders: world.folders });
      }
      const created = {
        id: `new-${made}`,
        parent: null,
        title: "",
        folder: home,
        mark: "idle" as const,
        updated: Date.now(),
        agent: world.settings.defaultAgent,
        model: world.settings.defaultModel,
        scripted: world.settings.defaultModel === null,
        cost: 0,
        tags: [],
      };
      world.sessions = [created, ...world.sessions];
      push({ sessions: [created] });
      return structuredClone(created);
    },
    sessionOpen: async ({ session }) => {
      if (!row(session) && !conversations.has(session)) return refuse(gone);
      return structuredClone(conversations.get(session) ?? fakeConversation(session));
    },
    sessionPage: async () => {},
    conversationFind: async () => ({ found: [], messages: 0, reached: null, since: null }),
    conversationPrompt: async () => null,
    conversationText: async () => ({ text: "", cut: false }),
    sessionClose: async () => {},
    sessionRename: async ({ session, title }) => {
      const found = row(session);
      if (!found) return refuse(gone);
      found.title = title;
      push({ sessions: [found] });
      return structuredClone(found);
    },
    sessionDelete: async ({ session }) => {
      world.sessions = world.sessions.filter((candidate) => candidate.id !== session);
      push({ removedSessions: [session] });
    },
    sessionFork: async ({ session, title }) => {
      const found = row(session);
      if (!found) return refuse(gone);
      made += 1;
      const forked = { ...found, id: `fork-${made}`, title, mark: "idle" as const, updated: Date.now(), cost: 0, tags: [] };
      world.sessions = [forked, ...world.sessions];
      push({ sessions: [forked] });
      return { thread: structuredClone(forked), missing: [] };
    },
    revertPreview: async () => structuredClone(known.revert),
    sessionRevert: async () => ({ text: "What the prompt said.", attachments: [], missing: [] }),
    ...createComposerCommands(push),
    sessionUnrevert: async () => {},
    promptSend: async ({ session }) => {
      if (!row(session)) return refuse(gone);
      made += 1;
      return { message: `message-${made}` };
    },
    draftSave: async () => {},
    turnStop: async () => {},
    permissionAnswer: async () => {},
    ruleCheck: async ({ patterns }) => known.ruleCheck(patterns),
    inboxAnswered: async () => structuredClone(known.answered),
    inboxAsk: async ({ ask }) => structuredClone(known.asks.get(ask) ?? { permission: null, question: null }),
    questionAnswer: async () => {},
    questionReject: async () => {},
    messageSource: async () => "The text as it was written.",
    toolOutput: async () => ({ spans: [{ text: "the whole output\n", look: "" }], pages: 1, bytes: 17, lines: 1, leftOut: 0, shortened: false }),
    toolText: async () => "the whole output\n",
    changePage: async () => ({ lines: [], pages: 1 }),
    engineStart: async () => {
      push({ engine: { kind: "starting", step: "preparing", since: Date.now() }, safety: { ...world.safety, restartNeeded: false } });
    },
    engineLog: async () => ["listening on 127.0.0.1", "GET /global/event 200"],
    engineHealth: async () => structuredClone({ ...known.health, state: world.engine, safety: world.safety }),
    diagnosticsReport: async () => fakeReport,
    allowanceList: async () => structuredClone(known.allowances),
    allowanceRestore: async () => {},
    commandTrusted: async () => structuredClone(known.trusted),
    commandDistrust: async ({ folder, command }) => {
      known.trusted = known.trusted.filter((each) => each.folder !== folder || each.key !== command);
    },
    allowanceRevoke: async ({ allowance }) => {
      known.allowances = known.allowances.filter((rule) => rule.id !== allowance);
    },
    folderUnbox: async ({ folder, allowed }) => {
      world.folders = world.folders.map((each) => (each.id === folder ? { ...each, unboxedAllowed: allowed } : each));
      push({ folders: world.folders });
    },
    bridgeList: async () => structuredClone(known.bridges),
    bridgeSet: async ({ bridge, allowed }) => {
      known.bridges = known.bridges.map((each) => (each.bridge === bridge ? { ...each, allowed } : each));
      push({ safety: { ...world.safety, restartNeeded: true } });
    },
    engineHomeSet: async ({ home }) => {
      push({ safety: { ...world.safety, home, restartNeeded: true } });
    },
    settingsSave: async (settings) => {
      world.settings = settings;
      return structuredClone(settings);
    },
    ...createSearchCommands({ world, known, push, refuse }),
    ...createBoxCommands({ world, known, push, refuse }),
    ...createProviderCommands({ world, known, push, refuse }),
    ...createPairingCommands({ world, known, push, refuse }),
    linkOpen: async () => {},
    everythingRemove: async () => {},
    notificationWords: async () => {},
    notificationTry: async () => {},
    appLog: async () => [...known.appLog],
    logsOpen: async () => {},
    healthRows: async () => structuredClone(known.healthRows),
  };

  const replaced: Partial<Record<keyof Commands, (request: never) => Promise<unknown>>> = {};
  const recorded = Object.fromEntries(
    Object.entries(commands).map(([key, built]) => {
      const name = key as keyof Commands;
      return [
        name,
        (request?: unknown) => {
          calls.push({ name, request });
          const run = (replaced[name] ?? built) as (request?: unknown) => Promise<unknown>;
          return run(request);
        },
      ];
    }),
    // Built from the commands themselves, so each keeps its type.
  ) as unknown as Commands;

  return {
    world,
    conversations,
    known,
    calls,
    commands: recorded,
    streams: {
      subscribe: async (next) => {
        receive = next;
      },
    },
    requests: (name) => calls.filter((call) => call.name === name).map((call) => call.request),
    answer: (name, answer) => {
      replaced[name] = answer;
    },
    fail: (name, error) => {
      replaced[name] = () => refuse(error);
    },
    push,
  };
}
