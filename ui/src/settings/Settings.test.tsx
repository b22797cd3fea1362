import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { ProviderProbe } from "../backend";
import { fakeFirstStart, fakeStart, fakeUnsafety } from "../backend/fake";
import type { SettingsSection } from "../state/route";
import { openWindow, settle } from "../test/window";

async function openSettings(section: SettingsSection, options = {}) {
  const window = await openWindow(options);
  window.app.openSettings(section);
  return window;
}
const main = () => within(screen.getByRole("main"));

describe("appearance", () => {
  test("changes the theme at once, saves it, and shows what is chosen", async () => {
    const { backend, user } = await openSettings("appearance");
    await user.click(screen.getByRole("radio", { name: "Light" }));
    expect(document.documentElement.dataset["theme"]).toBe("light");
    expect(screen.getByRole("radio", { name: "Light" }).getAttribute("aria-checked")).toBe("true");
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ theme: "light" });
  });

  test("arrows choose within a group, which is one stop for Tab", async () => {
    await openSettings("appearance");
    const group = screen.getByRole("radiogroup", { name: "Density" });
    const stops = within(group).getAllByRole("radio").filter((radio) => radio.tabIndex === 0);
    expect(stops.map((radio) => radio.textContent)).toEqual(["Cozy"]);
    stops[0]?.focus();
    fireEvent.keyDown(stops[0] as HTMLElement, { key: "ArrowRight" });
    expect(document.documentElement.dataset["density"]).toBe("roomy");
    expect(document.activeElement?.textContent).toBe("Roomy");
    fireEvent.keyDown(document.activeElement as HTMLElement, { key: "ArrowRight" });
    expect(document.documentElement.dataset["density"]).toBe("compact");
  });

  test("the sections are in the sidebar, and the way back too", async () => {
    const { app, user } = await openSettings("appearance");
    const sidebar = within(screen.getByRole("navigation", { name: "Settings" }));
    expect(sidebar.getByRole("button", { name: "Appearance" }).getAttribute("aria-current")).toBe("page");
    await user.click(sidebar.getByRole("button", { name: "Folders" }));
    expect(main().getByRole("heading", { level: 1 }).textContent).toBe("Folders");
    await user.click(sidebar.getByRole("button", { name: /Settings/ }));
    expect(app.state.route.page).toBe("home");
  });
});

describe("models", () => {
  test("say what new threads begin with, and change it", async () => {
    const { backend, user } = await openSettings("models");
    await user.click(screen.getByTestId("default-model"));
    const entries = screen.getAllByRole("menuitemradio");
    expect(entries.map((entry) => entry.getAttribute("aria-checked"))).toEqual(["true", "false", "false"]);
    expect(entries[2]?.textContent).toContain("scripted demo");
    await user.click(entries[1] as HTMLElement);
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ defaultModel: "local/gemma3-12b" });
    expect(screen.getByTestId("default-model").textContent).toBe("Gemma 3 12B");
  });

  test("say that none is connected on the first day", async () => {
    await openSettings("models", { start: fakeFirstStart() });
    expect(main().getByText(/No model is connected yet/)).toBeTruthy();
    expect(screen.getByTestId("default-model").textContent).toBe("Demo");
  });

  test("removing asks first", async () => {
    const { backend, user } = await openSettings("models");
    await user.click(screen.getByRole("button", { name: "Remove Local models" }));
    expect(backend.requests("providerRemove")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Remove models" }));
    expect(backend.requests("providerRemove")).toEqual([{ provider: "local" }]);
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(main().getByText(/No model is connected yet/)).toBeTruthy();
  });
});

describe("connecting a model", () => {
  const address = () => screen.getByTestId<HTMLInputElement>("provider-address");
  const probe = () => screen.getByTestId<HTMLButtonElement>("provider-probe");

  test("looks, lets choose, connects, and makes it what new threads begin with", async () => {
    const { app, backend, user } = await openSettings("models", { start: fakeFirstStart() });
    expect(probe().disabled).toBe(true);
    await user.type(address(), "http://127.0.0.1:11434/v1{Enter}");
    expect(backend.requests("providerProbe")).toEqual([{ baseUrl: "http://127.0.0.1:11434/v1" }]);
    expect(screen.getByTestId<HTMLInputElement>("provider-name").value).toBe("This computer");
    await user.click(screen.getByRole("checkbox", { name: "gemma3-12b" }));
    await user.click(screen.getByRole("button", { name: "Connect 1 model" }));
    expect(backend.requests("providerConnect")).toEqual([
      { name: "This computer", baseUrl: "http://127.0.0.1:11434/v1", models: ["qwen3-coder-30b"] },
    ]);
    await waitFor(() => expect(backend.requests("settingsSave").at(-1)).toMatchObject({ defaultModel: "provider-1/qwen3-coder-30b" }));
    expect(main().getByRole("button", { name: "Remove This computer" })).toBeTruthy();
    expect(screen.queryByTestId("provider-connect")).toBeNull();
    expect(screen.getByTestId("default-model").textContent).toBe("qwen3-coder-30b");
    app.go({ page: "home" });
    expect(screen.getByTestId("model-picker").textContent).toBe("qwen3-coder-30b");
  });

  test("keeps the default that was set", async () => {
    const { backend, user } = await openSettings("models");
    await user.type(address(), "http://127.0.0.1:8080/v1{Enter}");
    await user.click(screen.getByTestId("provider-connect"));
    await settle();
    expect(backend.requests("providerConnect")).toHaveLength(1);
    expect(backend.requests("settingsSave")).toEqual([]);
  });

  test("shows a clock while it looks and cannot be asked twice", async () => {
    const { backend, user } = await openSettings("models");
    let answer: (found: ProviderProbe) => void = () => undefined;
    backend.answer("providerProbe", () => new Promise((resolve) => (answer = resolve)));
    await user.type(address(), "http://127.0.0.1:1{Enter}");
    expect(probe().textContent).toBe("Looking 0:00");
    expect(probe().disabled).toBe(true);
    answer({ baseUrl: "http://127.0.0.1:1/v1", models: [] });
    await settle();
    expect(screen.getByText(/lists no model/)).toBeTruthy();
  });

  test("an address in the local network that was not allowed stays, and says that nothing was sent", async () => {
    const { backend, user } = await openSettings("models");
    backend.fail("providerProbe", { code: "consentNeeded", message: "That is another machine." });
    await user.type(address(), "http://nas.local/v1{Enter}");
    expect(backend.requests("providerProbe")).toEqual([{ baseUrl: "http://nas.local/v1" }]);
    expect(screen.getByTestId("provider-error").textContent).toMatch(/you did not allow it/);
    expect(address().value).toBe("http://nas.local/v1");
  });

  test.each([
    ["notAllowed", "", /not allowed/],
    ["unreachable", "Nothing listens on port 9.", /Nothing listens on port 9/],
  ] as const)("tells %s in words, next to the address", async (code, message, words) => {
    const { backend, user } = await openSettings("models");
    backend.fail("providerProbe", { code, message });
    await user.type(address(), "https://example.org/v1{Enter}");
    expect(screen.getByTestId("provider-error").textContent).toMatch(words);
    expect(address().getAttribute("aria-invalid")).toBe("true");
    await user.type(address(), "x");
    expect(screen.queryByTestId("provider-error")).toBeNull();
  });

  test("what could not be connected stays filled in", async () => {
    const { backend, user } = await openSettings("models");
    await user.type(address(), "http://127.0.0.1:11434/v1{Enter}");
    await user.clear(screen.getByTestId("provider-name"));
    await user.type(screen.getByTestId("provider-name"), "Mine");
    backend.fail("providerConnect", { code: "notSaved", message: "The disk is full." });
    await user.click(screen.getByTestId("provider-connect"));
    expect(screen.getByTestId("provider-error").textContent).toBe("The disk is full.");
    expect(screen.getByTestId<HTMLInputElement>("provider-name").value).toBe("Mine");
    expect(screen.getByTestId<HTMLButtonElement>("provider-connect").disabled).toBe(false);
  });
});

describe("folders", () => {
  test("are listed with what is wrong with them, and can be forgotten", async () => {
    const { backend, user } = await openSettings("folders");
    expect(main().getAllByRole("listitem").map((item) => item.querySelector(".label")?.textContent)).toEqual(["atlas-api", "launch-site", "archive"]);
    expect(main().getByText("Cannot be read now")).toBeTruthy();
    expect(main().getByText(/brings its own agents and commands/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Forget launch-site" }));
    expect(backend.requests("folderForget")).toEqual([{ folder: "site" }]);
    expect(screen.queryByRole("button", { name: "Forget launch-site" })).toBeNull();
  });

  test("say why one could not be forgotten", async () => {
    const { backend, user } = await openSettings("folders");
    backend.fail("folderForget", { code: "notSaved", message: "The disk is full." });
    await user.click(screen.getByRole("button", { name: "Forget launch-site" }));
    expect(main().getByRole("alert").textContent).toBe("The disk is full.");
    expect(screen.getByRole("button", { name: "Forget launch-site" })).toBeTruthy();
  });

  test("say what will be here while there is none", async () => {
    await openSettings("folders", { start: fakeFirstStart() });
    expect(main().getByText("No folder yet")).toBeTruthy();
    expect(main().getByRole("button", { name: "Choose a folder" })).toBeTruthy();
  });
});

describe("folders in which no box can be had", () => {
  const open = () => openSettings("folders", { start: { ...fakeStart(), safety: structuredClone(fakeUnsafety) } });
  const unbox = () => screen.getAllByTestId("folder-unbox");

  test("nothing is asked where there is a box", async () => {
    await openSettings("folders");
    expect(screen.queryByTestId("folder-unbox")).toBeNull();
  });

  test("allow commands without one, and no longer", async () => {
    const { backend, user } = await open();
    expect(unbox().map((button) => button.textContent)).toEqual(["Allow commands without a box", "Allow commands without a box", "Allow commands without a box"]);
    await user.click(screen.getByRole("button", { name: "Allow commands without a box in launch-site" }));
    expect(backend.requests("folderUnbox")).toEqual([{ folder: "site", allowed: true }]);
    expect(main().getByText(/Commands run here without a box/)).toBeTruthy();
    expect(unbox().map((button) => button.dataset["allowed"])).toEqual(["false", "true", "false"]);
    await user.click(screen.getByRole("button", { name: "No longer allow commands without a box in launch-site" }));
    expect(backend.requests("folderUnbox").at(-1)).toEqual({ folder: "site", allowed: false });
    expect(unbox().map((button) => button.dataset["allowed"])).toEqual(["false", "false", "false"]);
  });

  test.each([
    ["consentNeeded", "Commands would reach all of yours.", "You did not allow it. Nothing changed."],
    ["notSaved", "The disk is full.", "The disk is full."],
  ] as const)("say what %s means, in the folder's line", async (code, message, words) => {
    const { backend, user } = await open();
    backend.fail("folderUnbox", { code, message });
    await user.click(unbox()[1] as HTMLElement);
    const line = unbox()[1]?.closest("li") as HTMLElement;
    expect(within(line).getByRole("alert").textContent).toBe(words);
    expect(unbox()[1]?.dataset["allowed"]).toBe("false");
  });
});

describe("permissions", () => {
  const rules = () => screen.queryAllByTestId("allowance");
  const openRules = async (options = {}) => {
    const window = await openSettings("permissions", options);
    await settle();
    return window;
  };
  const revoke = (at: number) => screen.getAllByTestId("allowance-revoke")[at] as HTMLElement;
  const first = { name: "Revoke bash npm run * in atlas-api" };

  test("are listed by folder, with what they allow, for whom, why and since when", async () => {
    await openRules();
    expect(main().getAllByRole("heading", { level: 2 }).map((heading) => heading.textContent).slice(0, 2)).toEqual(["atlas-api", "launch-site"]);
    expect(rules().map((rule) => rule.querySelector(".mono")?.textContent)).toEqual(["bash npm run *", "edit src/**", "webfetch https://docs.example/*"]);
    expect(rules()[0]?.textContent).toContain("Agent build · Given for npm run test · ");
    expect(rules()[0]?.querySelector("time")?.getAttribute("datetime")).toBe("2026-11-20T11:21:00.000Z");
  });

  test("call a folder that is not on the list by its last component", async () => {
    await openRules({ start: fakeFirstStart() });
    expect(main().getByRole("heading", { name: "atlas-api" })).toBeTruthy();
  });

  test("are taken back at once, and the focus goes to the next one", async () => {
    const { backend, user } = await openRules();
    let answer: () => void = () => undefined;
    backend.answer("allowanceRevoke", () => new Promise((resolve) => (answer = resolve)));
    await user.click(screen.getByRole("button", first));
    expect(backend.requests("allowanceRevoke")).toEqual([{ allowance: 1 }]);
    expect(rules()).toHaveLength(2);
    expect(document.activeElement).toBe(revoke(0));
    answer();
    await settle();
    expect(rules()).toHaveLength(2);
  });

  test("come back where they stood, with why, when that failed", async () => {
    const { backend, user } = await openRules();
    backend.fail("allowanceRevoke", { code: "notSaved", message: "The disk is full." });
    await user.click(screen.getByRole("button", first));
    await settle();
    expect(rules()).toHaveLength(3);
    expect(within(rules()[0] as HTMLElement).getByRole("alert").textContent).toBe("Not revoked. The disk is full.");
    expect(document.activeElement).toBe(revoke(1));
    backend.answer("allowanceRevoke", async () => undefined);
    await user.click(revoke(0));
    expect(rules()).toHaveLength(2);
    expect(main().queryByRole("alert")).toBeNull();
  });

  test("stay gone when they were taken back elsewhere", async () => {
    const { backend, user } = await openRules();
    backend.fail("allowanceRevoke", { code: "notFound", message: "The rule is gone." });
    await user.click(screen.getByRole("button", first));
    await settle();
    expect(rules()).toHaveLength(2);
    expect(main().queryByRole("alert")).toBeNull();
  });

  test("say what will be here once the last is gone, and where the focus is", async () => {
    const { user } = await openRules();
    for (let left = 3; left > 0; left -= 1) await user.click(revoke(0));
    expect(main().getByText("No rule yet")).toBeTruthy();
    expect(document.activeElement?.textContent).toContain("No rule yet");
  });

  test("the last one comes back too", async () => {
    const { backend, user } = await openRules();
    await user.click(revoke(0));
    await user.click(revoke(0));
    backend.fail("allowanceRevoke", { code: "notSaved", message: "The disk is full." });
    await user.click(revoke(0));
    await settle();
    expect(rules()).toHaveLength(1);
    expect(main().getByRole("alert").textContent).toContain("Not revoked.");
  });

  test("say when they cannot be read, and are read again", async () => {
    const { app, backend, user } = await openWindow();
    backend.fail("allowanceList", { code: "notSaved", message: "The rules cannot be read." });
    app.openSettings("permissions");
    await settle();
    expect(main().getByRole("alert").textContent).toBe("The rules cannot be read.");
    expect(main().queryByText("No rule yet")).toBeNull();
    backend.answer("allowanceList", async () => []);
    await user.click(screen.getByRole("button", { name: "Read again" }));
    await settle();
    expect(main().getByText("No rule yet")).toBeTruthy();
  });
});

describe("the engine's settings", () => {
  const openEngine = async (options = {}) => {
    const window = await openSettings("engine", options);
    await settle();
    return window;
  };
  const bridge = (id: string) => screen.getAllByTestId("bridge").find((row) => row.dataset["bridge"] === id) as HTMLElement;
  const field = (id: string) => screen.getByTestId<HTMLInputElement>(id);

  test.each([
    ["restart-failures", "restartFailures", "Failures that stop it", 1, 50],
    ["restart-window", "restartWindow", "Time they count in", 10, 3600],
    ["memory-limit", "memoryLimit", "Memory limit", 512, 65_536],
  ] as const)("%s is saved within its bounds and refused outside of them", async (id, key, label, least, most) => {
    const { app, backend } = await openEngine();
    const before = app.state.settings[key];
    expect(screen.getByLabelText(label)).toBe(field(id));
    expect(field(id).value).toBe(String(before));
    for (const wrong of [String(least - 1), String(most + 1), "", "20.5", "many"]) {
      fireEvent.change(field(id), { target: { value: wrong } });
      expect(main().getByRole("alert").textContent).toBe(`Give a whole number from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}.`);
      expect(field(id).getAttribute("aria-invalid")).toBe("true");
    }
    expect(backend.requests("settingsSave")).toEqual([]);
    for (const right of [least, most]) {
      fireEvent.change(field(id), { target: { value: String(right) } });
      await settle();
      expect(main().queryByRole("alert")).toBeNull();
      expect(backend.requests("settingsSave").at(-1)).toMatchObject({ [key]: right });
    }
  });

  test("a limit that could not be saved stands again as it was", async () => {
    const { backend } = await openEngine();
    backend.fail("settingsSave", { code: "notSaved", message: "The disk is full." });
    fireEvent.change(field("memory-limit"), { target: { value: "4096" } });
    await settle();
    expect(field("memory-limit").value).toBe("3072");
    expect(screen.getByText("The disk is full.")).toBeTruthy();
  });

  test("the person's own configuration is listed with what was found and what it opens", async () => {
    await openEngine();
    expect(screen.getAllByTestId("bridge").map((row) => [row.dataset["bridge"], row.dataset["allowed"]])).toEqual([
      ["sshAgent", "true"],
      ["sshKeys", "false"],
      ["gpg", "false"],
      ["cloud", "false"],
      ["developer", "false"],
    ]);
    expect(bridge("cloud").textContent).toContain("Found: .aws, .kube");
    expect(bridge("gpg").textContent).toContain("Nothing of it was found on this computer.");
    expect(bridge("sshAgent").textContent).toContain("Commands sign with your keys");
  });

  test("a category is opened and closed, and takes hold with the next start", async () => {
    const { backend, user } = await openEngine();
    await user.click(screen.getByRole("button", { name: "Allow: SSH keys and hosts" }));
    expect(backend.requests("bridgeSet")).toEqual([{ bridge: "sshKeys", allowed: true }]);
    expect(bridge("sshKeys").dataset["allowed"]).toBe("true");
    await user.click(screen.getByRole("button", { name: "Close: SSH agent" }));
    expect(backend.requests("bridgeSet").at(-1)).toEqual({ bridge: "sshAgent", allowed: false });
    expect(main().getByText(/applies at the next start of the engine/).textContent).toContain("A restart interrupts the threads that run.");
    await user.click(screen.getByTestId("engine-restart"));
    expect(backend.requests("engineStart")).toHaveLength(1);
  });

  test("a restart interrupts nothing when nothing runs", async () => {
    await openEngine({ start: fakeFirstStart() });
    expect(main().getByText("It applies at the next start of the engine.")).toBeTruthy();
  });

  test("what the person did not allow stays closed and is said in its line", async () => {
    const { backend, user } = await openEngine();
    backend.fail("bridgeSet", { code: "consentNeeded", message: "Your keys can be read." });
    await user.click(within(bridge("sshKeys")).getByRole("button"));
    expect(within(bridge("sshKeys")).getByRole("alert").textContent).toBe("You did not allow it. Nothing changed.");
    expect(bridge("sshKeys").dataset["allowed"]).toBe("false");
  });

  test("is asked for one thing once while the system's dialog is open", async () => {
    const { backend, user } = await openEngine();
    backend.answer("bridgeSet", () => new Promise(() => undefined));
    const button = within(bridge("gpg")).getByRole("button");
    await user.click(button);
    await user.click(button);
    expect(backend.requests("bridgeSet")).toHaveLength(1);
    expect(button.getAttribute("aria-disabled")).toBe("true");
  });

  test("tells when what is there cannot be read", async () => {
    const { app, backend } = await openWindow();
    backend.fail("bridgeList", { code: "internal", message: "The home cannot be read." });
    app.openSettings("engine");
    await settle();
    expect(main().getByRole("alert").textContent).toBe("The home cannot be read.");
  });

  test("its home is chosen with a plain warning, and is lived in after the next start", async () => {
    const { app, backend, user } = await openEngine();
    const home = () => screen.getByTestId("engine-home");
    expect(home().dataset["home"]).toBe("private");
    expect(main().getByText(/What is promised about keys does not hold there/)).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: "Your own OpenCode" }));
    expect(backend.requests("engineHomeSet")).toEqual([{ home: "machine" }]);
    expect(home().dataset["home"]).toBe("machine");
    expect(app.state.safety.home).toBe("machine");
    await user.click(screen.getAllByTestId("engine-restart")[1] as HTMLElement);
    expect(backend.requests("engineStart")).toHaveLength(1);
    expect(home().dataset["home"]).toBe("machine");
    expect(screen.getAllByTestId("engine-restart")).toHaveLength(1);
  });

  test("stays in its home when the person does not agree to the other", async () => {
    const { backend, user } = await openEngine();
    backend.fail("engineHomeSet", { code: "consentNeeded", message: "It would use your sign-ins." });
    await user.click(screen.getByRole("radio", { name: "Your own OpenCode" }));
    expect(main().getByRole("alert").textContent).toBe("You did not allow it. Nothing changed.");
    expect(screen.getByTestId("engine-home").dataset["home"]).toBe("private");
    expect(screen.getByRole("radio", { name: "Private" }).getAttribute("aria-checked")).toBe("true");
  });
});
