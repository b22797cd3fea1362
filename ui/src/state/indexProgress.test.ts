import { createRoot } from "solid-js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { IndexProgress } from "../backend";
import { createFakeBackend } from "../backend/fake";
import { createIndexProgress } from "./indexProgress";

const reading: IndexProgress = { threads: 9, unread: 5, read: 4, state: "reading" };
let hidden = false;

beforeEach(() => {
  vi.useFakeTimers();
  hidden = false;
  Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
});
afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(document, "hidden");
});

function show(shown: boolean) {
  hidden = !shown;
  document.dispatchEvent(new Event("visibilitychange"));
}

async function begin() {
  const backend = createFakeBackend();
  backend.answer("indexProgress", async () => reading);
  const made = createRoot((dispose) => ({ dispose, ...createIndexProgress(backend) }));
  await vi.advanceTimersByTimeAsync(0);
  return { backend, asked: () => backend.requests("indexProgress").length, ...made };
}

test("who asks twice at once has one look after the other, not two at a time", async () => {
  const { backend, asked, ask, progress, dispose } = await begin();
  expect(asked()).toBe(1);
  const answers: Array<(known: IndexProgress) => void> = [];
  backend.answer("indexProgress", () => new Promise((done) => answers.push(done)));
  void ask();
  void ask();
  answers[1]?.({ ...reading, read: 5 });
  answers[0]?.({ ...reading, read: 4 });
  await vi.advanceTimersByTimeAsync(0);
  // An answer that was overtaken is not taken for the newest.
  expect(progress()?.read).toBe(5);
  backend.answer("indexProgress", async () => reading);
  await vi.advanceTimersByTimeAsync(6_100);
  expect(asked()).toBe(3 + 3);
  dispose();
});

test("nothing is asked for while nobody sees the window, and at once when somebody does again", async () => {
  const { backend, asked, dispose } = await begin();
  show(false);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked()).toBe(1);
  show(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(asked()).toBe(2);
  backend.answer("indexProgress", async () => ({ ...reading, unread: 0, state: "done" }));
  await vi.advanceTimersByTimeAsync(2_100);
  expect(asked()).toBe(3);
  show(false);
  show(true);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked()).toBe(3);
  dispose();
  show(true);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked()).toBe(3);
});
