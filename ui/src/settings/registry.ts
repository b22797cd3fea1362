/*
 * Every setting, once: what it is called, what it is for, what else it is found by, and where it is. The pages, the search
 * among the settings, the palette and the list of what was changed are made from it.
 */
import { defaultSettings, type Settings } from "../backend";
import { bell, chartColumn, cpu, fileText, folder, hardDrive, info, palette, pencil, power, radioTower, shieldCheck, type IconPath } from "../design/icons";
import { shortcutLabel } from "../shell/keys";
import type { App } from "../state/app";
import { effectiveModel, findModel } from "../state/choice";
import { settingsSections, type SettingsSection } from "../state/route";
import { text } from "../strings";
import { engineText } from "../strings/engineSettings";
import { languageName, wholeNumber } from "../strings/format";
import { languageFor } from "../strings/language";
import { pairingText } from "../strings/pairing";
import { settingsText } from "../strings/settings";
import { storageText } from "../strings/storage";

/** A value that can be set, changed back and listed among what was changed. */
export type SettingName = Exclude<keyof Settings, "reviewOpen" | "sidebarHidden">;

/** One setting, or one thing that is done in the settings. */
export interface SettingEntry {
  /** Names it in the document and for the palette. */
  id: string;
  section: SettingsSection;
  label: string;
  /** The group it stands in. */
  group?: string | undefined;
  /** Its sentence. */
  body: string;
  /** Other words it is found by. */
  words: string;
  /** The value that it sets. */
  name?: SettingName;
}

export const sectionIcons: Record<SettingsSection, IconPath> = {
  appearance: palette,
  notifications: bell,
  logs: fileText,
  models: cpu,
  folders: folder,
  permissions: shieldCheck,
  engine: power,
  usage: chartColumn,
  storage: hardDrive,
  pairing: radioTower,
  changed: pencil,
  about: info,
};

/** What a section is called. */
export function sectionName(section: SettingsSection, app: App): string {
  switch (section) {
    case "notifications":
    case "logs":
    case "changed":
    case "pairing":
      return settingsText(`section.${section}`);
    case "about":
      return settingsText("section.about", { name: app.state.brand.name });
    default:
      return text(`settings.${section}`);
  }
}

/** The sentence of the zoom, with its keys. */
export const zoomBody = (platform: string): string =>
  settingsText("look.zoomBody", { larger: shortcutLabel("zoomIn", platform), smaller: shortcutLabel("zoomOut", platform), usual: shortcutLabel("zoomReset", platform) });

/** A setting with a value. */
const valued = (section: SettingsSection, name: SettingName, label: string, body: string, words: string, group?: string): SettingEntry => ({ id: name, section, name, label, body, words, group });

/** Something that is done there, or a list. */
const deed = (section: SettingsSection, id: string, label: string, body: string, words = "", group?: string): SettingEntry => ({ id, section, label, body, words, group });

/** How long something is kept. */
const kept = (name: "answeredDays" | "usageDays" | "logDays" | "journalDays"): SettingEntry => {
  const what = { answeredDays: "answered", usageDays: "usage", logDays: "logs", journalDays: "journal" } as const;
  return valued("storage", name, storageText(`retention.${what[name]}`), storageText(`retention.${what[name]}Body`), storageText("retention.words"), storageText("retention.title"));
};

/** All settings that are there now. */
export function settingEntries(app: App): SettingEntry[] {
  const words = settingsText;
  const { settings, agents, platform } = app.state;
  const look = (name: SettingName, label: string, body: string, more: string, group?: string) => valued("appearance", name, label, body, more, group);
  const notify = (name: SettingName, label: string, body: string, more = "") => valued("notifications", name, label, body, `${words("notify.words")} ${more}`, words("section.notifications"));
  const engine = (name: SettingName, label: string, body: string, group: string) => valued("engine", name, label, body, "", group);
  const everything: (SettingEntry | false)[] = [
    look("theme", text("settings.mode"), text("settings.modeBody"), words("look.modeWords"), text("settings.theme")),
    look("moreContrast", words("look.contrast"), words("look.contrastBody"), words("look.contrastWords"), text("settings.theme")),
    look("density", text("settings.density"), text("settings.densityBody"), words("look.densityWords"), text("settings.reading")),
    look("interfaceSize", words("look.interface"), words("look.interfaceBody"), words("look.sizeWords"), words("look.sizes")),
    look("readingSize", words("look.reading"), words("look.readingBody"), words("look.sizeWords"), words("look.sizes")),
    look("codeSize", words("look.code"), words("look.codeBody"), words("look.sizeWords"), words("look.sizes")),
    look("zoom", words("look.zoom"), zoomBody(platform), words("look.zoomWords"), words("look.sizes")),
    look("reduceMotion", words("look.motion"), words("look.motionBody"), words("look.motionWords"), words("look.movement")),
    look("language", text("settings.language"), text("settings.languageBody"), words("look.languageWords"), text("settings.languageGroup")),
    notify("notifyEnded", words("notify.ended"), words("notify.endedBody")),
    notify("notifyAsks", words("notify.asks"), words("notify.asksBody")),
    notify("notifyFailed", words("notify.failed"), words("notify.failedBody")),
    notify("notifyContent", words("notify.content"), words("notify.contentBody"), words("notify.contentWords")),
    deed("notifications", "notifyTry", words("notify.try"), words("notify.tryBody"), words("notify.words")),
    valued("models", "defaultModel", text("models.defaultLabel"), text("models.defaultBody"), "", text("models.default")),
    (effectiveModel(app.state, null)?.variants.length ?? 0) > 0 && deed("models", "variant", text("models.variantLabel"), text("models.variantBody"), "", text("models.default")),
    valued("models", "smallModel", text("models.smallLabel"), text("models.smallBody"), "", text("models.default")),
    (agents.length > 0 || settings.defaultAgent !== null) && valued("models", "defaultAgent", text("models.agentLabel"), text("models.agentBody"), "", text("models.default")),
    deed("models", "connected", text("models.connected"), text("models.body")),
    deed("models", "keysRenew", text("key.renewLabel"), "", "", text("key.all")),
    deed("models", "keysForget", text("key.forgetAll"), "", "", text("key.all")),
    engine("restartFailures", engineText("engineSettings.failures"), engineText("engineSettings.restartsBody"), engineText("engineSettings.restarts")),
    engine("restartWindow", engineText("engineSettings.window"), engineText("engineSettings.restartsBody"), engineText("engineSettings.restarts")),
    engine("memoryLimit", engineText("engineSettings.memoryLimit"), "", engineText("engineSettings.memory")),
    engine("requestCap", engineText("engineSettings.requestCap"), engineText("engineSettings.requestsBody"), engineText("engineSettings.requests")),
    deed("engine", "bridges", engineText("engineSettings.bridges"), engineText("engineSettings.bridgesBody")),
    deed("engine", "home", engineText("engineSettings.homeLabel"), engineText("engineSettings.homeBody"), "", engineText("engineSettings.home")),
    valued("logs", "logLevel", engineText("engineSettings.logLevel"), engineText("engineSettings.logBody"), words("logs.levelWords"), engineText("engineSettings.log")),
    valued("logs", "logFormat", engineText("engineSettings.logFormat"), engineText("engineSettings.logFormatBody"), "json", engineText("engineSettings.log")),
    ...(["answeredDays", "usageDays", "logDays", "journalDays"] as const).map((name) => kept(name)),
    deed("storage", "resetAll", storageText("anew.settings"), "", storageText("anew.settingsWords"), storageText("anew.title")),
    deed("storage", "removeEverything", storageText("anew.remove"), storageText("anew.removeBody"), storageText("anew.removeWords"), storageText("anew.title")),
    deed("storage", "removeKeys", storageText("anew.keys"), "", storageText("anew.removeWords"), storageText("anew.remove")),
    deed("storage", "rebuild", storageText("storage.rebuild"), storageText("storage.rebuildBody")),
    deed("storage", "logs", storageText("storage.logsDo"), ""),
    deed("storage", "attachments", storageText("storage.attachmentsDo"), ""),
    deed("storage", "reverts", storageText("storage.revertsDo"), ""),
    deed("storage", "setAside", storageText("storage.setAsideDo"), ""),
    deed("pairing", "pairings", pairingText("find.pairings"), pairingText("page.body"), pairingText("find.words")),
    deed("pairing", "pairNew", pairingText("new.title"), pairingText("empty.what"), pairingText("find.words")),
    deed("pairing", "pairingAudit", pairingText("audit.title"), pairingText("find.auditBody"), pairingText("find.words")),
    deed("about", "licences", words("about.licences"), words("about.body")),
  ];
  return everything.filter((entry) => entry !== false).filter((entry) => app.can(`section.${entry.section}`) && (entry.id !== "zoom" || app.can("zoomIn")));
}

/** The value of a setting in words. */
export function valueWords(app: App, name: SettingName, value: Settings[SettingName]): string {
  switch (name) {
    case "theme":
      return text(`settings.theme.${value as Settings["theme"]}`);
    case "density":
      return text(`settings.density.${value as Settings["density"]}`);
    case "logLevel":
      return engineText(`engineSettings.logLevel.${value as Settings["logLevel"]}`);
    case "logFormat":
      return engineText(`engineSettings.logFormat.${value as Settings["logFormat"]}`);
    case "language":
      return value === null ? text("settings.language.system", { language: languageName(languageFor(null)) }) : languageName(String(value));
    case "defaultModel":
    case "smallModel":
      return value === null ? settingsText("set.nothing") : (findModel(app.state.models, String(value))?.name ?? String(value));
    case "defaultAgent":
      return value === null ? settingsText("set.nothing") : String(value);
    case "interfaceSize":
    case "readingSize":
    case "codeSize":
    case "zoom":
      return settingsText("set.percent", { value: Number(value) });
    default:
      return typeof value === "boolean" ? settingsText(value ? "set.on" : "set.off") : wholeNumber(Number(value));
  }
}

/** Whether a setting differs from its default. */
export const isChanged = (settings: Settings, name: SettingName): boolean => settings[name] !== defaultSettings[name];

const notListed: ReadonlySet<string> = new Set(["reviewOpen", "sidebarHidden"]);
const isListed = (name: string): name is SettingName => !notListed.has(name);

/** The settings that differ from their defaults; how the window is laid out is none. */
export const changedSettings = (settings: Settings): SettingName[] => Object.keys(defaultSettings).filter(isListed).filter((name) => isChanged(settings, name));

/** The defaults of some settings, to be saved. */
export function defaultsOf(names: readonly SettingName[]): Partial<Settings> {
  return Object.fromEntries(names.map((name) => [name, defaultSettings[name]]));
}

/** The same of what they are now, to be brought back. */
export function valuesOf(settings: Settings, names: readonly SettingName[]): Partial<Settings> {
  return Object.fromEntries(names.map((name) => [name, settings[name]]));
}

export const sections: readonly SettingsSection[] = settingsSections;
