import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import { defaultSettings, type Settings } from "../backend";
import { fakeStart } from "../backend/fake";
import type { SettingsSection } from "../state/route";
import { openWindow, settle } from "../test/window";

const atDefaults = () => ({ ...fakeStart(), settings: { ...defaultSettings } });

async function open(section: SettingsSection, start = atDefaults) {
  const opened = await openWindow({ start: start() });
  opened.app.openSettings(section);
  await settle();
  return opened;
}
const field = () => screen.getByTestId("settings-search") as HTMLInputElement;
const type = (value: string) => fireEvent.input(field(), { target: { value } });
const press = (key: string) => fireEvent.keyDown(field(), { key });
const hits = () => screen.queryAllByTestId("settings-hit").map((hit) => hit.querySelector(".truncate")?.textContent);
const chosen = () => screen.getAllByTestId("settings-hit").findIndex((hit) => hit.getAttribute("aria-selected") === "true");

describe("the search among settings", () => {
  test.each([
    ["density", "Density"],
    ["dark", "Mode"],
    ["font size", "Interface text"],
    ["lock screen", "Name the thread"],
    ["animation", "Reduce motion"],
    ["zm", "Zoom"],
    ["MEMORY", "Memory limit"],
    ["verbose", "What is written"],
  ])("finds by name, sentence and other words: %s", async (typed, first) => {
    await open("appearance");
    type(typed);
    expect(hits()).toContain(first);
  });

  test("says so where nothing fits", async () => {
    await open("appearance");
    type("xyzzy");
    expect(hits()).toEqual([]);
    expect(screen.getByTestId("settings-none").textContent).toContain("No setting fits “xyzzy”");
    expect(field().getAttribute("aria-activedescendant")).toBeNull();
  });

  test("is worked by keys: down, up, Enter goes there with the focus, Escape clears first", async () => {
    const { app } = await open("storage");
    type("text");
    expect(chosen()).toBe(0);
    press("ArrowDown");
    expect(chosen()).toBe(1);
    expect(field().getAttribute("aria-activedescendant")).toBe(screen.getAllByTestId("settings-hit")[1]?.id);
    press("ArrowUp");
    press("ArrowUp");
    expect(chosen()).toBe(0);
    press("End");
    expect(chosen()).toBe(hits().length - 1);
    type("density");
    press("Enter");
    expect(app.state.route).toEqual({ page: "settings", section: "appearance" });
    await waitFor(() => expect(document.activeElement?.textContent).toBe("Cozy"));
    press("Escape");
    expect(field().value).toBe("");
    expect(app.state.route.page).toBe("settings");
    press("Escape");
    expect(app.state.route.page).toBe("home");
  });

  test("marks the letters, says how many there are, and can be cleared", async () => {
    const { user } = await open("appearance");
    type("densit");
    expect(screen.getAllByTestId("settings-hit")[0]?.querySelector("mark")?.textContent).toBe("Densit");
    expect(within(screen.getByRole("navigation", { name: "Settings" })).getByRole("status").textContent).toBe("1 setting");
    await user.click(screen.getByTestId("settings-search-clear"));
    expect(hits()).toEqual([]);
    expect(document.activeElement).toBe(field());
  });
});

describe("a setting that was changed", () => {
  test("says so, and goes back alone, with a way to undo that", async () => {
    const { app, backend, user } = await open("appearance");
    expect(screen.queryByTestId("setting-changed")).toBeNull();
    await user.click(screen.getByRole("radio", { name: "Compact" }));
    const row = document.querySelector<HTMLElement>("[data-setting='density']") as HTMLElement;
    expect(within(row).getByTestId("setting-changed").textContent).toBe("Changed");
    await user.click(within(row).getByRole("button", { name: "Reset Density" }));
    expect(app.state.settings.density).toBe("cozy");
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ density: "cozy" });
    expect(row.contains(document.activeElement)).toBe(true);
    expect(screen.getByText("Density is at its default again.")).toBeTruthy();
    await user.click(screen.getByTestId("toast-action"));
    expect(app.state.settings.density).toBe("compact");
  });

  test("goes back with its page, and the others stay", async () => {
    const { app, user } = await open("appearance", () => ({ ...fakeStart(), settings: { ...defaultSettings, density: "roomy", zoom: 125, notifyEnded: false } }));
    await user.click(screen.getByTestId("reset-page"));
    expect(app.state.settings).toEqual({ ...defaultSettings, notifyEnded: false });
    expect(screen.queryByTestId("reset-page")).toBeNull();
    expect(document.activeElement).toBe(within(screen.getByRole("main")).getByRole("heading", { level: 1 }));
  });

  test("that cannot be put back stays as it is, and nothing else is said", async () => {
    const { app, backend, user } = await open("appearance", () => ({ ...fakeStart(), settings: { ...defaultSettings, density: "roomy" } }));
    backend.fail("settingsSave", { code: "notSaved", message: "The disk is full." });
    await user.click(screen.getByTestId("setting-reset"));
    expect(await screen.findByText(/The disk is full/)).toBeTruthy();
    expect(app.state.settings.density).toBe("roomy");
    expect(screen.queryByText("Density is at its default again.")).toBeNull();
  });

  test("is listed with what it is and would be, and all go back at once", async () => {
    const { app, user } = await open("changed", () => ({ ...fakeStart(), settings: { ...defaultSettings, density: "roomy", notifyContent: false, requestCap: 50 } }));
    expect(screen.getByTestId("changed-count").textContent).toBe("3");
    expect(within(screen.getByRole("main")).getByText("Roomy, by default Cozy")).toBeTruthy();
    expect(within(screen.getByRole("main")).getByText("off, by default on")).toBeTruthy();
    expect(within(screen.getByRole("main")).getByText("50, by default 2,000")).toBeTruthy();
    // The line goes with what it was for, and the focus to the next one.
    await user.click(within(screen.getByRole("main")).getByRole("button", { name: /^Reset Density/ }));
    expect(document.activeElement?.closest("[data-setting]")).toBe(document.querySelectorAll("[data-setting]")[0]);
    await user.click(screen.getByTestId("toast-action"));
    await user.click(screen.getByTestId("reset-all"));
    expect(document.activeElement?.contains(screen.getByTestId("nothing-changed"))).toBe(true);
    expect(document.activeElement).not.toBe(document.body);
    expect(app.state.settings).toEqual(defaultSettings);
    expect(screen.getByTestId("nothing-changed")).toBeTruthy();
    await user.click(screen.getAllByTestId("toast-action").at(-1) as HTMLElement);
    expect(app.state.settings).toMatchObject({ density: "roomy", notifyContent: false, requestCap: 50 });
  });

  test("where the window is laid out otherwise nothing was changed", async () => {
    await open("changed", () => ({ ...fakeStart(), settings: { ...defaultSettings, reviewOpen: true, sidebarHidden: false } }));
    expect(screen.getByTestId("nothing-changed")).toBeTruthy();
  });
});

describe("sizes", () => {
  test("go up and down within their bounds", async () => {
    const { app, user } = await open("appearance");
    const size = within(screen.getByTestId("size-interfaceSize"));
    await user.click(size.getByRole("button", { name: "Interface text: larger" }));
    expect(app.state.settings.interfaceSize).toBe(110);
    expect(document.documentElement.style.fontSize).toBe("110%");
    void app.saveSettings({ interfaceSize: 80 });
    const smaller = size.getByRole("button", { name: "Interface text: smaller" });
    expect(smaller.getAttribute("aria-disabled")).toBe("true");
    await user.click(smaller);
    expect(app.state.settings.interfaceSize).toBe(80);
  });

  test("the zoom has keys that work everywhere, and is kept", async () => {
    const { app, backend } = await open("appearance");
    app.go({ page: "home" });
    const key = (name: string, more = {}) => fireEvent.keyDown(document.body, { key: name, ctrlKey: true, ...more });
    key("+", { shiftKey: true });
    expect(app.state.settings.zoom).toBe(110);
    key("=");
    expect(app.state.settings.zoom).toBe(125);
    key("-");
    expect(app.state.settings.zoom).toBe(110);
    key("0");
    expect(app.state.settings.zoom).toBe(100);
    await settle();
    expect(backend.requests("settingsSave").map((saved) => (saved as Settings).zoom)).toEqual([110, 125, 110, 100]);
    for (let times = 0; times < 20; times += 1) key("+");
    expect(app.state.settings.zoom).toBe(200);
  });
});

describe("notifications", () => {
  test("are chosen by kind", async () => {
    const { app, user } = await open("notifications");
    const asks = screen.getByRole("switch", { name: "Something asks" });
    expect(asks.getAttribute("aria-checked")).toBe("true");
    await user.click(asks);
    expect(app.state.settings).toMatchObject({ notifyAsks: false, notifyEnded: true });
    expect(asks.getAttribute("aria-checked")).toBe("false");
  });

  test("can be tried, and say why none shows", async () => {
    const { backend, user } = await open("notifications");
    await user.click(screen.getByTestId("notify-try"));
    await settle();
    expect(screen.getByTestId("notify-said").textContent).toContain("The desktop took it.");
    backend.fail("notificationTry", { code: "unreachable", message: "The desktop shows no notifications: no bus." });
    await user.click(screen.getByTestId("notify-try"));
    await settle();
    expect(within(screen.getByRole("main")).getByRole("alert").textContent).toContain("no bus");
  });

  test("are said in the language of the window, which hands its words over", async () => {
    const { backend } = await open("notifications");
    await waitFor(() => expect(backend.requests("notificationWords").at(-1)).toMatchObject({ ended: "The turn ended." }));
  });

  test("what is pressed on the desktop opens its thread", async () => {
    const { app, backend } = await open("notifications");
    backend.push({ wantedSession: "flaky-retry" });
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "flaky-retry" });
  });
});

describe("logs", () => {
  test("are shown, copied, read again and their folder opened", async () => {
    const { backend, user } = await open("logs");
    expect(screen.getByTestId("app-log").textContent).toContain("the window was opened");
    await user.click(screen.getByTestId("logs-open"));
    expect(backend.requests("logsOpen")).toHaveLength(1);
    backend.answer("appLog", async () => []);
    await user.click(screen.getByTestId("log-again"));
    await settle();
    expect(screen.getByText("Nothing was written yet.")).toBeTruthy();
    backend.fail("appLog", { code: "internal", message: "The log is not there." });
    await user.click(screen.getByTestId("log-again"));
    await settle();
    expect(within(screen.getByRole("main")).getByRole("alert").textContent).toBe("The log is not there.");
  });
});

describe("licences", () => {
  test("are read when asked for, searched, and have their texts", async () => {
    const { user } = await open("about");
    expect(screen.queryByTestId("licence")).toBeNull();
    await user.click(screen.getByTestId("licences-show"));
    await waitFor(() => expect(screen.getAllByTestId("licence").length).toBe(50));
    const search = screen.getByTestId("licences-search");
    expect(document.activeElement).toBe(search);
    fireEvent.input(search, { target: { value: "solid-js" } });
    expect(screen.getAllByTestId("licence")).toHaveLength(1);
    const part = screen.getByTestId("licence") as HTMLDetailsElement;
    part.open = true;
    fireEvent(part, new Event("toggle"));
    expect(part.querySelector("pre")?.textContent).toContain("MIT License");
    fireEvent.input(search, { target: { value: "nothing like it" } });
    expect(screen.getByTestId("licences-count").textContent).toBe("No part fits “nothing like it”");
  });
});
