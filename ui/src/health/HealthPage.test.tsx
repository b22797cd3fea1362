import { fireEvent, screen, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
import type { EngineState, NoticeKind, Safety } from "../backend";
import { fakeEngines, fakeFirstStart, fakeNow, fakeReport, fakeResting, fakeSafety, fakeStart, fakeStopped, fakeUnsafety } from "../backend/fake";
import { openPart, settle } from "../test/window";
import { HealthPage } from "./HealthPage";

const health = (options = {}) => openPart(() => <HealthPage />, options);
const engine = () => screen.getByTestId("engine-health");

describe("health", () => {
  test("says that everything works, with versions, and the newest news first", async () => {
    const start = fakeStart();
    start.notices.push({ kind: "engineEnded", detail: "exit status 2", at: start.notices[0]?.at ?? 0 });
    await health({ start });
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Everything works");
    expect(engine().textContent).toContain("Version 1.18.33, ready");
    expect(screen.getByText("Sample 0.1.0")).toBeTruthy();
    const news = within(screen.getByText("News").parentElement as HTMLElement).getAllByRole("listitem").map((item) => item.textContent);
    expect(news[0]).toContain("The engine ended");
    expect(news[0]).toContain("exit status 2");
    expect(news[1]).toContain("was resumed");
  });

  test("shows an engine that is on its way with its step and a clock", async () => {
    const start = fakeStart();
    start.engine = { kind: "starting", step: "connecting", since: Date.now() - 65_000 };
    await health({ start });
    expect(engine().textContent).toContain("Connecting 1:05");
    expect(screen.queryByTestId("engine-restart")).toBeNull();
  });

  test("shows why the engine stopped, what it printed, and the one action that mends it", async () => {
    const start = fakeStart();
    start.engine = { kind: "broken", code: "exited", message: "The engine ended as soon as it started.", probeAt: null, log: ["panic: address in use"] };
    const { backend } = await health({ start });
    backend.answer("engineLog", async () => []);
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("1 thing needs you");
    expect(engine().textContent).toContain("The engine ended as soon as it started.");
    fireEvent.click(screen.getByRole("button", { name: "Read again" }));
    await settle();
    expect(screen.getByTestId("engine-log").textContent).toBe("panic: address in use");
    fireEvent.click(screen.getByTestId("engine-restart"));
    expect(backend.requests("engineStart")).toHaveLength(1);
    expect(engine().dataset["state"]).toBe("starting");
  });

  test("says why a restart was refused", async () => {
    const { backend } = await health();
    backend.fail("engineStart", { code: "internal", message: "Another window holds the engine." });
    fireEvent.click(screen.getByTestId("engine-restart"));
    await settle();
    expect(within(engine()).getByText("Another window holds the engine.")).toBeTruthy();
  });

  test("shows the log as text, and copies it", async () => {
    const { backend, container } = await health();
    const copied = vi.spyOn(navigator.clipboard, "writeText");
    backend.answer("engineLog", async () => ["<b>one</b>", "two"]);
    fireEvent.click(screen.getByRole("button", { name: "Read again" }));
    await settle();
    expect(container.querySelector("b")).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: "Copy" }));
    await settle();
    expect(copied).toHaveBeenCalledWith("<b>one</b>\ntwo");
    expect(screen.getByRole("button", { name: "Copied" })).toBeTruthy();
  });

  test("says when the clipboard refuses", async () => {
    const { app } = await health();
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("denied"));
    await settle();
    fireEvent.click(screen.getByRole("button", { name: "Copy" }));
    await settle();
    expect(app.toasts.list.map((toast) => toast.text)).toEqual(["The clipboard refused. Mark the lines and copy them with the keyboard."]);
  });

  test("tells a log that cannot be read, and an empty one", async () => {
    const { backend } = await health({ start: fakeFirstStart() });
    backend.fail("engineLog", { code: "engineNotReady", message: "There is no engine to ask." });
    backend.push({ engine: { kind: "stopping" } });
    await settle();
    expect(screen.getByRole("alert").textContent).toBe("There is no engine to ask.");
    backend.answer("engineLog", async () => []);
    fireEvent.click(screen.getByRole("button", { name: "Read again" }));
    await settle();
    expect(screen.getByText("It printed nothing.")).toBeTruthy();
    expect(screen.getByText("Nothing happened that you should know.")).toBeTruthy();
    expect(screen.getByText("Only the scripted demo")).toBeTruthy();
  });
});

describe("the engine's line", () => {
  const open = (state: EngineState) => health({ start: { ...fakeStart(), engine: state } });
  const heading = () => screen.getByRole("heading", { level: 1 }).textContent;

  test("of one that is missing says so and offers to start it", async () => {
    await open(fakeEngines.absent);
    expect(heading()).toBe("1 thing needs you");
    expect(engine().textContent).toContain("The engine is missing. Install the app again.");
    expect(screen.getByTestId("engine-restart").textContent).toBe("Restart the engine");
  });

  test("of one that restarts by itself counts outside of what is read out", async () => {
    const { backend } = await open({ ...fakeEngines.backingOff, until: Date.now() + 5000 });
    expect(heading()).toBe("The engine restarts by itself");
    expect(engine().textContent).toContain("It restarts in 5 s, attempt 2.");
    expect(within(engine()).getByRole("status").textContent).toBe("The engine ended with status 2. Your threads are kept.");
    fireEvent.click(screen.getByRole("button", { name: "Restart now" }));
    expect(backend.requests("engineStart")).toHaveLength(1);
  });

  test("of one in trouble says what is wrong", async () => {
    await open(fakeEngines.degraded);
    expect(heading()).toBe("The engine runs, with trouble");
    expect(engine().textContent).toContain("No news came from the engine for 45 s.");
    expect(screen.getByTestId("engine-restart").textContent).toBe("Restart");
  });

  test("of one with too much memory offers a restart when nothing runs", async () => {
    const { backend } = await open(fakeEngines.memoryHigh);
    expect(heading()).toBe("The engine runs, with trouble");
    expect(engine().textContent).toContain("Threads still run.");
    expect(screen.queryByTestId("engine-restart")).toBeNull();
    backend.push({ sessions: fakeResting() });
    expect(heading()).toBe("1 thing needs you");
    expect(screen.getByTestId("engine-restart").textContent).toBe("Restart the engine");
  });

  test.each([
    [fakeEngines.stopping, "Stopping"],
    [fakeEngines.stopped, "Ended"],
  ] as const)("of one that is ending has no button: %o", async (state, words) => {
    await open(state);
    expect(heading()).toBe("The engine is ending");
    expect(engine().textContent).toContain(words);
    expect(screen.queryByTestId("engine-restart")).toBeNull();
  });
});

describe("protection", () => {
  const line = (part: string) => screen.getByTestId(`health-${part}`);

  test("says what holds", async () => {
    await health();
    expect([line("box"), line("home"), line("saving")].map((row) => row.dataset["state"])).toEqual(["boxed", "private", "on"]);
    // What holds is grey, so that exceptions stand out.
    expect(document.querySelectorAll(".is-success, .is-danger, .is-warn")).toHaveLength(0);
    expect(screen.queryByTestId("health-pending")).toBeNull();
    expect(screen.queryByTestId("health-restart-needed")).toBeNull();
  });

  test("says that changes wait for the next start, and makes it", async () => {
    const { backend } = await health({ start: { ...fakeStart(), safety: { ...fakeStart().safety, restartNeeded: true } } });
    const row = within(screen.getByTestId("health-restart-needed"));
    expect(row.getByText(/They apply at the next start of the engine/).textContent).toContain("A restart interrupts the threads that run.");
    fireEvent.click(row.getByRole("button", { name: "Restart" }));
    await settle();
    expect(backend.requests("engineStart")).toHaveLength(1);
    expect(screen.queryByTestId("health-restart-needed")).toBeNull();
  });

  test("says what does not, why, and leads to what mends it", async () => {
    const { app } = await health({ start: { ...fakeStart(), safety: structuredClone(fakeUnsafety) } });
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("1 thing needs you");
    expect(line("box").textContent).toContain("Install the package bubblewrap");
    expect(line("home").textContent).toContain("What is promised about keys does not hold there.");
    expect(line("saving").textContent).toContain("The disk is full.");
    expect(line("saving").querySelector(".is-danger")).not.toBeNull();
    expect(line("pending").textContent).toContain("Wait until nothing runs in atlas-api, launch-site.");
    fireEvent.click(within(line("box")).getByRole("button", { name: "Open folders" }));
    expect(app.state.route).toEqual({ page: "settings", section: "folders" });
    app.go({ page: "health" });
    fireEvent.click(within(line("home")).getByRole("button", { name: "Open engine settings" }));
    expect(app.state.route).toEqual({ page: "settings", section: "engine" });
  });

  test("does not say that everything works while something is not as promised", async () => {
    const { backend } = await health({ start: { ...fakeStart(), safety: { ...fakeSafety, home: "machine" } } });
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("The engine works, not all is as promised");
    backend.push({ safety: { ...fakeSafety, boxed: { kind: "unknown" }, tools: { kind: "unknown" } } });
    expect(line("box").textContent).toContain("Known once the engine has started.");
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Everything works");
  });
});

describe("the command sandbox", () => {
  const line = () => screen.getByTestId("health-box");
  const failed = { kind: "failed" as const, reason: "The kernel has neither. Switch one on." };

  test.each([
    ["unknown", { tools: { kind: "unknown" } }, "Known once the engine has started."],
    ["proving", { tools: { kind: "proving" } }, "It is being tried. Commands wait."],
    ["proven", {}, "On. Commands see the folder of their thread and nothing else of yours."],
    ["reduced", { tools: { kind: "proven", reduced: "It sees your processes." } }, "On, with less than the strongest kind of box.It sees your processes."],
    ["failed", { tools: failed }, "are not run, except in folders where you allow them without a box.The kernel has neither. Switch one on."],
    ["failed", { boxed: { kind: "unboxed", reason: "bubblewrap is not there." } }, "bubblewrap is not there."],
    ["reduced", { boxed: { kind: "unboxed", reason: "No bubblewrap." }, tools: { kind: "proven", reduced: "Landlock alone." } }, "Landlock alone."],
  ] as Array<[string, Partial<Safety>, string]>)("is %s with %o", async (box, safety, words) => {
    await health({ start: { ...fakeStart(), safety: { ...fakeSafety, ...safety } } });
    expect(line().dataset["box"]).toBe(box);
    expect(line().textContent).toContain(words);
  });

  test("is tried again in a folder, and holds on this computer when it holds there", async () => {
    const { backend } = await health({ start: { ...fakeStart(), safety: { ...fakeSafety, tools: failed } } });
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("The engine works, not all is as promised");
    fireEvent.click(screen.getByTestId("box-try-again"));
    await settle();
    expect(backend.requests("folderBoxProve")).toEqual([{ folder: "atlas" }]);
    expect(line().dataset["box"]).toBe("proven");
    expect(screen.getByTestId("health-folder-box").textContent).toContain("atlas-apiIt holds: every attack on it failed.");
    expect(screen.queryByTestId("box-try-again")).toBeNull();
  });

  test("is tried again in the folder it failed in, and says when it could not be", async () => {
    const { backend } = await health({ start: { ...fakeStart(), safety: { ...fakeSafety, tools: failed, folders: [{ folder: "site", label: "launch-site", proof: failed }] } } });
    backend.fail("folderBoxProve", { code: "engineNotReady", message: "There is no engine." });
    fireEvent.click(screen.getByTestId("box-try-again"));
    await settle();
    expect(backend.requests("folderBoxProve")).toEqual([{ folder: "site" }]);
    expect(within(line()).getByRole("alert").textContent).toBe("There is no engine.");
  });

  test("is tried by a start of the engine where there is no folder", async () => {
    const { backend } = await health({ start: { ...fakeFirstStart(), safety: { ...fakeSafety, tools: failed } } });
    fireEvent.click(screen.getByTestId("box-try-again"));
    await settle();
    expect(backend.requests("engineStart")).toHaveLength(1);
  });

  test("tells each folder apart, with the way to what commands may reach there", async () => {
    const start = fakeStart();
    start.safety = { ...fakeSafety, folders: [{ folder: "atlas", label: "atlas-api", proof: { kind: "proving" } }, { folder: "site", label: "launch-site", proof: failed }] };
    await health({ start });
    expect(screen.getAllByTestId("health-folder-box").map((row) => [row.dataset["folder"], row.dataset["box"]])).toEqual([["atlas", "proving"], ["site", "failed"]]);
    fireEvent.click(screen.getByRole("button", { name: "What commands may reach in launch-site" }));
    expect(screen.getByRole("dialog", { name: "What commands may reach in launch-site" })).toBeTruthy();
  });

  test("lists what boxes stopped, to be allowed or dismissed one by one or all at once", async () => {
    const { backend } = await health({ start: { ...fakeStart(), safety: { ...fakeSafety, stopped: structuredClone(fakeStopped) } } });
    const rows = () => screen.queryAllByTestId("stopped-connection").map((row) => row.dataset["widening"]);
    expect(rows()).toEqual(["registries", "host", "open", "none"]);
    fireEvent.click(screen.getByRole("button", { name: "Allow package registries for commands in atlas-api" }));
    await settle();
    expect(backend.requests("folderBoxSet")).toEqual([{ folder: "atlas", box: { network: "listed", hosts: [], granted: [], limits: {} } }]);
    expect(rows()).toEqual(["host", "open", "none"]);
    fireEvent.click(screen.getByRole("button", { name: "Dismiss the stopped connection to 192.168.1.10:5432" }));
    await settle();
    expect(rows()).toEqual(["host", "open"]);
    backend.fail("stoppedForget", { code: "internal", message: "Not now." });
    fireEvent.click(screen.getByTestId("stopped-dismiss-all"));
    await settle();
    expect(within(screen.getByTestId("health-stopped")).getByRole("alert").textContent).toBe("Not now.");
    backend.answer("stoppedForget", async () => backend.push({ safety: fakeSafety }));
    fireEvent.click(screen.getByTestId("stopped-dismiss-all"));
    await settle();
    expect(screen.queryByTestId("health-stopped")).toBeNull();
  });
});

describe("the figures", () => {
  const facts = () => Object.fromEntries([...screen.getByTestId("engine-figures").querySelectorAll(".group-body .fact")].map((fact) => [fact.querySelector("dt")?.textContent, fact.querySelector("dd")?.textContent]));

  test("tell the process, its age, its memory, its starts and what is kept", async () => {
    vi.spyOn(Date, "now").mockReturnValue(fakeNow);
    await health();
    await settle();
    expect(facts()).toMatchObject({
      Process: "41213",
      "Running since": expect.stringMatching(/, for 3 h 12 min$/),
      Memory: "812 MB of 3,072 MB",
      "Memory of all commands": "Held by a control group of your system, to 24,576 MB",
      Starts: "2 by itself, 1 by you, since the app began",
      "When it ends": "It is started again by itself.",
      "From the engine to the screen": "14 ms, 95 % within 27 ms, 99 % within 34 ms (4,210 counted)",
      "Unfinished answers": "18.4 KB kept",
    });
  });

  test("leave out what there is not without a process", async () => {
    const { backend } = await health({ start: { ...fakeStart(), engine: fakeEngines.broken } });
    backend.known.health = { ...backend.known.health, processId: null, runningSince: null, memory: null, memoryKeeper: { kind: "unknown" }, breaker: "open", failures: [], events: [], screenDelay: null };
    fireEvent.click(screen.getByTestId("health-refresh"));
    await settle();
    expect(Object.keys(facts())).toEqual(["Process", "Starts", "When it ends", "Unfinished answers"]);
    expect(facts()).toMatchObject({ Process: "None", "When it ends": "It failed too often; it is not started by itself for now." });
    expect(screen.getByText("Nothing failed since the app began.")).toBeTruthy();
    expect(screen.queryByTestId("engine-events")).toBeNull();
  });

  test("say why no control group holds the memory of commands", async () => {
    const { backend } = await health();
    backend.known.health = { ...backend.known.health, memoryKeeper: { kind: "watchdog", reason: "there is no service manager of the person's" } };
    fireEvent.click(screen.getByTestId("health-refresh"));
    await settle();
    expect(facts()["Memory of all commands"]).toBe("Watched by each box: there is no control group, because there is no service manager of the person's");
  });

  test("fold what came from the engine", async () => {
    await health();
    await settle();
    const events = screen.getByTestId<HTMLDetailsElement>("engine-events");
    expect(events.open).toBe(false);
    expect(events.querySelector("summary")?.textContent).toBe("3 kinds of events from the engine");
    expect(events.textContent).toContain("message.part.delta48,213");
  });

  test("are asked for anew whenever the engine does something else, and by the button", async () => {
    const { backend } = await health();
    await settle();
    const asked = () => backend.requests("engineHealth").length;
    expect(asked()).toBe(1);
    backend.push({ engine: { kind: "starting", step: "preparing", since: 1 } });
    await settle();
    backend.push({ engine: { kind: "starting", step: "launching", since: 1 } });
    await settle();
    expect(asked()).toBe(3);
    backend.push({ safety: fakeUnsafety });
    await settle();
    expect(asked()).toBe(3);
    fireEvent.click(screen.getByTestId("health-refresh"));
    expect(asked()).toBe(4);
  });

  test("stay in sight when asking again fails, with why", async () => {
    const { backend } = await health();
    await settle();
    backend.fail("engineHealth", { code: "internal", message: "The keeper does not answer." });
    fireEvent.click(screen.getByTestId("health-refresh"));
    await settle();
    expect(within(screen.getByTestId("engine-figures")).getByRole("alert").textContent).toBe("The keeper does not answer.");
    expect(facts()["Process"]).toBe("41213");
  });
});

describe("the last failures", () => {
  test("show what happened, and more when opened, which stays open when asked anew", async () => {
    const { backend } = await health();
    await settle();
    const rows = screen.getAllByTestId("engine-failure");
    expect(rows.map((row) => row.dataset["code"])).toEqual(["exited", "unresponsive"]);
    const more = within(rows[0] as HTMLElement).getByRole("button", { name: "Details of: The engine ended with status 2." });
    expect(more.getAttribute("aria-expanded")).toBe("false");
    fireEvent.click(more);
    expect(rows[0]?.textContent).toContain("Meanwhile: ready, 2 turns ran");
    expect(within(rows[0] as HTMLElement).getByLabelText("What it printed last").textContent).toBe("panic: out of memory\nexit status 2");
    backend.known.health.failures = [{ at: fakeNow, code: "hung", message: "<i>New</i>", context: "", log: [] }, ...backend.known.health.failures];
    fireEvent.click(screen.getByTestId("health-refresh"));
    await settle();
    expect(screen.getAllByTestId("engine-failure").map((row) => row.dataset["code"])).toEqual(["hung", "exited", "unresponsive"]);
    expect(screen.getByText(/<i>New<\/i>/)).toBeTruthy();
    expect(more.isConnected).toBe(true);
    expect(more.getAttribute("aria-expanded")).toBe("true");
  });
});

describe("the report", () => {
  test("is made only when asked for, is read as text, and is copied", async () => {
    const { backend } = await health();
    const copied = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    await settle();
    expect(backend.requests("diagnosticsReport")).toEqual([]);
    expect(screen.queryByTestId("report-text")).toBeNull();
    fireEvent.click(screen.getByTestId("report-make"));
    expect(screen.getByTestId("report-make").textContent).toBe("Making the report");
    await settle();
    const report = screen.getByTestId("report-text");
    expect(report.textContent).toBe(fakeReport);
    expect(report.tabIndex).toBe(0);
    expect(screen.getByText("The report is ready. Nothing was sent.")).toBeTruthy();
    fireEvent.click(within(report.parentElement as HTMLElement).getByRole("button", { name: "Copy" }));
    await settle();
    expect(copied).toHaveBeenCalledWith(fakeReport);
  });

  test("says why it could not be made", async () => {
    const { backend } = await health();
    backend.fail("diagnosticsReport", { code: "internal", message: "The log cannot be read." });
    fireEvent.click(screen.getByTestId("report-make"));
    await settle();
    expect(screen.getByRole("alert").textContent).toBe("The log cannot be read.");
    expect(screen.getByTestId("report-make").textContent).toBe("Make a report");
  });
});

test("says how many news are only in the log", async () => {
  const { backend } = await health();
  expect(screen.queryByText(/only in the app’s log/)).toBeNull();
  backend.push({ notices: [{ kind: "memoryHigh", detail: "", at: fakeNow }], noticesLeftOut: 12 });
  expect(screen.getByText("12 older ones are only in the app’s log.")).toBeTruthy();
});

test.each<[NoticeKind, RegExp]>([
  ["engineRestarted", /runs again/],
  ["engineUnresponsive", /did not answer for long/],
  ["streamStalled", /No news came from the engine/],
  ["computerWoke", /The computer slept/],
  ["memoryHigh", /more memory than the limit/],
])("news of the kind %s have words", async (kind, words) => {
  await health({ start: { ...fakeStart(), notices: [{ kind, detail: "particulars", at: fakeNow }] } });
  const item = screen.getByText(words);
  expect(item.textContent).toContain("particulars");
});
