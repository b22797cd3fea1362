import { createEffect, createSignal, onCleanup } from "solid-js";
import type { Settings } from "../backend";
import { language, languageFor, rememberLanguage, speak } from "../strings/language";

/** Keeps the document's theme, density and language as the person set them; "system" follows the computer while it changes. */
export function followLook(look: () => Pick<Settings, "theme" | "density" | "language"> | null): void {
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

  const [computerReads, setComputerReads] = createSignal(navigator.languages);
  const otherLanguages = () => setComputerReads(navigator.languages);
  window.addEventListener("languagechange", otherLanguages);
  onCleanup(() => window.removeEventListener("languagechange", otherLanguages));
  createEffect(() => {
    const wanted = look();
    if (!wanted) return;
    const tag = languageFor(wanted.language, computerReads());
    void speak(tag);
    rememberLanguage(tag);
  });
  // A screen reader speaks what stands there, so this follows once the texts are those of the language.
  createEffect(() => (document.documentElement.lang = language()));
}
