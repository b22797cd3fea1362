import { createEffect, createSignal, onCleanup } from "solid-js";
import type { Settings } from "../backend";

/** Keeps the document's theme and density as the person set them; "system" follows the computer while it changes. */
export function followLook(look: () => Pick<Settings, "theme" | "density"> | null): void {
  const query = window.matchMedia("(prefers-color-scheme: light)");
  const [systemIsLight, setSystemIsLight] = createSignal(query.matches);
  const changed = () => setSystemIsLight(query.matches);
  query.addEventListener("change", changed);
  onCleanup(() => query.removeEventListener("change", changed));

  createEffect(() => {
    const wanted = look();
    if (!wanted) return;
    const { theme, density } = wanted;
    const { dataset } = document.documentElement;
    dataset["theme"] = theme === "system" ? (systemIsLight() ? "light" : "dark") : theme;
    dataset["density"] = density;
    try {
      // Read by first-paint.js at the next start, before the app can answer.
      localStorage.setItem("look", JSON.stringify({ theme, density }));
    } catch {
      // Without storage the first frame of the next start may have the other theme; nothing else depends on it.
    }
  });
}
