import { screen, waitFor, within } from "@solidjs/testing-library";
import { afterEach, describe, expect, test, vi } from "vitest";
import { fakeUsageOf } from "../backend/fake";
import type { SettingsSection } from "../state/route";
import { byModel, lastDays, totalOf, usageCsv } from "../state/usage";
import { openWindow } from "../test/window";

async function openSettings(section: SettingsSection, prepare: (window: Awaited<ReturnType<typeof openWindow>>) => void = () => undefined) {
  const window = await openWindow();
  prepare(window);
  window.app.openSettings(section);
  return window;
}
const demo = fakeUsageOf("demo/scripted", 0, { scripted: true, answers: 3 });
const day = (at: number) => new Date(2026, 10, at).getTime();
const days = [
  { begins: day(18), models: [fakeUsageOf("p/dear", 2, { answers: 1 }), demo] },
  { begins: day(19), models: [fakeUsageOf("p/dear", 1, { answers: 2 }), fakeUsageOf("p/cheap", 0.25, { answers: 4 })] },
];

afterEach(() => vi.useRealTimers());

describe("storage", () => {
  test("shows each part with its size, the largest first, and the sum of them", async () => {
    await openSettings("storage");
    const part = within(await screen.findByTestId("storage"));
    await part.findByText("In all");
    const lines = part.getAllByRole("term").map((term) => term.firstChild?.textContent);
    expect(lines[0]).toBe("Conversations, in the engine’s home");
    expect(lines.at(-1)).toBe("In all");
    expect(part.getByText(/kept for 30 days, or until all of them take 67.1 MB/)).toBeTruthy();
    expect(screen.getByTestId("index-progress").textContent).toBe("All 120 threads can be searched.");
  });

  test("is kept for as long as one says, within bounds", async () => {
    const { app, backend, user } = await openSettings("storage");
    const field = await screen.findByTestId("kept-answeredDays");
    expect((field as HTMLInputElement).value).toBe("90");
    await user.clear(field);
    await user.type(field, "0");
    await user.tab();
    expect(backend.requests("settingsSave")).toEqual([]);
    expect(within(screen.getByTestId("retention")).getByRole("alert").textContent).toContain("400");
    await user.clear(field);
    await user.type(field, "30");
    await user.tab();
    expect(app.state.settings.answeredDays).toBe(30);
    for (const name of ["usageDays", "logDays", "journalDays"]) expect(screen.getByTestId(`kept-${name}`)).toBeTruthy();
  });

  test("puts all settings back, and what they were comes back with Undo", async () => {
    const { app, user } = await openSettings("storage", ({ app: opened }) => void opened.saveSettings({ zoom: 150, logDays: 30 }));
    const changed = structuredClone({ ...app.state.settings });
    await user.click(await screen.findByTestId("settings-reset"));
    expect([app.state.settings.zoom, app.state.settings.logDays, app.state.settings.theme]).toEqual([100, 7, "system"]);
    expect(screen.getByTestId("settings-reset").getAttribute("aria-disabled")).toBe("true");
    expect(document.activeElement).toBe(screen.getByTestId("settings-reset"));
    await user.click(screen.getByTestId("toast-action"));
    expect([app.state.settings.zoom, app.state.settings.logDays, app.state.settings.theme]).toEqual([150, 30, changed.theme]);
  });

  test("says what goes and what stays before everything is deleted, and that it was not agreed to", async () => {
    const { backend, user } = await openSettings("storage", ({ backend: core }) => core.fail("everythingRemove", { code: "consentNeeded", message: "The app ends now." }));
    const button = await screen.findByTestId("remove-everything");
    const means = document.getElementById(button.getAttribute("aria-describedby") ?? "");
    expect(means?.textContent).toContain("What goes: settings");
    expect(means?.textContent).toContain("What stays: your folders");
    await user.click(button);
    expect(backend.requests("everythingRemove")).toEqual([{ keys: true }]);
    expect((await within(screen.getByTestId("begin-anew")).findByRole("alert")).textContent).not.toBe("");
    await user.click(screen.getByTestId("remove-keys"));
    expect(screen.getByText(/Keys stay in the keychain/)).toBeTruthy();
    await user.click(button);
    expect(backend.requests("everythingRemove")[1]).toEqual({ keys: false });
  });

  test("says why it cannot be read, and is read again", async () => {
    const { backend, user } = await openSettings("storage", ({ backend: core }) => core.fail("storageReport", { code: "internal", message: "The disk is gone." }));
    expect((await screen.findByRole("alert")).textContent).toContain("The disk is gone.");
    backend.answer("storageReport", async () => structuredClone(backend.known.storage));
    await user.click(screen.getByTestId("storage-refresh"));
    expect(await screen.findByText("In all")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("rebuilds the index once one agreed, and shows how far it is until it is done", async () => {
    const { backend, user } = await openSettings("storage");
    await user.click(await screen.findByTestId("index-rebuild"));
    expect(backend.requests("indexRebuild")).toEqual([]);
    vi.useFakeTimers({ shouldAdvanceTime: true });
    screen.getByTestId("index-rebuild-confirm").click();
    const line = () => screen.getByTestId("index-progress").textContent;
    await waitFor(() => expect(line()).toContain("Indexing 0 of 120 threads"));
    backend.known.progress = { threads: 120, unread: 20, read: 100, state: "givesWay" };
    await vi.advanceTimersByTimeAsync(2_100);
    expect(line()).toContain("Indexing 100 of 120 threads");
    expect(line()).toContain("waits while a turn runs");
    backend.known.progress = { threads: 120, unread: 0, read: 120, state: "done" };
    await vi.advanceTimersByTimeAsync(2_100);
    const asked = backend.requests("indexProgress").length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(backend.requests("indexProgress").length).toBe(asked);
  });

  test("deletes old logs at once, and damaged databases once one agreed", async () => {
    const { backend, user } = await openSettings("storage", ({ backend: core }) => {
      core.known.storage = { ...core.known.storage, setAside: 9_000_000, setAsideCount: 2 };
    });
    await user.click(await screen.findByTestId("logs-delete"));
    expect(await screen.findByText("2.1 MB are free now.")).toBeTruthy();
    expect(screen.getByTestId("logs-delete").getAttribute("aria-disabled")).toBe("true");
    expect(document.activeElement).toBe(screen.getByTestId("logs-delete"));
    await user.click(screen.getByTestId("set-aside-delete"));
    expect(backend.requests("setAsideDelete")).toEqual([]);
    await user.click(screen.getByTestId("set-aside-delete-confirm"));
    expect(await screen.findByText("9.0 MB are free now.")).toBeTruthy();
    expect(screen.getByText("No database was ever damaged.")).toBeTruthy();
  });

  test("shows what attached files and earlier files take, and deletes those that nothing needs", async () => {
    const { backend, user } = await openSettings("storage");
    expect((await screen.findByText("Files attached to drafts and waiting prompts")).closest(".fact")?.textContent).toContain("5.0 MB");
    expect(screen.getByText("Files as they were before something was put back").closest(".fact")?.textContent).toContain("3.0 MB");
    await user.click(screen.getByTestId("attachments-delete"));
    expect(await screen.findByText("1.2 MB are free now.")).toBeTruthy();
    expect(screen.getByText("Every file that is kept belongs to a draft or to a prompt that waits.")).toBeTruthy();
    expect(screen.getByTestId("attachments-delete").getAttribute("aria-disabled")).toBe("true");
    await user.click(screen.getByTestId("reverts-delete"));
    expect(await screen.findByText(/^700.* are free now\.$/)).toBeTruthy();
    expect(screen.getByText("Everything that was put back can still be undone.")).toBeTruthy();
    expect(backend.requests("revertsDeleteNeedless")).toHaveLength(1);
  });

  test("each action says its own failure", async () => {
    const { user } = await openSettings("storage", ({ backend }) => backend.fail("logsDeleteOld", { code: "notSaved", message: "It may not be deleted." }));
    await user.click(await screen.findByTestId("logs-delete"));
    expect((await screen.findByRole("alert")).textContent).toBe("It may not be deleted.");
  });

  test("the health page says how far the index is", async () => {
    const { app, backend, user } = await openWindow();
    backend.known.progress = { threads: 5_000, unread: 4_880, read: 120, state: "reading" };
    app.go({ page: "health" });
    const line = await screen.findByTestId("health-index");
    await waitFor(() => expect(line.textContent).toContain("Indexing 120 of 5,000 threads"));
    await user.click(within(line).getByRole("button"));
    expect(app.state.route).toEqual({ page: "settings", section: "storage" });
  });
});

describe("usage", () => {
  test("asks for the days of the clock on the wall", async () => {
    const { backend, user } = await openSettings("usage");
    await screen.findByTestId("usage-empty");
    const asked = () => (backend.requests("usageReport").at(-1) as { days: number[] }).days;
    expect(asked()).toEqual(lastDays(30, Date.now()));
    await user.click(screen.getByRole("radio", { name: "400 days" }));
    await waitFor(() => expect(asked()).toHaveLength(400));
    expect(new Date(asked()[0] as number).getHours()).toBe(0);
    expect(screen.getByText(/What your agents’ answers take appears here/)).toBeTruthy();
  });

  test("shows sums by model and by day, and the demo apart and in no sum", async () => {
    await openSettings("usage", ({ backend }) => (backend.known.usageDays = days));
    const models = within(await screen.findByTestId("usage-models"));
    const cells = (row: HTMLElement) => [...row.querySelectorAll("th, td")].map((cell) => cell.textContent);
    expect(models.getAllByRole("row").slice(1).map(cells)).toEqual([
      ["p/dear", "3", "552k", "420k", "18.2k", "$3.00"],
      ["p/cheap", "4", "276k", "210k", "9.1k", "$0.25"],
      ["Total", "7", "828k", "630k", "27.3k", "$3.25"],
    ]);
    const byDay = within(screen.getByTestId("usage-days")).getAllByRole("row").slice(1).map(cells);
    expect(byDay.map((line) => [line[0], line[1], line[5]])).toEqual([
      ["19 Nov 2026", "6", "$1.25"],
      ["18 Nov 2026", "1", "$2.00"],
    ]);
    const apart = screen.getByTestId("usage-demo");
    expect(apart.textContent).toContain("it is in no total");
    expect(within(apart).getAllByRole("row").slice(1).map(cells)[0]?.slice(1, 2)).toEqual(["3"]);
  });

  test("shows all days and the newest again, and says which", async () => {
    const many = Array.from({ length: 70 }, (_, back) => ({ begins: new Date(2026, 10, 19 - back).getTime(), models: [fakeUsageOf("p/dear", 1)] })).toReversed();
    const { user } = await openSettings("usage", ({ backend }) => (backend.known.usageDays = many));
    const button = await screen.findByTestId("usage-all-days");
    const lines = () => within(screen.getByTestId("usage-days")).getAllByRole("row").length - 1;
    expect([button.textContent, button.getAttribute("aria-expanded"), lines()]).toEqual(["Show all 70 days", "false", 60]);
    await user.click(button);
    expect([button.textContent, button.getAttribute("aria-expanded"), lines()]).toEqual(["Show the newest 60 days", "true", 70]);
    expect(document.activeElement).toBe(button);
    await user.click(button);
    expect(lines()).toBe(60);
  });

  test("adds up again what answers took since it was opened", async () => {
    const { backend } = await openSettings("usage", (window) => (window.backend.known.usageDays = days));
    await screen.findByTestId("usage-models");
    const asked = () => backend.requests("usageReport").length;
    const before = asked();
    const row = backend.world.sessions[0];
    if (!row) throw new Error("the fake world has threads");
    vi.useFakeTimers({ shouldAdvanceTime: true });
    backend.known.usageDays = [...days, { begins: day(20), models: [fakeUsageOf("p/dear", 5)] }];
    backend.push({ sessions: [{ ...row, cost: row.cost + 1 }] });
    backend.push({ sessions: [{ ...row, cost: row.cost + 5 }] });
    expect(screen.getByTestId("usage-refresh").hasAttribute("disabled")).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked()).toBe(before + 1);
    expect(screen.getByTestId("usage-total").textContent).toContain("$8.25");
  });

  test("says what is still to be read, and why nothing can be read", async () => {
    const { backend, user } = await openSettings("usage", (window) => {
      window.backend.known.progress = { threads: 9, unread: 2, read: 0, state: "reading" };
    });
    expect(await screen.findByText(/2 threads are still being read/)).toBeTruthy();
    backend.fail("usageReport", { code: "internal", message: "The disk is gone." });
    await user.click(screen.getByTestId("usage-refresh"));
    expect((await screen.findByRole("alert")).textContent).toContain("The disk is gone.");
  });

  test("is copied as a table for a spreadsheet", async () => {
    const { user } = await openSettings("usage", ({ backend }) => (backend.known.usageDays = days));
    await user.click(await screen.findByTestId("usage-copy"));
    const copied = await navigator.clipboard.readText();
    expect(copied.split("\r\n")).toEqual([
      "day,model,demo,answers,input_tokens,output_tokens,reasoning_tokens,cache_read_tokens,cache_write_tokens,cost_usd",
      "2026-11-18,p/dear,no,1,48000,9100,1200,210000,18000,2",
      "2026-11-18,demo/scripted,yes,3,48000,9100,1200,210000,18000,0",
      "2026-11-19,p/dear,no,2,48000,9100,1200,210000,18000,1",
      "2026-11-19,p/cheap,no,4,48000,9100,1200,210000,18000,0.25",
    ]);
    expect(await screen.findByText("Copied")).toBeTruthy();
  });

  test("no name of a model is a formula or another column", () => {
    const odd = [{ begins: day(1), models: [fakeUsageOf('=HYPERLINK("x"),y', 0), fakeUsageOf("-2+3", 0), fakeUsageOf(null, 0)] }];
    const names = usageCsv(odd).split("\r\n").slice(1);
    expect(names.map((line) => line.slice("2026-11-01,".length).replace(/,no,.*/, ""))).toEqual([`"'=HYPERLINK(""x""),y"`, "'-2+3", ""]);
  });

  test("sums leave the demo out and keep unknown models together", () => {
    expect(totalOf([fakeUsageOf(null, 1), demo]).cost).toBe(1);
    expect(byModel([...days, ...days]).map((each) => [each.model, each.cost, each.answers])).toEqual([
      ["p/dear", 6, 6],
      ["p/cheap", 0.5, 8],
      ["demo/scripted", 0, 6],
    ]);
  });

  test("a thread’s own is behind its cost", async () => {
    const { app, backend, user } = await openWindow();
    const thread = backend.world.sessions[0]?.id as string;
    backend.known.sessionUsage = [fakeUsageOf("p/dear", 2), demo];
    app.openSession(thread);
    await user.click(await screen.findByTestId("status-cost"));
    const shown = within(await screen.findByTestId("thread-usage"));
    expect(backend.requests("sessionUsage")).toEqual([{ session: thread }]);
    expect((await shown.findAllByRole("row")).map((line) => line.querySelector("th")?.textContent)).toEqual(["Model", "p/dear", expect.stringContaining("Demo"), "Total"]);
    await user.click(screen.getByRole("button", { name: "All threads" }));
    expect(app.state.route).toEqual({ page: "settings", section: "usage" });
  });
});
