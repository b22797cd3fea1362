import { fireEvent, screen } from "@solidjs/testing-library";
import { unwrap } from "solid-js/store";
import { describe, expect, test, vi } from "vitest";
import { fakeFirstStart, fakeKeychains, fakeKeyStates, fakeStart, fakeStepCount, fakeTest, fakeTestAt, type FakeBackend } from "../backend/fake";
import type { App } from "../state/app";
import { openWindow, settle } from "./window";

const secret = "sk-ant-secret-9f2c7e1b";

/** Where a key must never be after it was sent: markup, what fields hold, the window's state, storage, the address. */
function places(app: App): Record<string, string> {
  const fields = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")];
  const stored = (storage: Storage) => JSON.stringify(Object.fromEntries(Object.keys(storage).map((name) => [name, storage.getItem(name)])));
  return {
    markup: document.documentElement.outerHTML,
    values: JSON.stringify(fields.map((field) => [field.value, field.defaultValue])),
    state: JSON.stringify(unwrap(app.state)),
    conversation: JSON.stringify(unwrap(app.conversation.state)),
    toasts: JSON.stringify(unwrap(app.toasts.list)),
    local: stored(localStorage),
    session: stored(sessionStorage),
    address: location.href,
    title: document.title,
    history: JSON.stringify(history.state),
  };
}

const holders = (app: App, key = secret) => Object.entries(places(app)).flatMap(([place, held]) => (held.includes(key) ? [place] : []));

const key = () => screen.getByTestId<HTMLInputElement>("key-input");

async function setup(before: (backend: FakeBackend) => void = () => undefined) {
  const window = await openWindow({ start: fakeFirstStart() });
  before(window.backend);
  window.app.go({ page: "setup" });
  await settle();
  return window;
}

test("the search finds a key where it is: a test that could not fail would prove nothing", async () => {
  const { app, user } = await setup();
  await user.type(key(), secret);
  // The value of a field is no attribute, so markup does not hold it.
  expect(holders(app)).toEqual(["values"]);
  sessionStorage.setItem("x", secret);
  app.setHome({ text: secret });
  expect(holders(app)).toEqual(["values", "state", "session"]);
});

describe("a key that was sent is nowhere in the window", () => {
  test("while it is on its way, when it was taken, and through the whole test", async () => {
    const { app, backend, user } = await setup();
    let seen: string[] | undefined;
    let fields: string[] = [];
    backend.answer("providerConnect", async (request) => {
      // The command holds it; the window no longer does by the time the core could look.
      await Promise.resolve();
      seen = holders(app);
      fields = [...document.querySelectorAll("input")].map((field) => field.value);
      return { provider: { id: "anthropic", name: "Anthropic", kind: "known", baseUrl: "https://x", models: [], key: { kind: "kept", hint: "sk-…7e1b", changed: request.key?.length ?? 0 }, leftOut: null }, warning: "" };
    });
    await user.click(screen.getByTestId("key-show"));
    await user.type(key(), `${secret}{Enter}`);
    await settle();
    expect(backend.requests("providerConnect")).toMatchObject([{ key: secret }]);
    expect(seen).toEqual([]);
    expect(fields).not.toContain(secret);
    expect(holders(app)).toEqual([]);
    backend.push({ test: fakeTestAt(fakeTest("anthropic", "anthropic/model-0"), fakeStepCount, 0) });
    await settle();
    expect(holders(app)).toEqual([]);
    await user.click(screen.getByTestId("setup-continue"));
    expect(holders(app)).toEqual([]);
  });

  test("when it was refused", async () => {
    const { app, backend, user } = await setup();
    backend.fail("providerConnect", { code: "invalidInput", message: "This does not look like a key." });
    await user.type(key(), `${secret}{Enter}`);
    await settle();
    expect(screen.getByTestId("provider-error")).toBeTruthy();
    expect(holders(app)).toEqual([]);
  });

  test("when another choice, Escape or the way home closes the form before it was sent", async () => {
    const { app, user } = await setup();
    await user.type(key(), secret);
    const field = key();
    await user.click(screen.getByTestId("provider-option-openrouter"));
    expect(field.value).toBe("");
    expect(holders(app)).toEqual([]);
    await user.type(key(), secret);
    fireEvent.keyDown(document.body, { key: "Escape" });
    expect(app.state.route.page).toBe("home");
    expect(holders(app)).toEqual([]);
  });

  test("when it is kept for this run alone", async () => {
    const { app, user } = await setup((core) => (core.known.keychain = fakeKeychains.unavailable));
    await user.type(key(), secret);
    await user.click(screen.getByTestId("keep-for-run"));
    await user.click(screen.getByTestId("connect-and-test"));
    await settle();
    expect(screen.getByTestId("key-hint")).toBeTruthy();
    expect(holders(app)).toEqual([]);
  });

  test("when it took another one's place in the settings", async () => {
    const start = { ...fakeStart(), providers: structuredClone(fakeKeyStates) };
    const { app, backend, user } = await openWindow({ start });
    app.openSettings("models");
    await settle();
    await user.click(screen.getByRole("button", { name: "Replace the key of Anthropic" }));
    await user.type(key(), `${secret}{Enter}`);
    await settle();
    expect(backend.requests("keySet")).toMatchObject([{ key: secret }]);
    expect(holders(app)).toEqual([]);
  });

  test("when it was given with an address", async () => {
    const { app, backend, user } = await setup((core) => core.answer("providerProbe", async ({ baseUrl }) => ({ baseUrl, models: [], wantsKey: true })));
    await user.click(screen.getByTestId("provider-option-custom"));
    await user.type(screen.getByTestId("provider-address"), "https://models.example/v1{Enter}");
    await settle();
    await user.type(key(), `${secret}{Enter}`);
    await settle();
    expect(backend.requests("providerConnect")).toMatchObject([{ provider: null, key: secret, models: [] }]);
    expect(holders(app)).toEqual([]);
  });

  test("nor is what a sign-in's page showed", async () => {
    const { app, backend, user } = await setup();
    await user.click(screen.getByTestId("provider-option-openai"));
    await user.click(screen.getByTestId("sign-in-offer-paste"));
    await settle();
    await user.type(screen.getByTestId("sign-in-paste"), `${secret}{Enter}`);
    await settle();
    expect(backend.requests("signInPaste")).toEqual([{ text: secret }]);
    expect(holders(app)).toEqual([]);
  });
});

test("a key is written neither to the console nor to the clipboard", async () => {
  const spies = (["log", "warn", "error", "info", "debug"] as const).map((name) => vi.spyOn(console, name).mockImplementation(() => undefined));
  const { user } = await setup();
  await user.type(key(), `${secret}{Enter}`);
  await settle();
  expect(JSON.stringify(spies.flatMap((spy) => spy.mock.calls))).not.toContain(secret);
  expect(await navigator.clipboard.readText()).not.toContain(secret);
});
