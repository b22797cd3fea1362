import { chartColumn, circlePause, flaskConical, folderOpen, globe, hammer, hand, heartPulse, house, inbox, info, keyboard, minus, monitor, moon, palette as paletteIcon, panelLeft, panelRight, play, plug, plus, radioTower, rotateCw, search, settings2, shield, shieldCheck, squarePen, sun, terminal, type IconPath } from "../design/icons";
import { defaultSettings } from "../backend";
import { mayAct } from "../backend/abilities";
import type { App } from "../state/app";
import { folderToTry } from "../state/boxes";
import { sharingOf, stopSharing } from "../state/sharing";
import { zoom, zoomStep } from "../state/zoom";
import { text as windowText } from "../strings";
import { askText } from "../strings/asks";
import { paletteText as text, type ActionName } from "../strings/palette";
import { arrive, byTestId, byWords } from "./arrive";
import { deed, type AskAnswers } from "./deeds";
import { matchShortcut, matchThreadKey, placeKeyLabels, shortcutLabel, threadKeyLabel, type PlaceKey, type Shortcut, type ThreadKey } from "./keys";
import { focusNextPane } from "./panes";
import { createReviewActions } from "./reviewActions";
import { createThreadActions } from "./threadActions";

/** Where the key of an action is in the map of keys. */
export type ActionKey = { window: Shortcut } | { thread: ThreadKey } | { place: PlaceKey };

/** What can be done. The palette lists those that are available, the list of keys all that have one. */
export interface Action {
  /** Names it for what was used last. */
  id: string;
  title: string;
  /** Other words it is found by. */
  words: string;
  /** In the open thread, or anywhere. */
  group: "here" | "commands";
  icon: IconPath;
  where?: string | undefined;
  key?: ActionKey | undefined;
  /** How the key is printed on this platform. */
  shortcut?: string | undefined;
  /** It is there this once, so that it is not written down as used. */
  passing?: boolean;
  available(): boolean;
  run(): void;
}

/** An action with what the catalog says of it. */
export type Named = { name: ActionName; icon: IconPath; key?: ActionKey; available?: () => boolean; run: () => void };

/** How a key is printed. */
export function keyLabel(key: ActionKey, platform: string): string {
  if ("window" in key) return shortcutLabel(key.window, platform);
  if ("thread" in key) return threadKeyLabel(key.thread, platform);
  return placeKeyLabels(key.place, platform).join(" ");
}

/** The action that a press of keys stands for; nothing for keys that one place alone has. */
export function actionOfKey(press: KeyboardEvent, platform: string): ActionName | undefined {
  const window = matchShortcut(press, platform)?.shortcut;
  if (window === "nextPane") return press.shiftKey ? "previousPane" : "nextPane";
  if (window !== undefined) return window === "recent" || window === "palette" ? undefined : window;
  const thread = matchThreadKey(press, platform);
  return thread === "findNext" || thread === "findPrevious" ? undefined : (thread ?? undefined);
}

const always = () => true;

/** Every action the app has; those that answer a request answer the one that `asked` is of. */
export function createActions(app: App, asked = deed("answerAsk") ?? null): Action[] {
  const named = (group: Action["group"]) => ({ name, icon, key, available, run }: Named): Action => ({
    id: name,
    title: text(`action.${name}`),
    words: text(`words.${name}`),
    group,
    icon,
    key,
    shortcut: key && keyLabel(key, app.state.platform),
    available: available ?? always,
    run,
  });
  const offered = ({ name }: Named) => mayAct(app.backend, name);
  return [
    ...createThreadActions(app).filter(offered).map(named("here")),
    ...createReviewActions().map(named("here")),
    ...windowActions(app, asked).filter(offered).map(named("commands")),
    ...(app.can("share") ? shareActions(app) : []),
    ...newsActions(app),
    ...(app.can("reach") ? folderActions(app) : []),
    ...(app.can("preview") ? serverActions(app) : []),
  ];
}

function windowActions(app: App, asked: AskAnswers | null): Named[] {
  const { brand } = app.state;
  const set = app.saveSettings;
  const theme = (name: ActionName, icon: IconPath, wanted: "system" | "light" | "dark"): Named => ({ name, icon, available: () => app.state.settings.theme !== wanted, run: () => void set({ theme: wanted }) });
  const density = (name: ActionName, wanted: "compact" | "cozy" | "roomy"): Named => ({ name, icon: paletteIcon, available: () => app.state.settings.density !== wanted, run: () => void set({ density: wanted }) });
  const link = (name: ActionName, url: string): Named => ({ name, icon: globe, available: () => url !== "", run: () => void app.backend.commands.linkOpen({ url }).catch(app.tell) });
  const toHealth = () => app.go({ page: "health" });
  return [
    { name: "newThread", icon: squarePen, key: { window: "newThread" }, run: () => deed("newThread")?.() },
    { name: "search", icon: search, key: { window: "search" }, run: () => deed("search")?.() },
    { name: "openFolder", icon: folderOpen, run: () => void chooseFolder(app) },
    { name: "connect", icon: plug, run: () => (app.openSettings("models"), arrive(byTestId("add-provider"), (button) => button.click())) },
    { name: "home", icon: house, available: () => app.state.route.page !== "home", run: () => app.go({ page: "home" }) },
    { name: "settings", icon: settings2, key: { window: "settings" }, run: () => app.openSettings() },
    { name: "inbox", icon: inbox, key: { window: "inbox" }, available: () => app.state.route.page !== "inbox", run: () => app.go({ page: "inbox" }) },
    { name: "pairNew", icon: radioTower, run: () => (app.openSettings("pairing"), arrive(byTestId("pairing-begin"), (button) => button.click())) },
    { name: "pausePairings", icon: circlePause, available: () => reaching(app).length > 0, run: () => void pausePairings(app) },
    { name: "rules", icon: shieldCheck, run: () => app.openSettings("permissions") },
    ...askActions(app, asked),
    { name: "health", icon: heartPulse, available: () => app.state.route.page !== "health", run: toHealth },
    { name: "shortcuts", icon: keyboard, key: { window: "shortcuts" }, run: () => deed("overlay")?.({ kind: "shortcuts" }) },
    { name: "sidebar", icon: panelLeft, key: { window: "sidebar" }, available: () => app.state.route.page !== "setup", run: () => deed("sidebar")?.() },
    { name: "zoomIn", icon: plus, key: { window: "zoomIn" }, available: () => zoomStep(app.state.settings.zoom, 1) !== app.state.settings.zoom, run: () => zoom(app, 1) },
    { name: "zoomOut", icon: minus, key: { window: "zoomOut" }, available: () => zoomStep(app.state.settings.zoom, -1) !== app.state.settings.zoom, run: () => zoom(app, -1) },
    { name: "zoomReset", icon: search, key: { window: "zoomReset" }, available: () => app.state.settings.zoom !== defaultSettings.zoom, run: () => zoom(app, 0) },
    { name: "restartEngine", icon: rotateCw, run: () => void app.restartEngine().catch(app.tell) },
    { name: "throwAway", icon: flaskConical, run: () => (app.setHome({ folder: null }), deed("newThread")?.()) },
    { name: "savedSearches", icon: search, run: () => deed("savedSearches")?.() },
    theme("themeSystem", monitor, "system"),
    theme("themeLight", sun, "light"),
    theme("themeDark", moon, "dark"),
    density("densityCompact", "compact"),
    density("densityCozy", "cozy"),
    density("densityRoomy", "roomy"),
    { name: "demo", icon: play, run: () => void app.tryDemo().catch(app.tell) },
    { name: "setUp", icon: hammer, available: () => app.state.sessions.length === 0, run: () => app.go({ page: "setup" }) },
    { name: "tryBox", icon: shieldCheck, run: () => (toHealth(), tryBox(app)) },
    { name: "report", icon: chartColumn, run: () => (toHealth(), arrive(byTestId("report-make"), (button) => (button.focus(), button.click()))) },
    { name: "engineLog", icon: terminal, run: () => (toHealth(), arrive(byWords(windowText("health.log")))) },
    { name: "nextPane", icon: panelRight, key: { window: "nextPane" }, run: () => focusNextPane(false) },
    { name: "previousPane", icon: panelLeft, key: { place: "previousPane" }, run: () => focusNextPane(true) },
    { name: "about", icon: info, run: () => app.openSettings("about") },
    link("help", brand.helpUrl),
    link("support", brand.supportUrl),
    link("security", brand.securityUrl),
  ];
}

/** Answers to what waits on the screen, in a thread or in the inbox. */
function askActions(app: App, asked: AskAnswers | null): Named[] {
  // What is answered is what was on the screen when this was offered, never what stands there since.
  const stands = () => asked !== null && deed("answerAsk")?.id === asked.id;
  const answer = (how: () => void) => () => (stands() ? how() : app.toasts.show(askText("ask.gone")));
  return [
    { name: "allowOnce", icon: hand, key: { place: "allowOnce" }, available: stands, run: answer(() => asked?.once()) },
    { name: "allowThread", icon: hand, available: () => stands() && asked?.always !== undefined, run: answer(() => asked?.always?.("thread")) },
    { name: "allowAlways", icon: hand, key: { place: "allowAlways" }, available: () => stands() && asked?.always !== undefined, run: answer(() => asked?.always?.("folder")) },
    { name: "editRule", icon: hand, available: () => stands() && asked?.editRule !== undefined, run: answer(() => asked?.editRule?.()) },
    { name: "deny", icon: hand, key: { place: "deny" }, available: stands, run: answer(() => asked?.deny()) },
  ];
}

/** Lets the person choose a folder, and begins there. */
async function chooseFolder(app: App): Promise<void> {
  try {
    if (await app.pickFolder()) deed("newThread")?.();
  } catch (thrown) {
    app.tell(thrown);
  }
}

function tryBox(app: App): void {
  const folder = folderToTry(app.state.safety, app.state.folders);
  // Without a folder nothing runs, and the engine tries the box as it starts.
  void (folder === undefined ? app.restartEngine() : app.backend.commands.folderBoxProve({ folder })).catch(app.tell);
}

/** What news offers, and offered: a toast is not always gone to in time. */
function newsActions(app: App): Action[] {
  return app.toasts.offers.toReversed().map(({ id, text: where, action }) => ({
    id: `news:${id}`,
    title: action?.label ?? "",
    words: text("words.news"),
    group: "commands",
    icon: info,
    where,
    passing: true,
    available: always,
    run: () => app.toasts.act(id),
  }));
}

/** The pairings over which somebody may reach in, now or when the server answers again. */
const reaching = (app: App) => app.state.pairings.rows.filter(({ state }) => state === "online" || state === "connecting" || state === "offline");

/** Pauses all of them; what cannot be is said, and does not keep the others from it. */
async function pausePairings(app: App): Promise<void> {
  await Promise.all(reaching(app).map(({ id }) => app.backend.commands.pairingPause({ pairing: id }).catch(app.tell)));
}

/** Sharing the open thread, and sharing it no longer. */
function shareActions(app: App): Action[] {
  const { route } = app.state;
  const row = route.page === "session" ? app.rowOf(route.session) : undefined;
  if (!row || row.parent !== null) return [];
  return sharingOf(app.state.pairings, row)
    .filter(({ how }) => how !== "byFolder")
    .map((sharing) => ({
      id: `share:${sharing.pairing.id}`,
      title: text(sharing.how === "alone" ? "entry.unshare" : "entry.share", { server: sharing.server }),
      words: text("words.share"),
      group: "here",
      icon: radioTower,
      available: always,
      run: () => (sharing.how === "alone" ? void stopSharing(app, row.id, sharing) : deed("overlay")?.({ kind: "share", row: { ...row }, pairing: sharing.pairing.id })),
    }));
}

/** What commands may reach, folder by folder. */
function folderActions(app: App): Action[] {
  return app.state.folders
    .filter((folder) => folder.available && folder.kind === "project")
    .map((folder) => ({
      id: `reach:${folder.id}`,
      title: text("entry.reach", { folder: folder.label }),
      words: text("words.reach"),
      group: "commands",
      icon: shield,
      where: folder.path,
      available: always,
      run: () => deed("overlay")?.({ kind: "reach", folder: folder.id }),
    }));
}

/** What commands serve just now. */
function serverActions(app: App): Action[] {
  return app.state.safety.servers.map(({ folder, port, label }) => ({
    id: `preview:${folder}:${port}`,
    title: text("entry.preview", { port: String(port) }),
    words: text("entry.previewWords"),
    group: "commands",
    icon: globe,
    where: label,
    available: always,
    run: () => void app.backend.commands.previewOpen({ folder, port }).catch(app.tell),
  }));
}
