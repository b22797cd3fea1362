import type { App } from "../state/app";
import { settingsText } from "../strings/settings";
import { defaultsOf, isChanged, valuesOf, type SettingName } from "./registry";

/** Puts settings back to their defaults at once; what they were comes back with Undo. */
export async function resetSettings(app: App, names: readonly SettingName[], label: string | undefined): Promise<void> {
  if (names.length === 0) return;
  const before = valuesOf(app.state.settings, names);
  await app.saveSettings(defaultsOf(names));
  // What could not be saved is as it was, and that was told.
  if (names.every((name) => isChanged(app.state.settings, name))) return;
  const said = label === undefined ? settingsText("set.allWereReset", { count: names.length }) : settingsText("set.wasReset", { name: label });
  app.toasts.show(said, false, { label: settingsText("set.undo"), run: () => void app.saveSettings(before) });
}
