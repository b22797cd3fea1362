import { createEffect, createSignal, ErrorBoundary, lazy, Match, onCleanup, Show, Suspense, Switch } from "solid-js";
import { Button } from "../design/Button";
import { followLook } from "../state/look";
import { text as windowText } from "../strings";
import { cloudText as text } from "../strings/cloud";
import { AccountProvider, type Account } from "./account";
import { Frame } from "./Frame";
import { createLook, LookProvider } from "./look";
import { Failure, Reading } from "./Page";
import { Desktops } from "./screens/Desktops";
import { SignIn } from "./screens/SignIn";
import "./cloud.css";

/** The window of a desktop, read when one is opened; it is the largest part of the page. */
export const Workspace = lazy(() => import("./Workspace").then((part) => ({ default: part.Workspace })));
const Welcome = lazy(() => import("./screens/Welcome").then((part) => ({ default: part.Welcome })));
const Accept = lazy(() => import("./screens/Accept").then((part) => ({ default: part.Accept })));
const AddDesktop = lazy(() => import("./screens/AddDesktop").then((part) => ({ default: part.AddDesktop })));
const DesktopDetails = lazy(() => import("./screens/DesktopDetails").then((part) => ({ default: part.DesktopDetails })));
const People = lazy(() => import("./screens/People").then((part) => ({ default: part.People })));
const Tokens = lazy(() => import("./screens/Tokens").then((part) => ({ default: part.Tokens })));
const Audit = lazy(() => import("./screens/Audit").then((part) => ({ default: part.Audit })));
const AccountPage = lazy(() => import("./screens/AccountPage").then((part) => ({ default: part.AccountPage })));

/** Reads them all now; for tests, which look right after opening. */
export async function preloadScreens(): Promise<void> {
  await Promise.all([Workspace, Welcome, Accept, AddDesktop, DesktopDetails, People, Tokens, Audit, AccountPage].map((part) => part.preload()));
}

/** For how long news stands at the top of a page, in milliseconds. */
const newsFor = 8_000;

/** The whole page of the server. */
export function CloudApp(props: { account: Account }) {
  const { account } = props;
  const look = createLook();
  const [news, setNews] = createSignal("");
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  // The workspace follows its own settings, which are the same.
  followLook(() => (account.state.phase === "in" && account.at().at === "workspace" ? null : look.settings()));
  createEffect(() => account.state.server && (document.title ||= account.state.server.name));
  const tell = (words: string) => {
    setNews(words);
    clearTimeout(timer);
    timer = setTimeout(() => setNews(""), newsFor);
  };
  const invitation = () => {
    const brought = account.brought();
    return brought?.kind === "invitation" ? brought.secret : undefined;
  };
  const owner = () => {
    const brought = account.brought();
    return brought?.kind === "owner" && account.state.phase === "out" ? brought.secret : undefined;
  };
  const at = account.at;
  const workspace = () => {
    const place = at();
    return place.at === "workspace" ? place : undefined;
  };
  const details = () => {
    const place = at();
    return place.at === "desktop" ? place.desktop : undefined;
  };
  return (
    <AccountProvider value={account}>
      <LookProvider value={look}>
        <ErrorBoundary fallback={(fault) => <Fault words={fault instanceof Error ? fault.message : String(fault)} />}>
          <Suspense fallback={<Still />}>
            <Switch>
              <Match when={account.state.phase === "loading"}>
                <Still />
              </Match>
              <Match when={account.state.phase === "failed"}>
                <Fault words={account.state.error ?? ""} onAgain={() => void account.begin()} />
              </Match>
              <Match when={invitation()} keyed>
                {(secret) => <Accept secret={secret} />}
              </Match>
              <Match when={owner()} keyed>
                {(secret) => <Welcome secret={secret} />}
              </Match>
              <Match when={account.state.phase === "out"}>
                <SignIn />
              </Match>
              <Match when={workspace()}>{(place) => <Workspace place={place()} />}</Match>
              <Match when={at()}>
                <Frame>
                  <p class="cloud-note" role="status">
                    {news()}
                  </p>
                  <Suspense fallback={<div class="page"><Reading /></div>}>
                    <Switch fallback={<Desktops />}>
                      <Match when={at().at === "add"}>
                        <AddDesktop
                          onAdded={(desktop) => {
                            account.go({ at: "desktops" });
                            tell(text("cloud.added", { name: desktop.label }));
                          }}
                        />
                      </Match>
                      <Match when={details()} keyed>
                        {(desktop) => (
                          <DesktopDetails
                            desktop={desktop}
                            onRevoked={(name) => {
                              account.go({ at: "desktops" });
                              tell(text("cloud.revoked", { name }));
                            }}
                          />
                        )}
                      </Match>
                      <Match when={at().at === "people"}>
                        <People />
                      </Match>
                      <Match when={at().at === "tokens" && account.may("makeToken")}>
                        <Tokens />
                      </Match>
                      <Match when={at().at === "audit" && account.may("seeAudit")}>
                        <Audit />
                      </Match>
                      <Match when={at().at === "account"}>
                        <AccountPage />
                      </Match>
                    </Switch>
                  </Suspense>
                </Frame>
              </Match>
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </LookProvider>
    </AccountProvider>
  );
}

/** Before anything is known. */
function Still() {
  return (
    <div class="window window--bare cloud">
      <main class="main cloud-main" aria-busy="true">
        <div class="page cloud-late">
          <Reading />
        </div>
      </main>
    </div>
  );
}

function Fault(props: { words: string; onAgain?: () => void }) {
  return (
    <div class="window window--bare cloud">
      <main class="main cloud-main">
        <div class="page">
          <h1>{text("cloud.failedTitle")}</h1>
          <Failure words={props.words} />
          <div class="actions">
            <Button kind="primary" onClick={() => (props.onAgain ?? (() => location.reload()))()}>
              <Show when={props.onAgain} fallback={windowText("start.reload")}>
                {text("cloud.again")}
              </Show>
            </Button>
          </div>
        </div>
      </main>
    </div>
  );
}
