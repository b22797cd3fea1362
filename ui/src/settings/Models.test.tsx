import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { ModelChoice, ProviderProbe, ProviderRow } from "../backend";
import { fakeFirstStart, fakeKeyStates, fakeModelsOf, fakeStart, fakeStepCount, fakeTest, fakeTestAt, fakeTestFailed, fakeUsage, type FakeBackend } from "../backend/fake";
import { openWindow, settle } from "../test/window";

async function openModels(start = fakeStart(), before: (backend: FakeBackend) => void = () => undefined) {
  const window = await openWindow({ start });
  before(window.backend);
  window.app.openSettings("models");
  await settle();
  return window;
}
const main = () => within(screen.getByRole("main"));
const row = (id: string) => within(screen.getByTestId(`provider-row-${id}`));
const allStates = () => ({ ...fakeStart(), providers: structuredClone(fakeKeyStates) });
const key = () => screen.getByTestId<HTMLInputElement>("key-input");
const withModels = (models: ModelChoice[], defaultModel: string | null) => ({ ...fakeStart(), models, settings: { ...fakeStart().settings, defaultModel } });

describe("what new threads begin with", () => {
  test("is said, and changed", async () => {
    const { backend, user } = await openModels();
    expect(screen.getByTestId("default-model").textContent).toBe("Qwen3 Coder 30B");
    await user.click(screen.getByTestId("default-model"));
    const entries = screen.getAllByRole("option");
    expect(entries.map((entry) => entry.getAttribute("aria-selected"))).toEqual(["true", "false", "false"]);
    expect(entries[2]?.textContent).toContain("scripted");
    await user.click(entries[1] as HTMLElement);
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ defaultModel: "local/gemma3-12b" });
    expect(screen.getByTestId("default-model").textContent).toBe("Gemma 3 12B");
  });

  test("choosing the scripted one forgets the default", async () => {
    const { backend, user } = await openModels();
    await user.click(screen.getByTestId("default-model"));
    await user.click(screen.getByRole("option", { name: /Demo/ }));
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ defaultModel: null });
  });

  test("a model that thinks harder on demand brings a second choice, and goes with it as one string", async () => {
    const { backend, user } = await openModels(withModels(fakeModelsOf("p", "P", 3), "p/model-0"));
    expect(screen.getByTestId("default-variant").textContent).toBe("Default");
    await user.click(screen.getByTestId("default-variant"));
    expect(screen.getAllByRole("option").map((entry) => entry.textContent)).toEqual(["Default", "low", "medium", "high"]);
    await user.click(screen.getByRole("option", { name: "high" }));
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ defaultModel: "p/model-0#high" });
    expect(screen.getByTestId("default-model").textContent).toBe("P model 0");
    expect(screen.getByTestId("status-model").textContent).toBe("P model 0 · high");
    await user.click(screen.getByTestId("default-variant"));
    await user.click(screen.getByRole("option", { name: "Default" }));
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ defaultModel: "p/model-0" });
    await user.click(screen.getByTestId("default-model"));
    await user.click(screen.getByRole("option", { name: /P model 1/ }));
    expect(screen.queryByTestId("default-variant")).toBeNull();
  });

  test("one of 300 is found by typing, those of a provider stand together, and what lacks tools says so", async () => {
    const models = [...fakeModelsOf("a", "Alpha", 150), ...fakeModelsOf("b", "Beta", 150)];
    const { user } = await openModels(withModels(models, "b/model-149"));
    await user.click(screen.getByTestId("default-model"));
    expect(screen.getAllByRole("option").length).toBe(80);
    expect(screen.getByRole("option", { selected: true }).textContent).toContain("Beta model 149");
    expect(screen.getByText("220 more, keep typing")).toBeTruthy();
    expect(screen.getByRole("option", { name: /^Alpha model 1\D/ }).textContent).toContain("cannot use tools");
    await user.keyboard("beta 77{Enter}");
    expect(screen.getByTestId("default-model").textContent).toBe("Beta model 77");
  });

  test("one that is gone is named, and without any model nothing can be chosen", async () => {
    await openModels(withModels([], "gone/model"));
    expect(screen.getByTestId("default-model").textContent).toBe("gone/model (not there)");
    expect(screen.getByTestId<HTMLButtonElement>("default-model").disabled).toBe(true);
  });

  test("the small model is the default one until another is chosen; the scripted one is none", async () => {
    const { backend, user } = await openModels();
    expect(screen.getByTestId("small-model").textContent).toBe("Same as the default");
    await user.click(screen.getByTestId("small-model"));
    expect(screen.getAllByRole("option").map((entry) => entry.querySelector(".title")?.textContent)).toEqual(["Same as the default", "Qwen3 Coder 30B", "Gemma 3 12B"]);
    await user.click(screen.getByRole("option", { name: /Gemma/ }));
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ smallModel: "local/gemma3-12b" });
    await user.click(screen.getByTestId("small-model"));
    await user.click(screen.getByRole("option", { name: "Same as the default" }));
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ smallModel: null });
  });

  test("an agent is chosen too", async () => {
    const { backend, user } = await openModels();
    await user.click(screen.getByTestId("default-agent"));
    await user.click(screen.getByRole("option", { name: /plan/ }));
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ defaultAgent: "plan" });
  });
});

describe("the providers", () => {
  test("say on the first day that there is none", async () => {
    await openModels(fakeFirstStart());
    expect(main().getByText(/No model is connected yet/)).toBeTruthy();
    expect(screen.getByTestId("default-model").textContent).toBe("Demo");
  });

  test.each([
    ["anthropic", /Key sk-ant-…3kQA · changed/, ["Test", "Replace key", "Remove key", "Remove"]],
    ["openrouter", /Key sk-or-…91bc · kept until the app closes/, ["Test", "Replace key", "Remove key", "Remove"]],
    ["mistral", /Key …77aa · in a plain file/, ["Test", "Replace key", "Remove key", "Remove"]],
    ["groq", /No key. Its models cannot answer until you enter one./, ["Test", "Enter a key", "Remove"]],
    ["xai", /The key cannot be read. The key ring is locked/, ["Test", "Replace key", "Remove key", "Remove"]],
    ["github-copilot", /Signed in. Kept by this app like a key; no agent sees it./, ["Test", "Sign in again", "Remove"]],
    ["openai", /Signed in. Kept by the engine, where the agent’s commands can read it./, ["Test", "Sign in again", "Remove"]],
    ["local", /Needs no key/, ["Test", "Remove"]],
  ] as const)("%s says where its key is and what can be done", async (id, words, actions) => {
    await openModels(allStates());
    expect(row(id).getByTestId("key-state").textContent).toMatch(words);
    expect(row(id).getAllByRole("button").map((button) => button.textContent)).toEqual([...actions]);
  });

  test("show the host, not the path, and why one is left out", async () => {
    await openModels(allStates());
    expect(row("anthropic").getByText(/api\.anthropic\.example · All its models/)).toBeTruthy();
    expect(row("local").getByText("127.0.0.1:11434 · 2 models")).toBeTruthy();
    expect(row("old").getByTestId("left-out").textContent).toBe("Left out. Its address leads outside of your network now. Connect it anew.");
  });

  test("are tested in place, and the test can be put away", async () => {
    const { backend, user } = await openModels(allStates());
    await user.click(row("groq").getByTestId("provider-test"));
    await settle();
    expect(backend.requests("providerTest")).toEqual([{ provider: "groq", model: null }]);
    expect(row("groq").getByTestId("connection-test")).toBeTruthy();
    expect(screen.getAllByTestId("connection-test")).toHaveLength(1);
    backend.push({ test: fakeTestFailed(fakeTest("groq", "groq/usual"), 3) });
    expect(row("groq").getByTestId("test-step-keyAccepted").dataset["mark"]).toBe("failed");
    await user.click(row("groq").getByTestId("test-close"));
    expect(screen.queryByTestId("connection-test")).toBeNull();
  });

  test("a test of one gives way to the test of another", async () => {
    const { user } = await openModels(allStates());
    await user.click(row("groq").getByTestId("provider-test"));
    await settle();
    await user.click(row("anthropic").getByTestId("provider-test"));
    await settle();
    expect(row("groq").queryByTestId("connection-test")).toBeNull();
    expect(row("anthropic").getByTestId("connection-test")).toBeTruthy();
  });

  test("a test that could not begin says why in its line", async () => {
    const { backend, user } = await openModels(allStates());
    backend.fail("providerTest", { code: "internal", message: "It broke." });
    await user.click(row("groq").getByTestId("provider-test"));
    await settle();
    expect(row("groq").getByTestId("provider-error").textContent).toBe("It broke.");
  });

  test("take another key in their line, test it, and give the focus back", async () => {
    const { backend, user } = await openModels(allStates());
    await user.click(row("anthropic").getByTestId("replace-key"));
    expect(document.activeElement).toBe(key());
    expect(key().placeholder).toBe("sk-ant-…");
    expect(backend.requests("keychain")).toEqual([{ again: false }]);
    await user.type(key(), "sk-ant-another-0001{Enter}");
    await settle();
    expect(backend.requests("keySet")).toEqual([{ provider: "anthropic", key: "sk-ant-another-0001", thisRun: false }]);
    expect(row("anthropic").getByTestId("key-hint").textContent).toBe("…0001");
    expect(backend.requests("providerTest")).toHaveLength(1);
    expect(document.activeElement).toBe(row("anthropic").getByTestId("replace-key"));
  });

  test("a key that was not taken is asked for again, with why", async () => {
    const { backend, user } = await openModels(allStates());
    await user.click(row("groq").getByTestId("replace-key"));
    backend.fail("keySet", { code: "invalidInput", message: "A key has no spaces." });
    await user.type(key(), "a b{Enter}");
    await settle();
    expect(row("groq").getByTestId("provider-error").textContent).toContain("A key has no spaces.");
    expect(document.activeElement).toBe(key());
    expect(key().value).toBe("");
  });

  test("Escape closes the field for a key and leaves the settings open", async () => {
    const { app, user } = await openModels(allStates());
    await user.click(row("groq").getByTestId("replace-key"));
    await user.type(key(), "half a key");
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("key-input")).toBeNull();
    expect(app.state.route.page).toBe("settings");
    expect(document.activeElement).toBe(row("groq").getByTestId("replace-key"));
  });

  test("forget a key only after asking, because nobody can bring it back", async () => {
    const { backend, user } = await openModels(allStates());
    await user.click(row("anthropic").getByTestId("remove-key"));
    expect(backend.requests("keyRemove")).toEqual([]);
    expect(screen.getByRole("dialog").textContent).toContain("It stays valid at the provider until you revoke it there.");
    await user.click(screen.getByTestId("remove-key-confirm"));
    await settle();
    expect(backend.requests("keyRemove")).toEqual([{ provider: "anthropic" }]);
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(screen.getByTestId("provider-row-anthropic").dataset["key"]).toBe("missing");
  });

  test("forget a key without keeping the dialog open until the engine knows it, and say what went wrong", async () => {
    const { backend, user } = await openModels(allStates());
    let end: (failed: boolean) => void = () => undefined;
    backend.answer("keyRemove", () => new Promise((done, failed) => (end = (bad) => (bad ? failed({ code: "notSaved", message: "Your key ring is locked." }) : done(structuredClone(fakeKeyStates[0] as ProviderRow))))));
    const remove = async () => {
      await user.click(row("anthropic").getByTestId("remove-key"));
      await user.click(screen.getByTestId("remove-key-confirm"));
      await settle();
    };
    await remove();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(row("anthropic").getByTestId("key-removing").textContent).toBe("The key is being removed; the engine is told of it.");
    expect(row("anthropic").queryByTestId("remove-key")).toBeNull();
    expect(document.activeElement).toBe(row("anthropic").getByTestId("replace-key"));
    end(true);
    await settle();
    expect(row("anthropic").queryByTestId("key-removing")).toBeNull();
    expect(screen.getByText("Your key ring is locked.")).toBeTruthy();
    await remove();
    end(false);
    await settle();
    expect(row("anthropic").queryByTestId("key-removing")).toBeNull();
  });

  test("forget all keys only after asking, and say when the engine keeps its part until later", async () => {
    const { backend, user } = await openModels(allStates());
    await user.click(screen.getByTestId("keys-forget-all"));
    expect(screen.getByRole("dialog").textContent).toContain("Each stays valid at its provider until you revoke it there.");
    expect(backend.requests("keysForgetAll")).toEqual([]);
    await user.click(screen.getByTestId("keys-forget-all-confirm"));
    await settle();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(backend.requests("keysForgetAll")).toHaveLength(1);
    expect(screen.getByTestId("provider-row-anthropic").dataset["key"]).toBe("missing");
    expect(screen.queryByTestId("provider-row-github-copilot")).toBeNull();
    expect(screen.getByText("All keys are forgotten here.")).toBeTruthy();
    backend.fail("keysForgetAll", { code: "notSaved", message: "Your key ring did not do what was asked." });
    await user.click(screen.getByTestId("keys-forget-all"));
    await user.click(screen.getByTestId("keys-forget-all-confirm"));
    await settle();
    expect(screen.getByText("Your key ring did not do what was asked.")).toBeTruthy();
    backend.push({ notices: [{ kind: "signOutOwed", detail: "Later.", at: 1 }] });
    expect(screen.getByText("The engine signs out later. Later.")).toBeTruthy();
  });

  test("the encryption key is renewed", async () => {
    const { backend, user } = await openModels(allStates());
    await user.click(screen.getByTestId("keys-renew"));
    await settle();
    expect(backend.requests("keysRenew")).toHaveLength(1);
    expect(screen.getByText("The encryption key is new; 1 secret was sealed again.")).toBeTruthy();
  });

  test("removing one asks first, says what is forgotten with it, and stays open with why when it failed", async () => {
    const { backend, user } = await openModels();
    await user.click(screen.getByRole("button", { name: "Remove Local models" }));
    expect(screen.getByRole("dialog").textContent).toContain("Its key and sign-in are forgotten too.");
    expect(backend.requests("providerRemove")).toEqual([]);
    backend.fail("providerRemove", { code: "notSaved", message: "The disk is full." });
    await user.click(screen.getByTestId("provider-remove-confirm"));
    await settle();
    expect(within(screen.getByRole("dialog")).getByRole("alert").textContent).toBe("The disk is full.");
    backend.answer("providerRemove", async () => backend.push({ providers: [] }));
    await user.click(screen.getByTestId("provider-remove-confirm"));
    await settle();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(main().getByText(/No model is connected yet/)).toBeTruthy();
  });

  test("sign in again leads to that provider in the list", async () => {
    const { user } = await openModels(allStates());
    await user.click(row("github-copilot").getByTestId("sign-in-again"));
    await settle();
    expect(screen.getByTestId("provider-option-github-copilot").getAttribute("aria-checked")).toBe("true");
  });

  test("a row that changes keeps what was opened in it, and the focus", async () => {
    const { backend, user } = await openModels(allStates());
    await user.click(row("groq").getByTestId("replace-key"));
    const field = key();
    await user.type(field, "half");
    const changed = structuredClone(fakeKeyStates);
    for (const each of changed) if (each.id === "groq") each.leftOut = "No key.";
    backend.push({ providers: changed });
    await settle();
    expect(key()).toBe(field);
    expect(document.activeElement).toBe(field);
    expect(field.value).toBe("half");
  });
});

describe("what went to a provider", () => {
  const used = (core: FakeBackend) => (core.known.usage = structuredClone(fakeUsage));

  test("is counted, with what failed and how much of its run is used", async () => {
    await openModels(allStates(), used);
    const usage = row("anthropic").getByTestId("provider-usage").textContent;
    expect(usage).toContain("48 requests since the app started, 2 failed · 1.2 MB sent, 310.0 KB received");
    expect(usage).toContain("48 of 2,000 requests in this run of the engine");
    expect(row("anthropic").queryByTestId("allow-more")).toBeNull();
    expect(row("groq").queryByTestId("provider-usage")).toBeNull();
  });

  test("more is offered near the end and at it, and counted anew", async () => {
    const { backend, user } = await openModels(allStates(), used);
    expect(row("openrouter").getByTestId("allow-more")).toBeTruthy();
    expect(row("local").getByTestId("provider-usage").textContent).toContain("no more are let through");
    await user.click(row("local").getByTestId("allow-more"));
    await settle();
    expect(backend.requests("providerAllowMore")).toEqual([{ provider: "local" }]);
    expect(row("local").queryByTestId("allow-more")).toBeNull();
    expect(screen.getByText("Local models may be asked 2,000 more times in this run.")).toBeTruthy();
  });

  test("that cannot be counted says why, and the providers stay", async () => {
    await openModels(allStates(), (core) => core.fail("providerUsage", { code: "notSaved", message: "The store is locked." }));
    expect(main().getByText("What went to the providers cannot be counted now. The store is locked.")).toBeTruthy();
    expect(screen.getByTestId("provider-row-anthropic")).toBeTruthy();
  });
});

describe("adding a provider", () => {
  const openAdd = async (start = fakeStart(), before?: (backend: FakeBackend) => void) => {
    const window = await openModels(start, before);
    await window.user.click(screen.getByTestId("add-provider"));
    await settle();
    return window;
  };

  test("opens the same list as setting up; Escape and the button close it and give the focus back", async () => {
    const { app, user } = await openAdd();
    expect(screen.getByTestId("provider-option-anthropic").getAttribute("aria-checked")).toBe("true");
    expect(screen.queryByTestId("provider-option-demo")).toBeNull();
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("add-provider-panel")).toBeNull();
    expect(app.state.route.page).toBe("settings");
    await user.click(screen.getByTestId("add-provider"));
    await user.click(screen.getByTestId("add-provider-close"));
    expect(document.activeElement).toBe(screen.getByTestId("add-provider"));
  });

  test("connects with a key, tests, and is done", async () => {
    const { backend, user } = await openAdd(fakeFirstStart());
    await user.type(key(), "sk-ant-1{Enter}");
    await settle();
    const panel = within(screen.getByTestId("add-provider-panel"));
    expect(panel.getByTestId("connection-test")).toBeTruthy();
    backend.push({ test: fakeTestAt(fakeTest("anthropic", "anthropic/model-0"), fakeStepCount, 0) });
    await settle();
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ defaultModel: "anthropic/model-0" });
    await user.click(panel.getByTestId("add-provider-done"));
    expect(screen.queryByTestId("add-provider-panel")).toBeNull();
    expect(screen.getByTestId("provider-row-anthropic")).toBeTruthy();
    expect(screen.getByTestId("default-model").textContent).toBe("Anthropic model 0");
  });
});

describe("connecting an address", () => {
  const address = () => screen.getByTestId<HTMLInputElement>("provider-address");
  const probe = () => screen.getByTestId<HTMLButtonElement>("provider-probe");
  const openAddress = async (start = fakeStart(), before?: (backend: FakeBackend) => void) => {
    const window = await openModels(start, before);
    await window.user.click(screen.getByTestId("add-provider"));
    await settle();
    await window.user.click(screen.getByTestId("provider-option-custom"));
    return window;
  };

  test("looks, lets choose, connects and tests, and makes what passes the default", async () => {
    const { app, backend, user } = await openAddress(fakeFirstStart());
    expect(probe().disabled).toBe(true);
    await user.type(address(), "http://127.0.0.1:11434/v1{Enter}");
    expect(backend.requests("providerProbe")).toEqual([{ baseUrl: "http://127.0.0.1:11434/v1" }]);
    expect(screen.getByTestId<HTMLInputElement>("provider-name").value).toBe("This computer");
    await user.click(screen.getByRole("checkbox", { name: "gemma3-12b" }));
    await user.click(screen.getByRole("button", { name: "Connect 1 model" }));
    await settle();
    expect(backend.requests("providerConnect")).toEqual([
      { provider: null, name: "This computer", baseUrl: "http://127.0.0.1:11434/v1", models: ["qwen3-coder-30b"], inputs: {}, key: null, thisRun: false },
    ]);
    expect(screen.queryByTestId("provider-connect")).toBeNull();
    backend.push({ test: fakeTestAt(fakeTest("provider-1", "provider-1/qwen3-coder-30b"), fakeStepCount, 0) });
    await waitFor(() => expect(backend.requests("settingsSave").at(-1)).toMatchObject({ defaultModel: "provider-1/qwen3-coder-30b" }));
    expect(main().getByRole("button", { name: "Remove This computer" })).toBeTruthy();
    expect(screen.getByTestId("default-model").textContent).toBe("qwen3-coder-30b");
    app.go({ page: "home" });
    expect(screen.getByTestId("model-picker").textContent).toBe("qwen3-coder-30b");
  });

  test("keeps the default that was set", async () => {
    const { backend, user } = await openAddress();
    await user.type(address(), "http://127.0.0.1:8080/v1{Enter}");
    await user.click(screen.getByTestId("provider-connect"));
    await settle();
    backend.push({ test: fakeTestAt(fakeTest("provider-1", "provider-1/qwen3-coder-30b"), fakeStepCount, 0) });
    await settle();
    expect(backend.requests("providerConnect")).toHaveLength(1);
    expect(backend.requests("settingsSave")).toEqual([]);
  });

  test("shows a clock while it looks, cannot be asked twice, and says when there is no model", async () => {
    const { backend, user } = await openAddress();
    let answer: (found: ProviderProbe) => void = () => undefined;
    backend.answer("providerProbe", () => new Promise((resolve) => (answer = resolve)));
    await user.type(address(), "http://127.0.0.1:1{Enter}");
    expect(probe().textContent).toBe("Looking 0:00");
    expect(probe().disabled).toBe(true);
    fireEvent.submit(address().form as HTMLFormElement);
    expect(backend.requests("providerProbe")).toHaveLength(1);
    answer({ baseUrl: "http://127.0.0.1:1/v1", models: [], wantsKey: false });
    await settle();
    expect(screen.getByText(/lists no model/)).toBeTruthy();
    expect(screen.queryByTestId("provider-connect")).toBeNull();
  });

  test("an answer for an address that was changed meanwhile is not taken", async () => {
    const { backend, user } = await openAddress();
    let answer: (found: ProviderProbe) => void = () => undefined;
    backend.answer("providerProbe", () => new Promise((resolve) => (answer = resolve)));
    await user.type(address(), "http://127.0.0.1:1{Enter}");
    await user.type(address(), "2");
    answer({ baseUrl: "http://127.0.0.1:1/v1", models: ["a"], wantsKey: false });
    await settle();
    expect(screen.queryByTestId("provider-connect")).toBeNull();
  });

  test("wants a key where the server does, offers one where it does not", async () => {
    const { backend, user } = await openAddress();
    await user.type(address(), "http://127.0.0.1:8080/v1{Enter}");
    expect(screen.queryByTestId("key-input")).toBeNull();
    await user.click(screen.getByTestId("add-key"));
    await user.type(key(), "secret{Enter}");
    await settle();
    expect(backend.requests("providerConnect")).toMatchObject([{ key: "secret", models: ["qwen3-coder-30b", "gemma3-12b"] }]);
  });

  test("a server that lists its models only with a key is asked for all of them", async () => {
    const { backend, user } = await openAddress(fakeStart(), (core) => core.answer("providerProbe", async ({ baseUrl }) => ({ baseUrl, models: [], wantsKey: true })));
    await user.type(address(), "https://models.example/v1{Enter}");
    expect(screen.getByText(/lists its models only to who has a key/)).toBeTruthy();
    expect(screen.getByTestId<HTMLInputElement>("provider-name").value).toBe("models.example");
    expect(screen.getByTestId<HTMLButtonElement>("provider-connect").disabled).toBe(true);
    await user.type(key(), "secret{Enter}");
    await settle();
    expect(backend.requests("providerConnect")).toMatchObject([{ key: "secret", models: [], name: "models.example" }]);
  });

  test("one in the local network that was not allowed stays, and says that nothing was sent", async () => {
    const { backend, user } = await openAddress();
    backend.fail("providerProbe", { code: "consentNeeded", message: "That is another machine." });
    await user.type(address(), "http://nas.local/v1{Enter}");
    expect(screen.getByTestId("provider-error").textContent).toMatch(/you did not allow it/);
    expect(address().value).toBe("http://nas.local/v1");
  });

  test.each([
    ["notAllowed", "", /may not be connected to/],
    ["unreachable", "", /Nothing answered there/],
    ["unreachable", "Nothing listens on port 9.", /Nothing listens on port 9/],
  ] as const)("tells %s %s in words, next to the address", async (code, message, words) => {
    const { backend, user } = await openAddress();
    backend.fail("providerProbe", { code, message });
    await user.type(address(), "https://example.org/v1{Enter}");
    expect(screen.getByTestId("provider-error").textContent).toMatch(words);
    expect(address().getAttribute("aria-invalid")).toBe("true");
    await user.type(address(), "x");
    expect(screen.queryByTestId("provider-error")).toBeNull();
  });

  test("what could not be connected stays filled in", async () => {
    const { backend, user } = await openAddress();
    await user.type(address(), "http://127.0.0.1:11434/v1{Enter}");
    await user.clear(screen.getByTestId("provider-name"));
    await user.type(screen.getByTestId("provider-name"), "Mine");
    backend.fail("providerConnect", { code: "notSaved", message: "The disk is full." });
    await user.click(screen.getByTestId("provider-connect"));
    await settle();
    expect(screen.getByTestId("provider-error").textContent).toContain("The disk is full.");
    expect(screen.getByTestId<HTMLInputElement>("provider-name").value).toBe("Mine");
    expect(screen.getByTestId<HTMLButtonElement>("provider-connect").disabled).toBe(false);
  });
});
