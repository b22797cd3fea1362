import { render } from "solid-js/web";
import { insideApp, createTauriBackend } from "./backend/tauri";
import type { Backend } from "./backend";
import "./design/index.css";
import { Window } from "./shell/Window";
import { createApp, type App } from "./state/app";

async function chooseBackend(): Promise<Backend> {
  if (import.meta.env.DEV && !insideApp()) {
    const { developmentBackend } = await import("./backend/fake/development");
    return developmentBackend();
  }
  return createTauriBackend();
}

async function begin(app: App): Promise<void> {
  await app.begin();
  // A way to look at one thread during development; the app itself has no addresses.
  const wanted = import.meta.env.DEV ? new URLSearchParams(location.search).get("session") : null;
  if (wanted !== null) app.openSession(wanted);
}

const place = document.getElementById("app");
if (!place) throw new Error("the page has no place for the app");

void chooseBackend().then((backend) => {
  const app = createApp(backend);
  void begin(app);
  render(() => <Window app={app} />, place);
});
