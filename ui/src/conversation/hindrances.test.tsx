import { screen, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { Conversation, EngineState, TurnFailureKind } from "../backend";
import { fakeEngines, fakeResting, fakeSafety, fakeStart } from "../backend/fake";
import { answer, conversation, person, prose } from "./fixtures";
import { openThread } from "./openThread";

const session = "flaky-retry";
const idle = conversation(session, []).status;
const working: Conversation["status"] = { ...idle, state: { kind: "working" }, since: 0 };

describe("what stands in the way", () => {
  test("a retry counts down and can be stopped", async () => {
    const { backend, user } = await openThread(
      conversation(session, [person("Go")], { status: { ...working, state: { kind: "retrying", attempt: 2, message: "The provider is overloaded.", next: Date.now() + 3_600_000 } } }),
    );
    expect(screen.getByTestId("retry").textContent).toMatch(/The provider is overloaded\. Trying again in [\d,]+ s, attempt 2\. Nothing was lost\./);
    await user.click(screen.getByTestId("retry-stop"));
    expect(backend.requests("turnStop")).toEqual([{ session }]);
  });

  const fail = (kind: TurnFailureKind) => conversation(session, [person("Go")], { status: { ...idle, failure: { kind, message: "<b>body</b>", status: 401 } } });

  test.each<[TurnFailureKind, string]>([
    ["unauthorized", "Open models"],
    ["notSent", "Open models"],
    ["unknownModel", "Choose a model"],
    ["unknownAgent", "Choose an agent"],
    ["limited", "Try again"],
    ["contextOverflow", "New thread"],
    ["provider", "Try again"],
    ["outputLength", "Continue"],
    ["other", "Try again"],
  ])("a turn that failed as %s offers “%s”", async (kind, action) => {
    await openThread(fail(kind));
    const notice = within(screen.getByTestId("failure"));
    expect(screen.getByTestId("failure").dataset["kind"]).toBe(kind);
    expect(notice.getByRole("button", { name: action })).toBeTruthy();
  });

  test("the provider's own words are behind Details, as text", async () => {
    const { user } = await openThread(fail("provider"));
    expect(screen.getByTestId("failure").textContent).not.toContain("body");
    await user.click(screen.getByRole("button", { name: "Details" }));
    expect(screen.getByTestId("failure").textContent).toContain("Status 401\n<b>body</b>");
  });

  test("what the app itself did not send is said once, in its own words and not in the provider's name", async () => {
    const cause = "The key for Upstream cannot be read. Your key ring is locked. Unlock it, then try again.";
    const { backend } = await openThread(conversation(session, [person("Go")], { status: { ...idle, failure: { kind: "notSent", message: cause, status: 403 } } }));
    backend.push({ notices: [{ kind: "keyUnavailable", detail: cause, at: Date.now() }] });
    expect(screen.queryByTestId("provider-news")).toBeNull();
    const failure = screen.getByTestId("failure").textContent ?? "";
    expect(failure).toContain(`${cause} Nothing was sent to the provider. Your message is kept above.`);
    expect(failure).not.toContain("refused");
    backend.push({ notices: [{ kind: "keyUnavailable", detail: "Another cause.", at: Date.now() + 1 }] });
    expect(screen.getByTestId("provider-news").textContent).toContain("Another cause.");
  });

  test("an unknown model leads to the picker, and trying again sends", async () => {
    const { user } = await openThread(fail("unknownModel"));
    await user.click(screen.getByTestId("failure-action"));
    expect(screen.getByTestId("model-picker-list")).toBeTruthy();
  });

  test("an unauthorized model leads to the settings", async () => {
    const { app, user } = await openThread(fail("unauthorized"));
    await user.click(screen.getByTestId("failure-action"));
    expect(app.state.route).toEqual({ page: "settings", section: "models" });
  });

  test("a turn that the person stopped is no failure", async () => {
    await openThread(conversation(session, [person("Go"), answer([prose("<p>Half.</p>")], { failure: { kind: "stopped", message: "", status: null } })], { status: { ...idle, failure: null } }));
    expect(screen.queryByTestId("failure")).toBeNull();
    expect(screen.getByTestId("stopped").textContent).toContain("Stopped. What was written so far is kept.");
  });

  test("an engine that is not there can be started again", async () => {
    const start = fakeStart();
    start.engine = { kind: "broken", code: "exited", message: "It ended by itself.", probeAt: null, log: ["last words"] };
    const { backend, user } = await openThread(conversation(session, [person("Go")]), { start });
    await user.click(screen.getByTestId("engine-restart"));
    expect(backend.requests("engineStart")).toHaveLength(1);
  });

  describe("an engine that is not well", () => {
    const openWith = (engine: EngineState, sessions = fakeStart().sessions) =>
      openThread(conversation(session, [person("Go")]), { start: { ...fakeStart(), engine, sessions: structuredClone(sessions) } });
    const atRest = fakeResting();

    test("is told when it is missing, and can be started again", async () => {
      const { backend, user } = await openWith(fakeEngines.absent);
      expect(screen.getByTestId("engine-failed").textContent).toContain("The engine is missing. Install the app again.");
      expect(within(screen.getByTestId("engine-failed")).queryByRole("button", { name: "Details" })).toBeNull();
      await user.click(screen.getByTestId("engine-restart"));
      expect(backend.requests("engineStart")).toHaveLength(1);
    });

    test("shows the last lines of one that failed too often", async () => {
      const { user } = await openWith(fakeEngines.broken);
      expect(screen.getByTestId("engine-failed").textContent).toContain("One start is tried by itself at");
      await user.click(screen.getByRole("button", { name: "Details" }));
      expect(screen.getByTestId("engine-failed").textContent).toContain("panic: address already in use");
    });

    test("says when it restarts by itself, and a prompt waits for it", async () => {
      const { backend, user } = await openWith({ ...fakeEngines.backingOff, until: Date.now() + 30_000 });
      expect(screen.getByTestId("engine-backing-off").textContent).toMatch(/It restarts in \d+ s, attempt 2\./);
      await user.type(screen.getByTestId("composer-input"), "Go on{Enter}");
      expect(backend.requests("promptSend")).toMatchObject([{ text: "Go on" }]);
      expect(screen.queryByTestId("composer-error")).toBeNull();
      await user.click(screen.getByTestId("engine-restart"));
      expect(backend.requests("engineStart")).toHaveLength(1);
    });

    test("a prompt waits for one that starts", async () => {
      const { backend, user } = await openWith(fakeEngines.starting);
      await user.type(screen.getByTestId("composer-input"), "Go on{Enter}");
      expect(backend.requests("promptSend")).toMatchObject([{ text: "Go on" }]);
    });

    test("tells its trouble without an offer, when that is mended by itself", async () => {
      await openWith(fakeEngines.degraded, atRest);
      const notice = screen.getByTestId("engine-degraded");
      expect(notice.textContent).toContain("No news came from the engine for 45 s.");
      expect(notice.className).toBe("notice");
      expect(within(notice).queryByRole("button")).toBeNull();
    });

    test("offers a restart for its memory, but only while nothing runs", async () => {
      const { backend, user } = await openWith(fakeEngines.memoryHigh);
      expect(screen.getByTestId("engine-degraded").textContent).toContain("Threads still run.");
      expect(screen.queryByTestId("engine-restart")).toBeNull();
      backend.push({ sessions: atRest });
      expect(screen.getByTestId("engine-degraded").classList).toContain("notice--warn");
      await user.click(screen.getByRole("button", { name: "Restart the engine" }));
      expect(backend.requests("engineStart")).toHaveLength(1);
    });

    test.each(["working", "asksPermission", "asksQuestion", "retrying"] as const)("offers none while one thread is %s", async (mark) => {
      const [first, ...others] = fakeResting();
      await openWith(fakeEngines.memoryHigh, first ? [{ ...first, mark }, ...others] : []);
      expect(screen.queryByTestId("engine-restart")).toBeNull();
    });

    test("says why a restart was refused", async () => {
      const { app, backend, user } = await openWith(fakeEngines.backingOff);
      backend.fail("engineStart", { code: "internal", message: "Another window holds the engine." });
      await user.click(screen.getByTestId("engine-restart"));
      expect(app.toasts.list.map((toast) => toast.text)).toEqual(["Another window holds the engine."]);
    });
  });

  test("what is not being saved is told in the thread, for as long as it is so", async () => {
    const { app, backend, user } = await openThread(conversation(session, [person("Go")]));
    expect(screen.queryByTestId("not-saving")).toBeNull();
    backend.push({ safety: { ...fakeSafety, notSaving: "The disk is full." } });
    expect(screen.getByRole("alert").textContent).toContain("What you see is not being saved: The disk is full.");
    backend.push({ safety: fakeSafety });
    expect(screen.queryByTestId("not-saving")).toBeNull();
    backend.push({ safety: { ...fakeSafety, notSaving: "The disk is full." } });
    await user.click(within(screen.getByTestId("not-saving")).getByRole("button", { name: "Open health" }));
    expect(app.state.route.page).toBe("health");
  });

  test("a folder that is gone is told", async () => {
    await openThread(conversation("old-photos", [person("Sort")]));
    expect(screen.getByTestId("folder-gone").textContent).toContain("cannot be read now");
  });
});
