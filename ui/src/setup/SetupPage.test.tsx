import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
import type { ConnectionTest, Keychain } from "../backend";
import { fakeFirstStart, fakeKeychains, fakeStepCount, fakeTest, fakeTestAt, fakeTestFailed, type FakeBackend } from "../backend/fake";
import { openWindow, settle } from "../test/window";

const secret = "sk-ant-0123456789abcdef-secret";
const key = () => screen.getByTestId<HTMLInputElement>("key-input");
const option = (id: string) => screen.getByTestId(`provider-option-${id}`);
const options = () => screen.getAllByRole("radio");
const later = () => screen.getByTestId("setup-later");
const forward = () => screen.getByTestId<HTMLButtonElement>("setup-continue");
const connect = () => screen.getByTestId<HTMLButtonElement>("connect-and-test");
const step = (name: string) => screen.getByTestId(`test-step-${name}`);

async function openSetup(before: (backend: FakeBackend) => void = () => undefined, start = fakeFirstStart()) {
  const window = await openWindow({ start });
  before(window.backend);
  window.app.go({ page: "setup" });
  await settle();
  return window;
}

const anthropic = fakeTest("anthropic", "anthropic/model-0");
const passed: ConnectionTest = fakeTestAt(anthropic, fakeStepCount, 0);
const failed = fakeTestFailed(anthropic, 3);

function present<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error("it is not there");
  return value;
}

async function connected(before?: (backend: FakeBackend) => void) {
  const window = await openSetup(before);
  await window.user.type(key(), `${secret}{Enter}`);
  await settle();
  return window;
}

describe("setting up", () => {
  test("takes the whole window, says its two steps, and can be left for later", async () => {
    const { app, user } = await openSetup();
    expect(screen.getByTestId("setup-page").dataset["step"]).toBe("model");
    expect(screen.queryByRole("contentinfo", { name: "Status" })).toBeNull();
    expect(screen.getAllByRole("listitem").map((item) => item.querySelector(".name")?.textContent)).toEqual(["Connect a model", "Choose a folder"]);
    expect(document.querySelector("[aria-current='step']")?.textContent).toContain("Connect a model");
    await user.click(later());
    expect(app.state.route).toEqual({ page: "home" });
  });

  test("Escape leaves it too", async () => {
    const { app } = await openSetup();
    fireEvent.keyDown(document.body, { key: "Escape" });
    expect(app.state.route).toEqual({ page: "home" });
  });

  test("the first start stands on home: nothing blocks, and the demo is beside", async () => {
    const { app } = await openWindow({ start: fakeFirstStart() });
    expect(app.state.route).toEqual({ page: "home" });
    expect(screen.getByTestId("try-demo")).toBeTruthy();
  });
});

describe("the list", () => {
  test("shows what is usual, what runs here, and the demo; the first is chosen", async () => {
    await openSetup();
    expect(options().map((each) => each.querySelector(".what")?.textContent)).toEqual([
      "Anthropic",
      "OpenAI",
      "OpenRouter",
      "GitHub Copilot",
      "Another service",
      "Ollama",
      "LM Studio",
      "Try the demo model",
    ]);
    expect(option("anthropic").getAttribute("aria-checked")).toBe("true");
    expect(option("local-http://127.0.0.1:11434/v1").textContent).toContain("qwen3-coder:30b and 2 more");
    expect(option("local-http://127.0.0.1:11434/v1").textContent).toContain("running");
    expect(option("local-http://127.0.0.1:1234/v1").textContent).toContain("not running");
    expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("Anthropic");
  });

  test("is one stop for Tab; arrows, Home and End choose, round the end too", async () => {
    await openSetup();
    expect(options().filter((each) => each.tabIndex === 0)).toHaveLength(1);
    option("anthropic").focus();
    const press = (name: string) => fireEvent.keyDown(document.activeElement as HTMLElement, { key: name });
    press("ArrowDown");
    expect(document.activeElement).toBe(option("openai"));
    expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("OpenAI");
    press("ArrowUp");
    press("ArrowUp");
    expect(document.activeElement).toBe(option("demo"));
    press("Home");
    expect(document.activeElement).toBe(option("anthropic"));
    press("End");
    expect(document.activeElement).toBe(option("demo"));
  });

  test("finds any of 220 by name, shows fifty at most, and says how many are left", async () => {
    const { user } = await openSetup();
    const search = screen.getByTestId<HTMLInputElement>("provider-search");
    expect(search.placeholder).toBe("Search 220 providers");
    await user.type(search, "provider");
    // The name that says it anywhere counts as well; those that begin so come first.
    expect(options()).toHaveLength(51);
    expect(screen.getByTestId("provider-left").textContent).toBe("164 more, keep typing");
    await user.type(search, " 212");
    expect(options().map((each) => each.querySelector(".what")?.textContent)).toEqual(["Provider 212", "Another service"]);
    expect(screen.queryByTestId("provider-left")).toBeNull();
    await user.keyboard("{Enter}");
    expect(document.activeElement).toBe(option("provider-212"));
    expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("Provider 212");
  });

  test("Escape empties the search and leaves the page alone; finding nothing is said", async () => {
    const { app, user } = await openSetup();
    const search = screen.getByTestId<HTMLInputElement>("provider-search");
    await user.type(search, "zzzz");
    expect(screen.getByText(/No provider has that name/)).toBeTruthy();
    expect(options()).toHaveLength(1);
    await user.keyboard("{Escape}");
    expect(search.value).toBe("");
    expect(options()).toHaveLength(8);
    expect(app.state.route.page).toBe("setup");
  });

  test("says when it cannot be read, and still takes an address", async () => {
    const { backend, user } = await openSetup((core) => core.fail("providerCatalogue", { code: "internal", message: "The catalogue is damaged." }));
    expect(screen.getByTestId("catalogue-error").textContent).toContain("The catalogue is damaged.");
    expect(option("custom")).toBeTruthy();
    backend.answer("providerCatalogue", async () => ({ offers: [], custom: true }));
    await user.click(screen.getByRole("button", { name: "Read again" }));
    await settle();
    expect(screen.queryByTestId("catalogue-error")).toBeNull();
    expect(option("custom").getAttribute("aria-checked")).toBe("true");
  });

  test("says that it is being read, and offers no address where none may be given", async () => {
    let answer: (found: { offers: never[]; custom: boolean }) => void = () => undefined;
    await openSetup((core) => core.answer("providerCatalogue", () => new Promise((resolve) => (answer = resolve))));
    expect(screen.getByText("Reading the list of providers")).toBeTruthy();
    answer({ offers: [], custom: false });
    await settle();
    expect(screen.queryByTestId("provider-option-custom")).toBeNull();
  });

  test("a server that does not run says what to do, and is found when it is looked for again", async () => {
    const { backend, user } = await openSetup();
    await user.click(option("local-http://127.0.0.1:1234/v1"));
    expect(screen.getByTestId("local-not-running").textContent).toContain("LM Studio does not answer. Start it, then look again.");
    backend.known.servers = backend.known.servers.map((server) => ({ ...server, running: true, models: ["phi4"] }));
    await user.click(screen.getByRole("button", { name: "Look again" }));
    await settle();
    expect(screen.queryByTestId("local-not-running")).toBeNull();
    await user.click(connect());
    expect(backend.requests("providerConnect")).toEqual([
      { provider: null, name: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1", models: ["phi4"], inputs: {}, key: null, thisRun: false },
    ]);
  });

  test("the demo begins at once", async () => {
    const { app, backend, user } = await openSetup();
    await user.click(option("demo"));
    expect(screen.queryByTestId("setup-continue")).toBeNull();
    await user.click(screen.getByTestId("setup-demo"));
    await settle();
    expect(backend.requests("promptSend")).toMatchObject([{ model: "scripted/demo" }]);
    expect(app.state.route.page).toBe("session");
  });
});

describe("the form of a provider", () => {
  test("takes a key that is masked until it is shown, and offers no help that keeps it", async () => {
    const { user } = await openSetup();
    expect(key().type).toBe("password");
    expect(key().getAttribute("autocomplete")).toBe("off");
    expect(key().getAttribute("spellcheck")).toBe("false");
    expect(connect().disabled).toBe(true);
    await user.click(key());
    await user.paste(secret);
    expect(connect().disabled).toBe(false);
    await user.click(screen.getByTestId("key-show"));
    expect(key().type).toBe("text");
    expect(key().value).toBe(secret);
    await user.click(screen.getByRole("button", { name: "Hide key" }));
    expect(key().type).toBe("password");
  });

  test("leads to where keys are made", async () => {
    const { backend, user } = await openSetup();
    await user.click(screen.getByRole("button", { name: "Where to find it" }));
    expect(backend.requests("linkOpen")).toEqual([{ url: "https://console.anthropic.example/keys" }]);
  });

  test("Enter sends it once, and the field is empty before the answer is there", async () => {
    const { backend, user } = await openSetup();
    let answer: () => void = () => undefined;
    backend.answer("providerConnect", () => new Promise((_resolve, reject) => (answer = () => reject({ code: "notSaved", message: "The disk is full." }))));
    await user.type(key(), `  ${secret} {Enter}`);
    expect(backend.requests("providerConnect")).toEqual([{ provider: "anthropic", name: null, baseUrl: null, models: [], inputs: {}, key: secret, thisRun: false }]);
    expect(key().value).toBe("");
    expect(connect().textContent).toBe("Connecting");
    fireEvent.submit(key().form as HTMLFormElement);
    expect(backend.requests("providerConnect")).toHaveLength(1);
    answer();
    await settle();
    expect(screen.getByTestId("provider-error").textContent).toBe("The disk is full. The field was emptied; paste the key again.");
    expect(key().value).toBe("");
  });

  test("wants what its address depends on, and sends what was given", async () => {
    const { backend, user } = await openSetup();
    await user.type(screen.getByTestId("provider-search"), "azure{Enter}");
    await user.type(key(), `${secret}{Enter}`);
    expect(backend.requests("providerConnect")).toEqual([]);
    expect(screen.getByRole("alert").textContent).toBe("Resource name is needed to go on.");
    expect(document.activeElement).toBe(screen.getByTestId("provider-input-resourceName"));
    expect(key().value).toBe(secret);
    await user.type(screen.getByTestId("provider-input-resourceName"), "mine{Enter}");
    expect(backend.requests("providerConnect")).toMatchObject([{ provider: "azure", inputs: { resourceName: "mine" } }]);
  });

  test("a provider that wants nothing is connected as it is", async () => {
    const { backend, user } = await openSetup();
    await user.type(screen.getByTestId("provider-search"), "free{Enter}");
    expect(screen.queryByTestId("key-input")).toBeNull();
    await user.click(connect());
    expect(backend.requests("providerConnect")).toMatchObject([{ provider: "free", key: null }]);
  });

  test("a model is chosen of 300 by typing, and tested", async () => {
    const { backend, user } = await openSetup();
    await user.click(option("openrouter"));
    await settle();
    await user.click(screen.getByTestId("test-model"));
    expect(screen.getAllByRole("option")).toHaveLength(80);
    expect(screen.getByText("221 more, keep typing")).toBeTruthy();
    await user.keyboard("model 299{Enter}");
    expect(screen.getByTestId("test-model").textContent).toBe("OpenRouter model 299");
    await user.type(key(), `${secret}{Enter}`);
    await settle();
    expect(backend.requests("providerTest")).toEqual([{ provider: "openrouter", model: "model-299" }]);
  });

  test("a provider whose models are not known says so", async () => {
    await openSetup((core) => core.answer("providerModels", async () => []));
    expect(screen.getByText("Its models are listed once it is connected.")).toBeTruthy();
  });

  test("one that is connected already is shown as it is, and can be tested", async () => {
    const start = fakeFirstStart();
    start.providers = [{ id: "anthropic", name: "Anthropic", kind: "known", baseUrl: "https://x", models: [], key: { kind: "kept", hint: "sk-…3kQA", changed: 0 }, leftOut: null }];
    const { backend, user } = await openSetup(undefined, start);
    expect(screen.getByTestId("key-hint").textContent).toBe("sk-…3kQA");
    expect(screen.queryByTestId("key-input")).toBeNull();
    await user.click(screen.getByTestId("test-again"));
    expect(backend.requests("providerTest")).toEqual([{ provider: "anthropic", model: null }]);
  });

  test("says that the computer is offline", async () => {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    await openSetup();
    expect(screen.getByTestId("offline").textContent).toContain("This computer is offline.");
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(true);
    fireEvent(window, new Event("online"));
    expect(screen.queryByTestId("offline")).toBeNull();
  });
});

describe("the test", () => {
  test("begins by itself once it is connected, step by step, with a clock", async () => {
    const { backend } = await connected();
    expect(screen.getByTestId("connected-provider").textContent).toContain("Anthropic is connected.");
    expect(screen.getByTestId("key-hint").textContent).toBe("…cret");
    expect(backend.requests("providerTest")).toEqual([{ provider: "anthropic", model: null }]);
    expect(step("resolve").dataset["mark"]).toBe("waiting");
    backend.push({ test: fakeTestAt(anthropic, 1, Date.now() - 3000) });
    expect(step("resolve").dataset["mark"]).toBe("passed");
    expect(step("resolve").textContent).toContain("3 ms");
    expect(step("connect").dataset["mark"]).toBe("running");
    expect(step("connect").textContent).toContain("Anthropic can be reached");
    expect(step("connect").textContent).toContain("0:03");
    expect(step("toolCall").dataset["mark"]).toBe("waiting");
    expect(screen.getByText("1 of 7")).toBeTruthy();
    expect(forward().disabled).toBe(true);
  });

  test("is read out as one sentence a step, without the clock", async () => {
    const { backend } = await connected();
    const heard = () => screen.getByTestId("connection-test").querySelector("[aria-live='polite']");
    backend.push({ test: fakeTestAt(anthropic, 5, Date.now()) });
    expect(heard()?.textContent).toBe("Step 6 of 7: Model answers");
    expect(heard()?.querySelector("time")).toBeNull();
    backend.push({ test: failed });
    expect(heard()?.textContent).toBe("The test did not pass. The provider refused the key (401). Check that it is whole and not revoked, and replace it.");
  });

  test("that passes unlocks the way on, takes the focus there, and makes the model the default", async () => {
    const { backend } = await connected();
    backend.push({ test: passed });
    await settle();
    expect(screen.getByTestId("test-result").textContent).toBe("The connection works.");
    expect(forward().disabled).toBe(false);
    expect(document.activeElement).toBe(forward());
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ defaultModel: "anthropic/model-0" });
    fireEvent.click(forward());
    expect(screen.getByTestId("setup-page").dataset["step"]).toBe("folder");
  });

  test("keeps the default that was chosen before", async () => {
    const start = fakeFirstStart();
    start.settings.defaultModel = "local/mine";
    const { backend, user } = await openSetup(undefined, start);
    await user.type(key(), `${secret}{Enter}`);
    await settle();
    backend.push({ test: passed });
    await settle();
    expect(backend.requests("settingsSave")).toEqual([]);
  });

  test("that failed says why and what to do, and lets the person go on knowing what that means", async () => {
    const { app, backend, user } = await connected();
    expect(screen.queryByTestId("setup-without")).toBeNull();
    backend.push({ test: failed });
    expect(step("keyAccepted").dataset["mark"]).toBe("failed");
    expect(step("keyAccepted").textContent).toContain("The provider refused the key (401).");
    expect(step("keyAccepted").textContent).toContain("Check that it is whole and not revoked");
    expect(step("modelAnswers").dataset["mark"]).toBe("waiting");
    expect(forward().disabled).toBe(true);
    expect(screen.getByText(/It stays connected/)).toBeTruthy();
    expect(app.state.settings.defaultModel).toBeNull();
    await user.click(screen.getByTestId("setup-without"));
    expect(screen.getByTestId("setup-folder")).toBeTruthy();
    expect(app.state.settings.defaultModel).toBeNull();
  });

  test("that can be used in part says so, and steps that do not apply say why", async () => {
    const { backend } = await connected();
    backend.push({
      test: {
        ...passed,
        steps: passed.steps.map((row) => {
          if (row.step === "secure") return { ...row, mark: { kind: "skipped", why: "It is on this computer." } };
          return row.step === "toolCall" ? { ...row, mark: { kind: "failed", message: "It called no tool.", advice: "" } } : row;
        }),
      },
    });
    expect(step("secure").dataset["mark"]).toBe("skipped");
    expect(step("secure").textContent).toContain("It is on this computer.");
    expect(screen.getByTestId("test-result").textContent).toContain("It can be used, but not for everything");
    expect(forward().disabled).toBe(false);
  });

  test("is stopped, and run again", async () => {
    const { backend, user } = await connected();
    backend.push({ test: fakeTestAt(anthropic, 2, Date.now()) });
    await user.click(screen.getByTestId("test-stop"));
    expect(backend.requests("providerTestStop")).toHaveLength(1);
    backend.push({ test: { ...anthropic, running: false } });
    expect(screen.getByTestId("test-result").textContent).toBe("The test was stopped. Nothing more is sent.");
    await user.click(screen.getByTestId("test-again"));
    await settle();
    expect(backend.requests("providerTest")).toHaveLength(2);
    expect(screen.getByTestId("connection-test").dataset["running"]).toBe("true");
  });

  test("with another key: the old one stays until the new one was taken", async () => {
    const { backend, user } = await connected();
    backend.push({ test: failed });
    await user.click(screen.getByTestId("replace-key"));
    expect(document.activeElement).toBe(key());
    backend.fail("keySet", { code: "notSaved", message: "The key ring is locked." });
    await user.type(key(), "sk-second{Enter}");
    await settle();
    expect(screen.getByTestId("provider-error").textContent).toBe("The key ring is locked. The field was emptied; paste the key again.");
    backend.answer("keySet", async ({ provider }) => ({ provider: { ...present(backend.world.providers.find((row) => row.id === provider)), key: { kind: "thisRun", hint: "…cond" } }, warning: "It is shorter than usual." }));
    await user.type(key(), "sk-second{Enter}");
    await settle();
    expect(backend.requests("keySet").at(-1)).toEqual({ provider: "anthropic", key: "sk-second", thisRun: false });
    expect(screen.getByTestId("key-hint").textContent).toBe("…cond");
    expect(screen.getByTestId("key-warning").textContent).toBe("It is shorter than usual.");
    expect(screen.queryByTestId("key-input")).toBeNull();
    expect(backend.requests("providerTest")).toHaveLength(2);
  });

  test("Escape closes the field for another key and nothing else", async () => {
    const { app, backend, user } = await connected();
    backend.push({ test: failed });
    await user.click(screen.getByTestId("replace-key"));
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("key-input")).toBeNull();
    expect(app.state.route.page).toBe("setup");
  });

  test("that could not begin says why", async () => {
    const { backend, user } = await connected((core) => core.fail("providerTest", { code: "internal", message: "Another test runs." }));
    expect(screen.getByTestId("provider-error").textContent).toBe("Another test runs.");
    backend.answer("providerTest", async () => anthropic);
    await user.click(screen.getByTestId("test-again"));
    await settle();
    expect(screen.queryByTestId("provider-error")).toBeNull();
    expect(screen.getByTestId("connection-test")).toBeTruthy();
  });

  test("news that come before the answer to what began it are not undone by it", async () => {
    await connected((core) =>
      core.answer("providerTest", async () => {
        core.push({ test: passed });
        return anthropic;
      }),
    );
    expect(forward().disabled).toBe(false);
  });

  test("plays to its end in the core that needs no core", async () => {
    await connected((core) => (core.known.pace = 0));
    await waitFor(() => expect(forward().disabled).toBe(false));
  });
});

describe("the key ring", () => {
  const note = () => screen.queryByTestId("keychain-note");
  const withKeychain = (keychain: Keychain | undefined, again?: Keychain) => (core: FakeBackend) => {
    core.known.keychain = keychain;
    core.known.keychainAgain = again;
  };

  test("is asked when a form for a key opens, once for all of them, and nothing is said where all is well", async () => {
    const { backend, user } = await openSetup();
    expect(backend.requests("keychain")).toEqual([{ again: false }]);
    await user.click(option("openrouter"));
    expect(backend.requests("keychain")).toHaveLength(1);
    expect(note()).toBeNull();
    expect(screen.getByText(/Kept in this computer’s keychain/)).toBeTruthy();
  });

  test("that keeps us waiting is said after a moment, and everything can be used meanwhile", async () => {
    const { backend, user } = await openSetup(withKeychain(undefined));
    expect(note()).toBeNull();
    await waitFor(() => expect(note()?.textContent).toContain("Waiting for your key ring…"));
    await user.type(key(), `${secret}{Enter}`);
    expect(backend.requests("providerConnect")).toHaveLength(1);
  });

  test("that cannot be had: the key is not sent until the person looks again or chooses to keep it for now", async () => {
    const { backend, user } = await openSetup(withKeychain(fakeKeychains.unavailable));
    expect(note()?.dataset["kind"]).toBe("unavailable");
    expect(note()?.textContent).toContain("No key ring answers on this computer.");
    expect(note()?.textContent).toContain("Install gnome-keyring or KeePassXC");
    expect(screen.queryByText(/Kept in this computer’s keychain/)).toBeNull();
    await user.type(key(), `${secret}{Enter}`);
    expect(backend.requests("providerConnect")).toEqual([]);
    expect(key().value).toBe(secret);
    expect(screen.getByRole("alert").textContent).toContain("The key was not sent");
    expect(document.activeElement).toBe(screen.getByTestId("keep-for-run"));
    await user.keyboard(" ");
    expect(screen.queryByRole("alert")).toBeNull();
    await user.click(connect());
    await settle();
    expect(backend.requests("providerConnect")).toMatchObject([{ key: secret, thisRun: true }]);
    expect(screen.getByTestId("key-state").textContent).toContain("kept until the app closes");
  });

  test("that is there after all is found by looking again", async () => {
    const { backend, user } = await openSetup(withKeychain(fakeKeychains.unavailable, fakeKeychains.encrypted));
    await user.click(screen.getByTestId("keychain-again"));
    await settle();
    expect(backend.requests("keychain")).toEqual([{ again: false }, { again: true }]);
    expect(note()).toBeNull();
  });

  test("of a development build that keeps keys in the open is warned of in words", async () => {
    await openSetup(withKeychain(fakeKeychains.plain));
    expect(note()?.textContent).toContain("This development build keeps keys in a plain file.");
    expect(note()?.textContent).toContain("the agent’s commands too");
  });

  test("that answers with an error counts as one that cannot be had", async () => {
    await openSetup((core) => core.fail("keychain", { code: "internal", message: "It broke." }));
    expect(note()?.textContent).toContain("It broke.");
    expect(screen.getByTestId("keep-for-run")).toBeTruthy();
  });
});

describe("signing in", () => {
  const panel = () => screen.getByTestId("sign-in-panel");

  test("says before it begins who keeps what it brings, and who can read it", async () => {
    const { user } = await openSetup();
    await user.click(option("openai"));
    expect(screen.getByTestId("sign-in-offer-browser").parentElement?.textContent).toContain("Kept by this app like a key; no agent sees it.");
    expect(screen.getByTestId("sign-in-offer-paste").parentElement?.textContent).toContain("Kept by the engine, where the agent’s commands can read it.");
  });

  test("with a code: shows it, the page and the time that is left, and goes on by itself", async () => {
    const { backend, user } = await openSetup();
    await user.click(option("github-copilot"));
    await user.click(screen.getByTestId("sign-in-offer-device"));
    await settle();
    expect(backend.requests("signInBegin")).toEqual([{ provider: "github-copilot", offer: "device", inputs: {} }]);
    expect(panel().dataset["state"]).toBe("waiting");
    expect(screen.getByTestId("sign-in-code").textContent).toBe("WDJB-MJHT");
    expect(screen.getByTestId("sign-in-countdown").textContent).toMatch(/^1[45]:\d\d left$/);
    await user.click(screen.getByTestId("sign-in-open"));
    expect(backend.requests("linkOpen")).toEqual([{ url: "https://github.example/login/device" }]);
    await user.click(within(panel()).getAllByRole("button", { name: "Copy" })[0] as HTMLElement);
    expect(await navigator.clipboard.readText()).toBe("WDJB-MJHT");
    const row = { id: "github-copilot", name: "GitHub Copilot", kind: "known", baseUrl: "https://api", models: [], key: { kind: "signedIn" }, leftOut: null } as const;
    backend.push({ signIn: { ...present(backend.world.signIn), state: { kind: "done" } } });
    expect(panel().dataset["state"]).toBe("done");
    expect(panel().textContent).toContain("You are signed in. Kept by this app");
    backend.push({ providers: [{ ...row, models: [] }] });
    await settle();
    expect(screen.getByTestId("key-state").textContent).toContain("Signed in.");
    expect(backend.requests("providerTest")).toEqual([{ provider: "github-copilot", model: null }]);
  });

  test("by pasting: what is handed over leaves the field, and what was wrong is said", async () => {
    const { backend, user } = await openSetup();
    await user.click(option("openai"));
    await user.click(screen.getByTestId("sign-in-offer-paste"));
    await settle();
    const field = () => within(panel()).getByTestId<HTMLInputElement>("sign-in-paste");
    expect(field().type).toBe("password");
    await user.type(field(), "wrong{Enter}");
    await settle();
    expect(backend.requests("signInPaste")).toEqual([{ text: "wrong" }]);
    expect(field().value).toBe("");
    expect(within(panel()).getByRole("alert").textContent).toContain("Copy the whole of it.");
    await user.type(field(), "code-1{Enter}");
    await settle();
    expect(screen.getByTestId("key-state").dataset["key"]).toBe("signedInByEngine");
  });

  test("is stopped, fails with why, and is tried again", async () => {
    const { backend, user } = await openSetup();
    await user.click(option("github-copilot"));
    await user.click(screen.getByTestId("sign-in-offer-device"));
    await settle();
    await user.click(screen.getByTestId("sign-in-stop"));
    await settle();
    expect(screen.getByTestId("sign-in-failed").textContent).toBe("You are not signed in. It was stopped.");
    await user.click(screen.getByTestId("sign-in-again"));
    await settle();
    expect(backend.requests("signInBegin")).toHaveLength(2);
    expect(panel().dataset["state"]).toBe("waiting");
    backend.push({ signIn: { ...present(backend.world.signIn), expires: Date.now() - 2000 } });
    expect(screen.getByTestId("sign-in-countdown").textContent).toBe("The time is over. Stop, and sign in again.");
    backend.push({ signIn: { ...present(backend.world.signIn), state: { kind: "failed", message: "The code expired." } } });
    await user.click(within(panel()).getByRole("button", { name: "Close" }));
    expect(screen.queryByTestId("sign-in-panel")).toBeNull();
    expect(screen.getByTestId("sign-in-offer-device")).toBeTruthy();
  });

  test("asks what a way wants to know before it begins, and sends it again when tried again", async () => {
    const { backend, user } = await openSetup();
    await user.click(option("github-copilot"));
    await user.click(screen.getByTestId("sign-in-offer-enterprise"));
    expect(backend.requests("signInBegin")).toEqual([]);
    expect(screen.getByRole("alert").textContent).toBe("Address of your GitHub is needed to go on.");
    expect(document.activeElement).toBe(screen.getByTestId("provider-input-domain"));
    await user.keyboard("ada.ghe.com{Enter}");
    await settle();
    await user.click(screen.getByTestId("sign-in-stop"));
    await settle();
    await user.click(screen.getByTestId("sign-in-again"));
    await settle();
    const wanted = { provider: "github-copilot", offer: "enterprise", inputs: { domain: "ada.ghe.com" } };
    expect(backend.requests("signInBegin")).toEqual([wanted, wanted]);
  });

  test("kept by the engine, where no test can be made: says so, and lets the person go on", async () => {
    const { user } = await openSetup((core) => core.fail("providerTest", { code: "notAllowed", message: "What the engine keeps cannot be tested from here." }));
    await user.click(option("openai"));
    await user.click(screen.getByTestId("sign-in-offer-paste"));
    await settle();
    await user.type(screen.getByTestId("sign-in-paste"), "code-1{Enter}");
    await settle();
    expect(screen.getByTestId("provider-error").textContent).toBe("What the engine keeps cannot be tested from here.");
    expect(forward().disabled).toBe(true);
    await user.click(screen.getByTestId("setup-without"));
    expect(screen.getByTestId("setup-folder")).toBeTruthy();
  });

  test("can be done anew where it was done before", async () => {
    const start = fakeFirstStart();
    start.providers = [{ id: "github-copilot", name: "GitHub Copilot", kind: "known", baseUrl: "https://x", models: [], key: { kind: "signedIn" }, leftOut: null }];
    const { backend, user } = await openSetup(undefined, start);
    await user.click(option("github-copilot"));
    expect(screen.getByRole("heading", { name: "Sign in again" })).toBeTruthy();
    await user.click(screen.getByTestId("sign-in-offer-device"));
    await settle();
    backend.push({ signIn: { ...present(backend.world.signIn), state: { kind: "done" } } });
    await settle();
    expect(backend.requests("providerTest")).toHaveLength(1);
  });

  test("that could not begin says why", async () => {
    const { user } = await openSetup((core) => core.fail("signInBegin", { code: "unreachable", message: "GitHub does not answer." }));
    await user.click(option("github-copilot"));
    await user.click(screen.getByTestId("sign-in-offer-device"));
    await settle();
    expect(screen.getByRole("alert").textContent).toBe("GitHub does not answer.");
  });
});

describe("the folder", () => {
  const open = async (start = fakeFirstStart()) => {
    const window = await openSetup(undefined, start);
    await window.user.type(key(), `${secret}{Enter}`);
    await settle();
    window.backend.push({ test: passed });
    await window.user.click(forward());
    return window;
  };

  test("is chosen in the system's dialog and leads home, with it chosen there", async () => {
    const { app, backend, user } = await open();
    backend.answer("folderPick", async () => ({ id: "new", label: "new", path: "/new", kind: "project", available: true, ignored: [], unboxedAllowed: false }));
    await user.click(screen.getByTestId("setup-pick-folder"));
    await settle();
    expect(app.state.route).toEqual({ page: "home" });
    expect(app.state.home.folder).toBe("new");
  });

  test("stays where it is when nothing was chosen, and says why when it failed", async () => {
    const { backend, user } = await open();
    await user.click(screen.getByTestId("setup-pick-folder"));
    await settle();
    expect(screen.getByTestId("setup-folder")).toBeTruthy();
    backend.fail("folderPick", { code: "folderUnavailable", message: "It cannot be read." });
    await user.click(screen.getByTestId("setup-pick-folder"));
    await settle();
    expect(screen.getByRole("alert").textContent).toBe("It cannot be read.");
  });

  test("can wait, and the way back is there", async () => {
    const { app, user } = await open();
    await user.click(screen.getByRole("button", { name: "Back to the model" }));
    expect(screen.getByTestId("setup-page").dataset["step"]).toBe("model");
    await settle();
    expect(screen.getByTestId("connected-provider")).toBeTruthy();
    await user.click(screen.getByTestId("test-again"));
    await settle();
    expect(app.state.route.page).toBe("setup");
    await user.click(later());
    expect(app.state.route).toEqual({ page: "home" });
  });
});
