import { fireEvent, screen, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { PairingRow } from "../backend";
import { fakePairing, fakePairingStates, fakeStart } from "../backend/fake";
import { key, openKey, opened as openPalette, run, type } from "../test/palette";
import { openWindow, settle } from "../test/window";

const withPairings = (...rows: PairingRow[]) => {
  const start = fakeStart();
  start.pairings.rows = rows;
  return start;
};
const open = (...rows: PairingRow[]) => openWindow({ start: withPairings(...rows) });
const mark = () => screen.queryByTestId("status-paired");

describe("the status bar", () => {
  test("says on every page that somebody may reach in, and where from", async () => {
    const { app } = await open(fakePairing());
    expect(mark()?.textContent).toBe("Paired");
    expect(mark()?.getAttribute("aria-label")).toBe("Paired. Open pairing");
    app.openSession("pricing-copy");
    await settle();
    fireEvent.click(mark() as HTMLElement);
    expect(app.state.route).toEqual({ page: "settings", section: "pairing" });
  });

  test.each([
    ["online", "online", "Paired"],
    ["connecting", "offline", "Paired, not connected"],
    ["offline", "offline", "Paired, not connected"],
  ] as const)("a pairing that is %s", async (state, shown, words) => {
    await open(fakePairing({ state }));
    expect([mark()?.dataset["state"], mark()?.textContent]).toEqual([shown, words]);
  });

  test.each(["waiting", "expired", "paused", "revoking", "revoked"] as const)("says nothing of one that nobody can reach in over: %s", async (state) => {
    await open(fakePairing({ state }));
    expect(mark()).toBeNull();
    expect(screen.queryByTestId("status-pairing-stuck")).toBeNull();
  });

  test("says that one waits for the person, beside those that work", async () => {
    await open(...fakePairingStates);
    expect(mark()?.textContent).toBe("Paired");
    expect(screen.getByTestId("status-pairing-stuck").textContent).toBe("3 pairings need you");
  });
});

describe("a pairing that was ended at the server", () => {
  test("is told once as it happens, with a way to look at it", async () => {
    const { app, backend } = await open(fakePairing());
    const over = { ...fakePairing({ state: "revoked", trouble: "revokedThere" }) };
    const push = () => backend.push({ pairings: { ...backend.world.pairings, rows: [over] } });
    push();
    push();
    expect(app.toasts.list).toHaveLength(1);
    expect(app.toasts.list[0]?.text).toBe("releases.example.net ended the pairing. Nothing leaves and nothing comes in from there any more.");
    fireEvent.click(screen.getByTestId("toast-action"));
    expect(app.state.route).toEqual({ page: "settings", section: "pairing" });
    expect(mark()).toBeNull();
  });

  test("is not told of one that was revoked here", async () => {
    const { app, backend } = await open(fakePairing({ state: "revoking" }));
    backend.push({ pairings: { ...backend.world.pairings, rows: [fakePairing({ state: "revoked" })] } });
    expect(app.toasts.list).toEqual([]);
  });
});

describe("a thread's menu", () => {
  const menu = (session: string) => {
    const row = screen.getAllByTestId("session-row").find((each) => each.dataset["session"] === session) as HTMLElement;
    fireEvent.contextMenu(row);
    return within(screen.getByRole("menu"));
  };

  test("has nothing of sharing where there is no pairing, or only ones that are over", async () => {
    await open(fakePairing({ state: "revoked" }));
    expect(menu("invoices").queryByRole("menuitem", { name: /shar/i })).toBeNull();
  });

  test("shares a thread after a question that says what that means", async () => {
    const { backend, app } = await open(fakePairing());
    fireEvent.click(menu("invoices").getByRole("menuitem", { name: "Share with releases.example.net…" }));
    const dialog = await screen.findByRole("dialog", { name: "Share this thread with releases.example.net?" });
    expect(dialog.textContent).toContain("“Invoices to a sheet” goes there with everything said in it so far and from now on.");
    expect(backend.requests("pairingShare")).toEqual([]);
    fireEvent.click(screen.getByTestId("share-confirm"));
    await settle();
    expect(backend.requests("pairingShare")).toEqual([{ pairing: "pairing-1", session: "invoices" }]);
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(app.toasts.list.at(-1)?.text).toBe("The thread is shared with releases.example.net.");
    expect(menu("invoices").getByRole("menuitem", { name: "Stop sharing with releases.example.net" })).toBeTruthy();
  });

  test("stops sharing at once, says so, and says why where it did not", async () => {
    const { backend, app } = await open(fakePairing());
    backend.fail("pairingUnshare", { code: "notSaved", message: "The disk is full." });
    fireEvent.click(menu("pricing-copy").getByRole("menuitem", { name: "Stop sharing with releases.example.net" }));
    await settle();
    expect(app.toasts.list.at(-1)?.text).toBe("The thread is still shared with releases.example.net. The disk is full.");
    expect(backend.requests("pairingUnshare")).toEqual([{ pairing: "pairing-1", session: "pricing-copy" }]);
  });

  test("says that a thread is shared along with its folder", async () => {
    await open(fakePairing());
    const entry = menu("flaky-retry").getByRole("menuitem", { name: "Shared with releases.example.net by its folder" });
    expect(entry.getAttribute("aria-disabled")).toBe("true");
  });

  test("names this desktop too where two pairings have one server", async () => {
    await open(fakePairing(), fakePairing({ id: "pairing-2", label: "Night desk", threads: [], folders: [] }));
    expect(menu("invoices").getByRole("menuitem", { name: "Share with releases.example.net (Night desk)…" })).toBeTruthy();
  });

  test("leaves what was not shared as it was, with the reason in the dialog", async () => {
    const { backend } = await open(fakePairing());
    backend.fail("pairingShare", { code: "notSaved", message: "The disk is full." });
    fireEvent.click(menu("invoices").getByRole("menuitem", { name: /^Share with/ }));
    fireEvent.click(await screen.findByTestId("share-confirm"));
    await settle();
    expect(within(screen.getByRole("dialog")).getByRole("alert").textContent).toBe("The disk is full.");
  });
});

describe("the palette", () => {
  test("pairs with a server: it goes to the page and opens the form", async () => {
    const { app } = await openPalette({ start: withPairings() });
    run(">pair with a server");
    await settle();
    expect(app.state.route).toEqual({ page: "settings", section: "pairing" });
    expect(await screen.findByTestId("pairing-new")).toBeTruthy();
  });

  test("pauses all pairings at once, and offers to only while one is open", async () => {
    const { backend } = await openPalette({ start: withPairings(...fakePairingStates) });
    run(">pause all pairings");
    await settle();
    expect(backend.requests("pairingPause")).toEqual([{ pairing: "pairing-1" }, { pairing: "pairing-4" }, { pairing: "pairing-5" }]);
    openKey();
    type(">pause all pairings");
    expect(screen.queryByText("Pause all pairings")).toBeNull();
    key("Escape");
  });

  test("shares the open thread, and stops that", async () => {
    const { backend, app } = await openPalette({ start: withPairings(fakePairing()) }, "invoices");
    run(">share this thread with releases");
    fireEvent.click(await screen.findByTestId("share-confirm"));
    await settle();
    expect(backend.requests("pairingShare")).toEqual([{ pairing: "pairing-1", session: "invoices" }]);
    openKey();
    run(">stop sharing this thread with releases");
    await settle();
    expect(backend.requests("pairingUnshare")).toEqual([{ pairing: "pairing-1", session: "invoices" }]);
    expect(app.toasts.list.at(-1)?.text).toContain("no longer shared");
  });
});
