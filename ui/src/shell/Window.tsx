import { createEffect, createSignal, ErrorBoundary, Match, onCleanup, onMount, Show, Switch, type JSX } from "solid-js";
import { mayAct } from "../backend/abilities";
import { isComposing } from "../design/composing";
import { IconButton } from "../design/IconButton";
import { panelLeft } from "../design/icons";
import { closePopups, closeTopmost, useLayer } from "../design/layers";
import { HomePage } from "../home/HomePage";
import { AppProvider, type App } from "../state/app";
import { tellDesktopWords } from "../state/desktop";
import { followLook } from "../state/look";
import { zoom } from "../state/zoom";
import { text } from "../strings";
import { deed, useDeeds, type Overlay } from "./deeds";
import { FaultPage } from "./FaultPage";
import { matchShortcut, shortcutLabel } from "./keys";
import { HealthPage, InboxPage, SettingsPage, SettingsSidebar, SetupPage } from "./lazyPages";
import { createMediaQuery, narrowWindow } from "./narrow";
import { Overlays } from "./Overlays";
import { focusNextPane } from "./panes";
import { SessionPage } from "./SessionPage";
import { focusComposer, Sidebar } from "./Sidebar";
import { SidebarResizer } from "./SidebarResizer";
import { StartPage } from "./StartPage";
import { StatusBar } from "./StatusBar";
import { stopTurn, turnRuns } from "./stopTurn";
import { Toasts } from "./Toasts";

const reload = () => location.reload();

/** The whole window. */
export function Window(props: { app: App }) {
  // Until the app has answered, the look of the last time stays.
  followLook(() => (props.app.state.phase === "ready" ? props.app.state.settings : null));
  tellDesktopWords(props.app);
  createEffect(() => (document.title = props.app.state.brand.name));
  return (
    <AppProvider value={props.app}>
      <ErrorBoundary fallback={(fault) => <FaultPage app={props.app} fault={fault} onReload={reload} />}>
        <Show when={props.app.state.phase === "ready"} fallback={<StartPage error={props.app.state.error} onReload={reload} />}>
          <Panes app={props.app} />
        </Show>
      </ErrorBoundary>
    </AppProvider>
  );
}

function Panes(props: { app: App }) {
  const narrow = createMediaQuery(narrowWindow);
  const [over, setOver] = createSignal(false);
  const { app } = props;
  const beside = () => !narrow() && !app.state.settings.sidebarHidden;

  const toggleSidebar = () => {
    if (narrow()) setOver(!over());
    else void app.saveSettings({ sidebarHidden: !app.state.settings.sidebarHidden });
  };

  const newThread = () => {
    app.go({ page: "home" });
    queueMicrotask(focusComposer);
  };
  /** The list of threads, brought into sight where it is not; the settings have their own sidebar in its place. */
  const showThreads = () => {
    if (app.state.route.page === "settings") app.leaveSettings();
    if (app.state.route.page === "setup") app.go({ page: "home" });
    if (!narrow() && app.state.settings.sidebarHidden) void app.saveSettings({ sidebarHidden: false });
    if (narrow()) setOver(true);
  };
  const [overlay, setOverlay] = createSignal<Overlay>();
  useDeeds({
    newThread,
    sidebar: toggleSidebar,
    review: () => void app.saveSettings({ reviewOpen: !app.state.settings.reviewOpen }),
    // The field is there once the sidebar is.
    search: () => {
      showThreads();
      queueMicrotask(() => deed("focusSearch")?.(false));
    },
    savedSearches: () => {
      showThreads();
      queueMicrotask(() => deed("focusSearch")?.(true));
    },
    overlay: (what) => {
      closePopups();
      setOverlay(what);
    },
  });

  const onEscape = (): boolean => {
    if (closeTopmost()) return true;
    const { route } = app.state;
    if (route.page === "settings") {
      app.leaveSettings();
      return true;
    }
    if (route.page === "setup") {
      app.go({ page: "home" });
      return true;
    }
    if (route.page !== "session" || !turnRuns(app)) return false;
    stopTurn(app);
    return true;
  };

  const onKeyDown = (press: KeyboardEvent) => {
    if (press.defaultPrevented || isComposing(press)) return;
    if (press.key === "Escape") {
      if (onEscape()) press.preventDefault();
      return;
    }
    const match = matchShortcut(press, app.state.platform);
    // What is not offered has no key here: a browser may have its own use for it.
    if (!match || !mayAct(app.backend, match.shortcut)) return;
    press.preventDefault();
    const runs: Record<typeof match.shortcut, () => void> = {
      palette: () => deed("overlay")?.({ kind: "palette" }),
      shortcuts: () => deed("overlay")?.({ kind: "shortcuts" }),
      search: () => deed("search")?.(),
      newThread,
      sidebar: toggleSidebar,
      // In a narrow window an open thread has a review of its own.
      review: () => deed("review")?.(),
      settings: () => app.openSettings(),
      inbox: () => app.go({ page: "inbox" }),
      zoomIn: () => zoom(app, 1),
      zoomOut: () => zoom(app, -1),
      zoomReset: () => zoom(app, 0),
      nextPane: () => focusNextPane(press.shiftKey),
      recent: () => {
        const row = app.state.sessions[match.place];
        if (row) app.openSession(row.id);
      },
    };
    runs[match.shortcut]();
  };
  // What was typed last survives a fault of the window's own code.
  const onInput = (typed: Event) => {
    const field = typed.target;
    if (field instanceof HTMLTextAreaElement && field.dataset["testid"] === "composer-input") app.noteTyping(field);
  };
  onMount(() => {
    document.addEventListener("keydown", onKeyDown);
    document.addEventListener("input", onInput);
  });
  onCleanup(() => {
    document.removeEventListener("keydown", onKeyDown);
    document.removeEventListener("input", onInput);
  });

  const inSettings = () => app.state.route.page === "settings";
  const places = (hide: () => void, went: () => void, hideLabel: string): JSX.Element => (
    <Show when={inSettings()} fallback={<Sidebar onHide={hide} onWent={went} hideLabel={hideLabel} />}>
      <SettingsSidebar onWent={went} />
    </Show>
  );
  const sidebarName = () => text(inSettings() ? "shell.settings" : "shell.workspace");

  return (
    <>
      <Show when={app.state.route.page !== "setup"} fallback={<Bare />}>
        <div class="window" classList={{ "window--no-sidebar": !beside() }}>
          <div class="panes">
            <Show when={beside()}>
              <nav class="sidebar" aria-label={sidebarName()} data-pane>
                {places(toggleSidebar, () => undefined, text("shell.hideSidebar"))}
                <SidebarResizer />
              </nav>
            </Show>
            <Show when={!beside()}>
              <div class="sidebar-toggle">
                <IconButton
                  label={text("shell.showSidebar")}
                  icon={panelLeft}
                  shortcut={shortcutLabel("sidebar", app.state.platform)}
                  aria-expanded={over()}
                  onClick={toggleSidebar}
                />
              </div>
            </Show>
            <Page app={app} />
          </div>
          <StatusBar />
          <Show when={narrow() && over()}>
            <SidebarOver label={sidebarName()} onClose={() => setOver(false)}>
              {places(
                () => setOver(false),
                () => setOver(false),
                text("shell.closeSidebar"),
              )}
            </SidebarOver>
          </Show>
          <Toasts />
        </div>
      </Show>
      <Overlays shown={overlay()} onClose={() => setOverlay(undefined)} />
    </>
  );
}

/** The window while it is set up: nothing beside it. */
function Bare() {
  return (
    <div class="window window--bare">
      <SetupPage />
      <Toasts />
    </div>
  );
}

function Page(props: { app: App }) {
  const route = () => props.app.state.route;
  const session = () => {
    const at = route();
    return at.page === "session" ? at.session : undefined;
  };
  return (
    <Switch>
      <Match when={session()} keyed>
        {(id) => <SessionPage session={id} />}
      </Match>
      <Match when={route().page === "home"}>
        <HomePage />
      </Match>
      <Match when={route().page === "settings"}>
        <SettingsPage />
      </Match>
      <Match when={route().page === "inbox"}>
        <InboxPage />
      </Match>
      <Match when={route().page === "health"}>
        <HealthPage />
      </Match>
    </Switch>
  );
}

/** The sidebar over the page, in a narrow window. */
function SidebarOver(props: { label: string; onClose(): void; children: JSX.Element }) {
  const before = document.activeElement;
  let sidebar: HTMLElement | undefined;
  useLayer(() => props.onClose());
  onMount(() => (sidebar?.querySelector<HTMLElement>("[aria-current='page']") ?? sidebar?.querySelector("button"))?.focus());
  onCleanup(() => {
    // Back to where the keyboard was, unless the person went somewhere from here.
    queueMicrotask(() => {
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
    });
  });
  return (
    <div class="sidebar-scrim" onPointerDown={(press) => press.target === press.currentTarget && props.onClose()}>
      <nav class="sidebar" aria-label={props.label} data-pane ref={(element) => (sidebar = element)}>
        {props.children}
      </nav>
    </div>
  );
}
