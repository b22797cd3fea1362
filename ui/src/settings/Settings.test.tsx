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
    expect(rules()[0]?.textContent).toContain("Agent build · Whole folder · Used 12 times, last ");
    expect(within(rules()[0] as HTMLElement).getByTestId("allowance-origin").textContent).toMatch(/^Allowed by you .+ · Given for npm run test · In “Fix flaky retry tests”$/);
    expect(rules()[1]?.textContent).toContain("Agent build · Only in its thread · Not used yet");
    expect(rules()[1]?.textContent).toContain("Worded by you");
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

  test("are brought back by the toast that says that one was taken back", async () => {
    const { backend, user } = await openRules();
    await user.click(screen.getByRole("button", first));
    await settle();
    expect(screen.getByText("Revoked: bash npm run *")).toBeTruthy();
    await user.click(screen.getByTestId("toast-action"));
    await settle();
    expect(backend.requests("allowanceRestore")).toEqual([{ allowance: 1 }]);
    expect(rules()).toHaveLength(3);
    expect(document.activeElement).toBe(revoke(0));
  });

  test("say when one could not be brought back", async () => {
    const { backend, user } = await openRules();
    backend.fail("allowanceRestore", { code: "notFound", message: "The rule is gone." });
    await user.click(screen.getByRole("button", first));
    await settle();
    await user.click(screen.getByTestId("toast-action"));
    await settle();
    expect(screen.getByText("Not brought back. The rule is gone.")).toBeTruthy();
    expect(rules()).toHaveLength(2);
  });

  test("are filtered by words of any of what they say, and how many are left is told", async () => {
    const { user } = await openRules();
    const field = screen.getByTestId("rules-filter");
    await user.type(field, "QUEUE src");
    expect(rules().map((rule) => rule.dataset["rule"])).toEqual(["2"]);
    expect(screen.getByTestId("rules-found").textContent).toBe("One rule");
    await user.clear(field);
    await user.type(field, "nothing has this");
    expect(rules()).toHaveLength(0);
    expect(screen.getByTestId("rules-found").textContent).toBe("No rule has these words.");
    expect(main().queryByText("No rule yet")).toBeNull();
  });

  test("are filtered by kind, and a kind whose last rule went filters no more", async () => {
    const { user } = await openRules();
    const kinds = screen.getAllByTestId(/^rules-kind-/).map((each) => each.textContent);
    expect(kinds).toEqual(["All3", "Commands1", "Changes1", "Pages1"]);
    await user.click(screen.getByTestId("rules-kind-edit"));
    expect(rules().map((rule) => rule.dataset["permission"])).toEqual(["edit"]);
    expect(screen.getByTestId("rules-found").textContent).toBe("One rule");
    await user.click(revoke(0));
    await settle();
    expect(rules().map((rule) => rule.dataset["permission"])).toEqual(["bash", "webfetch"]);
    expect(screen.getByTestId("rules-kind-all").getAttribute("aria-pressed")).toBe("true");
  });

  test("are drawn page by page, and the filter stays while it filters", async () => {
    const { app, backend, user } = await openRules();
    const [rule] = await backend.commands.allowanceList();
    if (!rule) throw new Error("there is no rule");
    backend.answer("allowanceList", async () => Array.from({ length: 120 }, (_, index) => ({ ...rule, id: index + 1, pattern: `tool-${index + 1} *` })));
    app.openSettings("models");
    await settle();
    app.openSettings("permissions");
    await settle();
    expect(rules()).toHaveLength(50);
    expect(screen.getByTestId("rules-more").textContent).toBe("70 more rules");
    await user.click(screen.getByTestId("rules-more"));
    await settle();
    expect(rules()).toHaveLength(100);
    expect(document.activeElement).toBe(revoke(50));
    backend.answer("allowanceList", async () => [rule, { ...rule, id: 2, pattern: "other *" }]);
    app.openSettings("models");
    await settle();
    app.openSettings("permissions");
    await settle();
    await user.type(screen.getByTestId("rules-filter"), "other");
    await user.click(revoke(0));
    await settle();
    expect(rules()).toHaveLength(0);
    expect(screen.getByTestId<HTMLInputElement>("rules-filter").value).toBe("other");
  });

  test("lead to the thread they were given in", async () => {
    const { app, user } = await openRules();
    await user.click(screen.getAllByTestId("allowance-thread")[0] as HTMLElement);
    expect(app.state.route).toEqual({ page: "session", session: "flaky-retry" });
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
    ["request-cap", "requestCap", "Requests per run", 10, 1_000_000],
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

  test("what the log holds and how it is written are chosen, and say when they take hold", async () => {
    const { backend, user } = await openSettings("logs");
    expect(main().getByText("Also what happens.")).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: "Everything" }));
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ logLevel: "debug" });
    expect(main().getByText(/Grows fast/)).toBeTruthy();
    expect(main().getByText("Takes hold at the next start of the app.")).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: "JSON" }));
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ logLevel: "debug", logFormat: "json" });
  });

  test("the person's own configuration is listed with what was found and what it opens", async () => {
    await openEngine();
    expect(screen.getAllByTestId("bridge").map((row) => [row.dataset["bridge"], row.dataset["allowed"]])).toEqual([
      ["sshAgent", "true"],
      ["sshKeys", "false"],
      ["gpg", "false"],
      ["cloud", "false"],
      ["developer", "false"],
      ["docker", "false"],
    ]);
    expect(bridge("docker").textContent).toContain("No box holds a command that speaks to docker");
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
    expect(main().getByText("What you change here applies at the next start of the engine.")).toBeTruthy();
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
    expect(screen.getByTestId("next-start").dataset["waits"]).toBe("true");
    expect(main().getByText("Changed, and not yet in force.")).toBeTruthy();
    expect(screen.getByTestId("safety-restart")).toBeTruthy();
    await user.click(screen.getByTestId("engine-restart"));
    expect(backend.requests("engineStart")).toHaveLength(1);
    expect(home().dataset["home"]).toBe("machine");
    expect(screen.getByTestId("next-start").dataset["waits"]).toBe("false");
    expect(screen.queryByTestId("safety-restart")).toBeNull();
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
