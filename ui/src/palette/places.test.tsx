import { fireEvent, screen, waitFor } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import { fakeStart } from "../backend/fake";
import { createActions } from "../shell/actions";
import { narrowWindow } from "../shell/narrow";
import { settingsSections } from "../state/route";
import { key, opened, openKey, options, run, type } from "../test/palette";
import { media } from "../test/setup";
import { openWindow, settle } from "../test/window";
import { settingEntries } from "./settingEntries";

describe("settings", () => {
  test("of every section are found by their names, and the focus goes to their control", async () => {
    const { app } = await opened();
    type(">");
    key("Escape");
    app.go({ page: "home" });
    for (const [typed, section, name] of [
      ["theme mode", "appearance", "Dark"],
      ["reading density", "appearance", "Cozy"],
      ["memory limit", "engine", "Memory limit"],
      ["log format", "logs", "Text"],
      ["small model", "models", "Small model: Same as the default"],
      ["delete old log files", "storage", "Delete: Delete old log files"],
    ] as const) {
      openKey();
      run(typed);
      await waitFor(() => expect((document.activeElement as HTMLElement).getAttribute("aria-label") ?? (document.activeElement as HTMLInputElement).labels?.[0]?.textContent ?? document.activeElement?.textContent).toBe(name));
      expect(app.state.route).toEqual({ page: "settings", section });
    }
  });

  test("that have no control get the focus on their words, and each section opens", async () => {
    const { app } = await opened();
    run("your own configuration");
    await waitFor(() => expect(document.activeElement?.textContent).toBe("Your own configuration"));
    const names = { appearance: "Appearance", models: "Models and keys", folders: "Folders", permissions: "Permissions", engine: "Engine", usage: "Usage", storage: "Storage", pairing: "Pairing", notifications: "Notifications", logs: "Logs", changed: "Changed settings", about: "About Sample" };
    for (const section of settingsSections) {
      openKey();
      type(`settings ${names[section]}`);
      fireEvent.click(options().find((option) => option.dataset["key"] === `section:${section}`) as HTMLElement);
      expect(app.state.route).toEqual({ page: "settings", section });
    }
  });

  test("are all in it: what stands on a page of the settings is found by its words", async () => {
    const start = fakeStart();
    for (const model of start.models) model.variants = ["low", "high"];
    const { app } = await openWindow({ start });
    const entries = settingEntries(app).map(({ label }) => label);
    for (const section of ["appearance", "notifications", "logs", "models", "engine", "storage"] as const) {
      app.openSettings(section);
      if (section === "storage") await screen.findByTestId("logs-delete");
      await settle();
      // Providers and what of one's own configuration is open are things in a list, not settings.
      const shown = [...document.querySelectorAll<HTMLElement>("main .setting .label")].filter((label) => !label.closest("ul")).map((label) => label.textContent ?? "");
      expect(shown.length).toBeGreaterThan(1);
      const named = (label: string) => entries.filter((entry) => entry === label || entry.endsWith(`: ${label}`)).length;
      expect(shown.filter((label) => named(label) !== 1)).toEqual([]);
    }
  });

  test("are left alone when the person goes on before the page has come", async () => {
    const { app } = await opened();
    run("memory limit");
    key("Escape");
    await settle();
    expect(app.state.route.page).not.toBe("settings");
    expect(document.activeElement?.getAttribute("data-testid")).not.toBe("memory-limit");
  });
});

describe("the way to the search", () => {
  const field = () => screen.getByTestId<HTMLInputElement>("thread-search");

  test("Ctrl K goes there, and Escape back to where one was", async () => {
    await openWindow();
    const before = screen.getByTestId("composer-input");
    before.focus();
    key("k", { ctrlKey: true });
    await settle();
    expect(document.activeElement).toBe(field());
    key("Escape");
    expect(document.activeElement).toBe(before);
  });

  test("the sidebar comes where it is hidden, over the page where there is no room, and in the place of the settings’ own", async () => {
    const start = fakeStart();
    start.settings.sidebarHidden = true;
    const { app } = await openWindow({ start });
    key("k", { ctrlKey: true });
    await settle();
    expect(app.state.settings.sidebarHidden).toBe(false);
    expect(document.activeElement).toBe(field());
    app.openSettings();
    key("k", { ctrlKey: true });
    await settle();
    expect(app.state.route.page).toBe("home");
    expect(document.activeElement).toBe(field());
    media.set(narrowWindow, true);
    key("k", { ctrlKey: true });
    await settle();
    expect(document.activeElement).toBe(field());
    key("Escape");
    expect(screen.queryByTestId("thread-search")).toBeNull();
  });

  test("saved searches open from the palette", async () => {
    await opened();
    run("saved searches");
    expect(await screen.findByRole("group", { name: "Found threads" })).toBeTruthy();
  });
});

describe("the list of keys", () => {
  test("opens by F1 and from the palette and the line about the app, with every key that is printed", async () => {
    const { app, user } = await openWindow();
    key("F1");
    const keys = await screen.findByTestId("keys");
    const printed = createActions(app).filter(({ shortcut, id }) => shortcut !== undefined && id !== "stop");
    expect(printed.length).toBeGreaterThan(10);
    for (const { title, shortcut } of printed) expect(keys.textContent).toContain(`${title}${shortcut}`);
    expect(keys.textContent).toContain("Command paletteCtrl Shift P");
    expect(keys.textContent).toContain("Allow onceAlt 1");
    // Those of one place alone, each under a name of its own.
    const lines = [...keys.querySelectorAll("dl > div")].map((line) => [line.querySelector("dt")?.textContent ?? "", ...[...line.querySelectorAll("kbd")].map((pressed) => pressed.textContent)].join(" "));
    for (const place of ["Next file, file before J K", "Next change, change before N P", "Comment on the change C", "In the list of files: into the next commit, out of it Space", "Move it Alt ↑ Alt ↓", "Edit it Enter", "Remove it Delete", "Leave it, for what asks or what is read; then stop the turn Esc", "Choose an answer to a question 1–9"]) expect(lines).toContain(place);
    expect(new Set(lines).size).toBe(lines.length);
    await user.click(screen.getByTestId("keys-done"));
    expect(screen.queryByTestId("keys")).toBeNull();
    key("/", { ctrlKey: true });
    await screen.findByTestId("keys");
    key("Escape");
    app.go({ page: "health" });
    await user.click(screen.getByTestId("open-shortcuts"));
    await screen.findByTestId("keys");
  });
});
