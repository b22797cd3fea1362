import { fireEvent, screen, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import { fakeFirstStart, fakeOpenedBox, fakeStart, fakeUnsafety } from "../backend/fake";
import type { SettingsSection } from "../state/route";
import type { Folder, Safety } from "../backend";
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

describe("what commands of a folder may reach", () => {
  const failed = { ...fakeUnsafety, home: "private" as const, notSaving: null };
  const openReach = async (change: (folder: Folder) => void = () => undefined, safety: Safety = fakeStart().safety) => {
    const start = { ...fakeStart(), safety: structuredClone(safety) };
    for (const folder of start.folders) if (folder.id === "atlas") change(folder);
    const opened = await openSettings("folders", { start });
    await opened.user.click(screen.getByRole("button", { name: "What commands may reach in atlas-api" }));
    const box = () => opened.backend.world.folders.find(({ id }) => id === "atlas")?.box;
    return { ...opened, box, dialog: within(screen.getByRole("dialog")) };
  };
  const opened = (folder: Folder) => (folder.box = structuredClone(fakeOpenedBox));
  const radio = (mode: string) => screen.getByTestId(`network-${mode}`);
  const hosts = () => screen.queryAllByTestId("reach-host").map((row) => row.querySelector("code")?.textContent);
  const said = () => screen.queryByTestId("reach-said");

  test("stands in a line of each folder", async () => {
    const start = fakeStart();
    const [atlas, site] = start.folders;
    if (atlas) atlas.box = structuredClone(fakeOpenedBox);
    if (site) site.unboxedAllowed = true;
    await openSettings("folders", { start });
    expect(screen.getAllByTestId("folder-reach").map((line) => line.textContent)).toEqual(["Package registries · 2 named hosts · 2 other folders", "No network", "No network"]);
    expect(main().getByText("Commands run here without a box: they reach what you reach.")).toBeTruthy();
  });

  test("is chosen by press, and arrows only move", async () => {
    const { backend, user, dialog } = await openReach();
    expect(dialog.getByRole("radio", { checked: true })).toBe(radio("off"));
    expect(radio("open").getAttribute("aria-label")).toContain("What commands read can be sent anywhere.");
    radio("off").focus();
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(radio("listed"));
    expect(backend.requests("folderBoxSet")).toEqual([]);
    await user.keyboard("{Enter}");
    expect(backend.requests("folderBoxSet")).toEqual([{ folder: "atlas", box: { network: "listed", hosts: [], granted: [], limits: {} } }]);
    expect(radio("listed").getAttribute("aria-checked")).toBe("true");
    expect(dialog.getByText("No host is named yet.")).toBeTruthy();
  });

  test("limits are shown as they are, set in the units people count in, and reset", async () => {
    const { backend, user, box } = await openReach((folder) => (folder.box.limits = { memory: 48 * 1024 ** 3 }));
    const field = (name: string) => screen.getByTestId<HTMLInputElement>(`limit-${name}`);
    const all = ["memory", "processes", "openFiles", "fileSize", "processor", "backgroundProcessor"];
    expect(all.map((name) => field(name).value)).toEqual(["48", "4096", "16384", "16", "4", "1"]);
    expect(screen.getByText("Usually 12, from 1 to 1,024.")).toBeTruthy();
    fireEvent.change(field("processor"), { target: { value: "9" } });
    await settle();
    expect(box()?.limits).toEqual({ memory: 48 * 1024 ** 3, processor: 9 * 3600 });
    fireEvent.change(field("processes"), { target: { value: "3" } });
    await settle();
    expect(field("processes").getAttribute("aria-invalid")).toBe("true");
    expect(backend.requests("folderBoxSet")).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Reset: Memory of a command and all it starts" }));
    expect(box()?.limits).toEqual({ processor: 9 * 3600 });
    expect([field("memory").value, screen.queryByTestId("limit-reset-memory")]).toEqual(["12", null]);
    // What is usual is not kept, so that it follows what is usual.
    fireEvent.change(field("processor"), { target: { value: "4" } });
    await settle();
    expect(box()?.limits).toEqual({});
  });

  test("a limit that could not be saved stands again as it was, and says why", async () => {
    const { backend } = await openReach();
    backend.fail("folderBoxSet", { code: "notSaved", message: "The disk is full." });
    const field = screen.getByTestId<HTMLInputElement>("limit-openFiles");
    fireEvent.change(field, { target: { value: "20000" } });
    await settle();
    expect([field.value, said()?.textContent, said()?.getAttribute("role")]).toEqual(["16384", "The disk is full.", "alert"]);
  });

  test("waits for what is asked in the system's dialog, and stays as it was when that is declined", async () => {
    const { backend, user } = await openReach();
    let decline: (error: unknown) => void = () => undefined;
    backend.answer("folderBoxSet", () => new Promise((_done, failed_) => (decline = failed_)));
    await user.click(radio("open"));
    expect(radio("off").getAttribute("aria-checked")).toBe("true");
    expect(screen.getByTestId("reach-busy").textContent).toContain("asked in a dialog of your system");
    await user.click(radio("listed"));
    expect(backend.requests("folderBoxSet")).toHaveLength(1);
    decline({ code: "consentNeeded", message: "Commands can then connect everywhere." });
    await settle();
    expect(screen.queryByTestId("reach-busy")).toBeNull();
    expect([said()?.textContent, said()?.getAttribute("role")]).toEqual(["You did not allow it. Nothing changed.", "status"]);
    backend.fail("folderBoxSet", { code: "notSaved", message: "The disk is full." });
    await user.click(radio("listed"));
    expect([said()?.textContent, said()?.getAttribute("role")]).toEqual(["The disk is full.", "alert"]);
  });

  test.each(["org", "127.0.0.1", "[::1]", "http://x.org", "x.org:80", "a..b", "*.x.org", "-a.org", "API.example.org"])("does not take the host %s", async (host) => {
    const { backend, user } = await openReach(opened);
    await user.type(screen.getByTestId("reach-host-input"), `${host.replaceAll("[", "[[")}{Enter}`);
    expect(backend.requests("folderBoxSet")).toEqual([]);
    expect(said()?.textContent).toContain(host === "API.example.org" ? "is on the list already" : "is no host");
    expect(screen.getByTestId("reach-host-input").getAttribute("aria-invalid")).toBe("true");
    await user.type(screen.getByTestId("reach-host-input"), "x");
    expect(said()).toBeNull();
  });

  test("gains and loses hosts, and the focus stays near", async () => {
    const { user, box } = await openReach(opened);
    const field = screen.getByTestId<HTMLInputElement>("reach-host-input");
    await user.type(field, " .Docs.Example.org {Enter}");
    expect(box()?.hosts).toEqual(["api.example.org", ".internal-tools.example.com", ".docs.example.org"]);
    expect(hosts()).toEqual(box()?.hosts);
    expect([field.value, document.activeElement]).toEqual(["", field]);
    await user.click(screen.getByRole("button", { name: "Remove api.example.org" }));
    expect(hosts()).toEqual([".internal-tools.example.com", ".docs.example.org"]);
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Remove .internal-tools.example.com");
    expect(box()?.granted).toHaveLength(2);
  });

  test("gains, changes and loses other folders", async () => {
    const { backend, user, box, dialog } = await openReach();
    expect(dialog.getByText("Commands see no folder but this one.")).toBeTruthy();
    await user.click(screen.getByTestId("reach-grant-read"));
    expect(backend.requests("folderBoxGrant")).toEqual([{ folder: "atlas", writable: false }]);
    expect(screen.getByTestId("reach-grant").dataset["writable"]).toBe("false");
    await user.click(dialog.getByRole("radio", { name: "Read and change" }));
    expect(box()?.granted).toEqual([{ path: "/home/ada/work/shared-fixtures", writable: true }]);
    await user.click(screen.getByRole("button", { name: "Remove /home/ada/work/shared-fixtures" }));
    expect(box()?.granted).toEqual([]);
    expect(document.activeElement).toBe(screen.getByTestId("reach-grant-read"));
    backend.known.picked = null;
    await user.click(screen.getByTestId("reach-grant-change"));
    expect(backend.requests("folderBoxGrant").at(-1)).toEqual({ folder: "atlas", writable: true });
    expect(said()).toBeNull();
  });

  test("tells whether its box holds, and tries it again", async () => {
    const { backend, user } = await openReach(undefined, { ...fakeStart().safety, folders: [{ folder: "atlas", label: "atlas-api", proof: { kind: "failed", reason: "It could read your keys." } }] });
    const state = () => screen.getByTestId("reach-box");
    expect(state().textContent).toContain("There is none. Commands are not run here.It could read your keys.");
    await user.click(screen.getByTestId("reach-prove"));
    expect(backend.requests("folderBoxProve")).toEqual([{ folder: "atlas" }]);
    expect([state().dataset["state"], screen.queryByTestId("reach-prove")]).toEqual(["proven", null]);
    backend.push({ safety: { ...fakeStart().safety, folders: [{ folder: "atlas", label: "atlas-api", proof: { kind: "proving" } }] } });
    expect(state().textContent).toContain("It is being tried.");
  });

  test("is everything where no box can be had and none is asked for, with a warning before", async () => {
    const { backend, user, dialog } = await openReach(undefined, failed);
    const unbox = () => screen.getByTestId("folder-unbox");
    expect(dialog.getByText(/they could read and change everything you can/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Allow commands without a box in atlas-api" }));
    expect(backend.requests("folderUnbox")).toEqual([{ folder: "atlas", allowed: true }]);
    expect(unbox().dataset["allowed"]).toBe("true");
    await user.click(screen.getByRole("button", { name: "No longer allow commands without a box in atlas-api" }));
    expect(backend.requests("folderUnbox").at(-1)).toEqual({ folder: "atlas", allowed: false });
    backend.fail("folderUnbox", { code: "consentNeeded", message: "All of yours." });
    await user.click(unbox());
    expect(said()?.textContent).toBe("You did not allow it. Nothing changed.");
    expect(unbox().dataset["allowed"]).toBe("false");
  });

  test("offers no way without a box where there is one", async () => {
    await openReach();
    expect(screen.queryByTestId("folder-unbox")).toBeNull();
  });

  test("closes by Escape and gives the focus back", async () => {
    const { app, user } = await openReach();
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("reach")).toBeNull();
    expect(app.state.route.page).toBe("settings");
  });

  test("goes with its folder when that is forgotten meanwhile", async () => {
    const { backend } = await openReach();
    backend.push({ folders: [] });
    // Its line goes, and the dialog with it.
    expect(screen.queryByTestId("reach")).toBeNull();
  });
});
