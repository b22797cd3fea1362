import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import { fakeEngines, fakeFirstStart, fakeFolders, fakeStart } from "../backend/fake";
import type { EngineState } from "../backend";
import { openWindow, settle } from "../test/window";

const main = () => within(screen.getByRole("main"));
const field = () => screen.getByTestId<HTMLTextAreaElement>("composer-input");
const picker = () => screen.getByTestId("folder-picker");

describe("home", () => {
  test("lists what needs the person apart from the rest, and opens it", async () => {
    const { app, user } = await openWindow();
    const waiting = within(screen.getByRole("region", { name: "Needs you" }));
    expect(waiting.getAllByRole("listitem").map((item) => item.querySelector(".name")?.textContent)).toEqual([
      "Split the queue worker",
      "Fix flaky retry tests",
      "Rate limit headers",
    ]);
    const recent = within(screen.getByRole("region", { name: "Recent work" }));
    expect(recent.getAllByRole("listitem")).toHaveLength(8);
    await user.click(waiting.getByText("Rate limit headers"));
    expect(app.state.route).toEqual({ page: "session", session: "rate-limit" });
  });

  test("says what is asked for in each thread that waits, and the inbox is a press away", async () => {
    const start = fakeStart();
    const asks = { session: "rate-limit", thread: "rate-limit", title: "Rate limit headers", folder: "atlas", agent: "build", asked: 1, destructive: false, proposals: [] };
    start.inbox = {
      rows: [
        { ...asks, id: "one", subject: "shell", runs: ["npm test"], about: "npm test" },
        { ...asks, id: "two", subject: null, runs: [], about: "Which header format?" },
      ],
      more: 0,
    };
    const { app, user } = await openWindow({ start });
    const row = within(screen.getByRole("region", { name: "Needs you" })).getByText("Rate limit headers").closest("button");
    await waitFor(() => expect(row?.querySelector(".what")?.textContent).toBe("Run npm test? and one more"));
    await user.click(screen.getByTestId("open-inbox"));
    expect(app.state.route).toEqual({ page: "inbox" });
  });

  test("leaves out a list that has nothing in it", async () => {
    const start = fakeStart();
    start.sessions = start.sessions.filter((row) => row.mark === "idle");
    await openWindow({ start });
    expect(screen.queryByRole("region", { name: "Needs you" })).toBeNull();
  });

  test("begins where the pen is", async () => {
    await openWindow();
    expect(document.activeElement).toBe(field());
  });

  test("sends the prompt into the folder shown and opens the thread", async () => {
    const { app, backend, user } = await openWindow();
    await user.type(field(), "Fix the tests{Enter}");
    await settle();
    expect(backend.requests("sessionCreate")).toEqual([{ folder: "atlas" }]);
    expect(backend.requests("promptSend")).toMatchObject([{ session: "new-1", text: "Fix the tests" }]);
    expect(app.state.route).toEqual({ page: "session", session: "new-1" });
    app.go({ page: "home" });
    expect(field().value).toBe("");
  });

  test("keeps the text and says why when it could not be sent", async () => {
    const { app, backend, user } = await openWindow();
    backend.fail("promptSend", { code: "engineRefused", message: "The engine refused it. Send it again." });
    await user.type(field(), "Fix the tests{Enter}");
    await settle();
    expect(app.state.route.page).toBe("home");
    expect(field().value).toBe("Fix the tests");
    expect(main().getByRole("alert").textContent).toContain("The engine refused it. Send it again.");
    expect(screen.queryAllByTestId("session-row").some((row) => row.dataset["session"]?.startsWith("new-"))).toBe(false);
  });

  test("hands a prompt over while the engine is starting, since the core waits for it", async () => {
    const starting: EngineState = { kind: "starting", step: "launching", since: 0 };
    const { backend, user } = await openWindow({ start: { ...fakeStart(), engine: starting } });
    await user.type(field(), "Wait for me{Enter}");
    await settle();
    expect(backend.requests("promptSend")).toMatchObject([{ text: "Wait for me" }]);
  });

  test("lets write but not send while the engine is stopped", async () => {
    const stopped: EngineState = { kind: "broken", code: "exited", message: "It ended.", probeAt: null, log: [] };
    const { backend, user } = await openWindow({ start: { ...fakeStart(), engine: stopped } });
    await user.type(field(), "Wait for me{Enter}");
    await settle();
    expect(backend.requests("sessionCreate")).toEqual([]);
    expect(field().value).toBe("Wait for me");
  });

  test("says once that nothing was sent, in the notice that mends it, and no longer than it holds", async () => {
    const stopped: EngineState = { kind: "broken", code: "exited", message: "It ended.", probeAt: null, log: [] };
    const { backend, user } = await openWindow({ start: { ...fakeStart(), engine: stopped } });
    await user.type(field(), "Wait for me{Enter}");
    expect(main().getAllByRole("alert").map((alert) => alert.querySelector("p")?.textContent)).toEqual(["Not sent. It ended."]);
    backend.push({ engine: { kind: "ready", version: "1" } });
    expect(main().queryByRole("alert")).toBeNull();
  });

  test("says once why it was not sent when the engine stops meanwhile", async () => {
    const { backend, user } = await openWindow();
    backend.answer("promptSend", async () => {
      backend.push({ engine: { kind: "broken", code: "exited", message: "It ended.", probeAt: null, log: [] } });
      return Promise.reject({ code: "engineNotReady", message: "The engine ended." });
    });
    await user.type(field(), "Wait for me{Enter}");
    await settle();
    expect(main().getAllByRole("alert").map((alert) => alert.querySelector("p")?.textContent)).toEqual(["Not sent. It ended."]);
    expect(field().value).toBe("Wait for me");
    expect(screen.queryByText(/The engine ended/)).toBeNull();
  });

  test("opens the thread and clears itself when nobody knows whether the prompt arrived", async () => {
    const { app, backend, user } = await openWindow();
    backend.fail("promptSend", { code: "outcomeUnknown", message: "It may have arrived." });
    await user.type(field(), "Fix the tests{Enter}");
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "new-1" });
    expect(screen.getAllByText("It may have arrived.")).toHaveLength(1);
    app.go({ page: "home" });
    expect(field().value).toBe("");
  });
});

test("a stopped engine is told above the composer, with what mends it", async () => {
  const { app, backend, user } = await openWindow({
    start: { ...fakeStart(), engine: { kind: "broken", code: "missing", message: "The engine is missing. Install the app again.", probeAt: null, log: [] } },
  });
  const notice = within(screen.getByTestId("home-engine-failed"));
  expect(notice.getByText("The engine is missing. Install the app again.")).toBeTruthy();
  backend.fail("engineStart", { code: "internal", message: "Another window holds the engine." });
  await user.click(notice.getByRole("button", { name: "Restart the engine" }));
  expect(notice.getByText("Another window holds the engine.")).toBeTruthy();
  await user.click(notice.getByRole("button", { name: "Open health" }));
  expect(app.state.route.page).toBe("health");
  app.go({ page: "home" });
  backend.push({ engine: { kind: "ready", version: "1" } });
  expect(screen.queryByTestId("home-engine-failed")).toBeNull();
});

describe("an engine that is not well", () => {
  const openWith = (engine: EngineState) => openWindow({ start: { ...fakeStart(), engine } });

  test("is told when it is missing, and nothing is sent", async () => {
    const { backend, user } = await openWith(fakeEngines.absent);
    expect(screen.getByTestId("home-engine-failed").textContent).toContain("The engine is missing. Install the app again.");
    await user.type(field(), "Wait for me{Enter}");
    await settle();
    expect(backend.requests("sessionCreate")).toEqual([]);
    expect(screen.getByTestId("composer-error").textContent).toContain("Not sent.");
  });

  test("says when one start is tried by itself", async () => {
    await openWith(fakeEngines.broken);
    expect(screen.getByTestId("home-engine-failed").textContent).toMatch(/One start is tried by itself at \d\d:\d\d\./);
  });

  test("says what happened while it restarts by itself, takes prompts meanwhile, and restarts at once when asked", async () => {
    const { backend, user } = await openWith({ ...fakeEngines.backingOff, until: Date.now() + 9000 });
    const notice = screen.getByTestId("engine-backing-off");
    expect(notice.textContent).toContain("The engine ended with status 2. Your threads are kept.");
    expect(notice.textContent).toContain("It restarts in 9 s, attempt 2. What you send waits for it.");
    expect(within(notice).getByRole("status").textContent).toBe("The engine ended with status 2. Your threads are kept.");
    await user.type(field(), "Wait for me{Enter}");
    await settle();
    expect(backend.requests("promptSend")).toMatchObject([{ text: "Wait for me" }]);
  });

  test("restarts at once when asked", async () => {
    const { backend, user } = await openWith(fakeEngines.backingOff);
    await user.click(screen.getByRole("button", { name: "Restart now" }));
    expect(backend.requests("engineStart")).toHaveLength(1);
    expect(screen.queryByTestId("engine-backing-off")).toBeNull();
  });

  test("takes no prompt once the app is ending", async () => {
    const { backend, user } = await openWith(fakeEngines.stopped);
    await user.type(field(), "Wait for me{Enter}");
    await settle();
    expect(backend.requests("sessionCreate")).toEqual([]);
  });
});

describe("where to work", () => {
  test("offers granted folders, a throw-away one and to choose another, by keyboard", async () => {
    const { app, user } = await openWindow();
    picker().focus();
    await user.keyboard("{ArrowDown}");
    const menu = screen.getByRole("menu");
    expect([...menu.querySelectorAll("[role^='menuitem']")].map((entry) => entry.textContent)).toEqual([
      "atlas-api",
      "launch-site",
      "archivenot there",
      "Throw-away folder",
      "Choose a folder…",
    ]);
    expect(document.activeElement?.getAttribute("aria-checked")).toBe("true");
    await user.keyboard("t{Enter}");
    expect(app.state.home.folder).toBeNull();
    expect(picker().textContent).toBe("Throw-away folder");
    expect(document.activeElement).toBe(picker());
  });

  test("takes the folder picked in the system's dialog", async () => {
    const { backend, user } = await openWindow();
    backend.answer("folderPick", async () => ({ ...(fakeFolders[1] as (typeof fakeFolders)[number]), id: "picked", label: "picked" }));
    await user.click(picker());
    await user.click(screen.getByRole("menuitem", { name: "Choose a folder…" }));
    await settle();
    expect(picker().textContent).toBe("picked");
  });

  test("stays where it was when the dialog is cancelled, and tells when it fails", async () => {
    const { backend, user } = await openWindow();
    const pick = async () => {
      await user.click(picker());
      await user.click(screen.getByRole("menuitem", { name: "Choose a folder…" }));
      await settle();
    };
    await pick();
    expect(picker().textContent).toBe("atlas-api");
    backend.fail("folderPick", { code: "folderUnavailable", message: "That folder cannot be read." });
    await pick();
    expect(screen.getByText("That folder cannot be read.")).toBeTruthy();
  });

  test("a press on the button closes the menu it opened", async () => {
    const { user } = await openWindow();
    await user.click(picker());
    await user.click(picker());
    expect(screen.queryByRole("menu")).toBeNull();
  });

  test("tells what the folder brings and is not loaded, and nothing is sent into one that is gone", async () => {
    const { app, backend, user } = await openWindow();
    expect(main().getByRole("note").textContent).toContain("they are not loaded");
    app.setHome({ folder: "archive" });
    expect(main().getByRole("note").textContent).toContain("/media/usb/archive cannot be read now");
    await user.type(field(), "Hello{Enter}");
    expect(backend.requests("sessionCreate")).toEqual([]);
  });
});

describe("the first day", () => {
  const first = () => openWindow({ start: fakeFirstStart() });

  test("says what the app is, and labels the demo for what it is", async () => {
    await first();
    expect(main().getByRole("heading", { name: "An agent that works in a folder of yours" })).toBeTruthy();
    expect(screen.getByTestId("try-demo").textContent).toContain("A scripted demo: no AI, no key, no network.");
  });

  test("the demo begins a thread in a throw-away folder", async () => {
    const { app, backend } = await first();
    fireEvent.click(screen.getByTestId("try-demo"));
    await settle();
    expect(backend.requests("sessionCreate")).toEqual([{ folder: null }]);
    expect(backend.requests("promptSend")).toMatchObject([{ text: "Show me around", model: "scripted/demo" }]);
    expect(app.state.route.page).toBe("session");
  });

  test("says when the demo did not begin, and lets try again", async () => {
    const { backend } = await first();
    backend.fail("sessionCreate", { code: "engineNotReady", message: "The engine is not ready." });
    fireEvent.click(screen.getByTestId("try-demo"));
    await settle();
    expect(main().getByRole("alert").textContent).toBe("The demo did not begin. The engine is not ready.");
    expect(screen.getByTestId<HTMLButtonElement>("try-demo").disabled).toBe(false);
  });

  test("leads to setting up", async () => {
    const { app } = await first();
    fireEvent.click(screen.getByTestId("connect-model"));
    expect(app.state.route).toEqual({ page: "setup" });
  });
});

describe("the slash on home", () => {
  const enter = async () => {
    // The list is left, so that what is written is what runs.
    fireEvent.keyDown(field(), { key: "Escape" });
    fireEvent.keyDown(field(), { key: "Enter" });
    await settle();
    await settle();
  };

  test("runs what can be done there, and sends none of it", async () => {
    const { app, backend, user } = await openWindow();
    await user.type(field(), "/model");
    await enter();
    expect(field().value).toBe("");
    expect(await screen.findByRole("listbox", { name: "Models" })).toBeTruthy();
    await user.keyboard("{Escape}");
    await user.type(field(), "/attach");
    await enter();
    expect(backend.requests("attachmentPick")).toHaveLength(1);
    await user.type(field(), "/new");
    await enter();
    expect(field().value).toBe("");
    expect(document.activeElement).toBe(field());
    expect(app.state.route).toEqual({ page: "home" });
    expect(backend.requests("sessionCreate")).toEqual([]);
  });

  test("offers what needs a thread with the reason why not, and sends none of that either", async () => {
    const { backend, user } = await openWindow();
    await user.type(field(), "/fo");
    const option = await screen.findByRole("option", { name: /fork/ });
    expect(option.getAttribute("aria-disabled")).toBe("true");
    expect(option.textContent).toContain("home has none");
    await user.click(option);
    fireEvent.keyDown(field(), { key: "Enter" });
    expect(field().value).toBe("/fo");
    await user.type(field(), "rk");
    await enter();
    expect((await screen.findByTestId("composer-error")).textContent).toContain("home has none");
    expect(field().value).toBe("/fork");
    expect(backend.requests("sessionCreate")).toEqual([]);
  });
});

test("what threads were begun with from home comes back by the arrow", async () => {
  sessionStorage.clear();
  const { app, user } = await openWindow();
  for (const prompt of ["First", "Second", "First"]) {
    await user.type(field(), `${prompt}{Enter}`);
    await settle();
    await settle();
    app.go({ page: "home" });
    await settle();
  }
  field().focus();
  await user.keyboard("{ArrowUp}");
  expect(field().value).toBe("First");
  await user.keyboard("{ArrowUp}");
  expect(field().value).toBe("Second");
  await user.keyboard("{ArrowUp}{ArrowDown}{ArrowDown}");
  expect(field().value).toBe("");
  expect(JSON.parse(sessionStorage.getItem("begun-home") ?? "")).toEqual(["Second", "First"]);
});
