import { chartColumn, cpu, folder, hardDrive, palette, power, shieldCheck, type IconPath } from "../design/icons";
import { arrive, byWords } from "../shell/arrive";
import type { App } from "../state/app";
import { effectiveModel } from "../state/choice";
import type { SettingsSection } from "../state/route";
import { text, type PlainTextKey } from "../strings";
import { storageText } from "../strings/storage";
import { entryOf, type Entry } from "./entry";

const icons: Record<SettingsSection, IconPath> = { appearance: palette, models: cpu, folders: folder, permissions: shieldCheck, engine: power, usage: chartColumn, storage: hardDrive };

/** The settings of each section, by the words they have on their page, and other words they are found by. */
const plain: Record<SettingsSection, readonly { label: PlainTextKey; more?: PlainTextKey; when?: (app: App) => boolean }[]> = {
  appearance: [
    { label: "settings.mode", more: "settings.theme" },
    { label: "settings.density", more: "settings.reading" },
    { label: "settings.language", more: "settings.languageGroup" },
  ],
  models: [
    { label: "models.defaultLabel", more: "models.default" },
    { label: "models.variantLabel", more: "models.default", when: (app) => (effectiveModel(app.state, null)?.variants.length ?? 0) > 0 },
    { label: "models.smallLabel", more: "models.default" },
    { label: "models.agentLabel", more: "models.default", when: (app) => app.state.agents.length > 0 },
    { label: "models.connected" },
    { label: "key.renewLabel", more: "key.all" },
    { label: "key.forgetAll", more: "key.all" },
  ],
  folders: [],
  permissions: [],
  engine: [
    { label: "engineSettings.failures", more: "engineSettings.restarts" },
    { label: "engineSettings.window", more: "engineSettings.restarts" },
    { label: "engineSettings.memoryLimit", more: "engineSettings.memory" },
    { label: "engineSettings.requestCap", more: "engineSettings.requests" },
    { label: "engineSettings.bridges" },
    { label: "engineSettings.homeLabel", more: "engineSettings.home" },
    { label: "engineSettings.logLevel", more: "engineSettings.log" },
    { label: "engineSettings.logFormat", more: "engineSettings.log" },
  ],
  usage: [],
  storage: [],
};

/** Each section of the settings, and each setting by its name: choosing it goes there and focuses it. */
export function settingEntries(app: App): Entry[] {
  return (Object.keys(plain) as SettingsSection[]).flatMap((section) => {
    const where = text(`settings.${section}`);
    const setting = (label: string, more: string | undefined): Entry =>
      entryOf({
        key: `setting:${section}:${label}`,
        group: "settings",
        label: more === undefined ? label : `${more}: ${label}`,
        where,
        icon: icons[section],
        run: () => {
          app.openSettings(section);
          arrive(byWords(label));
        },
      });
    const page = entryOf({ key: `section:${section}`, group: "settings", label: where, where: text("shell.settings"), icon: icons[section], run: () => app.openSettings(section) });
    const own = plain[section].filter(({ when }) => when?.(app) ?? true).map(({ label, more }) => setting(text(label), more && text(more)));
    const kept = section === "storage" ? ([storageText("storage.rebuild"), storageText("storage.logsDo"), storageText("storage.setAsideDo")] as const).map((label) => setting(label, undefined)) : [];
    return [page].concat(own, kept);
  });
}
