/*
 * What this browser keeps by itself: how the page looks, for good; what is written and not sent, for each desktop and
 * thread, as long as the tab is open. Both survive a sign-in that runs out; what is written is gone once somebody signs
 * out, or somebody else signs in.
 */
import { defaultSettings, type Settings } from "../backend";

const look = "cloud-look";
const draft = "cloud-draft";
const whose = "cloud-drafts-of";
const away = "cloud-put-away";
/** What the workspace itself keeps in the tab, by the beginnings of its names. */
const ofTab = [draft, away, "unsent-home", "begun-home"];
/** Commands of which it is remembered that they were put away: more than the server tells of. */
const mostAway = 100;

/** Storage may be full or off: then what is to be kept lasts as long as the page. */
function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}
function write(storage: () => Storage, key: string, value: string): void {
  try {
    if (value === "") storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // See above.
  }
}
const tab = () => sessionStorage;
const good = () => localStorage;

/** The settings of this browser. The zoom is the browser's own, and there is no review. */
export function keptSettings(): Settings {
  let kept: Partial<Settings> = {};
  try {
    const found: unknown = JSON.parse(read(good, look) ?? "{}");
    if (typeof found === "object" && found !== null) kept = found;
  } catch {
    // What cannot be read was not written by this page.
  }
  // What was kept by another version, or by hand, must not be taken for what it is not.
  const fits = Object.entries(kept).filter(([name, value]) => name in defaultSettings && (typeof value === typeof defaultSettings[name as keyof Settings] || name === "language"));
  return { ...defaultSettings, ...(Object.fromEntries(fits) as Partial<Settings>), zoom: 100, reviewOpen: false };
}

export function keepSettings(settings: Settings): void {
  write(good, look, JSON.stringify(settings));
}

const draftKey = (desktop: string, session: string) => `${draft}:${desktop}:${session}`;

/** What is written in a thread; none where nothing is known of it. */
export const keptDraft = (desktop: string, session: string): string => read(tab, draftKey(desktop, session)) ?? "";
export const keepDraft = (desktop: string, session: string, text: string): void => write(tab, draftKey(desktop, session), text);

function allAway(): string[] {
  try {
    const found: unknown = JSON.parse(read(tab, away) ?? "[]");
    return Array.isArray(found) ? found.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

/** Whether somebody put away what is said of a command, so that it is not said once more. */
export const isPutAway = (command: string): boolean => allAway().includes(command);
export const putAway = (command: string): void => write(tab, away, JSON.stringify([...allAway(), command].slice(-mostAway)));

/** Lets go of all that is written and not sent. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (ofTab.some((begin) => key.startsWith(begin))) sessionStorage.removeItem(key);
  } catch {
    // Without storage nothing was kept.
  }
}

/** Says whose drafts are kept from now on. Those of somebody else are not for their eyes. */
export function draftsOf(user: string): void {
  const before = read(tab, whose);
  if (before !== null && before !== user) forgetDrafts();
  write(tab, whose, user);
}
