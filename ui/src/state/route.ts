/** The sections of the settings page. */
export const settingsSections = ["appearance", "notifications", "logs", "models", "folders", "permissions", "engine", "usage", "storage", "pairing", "changed", "about"] as const;
export type SettingsSection = (typeof settingsSections)[number];

/** What the main pane shows. Setting up takes the whole window. */
export type Route =
  | { page: "home" }
  | { page: "session"; session: string }
  | { page: "settings"; section: SettingsSection }
  | { page: "inbox" }
  | { page: "health" }
  | { page: "setup" };
