import { fireEvent, screen, within } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PairingAddress, PairingRow } from "../../backend";
import { fakeStart } from "../../backend/fake";
import { openWindow } from "../../test/window";
import { rest } from "./addressCheck";
import { qrPath } from "./qrPath";
import { piecesOf, readable } from "./sentText";

async function begin() {
  const start = fakeStart();
  const opened = await openWindow({ start });
  opened.app.openSettings("pairing");
  await tick();
  fireEvent.click(screen.getByTestId("pairing-begin"));
  const change = (what: Partial<PairingRow>) => opened.backend.push({ pairings: { ...opened.backend.world.pairings, rows: opened.backend.world.pairings.rows.map((row) => ({ ...row, ...what })) } });
  return { ...opened, change };
}
const tick = (time = 0) => vi.advanceTimersByTimeAsync(time);
const address = () => screen.getByTestId<HTMLInputElement>("pairing-address");
const type = (value: string) => fireEvent.input(address(), { target: { value } });
const name = (value: string) => fireEvent.input(screen.getByTestId("pairing-name"), { target: { value } });
const verdict = () => screen.getByTestId("pairing-verdict");
const make = () => screen.getByTestId("pairing-create") as HTMLButtonElement;
const card = () => screen.getByTestId("pairing-token");
const filled = async () => {
  type("https://cowork.example.org");
  name("Studio, second desk");
  await tick(rest);
};
const created = async () => {
  await filled();
  fireEvent.click(make());
  await tick();
};

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the server's address", () => {
  test("has the focus, and is judged once typing rests, for what is written last alone", async () => {
    const { backend } = await begin();
    expect(document.activeElement).toBe(address());
    type("https://cowork");
    type("https://cowork.example");
    expect(backend.requests("pairingCheckAddress")).toEqual([]);
    expect(verdict().dataset["kind"]).toBe("judging");
    await tick(rest);
    expect(backend.requests("pairingCheckAddress")).toEqual([{ address: "https://cowork.example", pastProxy: false }]);
    expect(verdict().textContent).toContain("Answers over https, public address");
  });

  test("that was written over meanwhile is not judged by a late answer", async () => {
    const { backend } = await begin();
    const answers: ((found: PairingAddress) => void)[] = [];
    backend.answer("pairingCheckAddress", () => new Promise((done) => answers.push(done)));
    type("https://first.example");
    await tick(rest);
    type("https://second.example");
    await tick(rest);
    answers[1]?.({ kind: "refused", reason: "It is private." });
    await tick();
    answers[0]?.({ kind: "answers", address: "https://first.example", host: "first.example", reach: "public", secure: true, behindProxy: false, known: true });
    await tick();
    expect(verdict().textContent).toBe("Not used: It is private.");
    expect(address().getAttribute("aria-invalid")).toBe("true");
    expect(make().disabled).toBe(true);
  });

  test("that takes long to judge says for how long, in sight alone", async () => {
    const { backend } = await begin();
    backend.answer("pairingCheckAddress", () => new Promise(() => {}));
    type("https://slow.example");
    expect(verdict().textContent).toBe("Checking where it leads…");
    await tick(rest + 2_300);
    expect(verdict().querySelector("[aria-hidden='true']")?.textContent).toMatch(/0:0[1-3]/);
  });

  test.each<[string, PairingAddress, string, boolean]>([
    ["on this computer", { kind: "answers", address: "http://127.0.0.1:8080", host: "127.0.0.1", reach: "loopback", secure: false, behindProxy: false, known: true }, "Answers on this computer", true],
    ["that is silent", { kind: "silent", address: "https://a.example", host: "a.example", behindProxy: false, reason: "Connection refused." }, "nothing answers there now. Connection refused.", true],
    ["of something else", { kind: "answers", address: "https://a.example", host: "a.example", reach: "public", secure: true, behindProxy: false, known: false }, "but not as a server for pairing does", true],
    ["that is refused", { kind: "refused", reason: "It leads into a private network." }, "Not used: It leads into a private network.", false],
  ])("%s is said to be so", async (_what, found, words, usable) => {
    const { backend } = await begin();
    backend.known.address = () => found;
    await filled();
    expect(verdict().textContent).toContain(words);
    expect(make().disabled).toBe(!usable);
  });

  test("behind a proxy is said to be, and the proxy can be passed", async () => {
    const { backend } = await begin();
    backend.known.address = (written, past) => ({ kind: "answers", address: written, host: "a.example", reach: "public", secure: true, behindProxy: !past, known: true });
    await filled();
    expect(screen.getByTestId("pairing-proxy").textContent).toContain("judged by its name");
    fireEvent.click(screen.getByTestId("pairing-past-proxy"));
    await tick();
    expect(backend.requests("pairingCheckAddress").at(-1)).toEqual({ address: "https://cowork.example.org", pastProxy: true });
    expect(screen.getByTestId("pairing-proxy").textContent).toContain("Connects past the proxy");
    fireEvent.click(make());
    await tick();
    expect(backend.requests("pairingCreate")).toMatchObject([{ pastProxy: true }]);
  });

  test("that could not be judged is judged again", async () => {
    const { backend } = await begin();
    backend.fail("pairingCheckAddress", { code: "internal", message: "No network." });
    await filled();
    expect(verdict().textContent).toContain("It could not be checked. No network.");
    fireEvent.click(within(verdict()).getByRole("button"));
    await tick();
    expect(backend.requests("pairingCheckAddress")).toHaveLength(2);
  });
});

describe("a new pairing", () => {
  test("says what is still to be done before its token can be made", async () => {
    await begin();
    expect(screen.getByText("Enter the server’s address.")).toBeTruthy();
    type("https://cowork.example.org");
    expect(screen.getByText("The address is being checked.")).toBeTruthy();
    await tick(rest);
    expect(screen.getByText("Give this desktop a name.")).toBeTruthy();
    name("Studio");
    expect(make().disabled).toBe(false);
    expect(screen.getByText(/Shares no thread yet/)).toBeTruthy();
  });

  test("is made with what was chosen, and its token is shown", async () => {
    const { backend } = await begin();
    const boxes = () => [...screen.getAllByTestId("pairing-share-folder"), ...screen.getAllByTestId("pairing-share-thread")];
    fireEvent.click(boxes().find((box) => box.dataset["id"] === "site") as HTMLElement);
    fireEvent.click(boxes().find((box) => box.dataset["id"] === "invoices") as HTMLElement);
    expect(screen.getByText("Shares 2 folders and threads, chosen below.")).toBeTruthy();
    fireEvent.click(screen.getByTestId("pairing-artifactBodies"));
    await created();
    expect(backend.requests("pairingCreate")).toEqual([
      {
        address: "https://cowork.example.org",
        label: "Studio, second desk",
        policy: { prompts: true, abort: true, approvals: "localConfirmation", questions: "localConfirmation", artifactBodies: true, localPaths: false, toolServers: false, attachments: false },
        folders: ["site"],
        threads: ["invoices"],
        pastProxy: false,
      },
    ]);
    expect(screen.getByTestId("pairing-token-text").textContent).toMatch(/^ocp_/);
    expect(screen.getByRole("img", { name: /QR code/ })).toBeTruthy();
    expect(screen.getByTestId("pairing-token-left").textContent).toMatch(/^Expires in (10:00|9:5\d)$/);
    expect(document.activeElement).toBe(screen.getByTestId("pairing-copy-link"));
    // Entered by hand it takes the ids too.
    expect([...card().querySelectorAll("dd")].map((id) => id.textContent)).toEqual(["made-1", "device-1"]);
    expect(address().readOnly).toBe(true);
    expect(screen.queryByTestId("pairing-policy")).toBeNull();
  });

  test("that lets answers count by themselves is explained before, and not made where the person says no", async () => {
    const { backend } = await begin();
    backend.known.agrees = false;
    await filled();
    const approvals = within(document.querySelector<HTMLElement>("[data-policy='approvals']") as HTMLElement);
    fireEvent.click(approvals.getByRole("radio", { name: "Allow" }));
    expect(screen.getByRole("dialog", { name: "Let cowork.example.org allow what agents ask for?" })).toBeTruthy();
    fireEvent.click(screen.getByTestId("pairing-risk-confirm"));
    fireEvent.click(make());
    await tick();
    expect(screen.getByRole("alert").textContent).toContain("No token was made.");
    expect(screen.queryByTestId("pairing-token")).toBeNull();
    // What was filled in is still there.
    expect(screen.getByTestId<HTMLInputElement>("pairing-name").value).toBe("Studio, second desk");
  });

  test("is given up without a trace, with the focus where it began", async () => {
    const { backend } = await begin();
    type("https://cowork.example.org");
    fireEvent.click(screen.getByTestId("pairing-cancel"));
    await tick();
    expect(screen.queryByTestId("pairing-new")).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId("pairing-begin"));
    expect(backend.requests("pairingCreate")).toEqual([]);
  });

  test("can be looked at before it is made: what would be sent by what is let out", async () => {
    const { backend } = await begin();
    fireEvent.click(screen.getByTestId("pairing-preview-thread"));
    fireEvent.click(screen.getByRole("option", { name: /Pricing page copy/ }));
    await tick();
    fireEvent.click(screen.getByTestId("pairing-localPaths"));
    await tick();
    expect(backend.requests("pairingPreview")).toMatchObject([
      { pairing: null, session: "pricing-copy", policy: { localPaths: false } },
      { pairing: null, session: "pricing-copy", policy: { localPaths: true } },
    ]);
  });
});

describe("a token", () => {
  test("is copied, or its link is", async () => {
    const written = vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async () => undefined);
    const { app } = await begin();
    await created();
    fireEvent.click(screen.getByTestId("pairing-copy-token"));
    await tick();
    expect(written).toHaveBeenLastCalledWith(screen.getByTestId("pairing-token-text").textContent);
    expect(screen.getByTestId("pairing-copy-token").textContent).toBe("Copied");
    fireEvent.click(screen.getByTestId("pairing-copy-link"));
    await tick();
    expect(written).toHaveBeenLastCalledWith(expect.stringMatching(/^https:\/\/cowork\.example\.org\/enrol#pair=/));
    written.mockRejectedValue(new Error("denied"));
    fireEvent.click(screen.getByTestId("pairing-copy-token"));
    await tick();
    expect(app.toasts.list.at(-1)?.text).toContain("could not be copied");
  });

  test("is gone from sight when its time is over, says so, and another can be made", async () => {
    const { backend } = await begin();
    await created();
    const before = screen.getByTestId("pairing-token-text").textContent;
    await tick(9 * 60_000 + 5_000);
    expect(within(card()).getAllByRole("status")[0]?.textContent).toBe("The token expires in less than a minute.");
    await tick(60_000);
    expect(card().dataset["stage"]).toBe("expired");
    expect(screen.queryByTestId("pairing-token-text")).toBeNull();
    expect(screen.queryByTestId("pairing-qr")).toBeNull();
    fireEvent.click(screen.getByTestId("pairing-another"));
    await tick();
    expect(backend.requests("pairingRenew")).toEqual([{ pairing: "made-1" }]);
    expect(screen.getByTestId("pairing-token-text").textContent).not.toBe(before);
  });

  test("says why no other was made, and stays", async () => {
    const { backend } = await begin();
    await created();
    backend.fail("pairingRenew", { code: "internal", message: "The keychain is locked." });
    fireEvent.click(screen.getByTestId("pairing-another"));
    await tick();
    expect(within(card()).getByRole("alert").textContent).toBe("No other token was made. The keychain is locked.");
    expect(screen.getByTestId("pairing-token-text")).toBeTruthy();
  });

  test("waits for the server, and is gone as soon as that has it", async () => {
    const { change } = await begin();
    await created();
    expect(card().textContent).toContain("Waiting for the server");
    change({ trouble: "unreachable" });
    expect(screen.getByTestId("pairing-token-trouble").textContent).toBe("Nothing answers at the server’s address. It is tried again by itself.");
    change({ state: "connecting" });
    await tick();
    expect(card().dataset["stage"]).toBe("paired");
    expect(screen.queryByTestId("pairing-token-text")).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId("pairing-done"));
    fireEvent.click(screen.getByTestId("pairing-done"));
    await tick();
    expect(screen.queryByTestId("pairing-new")).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId("pairing-begin"));
  });

  test("is not there any more once the page was left", async () => {
    const { app } = await begin();
    await created();
    app.openSettings("storage");
    await tick();
    app.openSettings("pairing");
    await tick();
    expect(document.body.textContent).not.toContain("ocp_");
    // Who lost it makes another from the list.
    fireEvent.click(screen.getByTestId("pairing-renew"));
    await tick();
    expect(screen.getByTestId("pairing-token-text").textContent).toMatch(/^ocp_/);
  });

  test("goes when its pairing is revoked meanwhile", async () => {
    const { change } = await begin();
    await created();
    change({ state: "revoked" });
    await tick();
    expect(screen.queryByTestId("pairing-token")).toBeNull();
    expect(document.body.textContent).not.toContain("ocp_");
  });
});

test("a code is one path, a run of a row at a time, within its white edge", () => {
  expect(qrPath(["110", "001"])).toBe("M4 4h2v1h-2zM6 5h1v1h-1z");
  expect(qrPath([])).toBe("");
});

test("what was taken out is told from what is sent, and what is no JSON stays as it is", () => {
  expect(piecesOf('{"a":"[path] and [redacted]","b":["[and 21 more]"]}').filter(({ taken }) => taken).map(({ text }) => text)).toEqual(["[path]", "[redacted]", "[and 21 more]"]);
  expect(piecesOf("[1, 2] [note]")).toEqual([{ text: "[1, 2] [note]", taken: false }]);
  expect(readable("{cut")).toBe("{cut");
});
