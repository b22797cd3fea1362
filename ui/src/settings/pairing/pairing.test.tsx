import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PairingState } from "../../backend";
import { fakePairing, fakePairingStates } from "../../backend/fake";
import { openPairings } from "../../test/pairings";
import { settle } from "../../test/window";

const lines = () => screen.getAllByTestId("pairing");
const line = (id: string) => lines().find((each) => each.dataset["id"] === id) as HTMLElement;
const details = async (id = "pairing-1") => {
  fireEvent.click(within(line(id)).getByTestId("pairing-open"));
  await settle();
  return within(line(id));
};
const policy = (field: string) => within(document.querySelector<HTMLElement>(`[data-policy='${field}']`) as HTMLElement);

describe("without a pairing", () => {
  test("the page says what pairing is and what it is not, with one thing to do", async () => {
    await openPairings([]);
    const words = screen.getByTestId("pairing-empty").textContent;
    for (const said of ["Paired with no server", "No open port", "What leaves", "What never leaves", "Whose word counts"]) expect(words).toContain(said);
    expect(screen.queryByTestId("pairing-audit")).not.toBeNull();
    expect(screen.getByTestId("pairing-begin").className).toContain("button--primary");
  });

  test("a build that allows none says so, and offers none", async () => {
    await openPairings([], { forbidden: true });
    expect(screen.getByTestId("pairing-forbidden").textContent).toContain("allows no pairing");
    expect((screen.getByTestId("pairing-begin") as HTMLButtonElement).disabled).toBe(true);
  });

  test("no more can be made than there may be, and revoked ones do not count", async () => {
    const over = fakePairing({ id: "over", state: "revoked" });
    const { change } = await openPairings([fakePairing(), over], { limit: 1 });
    expect((screen.getByTestId("pairing-begin") as HTMLButtonElement).disabled).toBe(true);
    expect(screen.getByText("There may be one pairing. Revoke it to make another.")).toBeTruthy();
    change("pairing-1", { state: "revoked" });
    expect((screen.getByTestId("pairing-begin") as HTMLButtonElement).disabled).toBe(false);
  });
});

describe("how a pairing stands", () => {
  const said: Record<PairingState, string> = {
    waiting: "Waits for the server to know it",
    expired: "Token expired",
    connecting: "Connecting",
    online: "Online",
    offline: "Offline since",
    paused: "Paused since",
    needsYou: "Needs you",
    revoking: "Being revoked",
    revoked: "Ended by the server",
  };
  test("is said in words, with a sign of its own for each state", async () => {
    await openPairings(fakePairingStates);
    expect(lines()).toHaveLength(fakePairingStates.length);
    const signs = new Map<string, string>();
    for (const { id, state } of fakePairingStates) {
      expect(within(line(id)).getByTestId("pairing-state").textContent).toContain(said[state]);
      signs.set(state, line(id).querySelectorAll(".pair-toggle path")[1]?.getAttribute("d") ?? "");
    }
    // On its way to a first answer and on its way to the next are the same: both wait for the server.
    expect(new Set(signs.values()).size).toBe(Object.keys(said).length - 1);
  });

  test.each([
    ["pairing-3", "renew", "Make another token"],
    ["pairing-5", "sync", "Try again now"],
    ["pairing-7", "renew", "Make another token"],
    ["pairing-8", "pastProxy", "Connect past the proxy"],
    ["pairing-9", "storage", "Open storage"],
  ])("has one repair where it can be mended: %s", async (id, repair, words) => {
    await openPairings(fakePairingStates);
    const button = within(line(id)).getByTestId("pairing-repair");
    expect([button.dataset["repair"], button.textContent]).toEqual([repair, words]);
  });

  test("says why it is offline, that it is tried again, what waits, and the server's words behind a press", async () => {
    const { backend, change } = await openPairings(fakePairingStates);
    const far = within(line("pairing-5"));
    expect(far.getByTestId("pairing-trouble").textContent).toContain("Nothing answers at the server’s address. Nothing is lost. It is tried again by itself.");
    expect(far.getByTestId("pairing-state").textContent).toContain("12 events wait to be sent");
    expect(far.getByText("connection refused")).toBeTruthy();
    expect(far.queryByTestId("pairing-next-try")).toBeNull();
    change("pairing-5", { nextTry: Date.now() + 42_900 });
    expect(far.getByTestId("pairing-next-try").textContent).toMatch(/^Next try in 0:4[0-2]\.$/);
    change("pairing-5", { nextTry: Date.now() - 1 });
    expect(far.getByTestId("pairing-next-try").textContent).toBe("Trying now.");
    fireEvent.click(far.getByTestId("pairing-repair"));
    expect(backend.requests("pairingSync")).toEqual([{ pairing: "pairing-5" }]);
  });

  test("mends an address that a proxy hides by going past it, with all else as it was", async () => {
    const { backend } = await openPairings(fakePairingStates);
    fireEvent.click(within(line("pairing-8")).getByTestId("pairing-repair"));
    await settle();
    expect(backend.requests("pairingUpdate")).toEqual([{ pairing: "pairing-8", label: "Proxied desk", policy: fakePairing().policy, folders: ["atlas"], pastProxy: true }]);
  });

  test("gives another token to a pairing that works, once it was said what that means", async () => {
    const { backend } = await openPairings();
    fireEvent.click(screen.getByTestId("pairing-open"));
    await settle();
    fireEvent.click(screen.getByTestId("pairing-rotate"));
    expect(screen.getByRole("dialog").textContent).toContain("From then on the old one opens nothing.");
    expect(backend.requests("pairingRenew")).toEqual([]);
    fireEvent.click(screen.getByTestId("pairing-rotate-sure"));
    await settle();
    expect(backend.requests("pairingRenew")).toEqual([{ pairing: "pairing-1" }]);
    expect(screen.queryByTestId("pairing-rotate-sure")).toBeNull();
    expect(screen.getByTestId("pairing-token-text").textContent).toMatch(/^ocp_/);
  });

  test("one that is over can only be read", async () => {
    await openPairings(fakePairingStates);
    for (const id of ["pairing-10", "pairing-11"]) {
      expect(within(line(id)).queryByTestId("pairing-revoke")).toBeNull();
      const inside = await details(id);
      expect(inside.queryByTestId("pairing-share")).toBeNull();
      expect(inside.getByRole("radiogroup", { name: "Approvals" }).getAttribute("aria-disabled")).toBe("true");
    }
    expect(within(line("pairing-11")).getByTestId("pairing-trouble").textContent).toContain("Somebody ended the pairing at the server.");
  });

  test("follows what the core says, and keeps the focus and what is open meanwhile", async () => {
    const { change } = await openPairings();
    const inside = await details();
    const toggle = inside.getByTestId("pairing-open");
    toggle.focus();
    change("pairing-1", { state: "offline", trouble: "unreachable" });
    expect(document.activeElement).toBe(toggle);
    expect(inside.getByTestId("pairing-details")).toBeTruthy();
    expect(inside.getByTestId("pairing-state").textContent).toContain("Offline since");
  });

  test("says what was done last and by whom", async () => {
    await openPairings();
    expect(screen.getByTestId("pairing-state").textContent).toContain("last: prompt by Mara Voss");
  });
});

describe("what can be done with it", () => {
  test("it is paused and goes on, and says so when it stays as it was", async () => {
    const { backend } = await openPairings();
    fireEvent.click(screen.getByTestId("pairing-pause"));
    await settle();
    expect(screen.getByTestId("pairing-state").textContent).toContain("Paused since");
    expect(screen.getByText("Nothing leaves and nothing comes in.")).toBeTruthy();
    backend.fail("pairingResume", { code: "notSaved", message: "The disk is full." });
    fireEvent.click(screen.getByRole("button", { name: "Resume Release desk" }));
    await settle();
    expect(screen.getByRole("alert").textContent).toBe("It stayed as it was. The disk is full.");
  });

  test("it is synced now, with a word while that takes", async () => {
    const { backend } = await openPairings();
    let answer = () => {};
    backend.answer("pairingSync", () => new Promise((done) => (answer = () => done(fakePairing()))));
    const button = screen.getByTestId("pairing-sync");
    button.focus();
    fireEvent.click(button);
    expect(button.textContent).toBe("Syncing");
    fireEvent.click(button);
    expect(backend.requests("pairingSync")).toHaveLength(1);
    answer();
    await settle();
    expect([button.textContent, document.activeElement]).toEqual(["Sync now", button]);
  });

  test("it is revoked after a question that says what that means, and no earlier", async () => {
    const { backend } = await openPairings();
    fireEvent.click(screen.getByTestId("pairing-revoke"));
    const dialog = screen.getByRole("dialog", { name: "Revoke the pairing with releases.example.net?" });
    expect(dialog.textContent).toContain("The server is told at once.");
    expect(dialog.textContent).toContain("What was already sent stays at the server");
    expect(backend.requests("pairingRevoke")).toEqual([]);
    fireEvent.click(screen.getByTestId("pairing-revoke-confirm"));
    await settle();
    expect(backend.requests("pairingRevoke")).toEqual([{ pairing: "pairing-1" }]);
    // The server was told, so that nothing of it is left; the focus is where the list was.
    expect([screen.queryByRole("dialog"), screen.queryByTestId("pairing")]).toEqual([null, null]);
    expect(document.activeElement?.textContent).toBe("Pairings");
  });

  test("what was never paired, and what the server ended, is taken off the list without a question", async () => {
    const { backend } = await openPairings(fakePairingStates);
    for (const id of ["pairing-3", "pairing-11"]) {
      expect(within(line(id)).queryByTestId("pairing-revoke")).toBeNull();
      fireEvent.click(within(line(id)).getByTestId("pairing-remove"));
      await settle();
    }
    expect(backend.requests("pairingRevoke")).toEqual([{ pairing: "pairing-3" }, { pairing: "pairing-11" }]);
    expect(lines()).toHaveLength(fakePairingStates.length - 2);
  });

  test("it can be revoked offline, which holds here at once", async () => {
    await openPairings([fakePairing({ state: "offline", trouble: "unreachable" })]);
    fireEvent.click(screen.getByTestId("pairing-revoke"));
    expect(screen.getByRole("dialog").textContent).toContain("Revoking holds here at once, and the server is told as soon as it answers.");
    fireEvent.click(screen.getByTestId("pairing-revoke-confirm"));
    await settle();
    expect(screen.getByTestId("pairing-trouble").textContent).toContain("Nothing leaves and nothing comes in from now on.");
    expect(document.activeElement).toBe(screen.getByTestId("pairing-open"));
  });

  test("the dialog stays and says why when it was not revoked", async () => {
    const { backend } = await openPairings();
    backend.fail("pairingRevoke", { code: "notSaved", message: "The disk is full." });
    fireEvent.click(screen.getByTestId("pairing-revoke"));
    fireEvent.click(screen.getByTestId("pairing-revoke-confirm"));
    await settle();
    expect(within(screen.getByRole("dialog")).getByRole("alert").textContent).toBe("The disk is full.");
  });

  test("its name is changed, and cannot be empty", async () => {
    const { backend } = await openPairings();
    const inside = await details();
    const field = inside.getByTestId<HTMLInputElement>("pairing-label");
    fireEvent.input(field, { target: { value: "  " } });
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect((inside.getByTestId("pairing-rename") as HTMLButtonElement).disabled).toBe(true);
    fireEvent.input(field, { target: { value: "Night desk" } });
    fireEvent.submit(field.form as HTMLFormElement);
    await settle();
    expect(backend.requests("pairingUpdate")).toMatchObject([{ pairing: "pairing-1", label: "Night desk" }]);
    expect(inside.queryByTestId("pairing-rename")).toBeNull();
  });
});

describe("what may come in and go out", () => {
  test("is saved as it is chosen, each alone", async () => {
    const { backend } = await openPairings();
    await details();
    fireEvent.click(policy("prompts").getByRole("radio", { name: "Off" }));
    await settle();
    fireEvent.click(policy("localPaths").getByRole("switch"));
    await settle();
    expect(backend.requests("pairingUpdate")).toMatchObject([{ policy: { prompts: false, localPaths: false } }, { policy: { prompts: false, localPaths: true } }]);
    expect(policy("prompts").getByRole("radio", { name: "Off" }).getAttribute("aria-checked")).toBe("true");
  });

  test("arrows move among the choices without choosing, for one of them opens a dialog", async () => {
    const { backend } = await openPairings();
    await details();
    const confirm = policy("approvals").getByRole("radio", { name: "Confirm here" });
    confirm.focus();
    fireEvent.keyDown(confirm, { key: "ArrowRight" });
    expect(document.activeElement).toBe(policy("approvals").getByRole("radio", { name: "Allow" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(backend.requests("pairingUpdate")).toEqual([]);
  });

  test.each([
    ["approvals", "Let releases.example.net allow what agents ask for?"],
    ["questions", "Let releases.example.net answer what agents ask?"],
  ])("what would let somebody act unseen is explained first: %s", async (field, title) => {
    const { backend } = await openPairings();
    await details();
    fireEvent.click(policy(field).getByRole("radio", { name: "Allow" }));
    const dialog = screen.getByRole("dialog", { name: title });
    expect(dialog.textContent).toContain("Your computer asks once more in a dialog of its own");
    expect(backend.requests("pairingUpdate")).toEqual([]);
    fireEvent.click(within(dialog).getByRole("button", { name: "Cancel" }));
    expect(policy(field).getByRole("radio", { name: "Confirm here" }).getAttribute("aria-checked")).toBe("true");
    fireEvent.click(policy(field).getByRole("radio", { name: "Allow" }));
    fireEvent.click(screen.getByTestId("pairing-risk-confirm"));
    await settle();
    expect(backend.requests("pairingUpdate")).toMatchObject([{ policy: { [field]: "remoteAllowed" } }]);
    expect(policy(field).getByRole("radio", { name: "Allow" }).getAttribute("aria-checked")).toBe("true");
    // The way back needs no question.
    fireEvent.click(policy(field).getByRole("radio", { name: "Confirm here" }));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("a person who says no to the system's dialog leaves it as it was, and is told", async () => {
    const { backend } = await openPairings();
    backend.known.agrees = false;
    await details();
    fireEvent.click(policy("approvals").getByRole("radio", { name: "Allow" }));
    fireEvent.click(screen.getByTestId("pairing-risk-confirm"));
    await settle();
    expect(policy("approvals").getByRole("radio", { name: "Confirm here" }).getAttribute("aria-checked")).toBe("true");
    expect(policy("approvals").getByRole("alert").textContent).toContain("not agreed to");
  });

  test("a build that lets no answer count without a word here offers no such choice", async () => {
    await openPairings([fakePairing()], { remoteAnswersForbidden: true });
    await details();
    expect(policy("approvals").queryByRole("radio", { name: "Allow" })).toBeNull();
    expect(screen.getByText(/lets no answer from afar count/)).toBeTruthy();
  });
});

describe("what is shared", () => {
  const row = (id: string) => [...screen.getAllByTestId("pairing-share-folder"), ...screen.getAllByTestId("pairing-share-thread")].find((each) => each.dataset["id"] === id) as HTMLInputElement;

  test("folders and threads are shared and shared no longer, by the core's word", async () => {
    const { backend } = await openPairings();
    await details();
    expect([row("atlas").checked, row("site").checked, row("pricing-copy").checked]).toEqual([true, false, true]);
    fireEvent.click(row("site"));
    await settle();
    expect(backend.requests("pairingUpdate")).toMatchObject([{ folders: ["atlas", "site"] }]);
    expect(row("site").checked).toBe(true);
    const thread = row("invoices");
    thread.focus();
    fireEvent.click(thread);
    await settle();
    // Neither the row nor the focus moves.
    expect([row("invoices"), document.activeElement]).toEqual([thread, thread]);
    expect(backend.requests("pairingShare")).toEqual([{ pairing: "pairing-1", session: "invoices" }]);
    fireEvent.click(row("invoices"));
    await settle();
    expect(backend.requests("pairingUnshare")).toEqual([{ pairing: "pairing-1", session: "invoices" }]);
  });

  test("a thread of a shared folder says so and cannot be left out", async () => {
    const { backend } = await openPairings();
    await details();
    const thread = row("flaky-retry");
    expect([thread.checked, thread.getAttribute("aria-disabled")]).toEqual([true, "true"]);
    expect(thread.closest("label")?.textContent).toContain("shared with atlas-api");
    fireEvent.click(thread);
    expect(backend.requests("pairingUnshare")).toEqual([]);
  });

  test("what was not taken stays as it was, with the reason beside it", async () => {
    const { backend } = await openPairings();
    backend.fail("pairingShare", { code: "notSaved", message: "The disk is full." });
    await details();
    fireEvent.click(row("invoices"));
    await settle();
    expect(row("invoices").checked).toBe(false);
    expect(row("invoices").closest("li")?.querySelector("[role='alert']")?.textContent).toBe("The disk is full.");
  });

  test("a search finds folders and threads, old ones too, says when nothing fits, and is cleared by Escape", async () => {
    const { backend, app } = await openPairings();
    await details();
    const field = screen.getByTestId<HTMLInputElement>("pairing-share-search");
    const old = { ...structuredClone(backend.world.sessions[0]), id: "old", title: "An old thread about photos", parent: null };
    backend.answer("search", async () => ({ hits: [{ session: old, messages: 1, changedFiles: 0, tokens: 1, titleMarks: [], place: null, snippet: null }], found: 1, capped: false, wantsWord: false, folders: [], agents: [], models: [], tags: [], ages: [], hasChanges: 0, needsYou: 0, unread: 0 }) as never);
    fireEvent.input(field, { target: { value: "photos" } });
    await waitFor(() => expect(row2()).toContain("old"));
    expect(row2()).toContain("old-photos");
    backend.answer("search", async () => ({ hits: [], found: 0, capped: false, wantsWord: false, folders: [], agents: [], models: [], tags: [], ages: [], hasChanges: 0, needsYou: 0, unread: 0 }));
    fireEvent.input(field, { target: { value: "xyzzy" } });
    await waitFor(() => expect(screen.getByTestId("pairing-share-none").textContent).toBe("No folder and no thread fits “xyzzy”"));
    fireEvent.keyDown(field, { key: "Escape" });
    expect([field.value, app.state.route.page]).toEqual(["", "settings"]);
  });
  const row2 = () => screen.queryAllByTestId("pairing-share-thread").map((each) => each.dataset["id"]);
});

describe("exactly what would be sent", () => {
  const choose = async (name: string) => {
    fireEvent.click(screen.getByTestId("pairing-preview-thread"));
    fireEvent.click(screen.getByRole("option", { name: new RegExp(name) }));
    await settle();
  };

  test("is shown for a thread that is chosen, with what was taken out marked, its size and a way to copy it", async () => {
    const written = vi.fn(async () => undefined);
    vi.spyOn(navigator.clipboard, "writeText").mockImplementation(written);
    const { backend } = await openPairings();
    await details();
    await choose("Pricing page copy");
    expect(backend.requests("pairingPreview")).toEqual([{ pairing: "pairing-1", policy: null, session: "pricing-copy", page: 0 }]);
    expect(screen.getByTestId("pairing-preview-facts").textContent).toBe("Shared now · 2 events · 231 B · 1 thing taken out");
    expect([...document.querySelectorAll(".pair-event mark")].map((mark) => mark.textContent)).toEqual(["[redacted]"]);
    fireEvent.click(screen.getByTestId("pairing-preview-copy"));
    await settle();
    expect(written).toHaveBeenCalledWith(backend.known.preview.events.join("\n"));
  });

  test("is bounded: page by page, and an event that is long folds", async () => {
    const { backend } = await openPairings();
    backend.known.preview = { ...backend.known.preview, events: [JSON.stringify({ text: "x".repeat(9_000) })], pages: 3, cut: true };
    await details();
    await choose("Pricing page copy");
    const event = document.querySelector(".pair-event pre");
    expect(event?.textContent?.length).toBe(4_000);
    fireEvent.click(screen.getByTestId("pairing-preview-all"));
    expect(event?.textContent?.length).toBeGreaterThan(9_000);
    expect(screen.getByText("1 of 3")).toBeTruthy();
    expect((screen.getByTestId("pairing-preview-before") as HTMLButtonElement).disabled).toBe(true);
    fireEvent.click(screen.getByTestId("pairing-preview-after"));
    await settle();
    expect(backend.requests("pairingPreview").at(-1)).toMatchObject({ page: 1 });
    expect(screen.getByTestId("pairing-preview-facts").textContent).toContain("older messages are not sent");
  });

  test("says why it cannot be put together, and tries again", async () => {
    const { backend } = await openPairings();
    backend.fail("pairingPreview", { code: "internal", message: "It is gone." });
    await details();
    await choose("Pricing page copy");
    const section = within(screen.getByTestId("pairing-preview"));
    expect(section.getByRole("alert").textContent).toContain("could not be put together. It is gone.");
    fireEvent.click(section.getByRole("button", { name: "Try again" }));
    expect(backend.requests("pairingPreview")).toHaveLength(2);
  });
});

beforeEach(() => {
  localStorage.clear();
});
afterEach(() => {
  vi.restoreAllMocks();
});
