/*
 * What was written on the home page and not sent. It belongs to no session yet, so the core cannot keep it; the window
 * keeps it across a reload, for as long as it is open.
 */
const key = "unsent-home";

export function keptHomeText(): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

export function keepHomeText(written: string): void {
  try {
    if (written === "") sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, written);
  } catch {
    // Storage is full or off: the text is still in the composer.
  }
}
