import { render } from "@solidjs/testing-library";
import userEvent from "@testing-library/user-event";
import type { JSX } from "solid-js";
import { createFakeBackend, type FakeBackend, type FakeOptions } from "../backend/fake";
import { ContextDetails, FileChips, NearlyFull, Queue, Suggestions, TrustDialog } from "../composer/lazy";
import { DiffView, FindBar, GoingBackDialog, ReviewPanel, RunPanel, ToolDetail } from "../conversation/lazyParts";
import { PairingSettings } from "../settings/SettingsPage";
import { FolderBoxDialog, Palette, ShareDialog, ShortcutsDialog, TagsDialog, ThreadUsageDialog } from "../shell/lazyDialogs";
import { preloadPages } from "../shell/lazyPages";
import { SearchResults } from "../shell/lazySearch";
import { Window } from "../shell/Window";
import { AppProvider, createApp, type App } from "../state/app";

// Before any test: they look right after opening a page, and reading its files takes longer than a test may.
await Promise.all([preloadPages(), ...[ContextDetails, FileChips, NearlyFull, Queue, Suggestions, TrustDialog].map((part) => part.preload()), ReviewPanel.preload(), RunPanel.preload(), ToolDetail.preload(), DiffView.preload(), FolderBoxDialog.preload(), SearchResults.preload(), FindBar.preload(), GoingBackDialog.preload(), TagsDialog.preload(), ThreadUsageDialog.preload(), Palette.preload(), ShortcutsDialog.preload(), PairingSettings.preload(), ShareDialog.preload()]);

/** An app that has begun on a fake core. */
export async function beginApp(options: FakeOptions = {}): Promise<{ backend: FakeBackend; app: App }> {
  const backend = createFakeBackend(options);
  const app = createApp(backend);
  await app.begin();
  return { backend, app };
}

/** The whole window on a fake core, and someone to use it. */
export async function openWindow(options: FakeOptions = {}) {
  const { backend, app } = await beginApp(options);
  const view = render(() => <Window app={app} />);
  return { backend, app, user: userEvent.setup(), ...view };
}

/** One part of the window on a fake core. */
export async function openPart(part: () => JSX.Element, options: FakeOptions = {}) {
  const { backend, app } = await beginApp(options);
  const view = render(() => <AppProvider value={app}>{part()}</AppProvider>);
  return { backend, app, user: userEvent.setup(), ...view };
}

/** Lets promises and effects that are due run. */
export const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));
