import { fireEvent, render, screen, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
import type { EngineState } from "../backend";
import { createFakeBackend, fakeConversation, fakeEngines, fakeFirstStart, fakeResting, fakeSafety, fakeStart, fakeUnsafety } from "../backend/fake";
import { createApp } from "../state/app";
import { media } from "../test/setup";
import { openWindow, settle } from "../test/window";
import { narrowWindow } from "./narrow";
import { Window } from "./Window";

const press = (key: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const control = (key: string) => press(key, { ctrlKey: true });

describe("the window", () => {
  test("has its panes as landmarks with names", async () => {
    await openWindow();
    expect(screen.getByRole("navigation", { name: "Workspace" })).toBeTruthy();
    expect(screen.getByRole("main")).toBeTruthy();
    expect(screen.getByRole("contentinfo", { name: "Status" })).toBeTruthy();
  });

  test("shows the product's name only as the core gives it", async () => {
    const start = fakeStart();
    start.brand.name = "Fernbank Desk";
    start.brand.shortName = "Fernbank";
    await openWindow({ start });
    expect(document.title).toBe("Fernbank Desk");
    expect(within(screen.getByRole("navigation")).getByText("Fernbank")).toBeTruthy();
  });

  test("says why it could not begin, and offers to load again", async () => {
    const backend = createFakeBackend();
    backend.fail("start", { code: "internal", message: "The list of threads cannot be read." });
    const app = createApp(backend);
    render(() => <Window app={app} />);
    await app.begin();
    expect(screen.getByRole("alert").textContent).toContain("The list of threads cannot be read.");
    expect(screen.getByRole("button", { name: "Load again" })).toBeTruthy();
  });

  test("shows nothing for a moment and then still shapes while the core has not answered", async () => {
    vi.useFakeTimers();
    const app = createApp(createFakeBackend());
    const { container } = render(() => <Window app={app} />);
    expect(container.querySelector(".skeleton")).toBeNull();
    vi.advanceTimersByTime(301);
    expect(container.querySelector(".skeleton")).not.toBeNull();
    vi.useRealTimers();
  });
});

test("a thread without a title is called a new thread wherever it is named", async () => {
  const start = fakeStart();
  const first = start.sessions[0];
  if (first) first.title = "";
  const { app, user } = await openWindow({ start });
  const row = () => screen.getAllByTestId("session-row")[0] as HTMLElement;
  expect(row().querySelector(".title")?.textContent).toBe("New thread");
  expect(within(screen.getByRole("main")).getByText("New thread")).toBeTruthy();
  fireEvent.contextMenu(row());
  expect(screen.getByRole("menu", { name: "Actions for “New thread”" })).toBeTruthy();
  await user.click(screen.getByRole("menuitem", { name: /Delete/ }));
  expect(screen.getByRole("dialog").textContent).toContain("“New thread” and its messages go for good.");
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  app.openSession("split-queue");
  await settle();
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("New thread");
  // What is not a title is not offered as one to change.
  await user.click(screen.getByTestId("rename"));
  expect(screen.getByTestId<HTMLInputElement>("title-input").value).toBe("");
});

describe("keys", () => {
  test("Ctrl 1–9 open the newest threads", async () => {
    const { app } = await openWindow();
    control("2");
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "flaky-retry" });
  });

  test("Ctrl N begins a new thread, Ctrl comma opens the settings, Escape leaves them", async () => {
    const { app } = await openWindow();
    control("1");
    control(",");
    expect(app.state.route.page).toBe("settings");
    press("Escape");
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "split-queue" });
    control("n");
    expect(app.state.route.page).toBe("home");
  });

  test("Ctrl B hides the sidebar and shows it again, and it stays so", async () => {
    const { backend } = await openWindow();
    control("b");
    await settle();
    expect(screen.queryByRole("navigation")).toBeNull();
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ sidebarHidden: true });
    await settle();
    fireEvent.click(screen.getByRole("button", { name: "Show sidebar" }));
    expect(screen.getByRole("navigation")).toBeTruthy();
  });

  test("Ctrl Shift R opens and closes the review", async () => {
    const { app } = await openWindow();
    const before = app.state.settings.reviewOpen;
    press("R", { ctrlKey: true, shiftKey: true });
    expect(app.state.settings.reviewOpen).toBe(!before);
  });

  test("on macOS the same keys are on Command", async () => {
    const start = { ...fakeStart(), platform: "macos" };
    const { app } = await openWindow({ start });
    control(",");
    expect(app.state.route.page).toBe("home");
    press(",", { metaKey: true });
    expect(app.state.route.page).toBe("settings");
  });

  test("keys pressed while a word is composed do nothing", async () => {
    const { app } = await openWindow();
    press(",", { ctrlKey: true, isComposing: true });
    expect(app.state.route.page).toBe("home");
  });

  test("F6 walks through the panes and Shift F6 back", async () => {
    await openWindow();
    const pane = () => document.activeElement?.closest("[data-pane]");
    screen.getByTestId("composer-input").focus();
    expect(pane()?.tagName).toBe("MAIN");
    press("F6");
    expect(pane()?.tagName).toBe("FOOTER");
    press("F6");
    expect(pane()?.tagName).toBe("NAV");
    press("F6", { shiftKey: true });
    expect(pane()?.tagName).toBe("FOOTER");
  });

  test("Escape closes what is on top and only then stops the turn", async () => {
    const working = fakeConversation("image-sizes");
    working.status.state = { kind: "working" };
    const { backend, app } = await openWindow({ conversations: [working] });
    app.openSession("image-sizes");
    await settle();
    const row = screen.getAllByTestId("session-row").find((element) => element.dataset["session"] === "image-sizes");
    fireEvent.contextMenu(row as HTMLElement);
    expect(screen.getByRole("menu")).toBeTruthy();
    press("Escape");
    expect(screen.queryByRole("menu")).toBeNull();
    expect(backend.requests("turnStop")).toEqual([]);
    press("Escape");
    expect(backend.requests("turnStop")).toEqual([{ session: "image-sizes" }]);
  });
});

test("beneath an open dialog no key does anything, and Escape closes the dialog alone", async () => {
  const { app } = await openWindow();
  const row = screen.getAllByTestId("session-row")[0] as HTMLElement;
  row.focus();
  press("Delete");
  expect(screen.getByRole("dialog")).toBeTruthy();
  control(",");
  fireEvent.keyDown(document.body, { key: ",", ctrlKey: true });
  expect(app.state.route.page).toBe("home");
  press("Escape");
  expect(screen.queryByRole("dialog")).toBeNull();
  control(",");
  expect(app.state.route.page).toBe("settings");
});

describe("a narrow window", () => {
  test("opens the sidebar over the page, closes it by Escape and gives the focus back", async () => {
    media.matching.add(narrowWindow);
    await openWindow();
    expect(screen.queryByRole("navigation")).toBeNull();
    const toggle = screen.getByRole("button", { name: "Show sidebar" });
    toggle.focus();
    fireEvent.click(toggle);
    expect(screen.getByRole("navigation").contains(document.activeElement)).toBe(true);
    press("Escape");
    expect(screen.queryByRole("navigation")).toBeNull();
    await settle();
    expect(document.activeElement).toBe(toggle);
  });

  test("closes it when a thread was chosen", async () => {
    media.matching.add(narrowWindow);
    const { app } = await openWindow();
    control("b");
    fireEvent.click(screen.getAllByTestId("session-row")[0] as HTMLElement);
    await settle();
    expect(app.state.route.page).toBe("session");
    expect(screen.queryByRole("navigation")).toBeNull();
  });

  test("does not change what is set for a wide one", async () => {
    media.matching.add(narrowWindow);
    const { backend } = await openWindow();
    control("b");
    expect(backend.requests("settingsSave")).toEqual([]);
  });
});

describe("a fault in the window's own code", () => {
  test("leaves the text that was being written, keeps it as the draft and offers to load again", async () => {
    const conversation = fakeConversation("changelog");
    const { backend, app } = await openWindow({ conversations: [conversation] });
    app.openSession("changelog");
    await settle();
    const field = screen.getByTestId<HTMLTextAreaElement>("composer-input");
    fireEvent.input(field, { target: { value: "do not lose me" } });
    Object.defineProperty(app, "rowOf", {
      value: () => {
        throw new Error("broken");
      },
    });
    app.openSession("node-24");
    await settle();
    expect(screen.getByRole("alert").textContent).toContain("This window ran into a fault");
    expect(screen.getByLabelText<HTMLTextAreaElement>("What you had written").value).toBe("do not lose me");
    expect(backend.requests("draftSave")).toContainEqual({ session: "changelog", text: "do not lose me" });
    expect(screen.getByRole("button", { name: "Load again" })).toBeTruthy();
  });
});

describe("the status line", () => {
  test("says what the engine does in words and by a shape, and leads to health", async () => {
    const { backend, app } = await openWindow();
    const status = () => screen.getByTestId("engine-status");
    expect(status().textContent).toBe("Engine ready");
    backend.push({ engine: { kind: "starting", step: "launching", since: Date.now() - 3000 } });
    expect(status().textContent).toBe("Engine starting 0:03");
    expect(status().dataset["state"]).toBe("starting");
    backend.push({ engine: { kind: "broken", code: "exited", message: "It ended.", probeAt: null, log: [] } });
    expect(status().textContent).toBe("Engine stopped");
    expect(status().querySelector(".dot--square")).not.toBeNull();
    fireEvent.click(status());
    expect(app.state.route.page).toBe("health");
  });

  test.each([
    [fakeEngines.absent, "No engine", ".dot--square.is-danger"],
    [{ kind: "ready", version: "1" }, "Engine ready", ".is-success"],
    [fakeEngines.degraded, "Engine reconnecting", ".dot--diamond"],
    [{ ...fakeEngines.degraded, trouble: "streamLost" }, "Engine reconnecting", ".dot--diamond"],
    [{ ...fakeEngines.degraded, trouble: "notAnswering" }, "Engine does not answer", ".dot--diamond"],
    [fakeEngines.memoryHigh, "Engine uses much memory", ".dot--diamond"],
    [fakeEngines.broken, "Engine stopped", ".dot--square.is-danger"],
    [fakeEngines.stopping, "Engine stopping", ".dot--hollow"],
    [fakeEngines.stopped, "Engine ended", ".dot--square.dot--hollow"],
  ] satisfies Array<[EngineState, string, string]>)("has words and a shape for %o", async (engine, words, shape) => {
    await openWindow({ start: { ...fakeStart(), engine } });
    const status = screen.getByTestId("engine-status");
    expect(status.textContent).toBe(words);
    expect(status.dataset["state"]).toBe(engine.kind);
    expect(status.getAttribute("aria-label")).toBe(`${words}. Open health`);
    expect(status.querySelector(`.dot${shape}`)).not.toBeNull();
  });

  test("is amber only while a restart is offered, because only that waits for the person", async () => {
    const { backend } = await openWindow({ start: { ...fakeStart(), engine: fakeEngines.degraded, sessions: fakeResting() } });
    const amber = () => screen.getByTestId("engine-status").querySelector(".is-warn");
    expect(amber()).toBeNull();
    backend.push({ engine: fakeEngines.memoryHigh });
    expect(amber()).not.toBeNull();
    backend.push({ sessions: fakeStart().sessions });
    expect(amber()).toBeNull();
    backend.push({ sessions: fakeResting() });
    backend.push({ engine: fakeEngines.backingOff });
    expect(amber()).toBeNull();
  });

  test("counts the seconds until the engine restarts by itself, under a name that stays", async () => {
    vi.useFakeTimers();
    await openWindow({ start: { ...fakeStart(), engine: { ...fakeEngines.backingOff, until: Date.now() + 3000 } } });
    const status = screen.getByTestId("engine-status");
    expect(status.textContent).toBe("Engine restarts in 3 s");
    vi.advanceTimersByTime(2000);
    expect(status.textContent).toBe("Engine restarts in 1 s");
    vi.advanceTimersByTime(2000);
    expect(status.textContent).toBe("Engine restarts now");
    expect(status.getAttribute("aria-label")).toBe("Engine restarts by itself. Open health");
    expect(status.querySelector(".dot--square.dot--hollow")).not.toBeNull();
    vi.useRealTimers();
  });

  test("shows on every page what is not as promised, and each leads to health", async () => {
    const { app, backend } = await openWindow();
    const chips = () => screen.queryAllByTestId(/^safety-/).map((chip) => [chip.dataset["testid"], chip.textContent]);
    expect(chips()).toEqual([]);
    backend.push({ safety: fakeUnsafety });
    const all = [
      ["safety-not-saving", "Not being saved"],
      ["safety-unboxed", "Commands are not run: no box"],
      ["safety-machine", "Your own OpenCode"],
      ["safety-restart", "Restart applies changes"],
      ["safety-pending", "Settings wait: 2 folders"],
    ];
    expect(chips()).toEqual(all);
    for (const [testid] of all) {
      app.openSettings();
      expect(chips()).toEqual(all);
      fireEvent.click(screen.getByTestId(testid ?? ""));
      expect(app.state.route.page).toBe("health");
    }
    backend.push({ safety: { ...fakeSafety, pending: ["atlas-api"] } });
    expect(chips()).toEqual([["safety-pending", "Settings wait: 1 folder"]]);
    backend.push({ safety: { ...fakeSafety, boxed: { kind: "unknown" } } });
    expect(chips()).toEqual([]);
  });

  test("keeps in words what kind of box there is, with why in its tooltip", async () => {
    const { backend, user } = await openWindow();
    const chip = () => screen.queryByTestId("safety-unboxed");
    expect(chip()).toBeNull();
    backend.push({ safety: { ...fakeSafety, tools: { kind: "proven", reduced: "It sees your processes." } } });
    expect([chip()?.textContent, chip()?.dataset["state"]]).toEqual(["Box reduced", "reduced"]);
    expect(chip()?.classList.contains("is-wordy")).toBe(true);
    backend.push({ safety: { ...fakeSafety, tools: { kind: "failed", reason: "No namespaces." } } });
    expect([chip()?.textContent, chip()?.dataset["state"]]).toEqual(["Commands are not run: no box", "failed"]);
    await user.hover(chip() as HTMLElement);
    await vi.waitFor(() => expect(document.querySelector(".tooltip")?.textContent).toBe("Commands are not run: no box. No namespaces."));
    backend.push({ safety: { ...fakeSafety, tools: { kind: "proving" } } });
    expect(chip()).toBeNull();
  });

  test("names the scripted demo wherever its model answers", async () => {
    const { app } = await openWindow();
    expect(screen.queryByText("Scripted demo")).toBeNull();
    app.openSession("demo");
    await settle();
    expect(screen.getByText("Scripted demo")).toBeTruthy();
  });

  test("says so when no model is connected on the first day", async () => {
    await openWindow({ start: fakeFirstStart() });
    const line = screen.getByRole("contentinfo");
    expect(within(line).getByText("Scripted demo")).toBeTruthy();
    expect(within(line).getByText("Demo")).toBeTruthy();
  });

  test("shows what the open thread cost", async () => {
    const { app } = await openWindow();
    app.openSession("flaky-retry");
    await settle();
    expect(screen.getByText("$0.42 this thread")).toBeTruthy();
  });
});

test("the sidebar counts what only the person can mend", async () => {
  const { backend } = await openWindow();
  const health = () => within(screen.getByRole("navigation", { name: "Workspace" })).getByRole("button", { name: /^Health/ }).textContent;
  expect(health()).toBe("Health");
  backend.push({ engine: fakeEngines.backingOff });
  expect(health()).toBe("Health");
  backend.push({ engine: fakeEngines.absent });
  expect(health()).toBe("Health1 to fix");
  backend.push({ engine: fakeEngines.broken, safety: fakeUnsafety });
  expect(health()).toBe("Health2 to fix");
});
