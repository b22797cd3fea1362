import { createEffect, createSignal, onCleanup } from "solid-js";
import type { Settings } from "../backend";
import { language, languageFor, rememberLanguage, speak } from "../strings/language";

type Look = Pick<Settings, "theme" | "moreContrast" | "density" | "interfaceSize" | "readingSize" | "codeSize" | "reduceMotion" | "language">;

/** What the computer may ask for by itself. */
export const moreContrast = "(prefers-contrast: more)";
export const reducedMotion = "(prefers-reduced-motion: reduce)";

/** Keeps the document's theme, density and language as the person set them; "system" follows the computer while it changes. */
export function followLook(look: () => Look | null): void {
  const query = window.matchMedia("(prefers-color-scheme: light)");
  const [systemIsLight, setSystemIsLight] = createSignal(query.matches);
  const changed = () => setSystemIsLight(query.matches);
  query.addEventListener("change", changed);
  onCleanup(() => query.removeEventListener("change", changed));

  createEffect(() => {
    const wanted = look();
    if (!wanted) return;
    const { theme, density, moreContrast: contrast, reduceMotion, interfaceSize, readingSize, codeSize } = wanted;
    const { dataset, style } = document.documentElement;
    dataset["theme"] = theme === "system" ? (systemIsLight() ? "light" : "dark") : theme;
    dataset["density"] = density;
    dataset["contrast"] = contrast ? "more" : "";
    dataset["motion"] = reduceMotion ? "reduced" : "";
    // Sizes are in rem, so the interface's is the root's; the others are told apart from it.
    const sizes = { "--scale-ui": interfaceSize / 100, "--scale-reading": readingSize / interfaceSize, "--scale-code": codeSize / interfaceSize };
    style.setProperty("font-size", `${interfaceSize}%`);
    for (const [name, value] of Object.entries(sizes)) style.setProperty(name, String(value));
    try {
      // Read by first-paint.js at the next start, before the app can answer.
      localStorage.setItem("look", JSON.stringify({ theme, density, contrast, reduceMotion, interfaceSize, sizes }));
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
