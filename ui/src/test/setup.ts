import { cleanup } from "@solidjs/testing-library";
import { afterEach, beforeEach } from "vitest";

/** Media queries the window under test meets; a test adds to it and calls the listeners it collected. */
export const media = {
  matching: new Set<string>(),
  listeners: new Set<() => void>(),
  set(query: string, matches: boolean): void {
    if (matches) media.matching.add(query);
    else media.matching.delete(query);
    for (const listener of media.listeners) listener();
  },
};

// What a webview has and jsdom does not.
window.matchMedia = (query: string) =>
  ({
    media: query,
    get matches() {
      return media.matching.has(query);
    },
    addEventListener: (_type: string, listener: () => void) => media.listeners.add(listener),
    removeEventListener: (_type: string, listener: () => void) => media.listeners.delete(listener),
  }) as unknown as MediaQueryList;
window.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
  this.setAttribute("open", "");
  this.querySelector<HTMLElement>("[autofocus], button")?.focus();
};
HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
  this.removeAttribute("open");
};
Element.prototype.scrollIntoView = () => {};

beforeEach(() => {
  media.matching.clear();
  media.listeners.clear();
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(cleanup);
