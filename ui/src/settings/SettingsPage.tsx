import { Match, Switch } from "solid-js";
import { About } from "../shell/About";
import { useApp } from "../state/app";
import { text } from "../strings";
import { storageText } from "../strings/storage";
import { usageText } from "../strings/usage";
import { Appearance } from "./Appearance";
import { EngineSettings } from "./EngineSettings";
import { Folders } from "./Folders";
import { Models } from "./Models";
import { Permissions } from "./Permissions";
import { Storage } from "./Storage";
import { Usage } from "./Usage";
import "./usage.css";

/** What the person can set. The sections stand in the sidebar. */
export function SettingsPage() {
  const app = useApp();
  const section = () => (app.state.route.page === "settings" ? app.state.route.section : null);
  return (
    <main class="main" data-pane>
      <div class="scroll">
        <div class="page">
          <Switch>
            <Match when={section() === "appearance"}>
              <Head title={text("settings.appearance")} body={text("settings.appearanceBody")} />
              <Appearance />
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
              <Head title={text("settings.engine")} body={text("engineSettings.body")} />
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
          </Switch>
          <About />
        </div>
      </div>
    </main>
  );
}

function Head(props: { title: string; body: string }) {
  return (
    <div class="page-head">
      <div>
        <h1>{props.title}</h1>
        <p>{props.body}</p>
      </div>
    </div>
  );
}
