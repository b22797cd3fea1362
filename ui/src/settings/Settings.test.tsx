import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { ProviderProbe } from "../backend";
import { fakeFirstStart } from "../backend/fake";
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
