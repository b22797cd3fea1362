import { fireEvent, screen } from "@solidjs/testing-library";
import type { FakeOptions } from "../backend/fake";
import { openWindow, settle } from "./window";

/** Presses a key wherever the focus is. */
export const key = (name: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...more });
export const openKey = () => key("P", { ctrlKey: true, shiftKey: true });
export const input = () => screen.getByTestId<HTMLInputElement>("palette-input");
export const type = (value: string) => fireEvent.input(input(), { target: { value } });
export const options = () => screen.queryAllByRole("option");
/** The names of the rows. */
export const labels = () => options().map((option) => option.querySelector(".palette-label")?.textContent);
/** The name of the row that is marked. */
export const active = () => options().filter((option) => option.getAttribute("aria-selected") === "true").map((option) => option.querySelector(".palette-label")?.textContent);

/** A window with the palette open over it, in a thread where one is named. */
export async function opened(world: FakeOptions = {}, session?: string) {
  const window = await openWindow(world);
  if (session) {
    window.app.openSession(session);
    await settle();
    await settle();
  }
  openKey();
  input();
  return window;
}

/** Runs what stands first for what is typed. */
export const run = (typed: string) => {
  type(typed);
  key("Enter");
};
