import { render } from "solid-js/web";
import { insideApp, createTauriBackend } from "./backend/tauri";
import type { Backend } from "./backend";
import "./design/index.css";
import { Palette } from "./shell/lazyDialogs";
import { ConversationPane } from "./shell/lazyPages";
import { Window } from "./shell/Window";
import { createApp, type App } from "./state/app";
import { settingsSections } from "./state/route";

async function chooseBackend(): Promise<Backend> {
  if (import.meta.env.DEV && !insideApp()) {
    const { developmentBackend } = await import("./backend/fake/development");
    return developmentBackend();
  }
  return createTauriBackend();
}

async function begin(app: App): Promise<void> {
  await app.begin();
  // After the first picture, which does not wait for it.
  requestAnimationFrame(() => setTimeout(() => void ConversationPane.preload().then(() => Palette.preload())));
  // A way to look at one page during development; the app itself has no addresses.
  if (!import.meta.env.DEV) return;
  const wanted = new URLSearchParams(location.search);
  const session = wanted.get("session");
  if (session !== null) app.openSession(session);
  if (wanted.get("page") === "setup") app.go({ page: "setup" });
  const section = settingsSections.find((each) => each === wanted.get("settings"));
  if (section) app.openSettings(section);
}

const place = document.getElementById("app");
if (!place) throw new Error("the page has no place for the app");

void chooseBackend().then((backend) => {
  const app = createApp(backend);
  void begin(app);
  render(() => <Window app={app} />, place);
});
