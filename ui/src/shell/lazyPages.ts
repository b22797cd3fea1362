import { lazy } from "solid-js";

/*
 * Pages that are read when they are first opened: the window draws its first picture without them. They come from the
 * app itself and are there within a frame or two, so nothing is shown in their place meanwhile.
 */
export const HealthPage = lazy(() => import("../health/HealthPage").then((page) => ({ default: page.HealthPage })));
export const SettingsPage = lazy(() => import("../settings/SettingsPage").then((page) => ({ default: page.SettingsPage })));
/** The sections of the settings, read with the page. */
export const SettingsSidebar = lazy(() => import("../settings/SettingsSidebar").then((part) => ({ default: part.SettingsSidebar })));
export const SetupPage = lazy(() => import("../setup/SetupPage").then((page) => ({ default: page.SetupPage })));
export const InboxPage = lazy(() => import("../inbox/InboxPage").then((page) => ({ default: page.InboxPage })));
/** An open thread. It is read right after the first picture, so that a thread opens without waiting. */
export const ConversationPane = lazy(() => import("../conversation/ConversationPane").then((page) => ({ default: page.ConversationPane })));

/** Reads them now, so that they are drawn at once when they are opened; for tests, which look right after opening. */
export async function preloadPages(): Promise<void> {
  await Promise.all([ConversationPane.preload(), HealthPage.preload(), InboxPage.preload(), SettingsPage.preload(), SettingsSidebar.preload(), SetupPage.preload()]);
}
