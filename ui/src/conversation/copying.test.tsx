import { fireEvent, screen, waitFor } from "@solidjs/testing-library";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { writeText } from "../design/clipboard";
import { answer, conversation, person, prose } from "./fixtures";
import { openThread } from "./openThread";

/*
 * A webview lets a press write to the clipboard what it was given or promised with the press, and nothing that comes
 * after something else was waited for.
 */

/** What was promised to the clipboard. */
let promised: Array<Promise<Blob>> = [];
let written: string[] = [];

beforeEach(() => {
  [promised, written] = [[], []];
  vi.stubGlobal(
    "ClipboardItem",
    class {
      readonly types: string[];
      constructor(items: Record<string, Promise<Blob>>) {
        this.types = Object.keys(items);
        promised.push(items["text/plain"] as Promise<Blob>);
      }
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

const stubClipboard = () =>
  Object.defineProperty(navigator, "clipboard", {
    value: { write: async () => void (await promised.at(-1)), writeText: async (text: string) => void written.push(text) },
    configurable: true,
  });

test("a text that is there is written, and one that is yet to come is promised", async () => {
  stubClipboard();
  await writeText("here");
  expect([written, promised]).toEqual([["here"], []]);
  let come: (text: string) => void = () => {};
  const writing = writeText(new Promise<string>((done) => (come = done)));
  expect(promised).toHaveLength(1);
  come("later");
  await writing;
  expect(await (await promised[0])?.text()).toBe("later");
});

test("an answer that has to be fetched is promised with the press that asks for it", async () => {
  const { backend } = await openThread(conversation("flaky-retry", [person("Go"), answer([prose("<p>Bold.</p>")], { completed: 1 })]));
  stubClipboard();
  let come: (source: string) => void = () => {};
  backend.answer("messageSource", () => new Promise<string>((done) => (come = done)));
  fireEvent.click(screen.getAllByTestId("message-menu").at(-1) as HTMLElement);
  fireEvent.click(screen.getByRole("menuitem", { name: "Copy as Markdown" }));
  expect(promised).toHaveLength(1);
  await waitFor(() => expect(backend.requests("messageSource")).toHaveLength(1));
  come("**Bold.**");
  expect(await (await promised[0])?.text()).toBe("**Bold.**");
});
