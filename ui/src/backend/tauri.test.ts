import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commandNames, type Update } from "./generated";
import { toApiError } from "./index";
import { createTauriBackend } from "./tauri";

describe("the bridge to the core", () => {
  let asked: Array<{ command: string; payload: unknown }>;
  let answer: (command: string, payload: unknown) => unknown;

  beforeEach(() => {
    asked = [];
    answer = () => null;
    mockIPC((command, payload) => {
      asked.push({ command, payload });
      return answer(command, payload);
    });
  });
  afterEach(clearMocks);

  test("calls a command by its wire name, its input under `request`", async () => {
    await createTauriBackend().commands.sessionRename({ session: "a", title: "b" });
    expect(asked).toEqual([{ command: "session_rename", payload: { request: { session: "a", title: "b" } } }]);
  });

  test("a command without input sends none", async () => {
    await createTauriBackend().commands.folderPick();
    expect(asked).toEqual([{ command: "folder_pick", payload: {} }]);
  });

  test("takes the first answer from what the head of the page asked, once", async () => {
    const first = { version: "asked early" };
    const firstPaint = readFileSync(join(import.meta.dirname, "..", "..", "public", "first-paint.js"), "utf8");
    answer = () => first;
    runInThisContext(`(window, localStorage, document, matchMedia) => { ${firstPaint} }`)(window, localStorage, document, () => ({ matches: false }));
    const { commands } = createTauriBackend();
    expect(asked.map(({ command }) => command)).toEqual([commandNames.start]);
    expect(await commands.start()).toBe(first);
    expect(asked.length).toBe(1);
    await commands.start();
    expect(asked.length).toBe(2);
  });

  test("hands on why the first answer did not come", async () => {
    window.firstAnswer = Promise.reject(new Error("no core"));
    await expect(createTauriBackend().commands.start()).rejects.toMatchObject({ code: "internal" });
  });

  test("hands on the core's own error", async () => {
    // The core rejects with plain objects, not with `Error`s.
    answer = () => Promise.reject({ code: "notFound", message: "That thread is gone." });
    await expect(createTauriBackend().commands.sessionClose()).rejects.toEqual({ code: "notFound", message: "That thread is gone." });
  });

  test("whatever else goes wrong is an internal error", async () => {
    answer = () => {
      throw new Error("no such command");
    };
    await expect(createTauriBackend().commands.sessionClose()).rejects.toEqual({ code: "internal", message: "no such command" });
  });

  test("subscribes with a channel and receives through it", async () => {
    const received: Update[] = [];
    answer = (_command, payload) => {
      const { channel } = payload as { channel: { onmessage: (update: Update) => void } };
      channel.onmessage({ sequence: 1 } as Update);
      return null;
    };
    await createTauriBackend().streams.subscribe((update) => received.push(update));
    expect(asked.map((call) => call.command)).toEqual(["subscribe"]);
    expect(received.map((update) => update.sequence)).toEqual([1]);
  });
});

describe("errors", () => {
  test("an unknown code is not taken for one of the app's", () => {
    expect(toApiError({ code: "toString", message: "x" })).toEqual({ code: "internal", message: "" });
    expect(toApiError("plain words")).toEqual({ code: "internal", message: "plain words" });
    expect(toApiError(undefined)).toEqual({ code: "internal", message: "" });
  });
});
