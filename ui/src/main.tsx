import { render } from "solid-js/web";
import { insideApp, createTauriBackend } from "./backend/tauri";
import type { Backend } from "./backend";
import "./design/index.css";
import { Window } from "./shell/Window";
import { createApp } from "./state/app";

async function chooseBackend(): Promise<Backend> {
  if (import.meta.env.DEV && !insideApp()) {
    const { developmentBackend } = await import("./backend/fake/development");
    return developmentBackend();
  }
  return createTauriBackend();
}

const place = document.getElementById("app");
if (!place) throw new Error("the page has no place for the app");

void chooseBackend().then((backend) => {
  const app = createApp(backend);
  void app.begin();
  render(() => <Window app={app} />, place);
});
