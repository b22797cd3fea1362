import { fireEvent, screen, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
import { fakeFirstStart, fakeStart } from "../backend/fake";
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
    const news = screen.getAllByRole("listitem").map((item) => item.textContent);
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
    start.engine = { kind: "failed", code: "exited", message: "The engine ended as soon as it started.", log: ["panic: address in use"] };
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
