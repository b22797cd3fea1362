import { batch, createContext, createSignal, useContext } from "solid-js";
import { createStore, produce, reconcile } from "solid-js/store";
import { toApiError, type Backend, type BeginSignIn, type Folder, type Notice, type ProviderRow, type SessionRow, type Settings, type TestProvider, type Update } from "../backend";
import { may, type Ability } from "../backend/abilities";
import { text } from "../strings";
import { languageFor, rememberedLanguage, speak } from "../strings/language";
import { atFirst, type AppState, type HomeChoice } from "./appState";
import { createComposers } from "./composers";
import { createConversation } from "./conversation";
import { anythingRuns } from "./engine";
import { afterPaint, followVisibility } from "./painted";
import type { Route, SettingsSection } from "./route";
import { endedThere } from "./sharing";
import { createSnippets } from "./snippets";
import { createThreads } from "./threads";
import { createToasts } from "./toasts";
import { keepHomeText, keptBegun, keptHomeText, withBegun } from "./unsent";

/** How many notices the window keeps; older ones are in the app's log. */
const mostNotices = 100;

const newestFirst = (left: SessionRow, right: SessionRow) => right.updated - left.updated || (left.id < right.id ? -1 : 1);

/** The threads that are held for all pages: the newest, and those that something runs in. The list of threads has the others. */
const mostSessions = 300;

/** What goes with the first prompt of a thread, or stands in its place. */
export interface Beside {
  /** The ids of what is attached. */
  attachments?: string[];
  /** The command that is run. */
  command?: { key: string; arguments: string } | undefined;
  /** Whether the part of the page that sends it is still there. */
  waits?(): boolean;
}

/** What each page needs that is not always there. */
const pages: Partial<Record<Route["page"], Ability>> = { inbox: "inbox", health: "health", settings: "settings", setup: "setUp" };

/**
 * The one owner of what the window shows. Made once, handed down by context. What is written on home is kept under
 * `place`, where a window has more than one.
 */
export function createApp(backend: Backend, place = "") {
  const [state, setState] = createStore<AppState>(structuredClone(atFirst));
  const conversation = createConversation(backend);
  const snippets = createSnippets(backend);
  const composers = createComposers(backend);
  const toasts = createToasts();
  const threads = createThreads(backend, {
    isThrowAway: (folder) => folderOf(folder)?.kind === "sandbox",
    onRecent: (rows) => holdSessions(rows),
    now: () => Date.now(),
  });
  /** What was begun from home, oldest first, to be written once more. */
  const [begun, setBegun] = createSignal(keptBegun(place));
  let saving: Promise<unknown> = Promise.resolve();
  /** The settings as the core has them, and the changes on their way there, oldest first. */
  let stored: Settings = { ...atFirst.settings };
  const unsaved: Partial<Settings>[] = [];
  let beforeSettings: Route = { page: "home" };
  /** How often a page was left, so that a send which ends late knows whether the person still waits there for it. */
  let pagesLeft = 0;
  /** How often the core told of a test or a sign-in, so that a late answer to the command that began it changes nothing. */
  const heard = { test: 0, signIn: 0 };
  /** Where the person typed last; read only when the window's own code failed. */
  let lastField: { field: HTMLTextAreaElement; session: string | null } | null = null;

  const can = (deed: Ability) => may(backend, deed);
  const tell = (thrown: unknown) => toasts.show(toApiError(thrown).message, true);

  function apply(update: Update): void {
    setState(
      produce((draft) => {
        for (const row of update.sessions) {
          if (row.parent !== null && row.id in draft.visited) draft.visited[row.id] = row;
        }
        if (update.engine) draft.engine = update.engine;
        if (update.safety) draft.safety = update.safety;
        if (update.inbox) draft.inbox.more = update.inbox.more;
        if (update.notices.length > 0) {
          const all = distinctNotices([...draft.notices, ...update.notices]);
          draft.notices = all.slice(-mostNotices);
          draft.newsLeftOut += update.noticesLeftOut + all.length - draft.notices.length;
        }
      }),
    );
    // Said once as it happens: the provider it is about is gone from every page.
    for (const notice of update.notices) if (notice.kind === "signOutOwed") toasts.show(`${text("notice.signOutOwed")}. ${notice.detail}`);
    if (update.sessions.length > 0 || update.removedSessions.length > 0) {
      holdSessions(update.sessions, update.removedSessions);
      threads.change(update.sessions, update.removedSessions);
    }
    if (update.inbox) setState("inbox", "rows", reconcile(update.inbox.rows, { key: "id" }));
    if (update.pairings) {
      for (const { host } of endedThere(state.pairings, update.pairings)) {
        toasts.show(text("status.pairingEnded", { host }), true, { label: text("status.showPairing"), run: () => openSettings("pairing") });
      }
      setState("pairings", reconcile(update.pairings, { key: "id" }));
    }
    if (update.threads) threads.changed();
    if (update.folders) setState("folders", reconcile(update.folders, { key: "id" }));
    if (update.models) setState("models", reconcile(update.models, { key: "id" }));
    if (update.agents) setState("agents", reconcile(update.agents, { key: "name" }));
    if (update.providers) setState("providers", reconcile(update.providers, { key: "id" }));
    if (update.test) {
      heard.test += 1;
      setState("test", reconcile(update.test, { key: "step" }));
    }
    if (update.signIn) {
      heard.signIn += 1;
      setState("signIn", reconcile(update.signIn));
    }
    if (update.conversation) conversation.receive(update.conversation);
    snippets.receive(update.snippets);
    composers.receive(update.composers);
    const { route } = state;
    if (update.wantedSession) openSession(update.wantedSession);
    if (route.page === "session" && update.removedSessions.includes(route.session)) go({ page: "home" });
  }

  /** Takes rows over and lets go of those that are gone, and of the oldest where there are too many and nothing runs. */
  function holdSessions(changed: SessionRow[], gone: string[] = []): void {
    const rows = new Map(state.sessions.map((row) => [row.id, row]));
    for (const row of changed) if (row.parent === null) rows.set(row.id, row);
    for (const id of gone) rows.delete(id);
    const { route } = state;
    const isOpen = (row: SessionRow) => route.page === "session" && route.session === row.id;
    const held = [...rows.values()].toSorted(newestFirst).filter((row, at) => at < mostSessions || anythingRuns([row]) || isOpen(row));
    setState("sessions", reconcile(held, { key: "id" }));
  }

  function receive(update: Update): void {
    apply(update);
    acknowledgeOncePainted(update.sequence);
  }

  function acknowledgeOncePainted(sequence: number): void {
    afterPaint(() => {
      // A failed acknowledgement means the core is gone, and what comes next says so.
      backend.commands.acknowledge({ sequence }).catch(() => undefined);
    });
  }

  /** Asks for the first picture, then subscribes: what changes in between waits in the core for the subscription. */
  async function begin(): Promise<void> {
    try {
      // Its file is read meanwhile, and the first picture is drawn in it.
      void speak(rememberedLanguage());
      const { initialFolder, moreSessions, ...start } = await backend.commands.start();
      stored = { ...start.settings };
      await speak(languageFor(start.settings.language));
      const folder = initialFolder ?? firstFolder(start.folders, start.sessions);
      setState({
        ...start,
        notices: distinctNotices(start.notices).slice(-mostNotices),
        home: { text: keptHomeText(place), folder, agent: start.settings.defaultAgent, model: start.settings.defaultModel },
        phase: "ready",
      });
      threads.begin(start.sessions, moreSessions);
      // Counting a long list is not waited for by what shows its beginning.
      if (moreSessions) afterPaint(() => void threads.ask());
      // A frame's callback runs before the frame is drawn, so the first picture stands when the second one runs.
      afterPaint(() => acknowledgeOncePainted(0));
      await backend.streams.subscribe(receive);
      backend.onVoid?.(beginAnew);
      // One after the other, as the last one counts. A failure means the core is gone, and what comes next says so.
      let told: Promise<unknown> = Promise.resolve();
      followVisibility((shown) => (told = told.then(() => backend.commands.windowShown({ shown })).catch(() => undefined)));
    } catch (thrown) {
      setState({ phase: "failed", error: toApiError(thrown) });
    }
  }

  /** Asks for everything once more, and goes on where the person is. Rejects when it is not to be had. */
  async function beginAnew(): Promise<void> {
    const { moreSessions, settings, folders, sessions, engine, safety, models, agents, providers, inbox, notices, ...start } = await backend.commands.start();
    stored = { ...settings };
    batch(() => {
      setState({ settings, engine, safety, test: start.test, signIn: start.signIn, brand: start.brand, version: start.version, platform: start.platform, phase: "ready", error: null, notices: distinctNotices(notices).slice(-mostNotices) });
      setState("folders", reconcile(folders, { key: "id" }));
      setState("sessions", reconcile(sessions, { key: "id" }));
      setState("models", reconcile(models, { key: "id" }));
      setState("agents", reconcile(agents, { key: "name" }));
      setState("providers", reconcile(providers, { key: "id" }));
      setState("inbox", "rows", reconcile(inbox.rows, { key: "id" }));
      setState("inbox", "more", inbox.more);
      threads.begin(sessions, moreSessions);
    });
    if (moreSessions) void threads.ask();
    acknowledgeOncePainted(0);
    const at = whereTo();
    if (at.page === "session") await conversation.open(at.session);
  }

  /** The page that is shown, or the thread that is on its way in its place. */
  function whereTo(): Route {
    const session = conversation.arriving();
    return session === null ? state.route : { page: "session", session };
  }

  function go(route: Route): void {
    const needed = pages[route.page];
    if (needed !== undefined && !can(needed)) return;
    // Read before the change: the store changes the route in place.
    const leavesThread = whereTo().page === "session" && route.page !== "session";
    if (state.route.page !== route.page) pagesLeft += 1;
    setState("route", reconcile(route));
    if (leavesThread) conversation.close();
  }

  function openSettings(section: SettingsSection = "appearance"): void {
    if (!can(`section.${section}`)) return;
    const at = whereTo();
    if (at.page !== "settings") beforeSettings = { ...at };
    go({ page: "settings", section });
  }

  /** Back to where the settings were opened from. */
  function leaveSettings(): void {
    if (beforeSettings.page === "session" && rowOf(beforeSettings.session)) openSession(beforeSettings.session);
    else go(beforeSettings.page === "session" ? { page: "home" } : beforeSettings);
  }

  /** Opens a thread that a search found, at a message; the list may not hold one that is old. */
  function openFound(row: SessionRow, message: string | null): void {
    if (row.parent === null && !state.sessions.some((known) => known.id === row.id)) setState("sessions", (rows) => [...rows, { ...row }].toSorted(newestFirst));
    openSession(row.id, message);
  }

  function openSession(session: string, message: string | null = null): void {
    const at = whereTo();
    if (at.page === "session" && at.session === session && message === null) return;
    if (!state.sessions.some((row) => row.id === session) && !(session in state.visited)) {
      const parent = at.page === "session" ? rowOf(at.session) : undefined;
      if (parent) setState("visited", session, { ...parent, id: session, parent: parent.id, title: "", cost: 0, mark: "idle" });
    }
    if (at.page !== "session") pagesLeft += 1;
    void conversation.open(session, message, () => go({ page: "session", session }));
  }

  function rowOf(session: string): SessionRow | undefined {
    return state.sessions.find((row) => row.id === session) ?? state.visited[session] ?? threads.row(session);
  }

  const folderOf = (id: string): Folder | undefined => state.folders.find((folder) => folder.id === id);

  function setHome(change: Partial<HomeChoice>): void {
    setState("home", change);
    if (change.text !== undefined) keepHomeText(change.text, place);
  }

  /** Lets the person choose a folder, and says whether they did. Rejects with why it failed when it did. */
  async function pickFolder(): Promise<boolean> {
    const folder = await backend.commands.folderPick();
    if (!folder) return false;
    setState("folders", (folders) => [...folders.filter((known) => known.id !== folder.id), folder]);
    setHome({ folder: folder.id });
    return true;
  }

  /** Begins to test a connection. The answer is how it stood at first, and may come after news of it. */
  async function testProvider(request: TestProvider): Promise<void> {
    const before = heard.test;
    const test = await backend.commands.providerTest(request);
    if (heard.test === before) setState("test", reconcile(test, { key: "step" }));
  }

  /** Begins a sign-in. */
  async function signIn(request: BeginSignIn): Promise<void> {
    const before = heard.signIn;
    const view = await backend.commands.signInBegin(request);
    if (heard.signIn === before) setState("signIn", reconcile(view));
  }

  /** Takes a provider over that a command answered with, before the core tells of it. */
  function noteProvider(row: ProviderRow): void {
    setState("providers", (rows) => (rows.some((known) => known.id === row.id) ? rows.map((known) => (known.id === row.id ? row : known)) : [...rows, row]));
  }

  /** Sends away what stands above the composers. */
  function dismissNews(until: number): void {
    setState("newsSeen", until);
  }

  /**
   * Begins a thread and sends its first prompt, then opens it. It opens too when nobody knows whether the prompt
   * arrived: the core looks for it, and where it is not found it is the thread's draft. Rejects when it was not
   * taken, and the thread nothing was said in is gone again. Whoever went elsewhere meanwhile stays there.
   */
  async function beginThread(prompt: string, choice: Pick<HomeChoice, "folder" | "agent" | "model">, beside: Beside = {}): Promise<void> {
    const before = pagesLeft;
    const stayed = () => pagesLeft === before && beside.waits?.() !== false;
    const row = await backend.commands.sessionCreate({ folder: choice.folder });
    setState("sessions", (rows) => (rows.some((known) => known.id === row.id) ? rows : [row, ...rows]));
    threads.change([row]);
    try {
      const { agent, model } = choice;
      const { attachments = [], command } = beside;
      const files = attachments.length > 0 ? { attachments } : {};
      if (command) await backend.commands.commandRun({ session: row.id, ...command, agent, model, ...files });
      else await backend.commands.promptSend({ session: row.id, text: prompt, agent, model, ...files });
    } catch (thrown) {
      const unknown = toApiError(thrown).code === "outcomeUnknown";
      // Where it was sent from says why by itself, but only to someone who is still there.
      if (unknown || !stayed()) tell(thrown);
      if (!unknown) {
        // Someone who went elsewhere may have written into it. One that cannot be deleted stays in the list, empty.
        if (stayed()) await deleteSession(row.id).catch(() => undefined);
        throw thrown;
      }
    }
    if (stayed()) openSession(row.id);
  }

  /** Begins a thread with what is written on home. Rejects, and keeps it there, when it was not taken. */
  async function sendFromHome(prompt: string, beside: Beside = {}): Promise<void> {
    await beginThread(prompt, { ...state.home }, beside);
    setBegun((all) => withBegun(all, prompt, place));
    if (lastField?.field.value === prompt) lastField = null;
    // Someone who left may have come back and written the next one.
    if (state.home.text === prompt) setHome({ text: "" });
  }

  async function tryDemo(): Promise<void> {
    const demo = state.models.find((model) => model.scripted);
    await beginThread(text("home.demoPrompt"), { folder: null, agent: null, model: demo?.id ?? null });
  }

  async function renameSession(session: string, title: string): Promise<void> {
    const row = await backend.commands.sessionRename({ session, title });
    setState("sessions", (known) => known.id === session, reconcile(row));
    threads.change([row]);
  }

  async function deleteSession(session: string): Promise<void> {
    await backend.commands.sessionDelete({ session });
    const { route } = state;
    setState("sessions", (rows) => rows.filter((row) => row.id !== session));
    threads.change([], [session]);
    if (route.page === "session" && route.session === session) go({ page: "home" });
  }

  /**
   * Shows a change of the settings at once and saves it; what cannot be saved is taken back and told. One is saved after
   * the other, each with what is stored by then: a change that was refused must not be stored along with the next.
   */
  function saveSettings(change: Partial<Settings>): Promise<void> {
    const { defaultModel, defaultAgent } = state.settings;
    setState("settings", change);
    // Where nothing else was chosen, home begins with what new threads begin with.
    if (change.defaultModel !== undefined && state.home.model === defaultModel) setState("home", "model", change.defaultModel);
    if (change.defaultAgent !== undefined && state.home.agent === defaultAgent) setState("home", "agent", change.defaultAgent);
    unsaved.push(change);
    const save = saving.then(async () => {
      const wanted = { ...stored, ...change };
      try {
        await backend.commands.settingsSave(wanted);
        stored = wanted;
      } catch (thrown) {
        takeBack(change);
        tell(thrown);
      }
      unsaved.splice(unsaved.indexOf(change), 1);
    });
    saving = save;
    return save;
  }

  /** Shows what is stored again, but for what was chosen since and is still to be saved. */
  function takeBack(change: Partial<Settings>): void {
    const later = unsaved.slice(unsaved.indexOf(change) + 1);
    const lost = (Object.keys(change) as Array<keyof Settings>).filter((key) => !later.some((other) => key in other));
    if (lost.includes("defaultModel") && state.home.model === change.defaultModel) setState("home", "model", stored.defaultModel);
    if (lost.includes("defaultAgent") && state.home.agent === change.defaultAgent) setState("home", "agent", stored.defaultAgent);
    setState("settings", Object.fromEntries(lost.map((key) => [key, stored[key]])));
  }

  /** Remembers the field that is typed into. What was sent is cleared from it, so only the unsent is found there. */
  function noteTyping(field: HTMLTextAreaElement): void {
    lastField = { field, session: state.route.page === "session" ? state.route.session : null };
  }

  const unsentText = (): string => lastField?.field.value ?? "";

  /** Keeps what was being written, when the window's own code can no longer be trusted to. */
  async function keepUnsent(): Promise<void> {
    const unsent = unsentText();
    if (!lastField || unsent === "") return;
    if (lastField.session === null) keepHomeText(unsent, place);
    else await backend.commands.draftSave({ session: lastField.session, text: unsent }).catch(() => undefined);
  }

  async function restartEngine(): Promise<void> {
    await backend.commands.engineStart();
  }

  return {
    backend,
    can,
    state,
    conversation,
    snippets,
    composers,
    threads,
    toasts,
    begin,
    go,
    openSession,
    openFound,
    openSettings,
    leaveSettings,
    rowOf,
    folderOf,
    setHome,
    pickFolder,
    testProvider,
    signIn,
    noteProvider,
    dismissNews,
    sendFromHome,
    begun,
    tryDemo,
    renameSession,
    deleteSession,
    saveSettings,
    restartEngine,
    noteTyping,
    unsentText,
    keepUnsent,
    tell,
  };
}

export type App = ReturnType<typeof createApp>;

/** Notices, each once: what came between subscription and first picture is told in both. */
function distinctNotices(notices: Notice[]): Notice[] {
  const byWhat = new Map(notices.map((notice) => [JSON.stringify([notice.kind, notice.at, notice.detail]), notice]));
  return [...byWhat.values()];
}

/** The folder a person most likely goes on in: that of the newest thread in a folder of their own. */
function firstFolder(folders: Folder[], sessions: SessionRow[]): string | null {
  const usable = new Set(folders.filter((folder) => folder.available && folder.kind === "project").map((folder) => folder.id));
  return sessions.find((row) => usable.has(row.folder))?.folder ?? usable.values().next().value ?? null;
}

const AppContext = createContext<App>();
export const AppProvider = AppContext.Provider;

/** The app of the window this component stands in. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("useApp needs an AppProvider above it");
  return app;
}
