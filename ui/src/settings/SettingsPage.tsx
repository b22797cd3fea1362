import { createMemo, lazy, Match, Show, Suspense, Switch } from "solid-js";
import { Button } from "../design/Button";
import { About } from "../shell/About";
import { useApp } from "../state/app";
import { text } from "../strings";
import { engineText } from "../strings/engineSettings";
import { pairingText } from "../strings/pairing";
import { settingsText } from "../strings/settings";
import { storageText } from "../strings/storage";
import { usageText } from "../strings/usage";
import { Appearance } from "./Appearance";
import { ChangedSettings } from "./ChangedSettings";
import { EngineSettings } from "./EngineSettings";
import { Folders } from "./Folders";
import { Licences } from "./Licences";
import { Logs } from "./Logs";
import { Models } from "./Models";
import { Notifications } from "./Notifications";
import { Permissions } from "./Permissions";
import { changedSettings, sectionName, settingEntries } from "./registry";
import { resetSettings } from "./reset";
import { Storage } from "./Storage";
import { Usage } from "./Usage";
import "./settings.css";
import "./usage.css";

/** Read when it is first opened: it is the largest of the pages, and most people never pair. */
export const PairingSettings = lazy(() => import("./pairing/PairingSettings").then((page) => ({ default: page.PairingSettings })));

/** What the person can set. The sections stand in the sidebar. */
export function SettingsPage() {
  const app = useApp();
  const section = () => (app.state.route.page === "settings" ? app.state.route.section : null);
  return (
    <main class="main" data-pane>
      <div class="scroll">
        <div class="page" classList={{ "page--wide": section() === "pairing" }}>
          <Switch>
            <Match when={section() === "appearance"}>
              <Head title={text("settings.appearance")} body={text("settings.appearanceBody")} />
              <Appearance />
            </Match>
            <Match when={section() === "notifications"}>
              <Head title={settingsText("section.notifications")} body={settingsText("notify.body")} />
              <Notifications />
            </Match>
            <Match when={section() === "logs"}>
              <Head title={settingsText("section.logs")} body={settingsText("logs.body")} />
              <Logs />
            </Match>
            <Match when={section() === "models"}>
              <Head title={text("settings.models")} body={text("models.body")} />
              <Models />
            </Match>
            <Match when={section() === "folders"}>
              <Head title={text("settings.folders")} body={text("folders.body")} />
              <Folders />
            </Match>
            <Match when={section() === "permissions"}>
              <Head title={text("settings.permissions")} body={text("permissions.body")} />
              <Permissions />
            </Match>
            <Match when={section() === "engine"}>
              <Head title={text("settings.engine")} body={engineText("engineSettings.body")} />
              <EngineSettings />
            </Match>
            <Match when={section() === "usage"}>
              <Head title={text("settings.usage")} body={usageText("usage.body")} />
              <Usage />
            </Match>
            <Match when={section() === "storage"}>
              <Head title={text("settings.storage")} body={storageText("storage.body")} />
              <Storage />
            </Match>
            <Match when={section() === "pairing"}>
              <Head title={settingsText("section.pairing")} body={pairingText("page.body")} />
              <Suspense>
                <PairingSettings />
              </Suspense>
            </Match>
            <Match when={section() === "changed"}>
              <Head title={settingsText("section.changed")} body={settingsText("changed.body")} />
              <ChangedSettings />
            </Match>
            <Match when={section() === "about"}>
              <Head title={sectionName("about", app)} body={settingsText("about.body")} />
              <About first />
              <Licences />
            </Match>
          </Switch>
        </div>
      </div>
    </main>
  );
}

/** The section's name, what it is for, and the way back for all of it at once, where something of it was changed. */
function Head(props: { title: string; body: string }) {
  const app = useApp();
  const section = () => (app.state.route.page === "settings" ? app.state.route.section : null);
  let heading: HTMLHeadingElement | undefined;
  const changed = createMemo(() => {
    const names = new Set(changedSettings(app.state.settings));
    return settingEntries(app).flatMap((entry) => (entry.section === section() && entry.name && names.has(entry.name) ? [entry.name] : []));
  });
  return (
    <div class="page-head">
      <div>
        <h1 ref={(element) => (heading = element)}>{props.title}</h1>
        <p>{props.body}</p>
      </div>
      <Show when={changed().length > 0}>
        <div class="actions">
          <Button
            kind="quiet"
            data-testid="reset-page"
            onClick={() => {
              void resetSettings(app, changed(), undefined);
              // The button goes with what it was for.
              if (!heading) return;
              heading.tabIndex = -1;
              heading.focus();
            }}
          >
            {settingsText("set.resetPage")}
          </Button>
        </div>
      </Show>
    </div>
  );
}
