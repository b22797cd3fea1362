/*
 * Goes to a control of a page that was just opened. The page may be read first, and what it shows be asked for.
 */

/** For how long it is looked for, in milliseconds: pages come from the app itself, what they ask for from the core. */
const patience = 2000;

const focusable = "button:not(:disabled):not([tabindex='-1']), input:not(:disabled), select:not(:disabled), a[href], [tabindex='0']";

type Find = () => HTMLElement | undefined;

/** By its name in the document. */
export const byTestId =
  (name: string): Find =>
  () =>
    document.querySelector<HTMLElement>(`main [data-testid='${name}']`) ?? undefined;

/** By the words of a setting, or of a heading. */
export const byWords =
  (words: string): Find =>
  () =>
    [...document.querySelectorAll<HTMLElement>("main :is(.setting .label, h2)")].find((label) => label.textContent?.trim() === words);

/** By the name of a setting's value; else by its words. */
export const bySetting =
  (name: string, words = ""): Find =>
  () =>
    document.querySelector<HTMLElement>(`main [data-setting='${name}'] .label`) ?? (words === "" ? undefined : byWords(words)());

/** Puts the focus on a setting's control; on the words themselves where there is none to be had. */
function land(found: HTMLElement): void {
  const target = found.matches(focusable) ? found : found.closest(".setting")?.querySelector<HTMLElement>(`.control :is(${focusable}):not(.setting-reset)`);
  const place = target ?? found;
  if (!target) place.tabIndex = -1;
  place.focus({ preventScroll: true });
  found.scrollIntoView({ block: "center" });
}

let stop: (() => void) | undefined;

/** Goes there once it is there, unless the person goes on elsewhere before. */
export function arrive(find: Find, act: (found: HTMLElement) => void = land): void {
  stop?.();
  const look = (): boolean => {
    const found = find();
    if (!found) return false;
    stop?.();
    act(found);
    return true;
  };
  const observer = new MutationObserver(() => void look());
  const timer = setTimeout(() => stop?.(), patience);
  const gone = () => stop?.();
  stop = () => {
    observer.disconnect();
    clearTimeout(timer);
    document.removeEventListener("pointerdown", gone, true);
    document.removeEventListener("keydown", gone, true);
    stop = undefined;
  };
  // What is drawn in this turn is there at its end.
  queueMicrotask(() => {
    if (!stop || look()) return;
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    document.addEventListener("pointerdown", gone, true);
    document.addEventListener("keydown", gone, true);
  });
}
