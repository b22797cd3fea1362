import { createEffect, createSignal, on, onCleanup, Show, untrack } from "solid-js";
import { unwrap } from "solid-js/store";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { chevronLeft } from "../design/icons";
import { createMediaQuery } from "../shell/narrow";
import { SurroundingsProvider, type Surroundings } from "../shell/surroundings";
import { Window } from "../shell/Window";
import { createApp, type App } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { cloudText as text } from "../strings/cloud";
import { useAccount } from "./account";
import { sinceWhen, stateOf, statusDots, statusWords } from "./desktopWords";
import { Dock } from "./Dock";
import { fateOf } from "./given";
import { createHttpBackend, type Remote } from "./httpBackend";
import { useLook } from "./look";
import { Page } from "./Page";
import { hashOf, type Place } from "./route";
import { Frame } from "./Frame";
import type { Desktop } from "./wire";

/** Below this width one thing is shown at a time: all threads, or one. */
export const phone = "(max-width: 599px)";

type InWorkspace = Extract<Place, { at: "workspace" }>;

/** The window of one desktop, as it is at the desktop, with what that lets in from here. */
export function Workspace(props: { place: InWorkspace }) {
  const account = useAccount();
  const desktop = () => account.state.desktops?.find(({ id }) => id === props.place.desktop);
  const [attempt, setAttempt] = createSignal(1);
  /** Made anew for another desktop, and where the first picture did not come. */
  const key = () => (desktop() ? `${attempt()} ${props.place.desktop}` : undefined);
  return (
    <Show
      when={key()}
      keyed
      fallback={
        <Frame>
          <Page title={text("cloud.desktops")} body={account.state.desktops ? text("cloud.gone") : (account.state.desktopsError ?? text("cloud.reading"))}>
            <Show when={account.state.desktopsError !== null}>
              <Button onClick={() => void account.listDesktops()}>{text("cloud.again")}</Button>
            </Show>
          </Page>
        </Frame>
      }
    >
      {(_key) => <OneDesktop desktop={untrack(desktop) as Desktop} place={props.place} onAgain={() => setAttempt((count) => count + 1)} />}
    </Show>
  );
}

function OneDesktop(props: { desktop: Desktop; place: InWorkspace; onAgain(): void }) {
  const account = useAccount();
  const look = useLook();
  const { id, label } = props.desktop;
  // One whose right was taken back, or whose desktop is gone, hears so by the list.
  const remote = createHttpBackend(account.http, id, { ...unwrap(stateOf(props.desktop, Date.now())) }, () => account.listDesktops());
  const app = createApp(remote.backend, `:${id}`);
  const isPhone = createMediaQuery(phone);
  onCleanup(() => {
    remote.end();
    look.readAgain();
  });
  void app.begin();
  followAddress(app, () => props.place, account.go);

  const waits = (ask: string): boolean => {
    const { permissions = [], questions = [] } = app.conversation.state.conversation ?? {};
    return [...permissions, ...questions, ...app.state.inbox.rows].some(({ id: waiting }) => waiting === ask);
  };

  const around: Surroundings = {
    places: (went) => (
      <a class="workspace workspace--back" href={hashOf({ at: "desktops" })} title={text("cloud.places.back")} aria-label={`${text("cloud.places.back")}: ${label}`} onClick={() => went()}>
        <Icon path={chevronLeft} />
        <span class="truncate">{label}</span>
      </a>
    ),
    dock: (session) => <Dock remote={remote} label={label} session={session} waits={waits} />,
    status: () => <Status remote={remote} label={label} onDetails={() => account.go({ at: "desktop", desktop: id })} />,
    title: () => label,
    noThreads: () => text("cloud.noThreads"),
    silent: () => (
      // What has not connected yet takes nothing, and has said of itself no more than that.
      <Show when={remote.desktop().status !== "new"}>
        <p class="dock-note subtle small" data-testid="silent">
          {text(remote.desktop().status === "revoked" ? "cloud.silentRevoked" : "cloud.silent")}
        </p>
      </Show>
    ),
    empty: () => (
      <section class="group empty" data-testid="nothing-shared">
        <h2>{text("cloud.empty")}</h2>
        <p>{text("cloud.emptyBody")}</p>
      </section>
    ),
    fate: (ask) => fateOf(remote.given(), ask),
    phone: isPhone,
  };
  return (
    <Show
      when={app.state.phase !== "failed"}
      fallback={
        <Frame>
          <Page title={label}>
            <p class="error-text" role="alert" data-testid="start-failed">
              {app.state.error?.message}
            </p>
            <div class="actions">
              <Button kind="primary" onClick={() => props.onAgain()}>
                {text("cloud.again")}
              </Button>
              <a class="button" href={hashOf({ at: "desktops" })}>
                {text("cloud.places.back")}
              </a>
            </div>
          </Page>
        </Frame>
      }
    >
      <SurroundingsProvider value={around}>
        <Window app={app} />
      </SurroundingsProvider>
    </Show>
  );
}

/** How the desktop stands, at the foot of the window. It leads to its details. */
function Status(props: { remote: Remote; label: string; onDetails(): void }) {
  const now = createMinuteClock();
  const words = () => {
    const link = props.remote.link();
    if (link.kind === "connecting") return text("cloud.link.connecting");
    if (link.kind === "lost") return text("cloud.link.lost", { time: sinceWhen(link.since) });
    const stands = props.remote.desktop();
    return stands.behind && stands.status === "online" ? text("cloud.behind") : statusWords(stands, now());
  };
  const dot = () => {
    const link = props.remote.link().kind;
    return link === "live" ? statusDots[props.remote.desktop().status] : link === "lost" ? "dot--square dot--hollow" : "dot--hollow is-live";
  };
  return (
    <button type="button" data-testid="desktop-status" data-link={props.remote.link().kind} aria-label={`${words()}. ${text("cloud.details", { name: props.label })}`} onClick={() => props.onDetails()}>
      <span class={`dot ${dot()}`} />
      <span class="truncate">{words()}</span>
    </button>
  );
}

/** Has the address say what the window shows, and the window what the address says: the way back is the browser's own. */
function followAddress(app: App, place: () => InWorkspace, go: (place: Place) => void): void {
  /** The address as the window has it. */
  const shown = (): InWorkspace => {
    const { route } = app.state;
    const { desktop } = place();
    if (route.page === "session") return { at: "workspace", desktop, session: route.session };
    return { at: "workspace", desktop, session: null, page: route.page === "inbox" || route.page === "settings" ? route.page : undefined };
  };
  const open = () => {
    const { session, page } = place();
    if (session !== null) app.openSession(session);
    else if (page === "settings") app.openSettings();
    else app.go({ page: page ?? "home" });
  };
  // What the address says first; then each follows the other.
  createEffect(on(() => app.state.phase, (phase) => phase === "ready" && open()));
  createEffect(
    on(
      () => hashOf(place()),
      (wanted) => app.state.phase === "ready" && wanted !== hashOf(untrack(shown)) && untrack(open),
      { defer: true },
    ),
  );
  createEffect(
    on(
      () => hashOf(shown()),
      (now) => app.state.phase === "ready" && now !== hashOf(untrack(place)) && go(untrack(shown)),
      { defer: true },
    ),
  );
}
