import type { App } from "../state/app";
import { settingsText } from "../strings/settings";
import { defaultsOf, valuesOf, type SettingName } from "./registry";

/** Puts settings back to their defaults at once; what they were comes back with Undo. */
export function resetSettings(app: App, names: readonly SettingName[], label: string | undefined): void {
  if (names.length === 0) return;
  const before = valuesOf(app.state.settings, names);
  void app.saveSettings(defaultsOf(names));
  const said = label === undefined ? settingsText("set.allWereReset", { count: names.length }) : settingsText("set.wasReset", { name: label });
  app.toasts.show(said, false, { label: settingsText("set.undo"), run: () => void app.saveSettings(before) });
}
