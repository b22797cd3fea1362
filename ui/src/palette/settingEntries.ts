import { arrive, bySetting } from "../shell/arrive";
import { sectionIcons, sectionName, sections, settingEntries as settings } from "../settings/registry";
import type { App } from "../state/app";
import { text } from "../strings";
import { entryOf, type Entry } from "./entry";

/** Each section of the settings, and each setting by its name: choosing it goes there and focuses it. */
export function settingEntries(app: App): Entry[] {
  const all = settings(app);
  const entries: Entry[] = [];
  for (const section of sections) {
    if (!app.can(`section.${section}`)) continue;
    const where = sectionName(section, app);
    const page = entryOf({ key: `section:${section}`, group: "settings", label: where, where: text("shell.settings"), icon: sectionIcons[section], run: () => app.openSettings(section) });
    const own = all
      .filter((entry) => entry.section === section)
      .map(({ id, label, group, words }) =>
        entryOf({
          key: `setting:${section}:${id}`,
          group: "settings",
          label: group === undefined ? label : `${group}: ${label}`,
          where,
          words,
          icon: sectionIcons[section],
          run: () => {
            app.openSettings(section);
            arrive(bySetting(id, label));
          },
        }),
      );
    entries.push(page, ...own);
  }
  return entries;
}
