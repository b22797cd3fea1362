import { lazy } from "solid-js";

/*
 * Pages that are read when they are first opened: the window draws its first picture without them. They come from the
 * app itself and are there within a frame or two, so nothing is shown in their place meanwhile.
 */
export const HealthPage = lazy(() => import("../health/HealthPage").then((page) => ({ default: page.HealthPage })));
export const SettingsPage = lazy(() => import("../settings/SettingsPage").then((page) => ({ default: page.SettingsPage })));
export const SetupPage = lazy(() => import("../setup/SetupPage").then((page) => ({ default: page.SetupPage })));
/** An open thread. It is read right after the first picture, so that a thread opens without waiting. */
export const ConversationPane = lazy(() => import("../conversation/ConversationPane").then((page) => ({ default: page.ConversationPane })));

/** Reads them now, so that they are drawn at once when they are opened; for tests, which look right after opening. */
export async function preloadPages(): Promise<void> {
  await Promise.all([ConversationPane.preload(), HealthPage.preload(), SettingsPage.preload(), SetupPage.preload()]);
}
