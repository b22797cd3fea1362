import { fireEvent, screen } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakePairing, fakeStart } from "../../backend/fake";
import { openPairings } from "../../test/pairings";
import { openWindow, settle } from "../../test/window";

describe("the audit log", () => {
  const actions = () => screen.getAllByTestId("pairing-audit-row").map((row) => row.dataset["action"]);

  test("has who, what and when, the newest first, and what was refused catches the eye", async () => {
    await openPairings();
    expect(actions()).toEqual(["command.completed", "command.blocked", "pairing.remote_allowed_enabled", "pairing.connected", "pairing.created"]);
    const blocked = screen.getAllByTestId("pairing-audit-row")[1];
    expect(blocked?.textContent).toContain("#release channel");
    expect(blocked?.querySelector(".is-danger")?.textContent).toBe("Blocked by policy");
    expect(screen.getByText("kept on this computer, 5 entries, last 5,000")).toBeTruthy();
  });

  test("is filtered by kind", async () => {
    await openPairings();
    fireEvent.click(screen.getByRole("radio", { name: "Refused" }));
    await settle();
    expect(actions()).toEqual(["command.blocked"]);
    fireEvent.click(screen.getByRole("radio", { name: "Pairings" }));
    await settle();
    expect(actions()).toEqual(["pairing.remote_allowed_enabled", "pairing.connected", "pairing.created"]);
  });

  test("of one pairing is asked of the core", async () => {
    const { backend } = await openPairings([fakePairing(), fakePairing({ id: "pairing-2", label: "Night desk" })]);
    fireEvent.click(screen.getByTestId("pairing-audit-pairing"));
    fireEvent.click(screen.getByRole("option", { name: /Night desk/ }));
    await settle();
    expect(backend.requests("pairingAudit").at(-1)).toEqual({ pairing: "pairing-2", before: null });
    expect(screen.getByTestId("pairing-audit-none").textContent).toBe("Nothing happened yet.");
  });

  test("of thousands is drawn in parts, and read on only as far as is looked at", async () => {
    const start = fakeStart();
    start.pairings.rows = [fakePairing()];
    const { backend, app } = await openWindow({ start });
    backend.known.audit = Array.from({ length: 5_000 }, (_, at) => ({ number: 5_000 - at, pairing: "pairing-1", label: "Release desk", action: at % 2 === 0 ? "command.completed" : "command.blocked", who: "Mara Voss", detail: "", at: 5_000 - at }));
    app.openSettings("pairing");
    await settle();
    expect(actions()).toHaveLength(50);
    fireEvent.click(screen.getByTestId("pairing-audit-more"));
    await settle();
    expect(actions()).toHaveLength(100);
    expect(backend.requests("pairingAudit")).toEqual([]);
    fireEvent.click(screen.getByRole("radio", { name: "Refused" }));
    await settle();
    expect(actions()).toHaveLength(50);
    fireEvent.click(screen.getByTestId("pairing-audit-more"));
    await settle();
    expect(actions()).toHaveLength(100);
    expect(backend.requests("pairingAudit")).toEqual([{ pairing: null, before: 4_901 }]);
  });

  test("is read again when something happened, without moving what is read", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { backend, change } = await openPairings();
    backend.known.audit.unshift({ number: 6, pairing: "pairing-1", label: "Release desk", action: "pairing.disabled", who: null, detail: "", at: Date.now() });
    change("pairing-1", { state: "paused" });
    await vi.advanceTimersByTimeAsync(1_100);
    expect(actions()[0]).toBe("pairing.disabled");
    expect(actions()).toHaveLength(6);
    vi.useRealTimers();
  });

  test("is exported into a folder that is picked, and a change of mind says nothing", async () => {
    const { backend, app } = await openPairings();
    fireEvent.click(screen.getByTestId("pairing-audit-export"));
    await settle();
    expect(app.toasts.list.at(-1)?.text).toBe("Written as pairing-audit.json");
    backend.answer("pairingAuditExport", async () => null);
    fireEvent.click(screen.getByTestId("pairing-audit-export"));
    await settle();
    expect(app.toasts.list).toHaveLength(1);
    backend.fail("pairingAuditExport", { code: "notSaved", message: "The disk is full." });
    fireEvent.click(screen.getByTestId("pairing-audit-export"));
    await settle();
    expect(app.toasts.list.at(-1)?.text).toBe("The audit log was not written. The disk is full.");
  });

  test("that cannot be read says so, and the pairings stay usable", async () => {
    const start = fakeStart();
    start.pairings.rows = [fakePairing()];
    const { backend, app } = await openWindow({ start });
    backend.fail("pairingList", { code: "internal", message: "The database is locked." });
    app.openSettings("pairing");
    await settle();
    expect(screen.getByRole("alert").textContent).toContain("The audit log could not be read. The database is locked.");
    expect(screen.getByTestId("pairing-pause")).toBeTruthy();
  });
});

beforeEach(() => {
  localStorage.clear();
});
afterEach(() => {
  vi.restoreAllMocks();
});
