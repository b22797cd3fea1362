import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { Keychain } from "../backend";
import { fakeFirstStart, fakeKeychains, fakeTestAt, type FakeBackend } from "../backend/fake";
import { anthropic, connect, failed, forward, key, openConnected, openSetup, option, passed, present, secret } from "../test/connecting";
import { settle } from "../test/window";

const step = (name: string) => screen.getByTestId(`test-step-${name}`);

describe("the test", () => {
  test("begins by itself once it is connected, step by step, with a clock", async () => {
    const { backend } = await openConnected();
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
    const { backend } = await openConnected();
    const heard = () => screen.getByTestId("connection-test").querySelector("[aria-live='polite']");
    backend.push({ test: fakeTestAt(anthropic, 5, Date.now()) });
    expect(heard()?.textContent).toBe("Step 6 of 7: Model answers");
    expect(heard()?.querySelector("time")).toBeNull();
    backend.push({ test: failed });
    expect(heard()?.textContent).toBe("The test did not pass. The provider refused the key (401). Check that it is whole and not revoked, and replace it.");
  });

  test("that passes unlocks the way on, takes the focus there, and makes the model the default", async () => {
    const { backend } = await openConnected();
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
    const { app, backend, user } = await openConnected();
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
    const { backend } = await openConnected();
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
    const { backend, user } = await openConnected();
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
    const { backend, user } = await openConnected();
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
    const { app, backend, user } = await openConnected();
    backend.push({ test: failed });
    await user.click(screen.getByTestId("replace-key"));
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("key-input")).toBeNull();
    expect(app.state.route.page).toBe("setup");
  });

  test("that could not begin says why", async () => {
    const { backend, user } = await openConnected((core) => core.fail("providerTest", { code: "internal", message: "Another test runs." }));
    expect(screen.getByTestId("provider-error").textContent).toBe("Another test runs.");
    backend.answer("providerTest", async () => anthropic);
    await user.click(screen.getByTestId("test-again"));
    await settle();
    expect(screen.queryByTestId("provider-error")).toBeNull();
    expect(screen.getByTestId("connection-test")).toBeTruthy();
  });

  test("news that come before the answer to what began it are not undone by it", async () => {
    await openConnected((core) =>
      core.answer("providerTest", async () => {
        core.push({ test: passed });
        return anthropic;
      }),
    );
    expect(forward().disabled).toBe(false);
  });

  test("plays to its end in the core that needs no core", async () => {
    await openConnected((core) => (core.known.pace = 0));
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
