import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { asApiError, type Update } from "../backend";
import { netOf } from "../test/cloud/net";
import { allOffers, createServer, fakeThen, online, type FakeServer } from "../test/cloud/server";
import { settle } from "../test/cloud/settle";
import { createHttp } from "./http";
import { createHttpBackend, type Remote } from "./httpBackend";
import { keptDraft } from "./kept";
import type { GivenCommand, Me } from "./wire";

let server: FakeServer;
let remote: Remote;
let signedOut: number;

async function pair(): Promise<void> {
  const http = createHttp(netOf(server));
  http.trust((await http.get<Me>("/api/me")).csrf);
  http.whenSignedOut(() => (signedOut += 1));
  remote = createHttpBackend(http, "dsk_1", online());
}
/** A window that began: what it heard, and how often it began anew. */
async function beginWindow(begin: () => Promise<void> = () => remote.backend.commands.start().then(() => undefined)) {
  const heard: Update[] = [];
  const anew = vi.fn<() => Promise<void>>(begin);
  await remote.backend.commands.start();
  await remote.backend.streams.subscribe((update) => heard.push(update));
  remote.backend.onVoid?.(anew);
  return { heard, anew };
}
const given = (change: Partial<GivenCommand> = {}): GivenCommand => ({ id: "cmd_x", command: "prompt_send", session: "demo", ask: null, text: "Go on", state: "waiting", given: fakeThen, expires: fakeThen + 600_000, reason: null, news: true, ...change });

beforeEach(async () => {
  server = createServer();
  signedOut = 0;
  await pair();
});
afterEach(() => {
  remote.end();
  vi.useRealTimers();
});

describe("a command", () => {
  test("is asked by the name of the registry, with the connection and the token, and answers what the desktop answers", async () => {
    const row = await remote.backend.commands.sessionCreate({ folder: "atlas" });
    expect(row).toMatchObject({ folder: "atlas" });
    const [asked] = server.commands("dsk_1", "session_create");
    expect(asked).toMatchObject({ method: "POST", body: { folder: "atlas" }, headers: { "x-connection": "conn_1", "x-csrf-token": "csrf-1" } });
  });

  test("that acts has a key of its own, and one that reads has none", async () => {
    await remote.backend.commands.promptSend({ session: "demo", text: "One", agent: null, model: "a thread's own" });
    expect(server.core("dsk_1").requests("promptSend")).toMatchObject([{ text: "One", model: null }]);
    await remote.backend.commands.promptSend({ session: "demo", text: "Two", agent: null, model: null });
    await remote.backend.commands.toolText({ session: "demo", call: "c", text: "output" } as never);
    const keys = server.commands("dsk_1", "prompt_send").map(({ headers }) => headers["idempotency-key"]);
    expect(new Set(keys).size).toBe(2);
    expect(keys.every((key) => /^[0-9a-f]{32}$/.test(key ?? ""))).toBe(true);
    expect(server.commands("dsk_1", "tool_text")[0]?.headers).not.toHaveProperty("idempotency-key");
  });

  test("whose way was cut is sent again with the same key and takes effect once", async () => {
    await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    server.setReachable(false);
    const sent = remote.backend.commands.promptSend({ session: "demo", text: "One", agent: null, model: null });
    await vi.advanceTimersByTimeAsync(100);
    server.setReachable(true);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(sent).resolves.toHaveProperty("message");
    expect(server.core("dsk_1").requests("promptSend")).toHaveLength(1);
  });

  test("that never came through says that nobody knows, where it acts, and that nothing answers, where it reads", async () => {
    await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    server.setReachable(false);
    const codes = Promise.all(
      [remote.backend.commands.turnStop({ session: "demo" }), remote.backend.commands.messageSource({ session: "demo", message: "m" })].map((sent) => sent.then(() => "done", asApiError)),
    );
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(codes).resolves.toMatchObject([{ code: "outcomeUnknown" }, { code: "unreachable" }]);
  });

  test("that went out once is not said to be unsent because the server is gone by then", async () => {
    await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    server.setReachable(false);
    const sent = remote.backend.commands.promptSend({ session: "demo", text: "One", agent: null, model: null }).then(() => "done", asApiError);
    // The server that was killed ends both: the request, and the stream.
    await vi.advanceTimersByTimeAsync(10);
    server.breakOff(true);
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(sent).resolves.toMatchObject({ code: "outcomeUnknown" });
  });

  test("that is taken and never answered is given up, asked for again, and in the end nobody knows", async () => {
    await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    server.swallow("POST /api/desktops/dsk_1/commands/prompt_send");
    const sent = remote.backend.commands.promptSend({ session: "demo", text: "One", agent: null, model: null }).then(() => "done", asApiError);
    await vi.advanceTimersByTimeAsync(180_000);
    await expect(sent).resolves.toMatchObject({ code: "outcomeUnknown" });
    expect(new Set(server.commands("dsk_1", "prompt_send").map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  });

  test("that a failing server may have taken is asked for again with its key", async () => {
    await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const path = "/api/desktops/dsk_1/commands/prompt_send";
    for (const answer of [{ status: 500, body: { code: "internal", message: "The server failed." } }, { status: 502, body: "a page of its own" }]) {
      server.fail(`POST ${path}`, answer);
      const sent = remote.backend.commands.promptSend({ session: "demo", text: "One", agent: null, model: null });
      await vi.advanceTimersByTimeAsync(100);
      server.fail(`POST ${path}`, null);
      await vi.advanceTimersByTimeAsync(1_000);
      await expect(sent).resolves.toHaveProperty("message");
      const keys = server.commands("dsk_1", "prompt_send").map(({ headers }) => headers["idempotency-key"]);
      expect(keys.at(-1)).toBe(keys.at(-2));
    }
    expect(server.core("dsk_1").requests("promptSend")).toHaveLength(2);
  });

  test("that the desktop refuses rejects with its code and words", async () => {
    server.core("dsk_1").fail("turnStop", { code: "notFound", message: "That thread is gone." });
    await expect(remote.backend.commands.turnStop({ session: "gone" })).rejects.toMatchObject({ code: "notFound" });
  });

  test("gets a token that holds where somebody signed in beside the page", async () => {
    server.changeCsrf();
    await expect(remote.backend.commands.turnStop({ session: "demo" })).resolves.toBeUndefined();
    expect(server.requests("GET", "/api/me")).toHaveLength(2);
  });

  test("tells once that one is signed out", async () => {
    await beginWindow();
    server.world.session = 0;
    await expect(remote.backend.commands.turnStop({ session: "demo" })).rejects.toMatchObject({ code: "notAllowed" });
    expect(signedOut).toBe(1);
  });

  test("begins the stream anew where the server knows nothing of it, and is then asked once more", async () => {
    await beginWindow();
    server.listeners.clear();
    await expect(remote.backend.commands.turnStop({ session: "demo" })).resolves.toBeUndefined();
    expect(server.commands("dsk_1", "turn_stop").map(({ headers }) => headers["x-connection"])).toEqual(["conn_1", "conn_2"]);
  });
});

describe("acknowledging", () => {
  test("tells the newest alone, and not often", async () => {
    await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const told = Promise.all([1, 2, 3, 4].map((sequence) => remote.backend.commands.acknowledge({ sequence })));
    await vi.advanceTimersByTimeAsync(1_900);
    expect(server.commands("dsk_1", "acknowledge")).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5_000);
    await told;
    expect(server.commands("dsk_1", "acknowledge").map(({ body }) => body)).toEqual([{ sequence: 1 }, { sequence: 4 }]);
  });
});

describe("the stream", () => {
  test("keeps what comes before the first picture is drawn until it is", async () => {
    await remote.backend.commands.start();
    server.core("dsk_1").push({ threads: true });
    await settle();
    const heard: Update[] = [];
    await remote.backend.streams.subscribe((update) => heard.push(update));
    expect(heard.map(({ sequence, threads }) => [sequence, threads])).toEqual([[1, true]]);
  });

  test("hands changes on in order", async () => {
    const { heard } = await beginWindow();
    server.core("dsk_1").push({ threads: true });
    server.core("dsk_1").push({ threads: false });
    expect(heard.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(remote.link()).toEqual({ kind: "live" });
  });

  test("comes back by itself after it broke, with a whole new picture, and holds what comes meanwhile", async () => {
    let drawn: (() => void) | undefined;
    const { heard, anew } = await beginWindow(() => remote.backend.commands.start().then(() => new Promise<void>((done) => (drawn = done))));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    server.breakOff();
    expect(remote.link().kind).toBe("lost");
    await vi.advanceTimersByTimeAsync(1_500);
    expect(anew).toHaveBeenCalledOnce();
    server.core("dsk_1").push({ threads: true });
    expect([heard.length, remote.link().kind]).toEqual([0, "lost"]);
    drawn?.();
    await vi.advanceTimersByTimeAsync(0);
    expect([heard.map(({ sequence }) => sequence), remote.link().kind]).toEqual([[1], "live"]);
    expect(server.commands("dsk_1", "start").map(({ headers }) => headers["x-connection"])).toEqual(["conn_1", "conn_2"]);
  });

  test("is begun anew when a change is missing, or is half there", async () => {
    const { heard, anew } = await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const [listener] = [...server.listeners];
    if (listener) listener.sequence += 1;
    server.core("dsk_1").push({ threads: true });
    expect([heard.length, remote.link().kind]).toEqual([0, "lost"]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(anew).toHaveBeenCalledOnce();
    expect(remote.link().kind).toBe("live");
  });

  test("waits longer each time, and says when it tries again", async () => {
    await beginWindow();
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    server.breakOff(true);
    const waits: number[] = [];
    for (let at = 0; at < 7; at += 1) {
      const link = remote.link();
      if (link.kind === "lost") waits.push(link.next - Date.now());
      await vi.advanceTimersByTimeAsync(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test("says since when there is none, not since the last try", async () => {
    await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const before = Date.now();
    server.breakOff(true);
    await vi.advanceTimersByTimeAsync(20_000);
    const link = remote.link();
    expect(link.kind === "lost" && link.since).toBe(before);
  });

  test("is tried at once when the network is back, or somebody asks for it", async () => {
    const { anew } = await beginWindow();
    server.breakOff(true);
    server.setReachable(true);
    window.dispatchEvent(new Event("online"));
    await vi.waitFor(() => expect(remote.link().kind).toBe("live"));
    server.breakOff();
    remote.tryAgain();
    await vi.waitFor(() => expect(remote.link().kind).toBe("live"));
    expect(anew).toHaveBeenCalledTimes(2);
  });

  test("that falls silent is taken for lost", async () => {
    await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    server.send("dsk_1", "hello", { connection: "conn_1", every: 1_000 });
    await vi.advanceTimersByTimeAsync(2_900);
    expect(remote.link().kind).toBe("live");
    server.send("dsk_1", "ping", {});
    await vi.advanceTimersByTimeAsync(2_900);
    expect(remote.link().kind).toBe("live");
    await vi.advanceTimersByTimeAsync(200);
    expect(remote.link().kind).toBe("lost");
  });

  test("that broke because one is signed out leads to signing in", async () => {
    await beginWindow();
    server.signOut();
    await vi.waitFor(() => expect(signedOut).toBe(1));
  });

  test("that the server begins anew is no break, and one that it begins anew without end is", async () => {
    const { anew } = await beginWindow();
    const links: string[] = [];
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    server.renew();
    links.push(remote.link().kind);
    await vi.advanceTimersByTimeAsync(10);
    links.push(remote.link().kind);
    expect([links, anew.mock.calls.length]).toEqual([["connecting", "live"], 1]);
    server.renew();
    expect(remote.link().kind).toBe("lost");
  });

  test("is tried no more once the pairing is over, which is what is said", async () => {
    await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    server.endPairing("dsk_1");
    await vi.advanceTimersByTimeAsync(60_000);
    expect([remote.link().kind, remote.desktop().status, server.listeners.size]).toEqual(["live", "revoked", 0]);
  });

  test("that broke before the first picture was drawn asks for it over the next one", async () => {
    const begin = vi.fn<() => Promise<void>>(() => remote.backend.commands.start().then(() => undefined));
    await remote.backend.commands.start();
    server.breakOff();
    remote.tryAgain();
    await settle();
    await remote.backend.streams.subscribe(() => undefined);
    remote.backend.onVoid?.(begin);
    await vi.waitFor(() => expect(begin).toHaveBeenCalledOnce());
    const [last] = [...server.listeners];
    expect(server.commands("dsk_1", "start").at(-1)?.headers["x-connection"]).toBe(last?.connection);
  });

  test("that is begun anew while nobody looks is told so", async () => {
    await beginWindow();
    vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    server.breakOff();
    remote.tryAgain();
    await vi.waitFor(() => expect(server.commands("dsk_1", "window_shown").map(({ body, headers }) => [body, headers["x-connection"]])).toEqual([[{ shown: false }, "conn_2"]]));
  });

  test("ends with the page", async () => {
    await beginWindow();
    remote.end();
    expect(server.listeners.size).toBe(0);
    window.dispatchEvent(new Event("online"));
    await settle();
    expect(server.listeners.size).toBe(0);
  });
});

describe("what is offered", () => {
  test("is what the server says of the desktop, and what the page does by itself", async () => {
    await beginWindow();
    expect(remote.backend.offers?.commands().size).toBe(allOffers.length + 3);
    server.setDesktop("dsk_1", { offers: ["start", "session_open", "of_a_later_server"] });
    expect([...(remote.backend.offers?.commands() ?? [])].toSorted()).toEqual(["draftSave", "linkOpen", "sessionOpen", "settingsSave", "start"]);
  });
});

describe("what the page keeps by itself", () => {
  test("settings are those of this browser", async () => {
    const start = await remote.backend.commands.start();
    expect(start.settings).toMatchObject({ theme: "system", reviewOpen: false, defaultModel: null });
    await remote.backend.commands.settingsSave({ ...start.settings, theme: "light", density: "compact" });
    await expect(remote.backend.commands.start()).resolves.toMatchObject({ settings: { theme: "light", density: "compact" } });
    expect(server.commands("dsk_1", "settings_save")).toEqual([]);
  });

  test("settings that were tampered with are not taken", async () => {
    localStorage.setItem("cloud-look", JSON.stringify({ theme: 7, density: "roomy", other: true }));
    const { settings } = await remote.backend.commands.start();
    expect(settings).toMatchObject({ theme: "system", density: "roomy" });
    expect(settings).not.toHaveProperty("other");
  });

  test("drafts are kept for each desktop and thread, and come back with the thread", async () => {
    await remote.backend.commands.draftSave({ session: "demo", text: "half a thought" });
    await expect(remote.backend.commands.sessionOpen({ session: "demo", around: null })).resolves.toMatchObject({ draft: "half a thought" });
    await expect(remote.backend.commands.sessionOpen({ session: "node-24", around: null })).resolves.toMatchObject({ draft: "" });
    expect([keptDraft("dsk_1", "demo"), keptDraft("dsk_2", "demo")]).toEqual(["half a thought", ""]);
    expect(server.commands("dsk_1", "draft_save")).toEqual([]);
  });

  test("links open apart from this page", async () => {
    const open = vi.spyOn(window, "open").mockReturnValue(null);
    await remote.backend.commands.linkOpen({ url: "https://example.org" });
    expect(open).toHaveBeenCalledWith("https://example.org", "_blank", "noopener,noreferrer");
    for (const url of ["javascript:alert(1)", "data:text/html,x", "//example.org", "file:///etc/passwd"]) await expect(remote.backend.commands.linkOpen({ url })).rejects.toMatchObject({ code: "invalidInput" });
    expect(open).toHaveBeenCalledOnce();
  });
});

describe("what was given from here", () => {
  test("is followed, and goes a moment after it is done", async () => {
    await beginWindow();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    for (const state of ["waiting", "taken", "confirmation", "done"] as const) {
      server.send("dsk_1", "command", given({ state }));
      expect(remote.given().map((each) => each.state)).toEqual([state]);
    }
    await vi.advanceTimersByTimeAsync(4_100);
    expect(remote.given()).toEqual([]);
  });

  test("stays where it came to nothing, until it is put away", async () => {
    await beginWindow();
    server.send("dsk_1", "command", given({ id: "cmd_2", given: 2, state: "expired" }));
    server.send("dsk_1", "command", given({ id: "cmd_1", given: 1, state: "blocked", reason: "No prompts." }));
    expect(remote.given().map(({ id }) => id)).toEqual(["cmd_1", "cmd_2"]);
    remote.dismiss("cmd_1");
    expect(remote.given().map(({ id }) => id)).toEqual(["cmd_2"]);
  });

  test("and was done while the page was away is not said to wait", async () => {
    await beginWindow();
    await remote.backend.commands.promptSend({ session: "demo", text: "One", agent: null, model: null });
    const [{ id } = { id: "" }] = server.given();
    server.breakOff(true);
    server.setGiven(id, { state: "done" });
    server.setReachable(true);
    remote.tryAgain();
    await vi.waitFor(() => expect(remote.given().map(({ state, text }) => [state, text])).toEqual([["done", "One"]]));
  });

  test("and came to nothing lately is told to a page that does not know of it, until somebody puts it away", async () => {
    await beginWindow();
    await remote.backend.commands.promptSend({ session: "demo", text: "One", agent: null, model: null });
    await remote.backend.commands.promptSend({ session: "demo", text: "Two", agent: null, model: null });
    const [one, two] = server.given().map(({ id }) => id);
    server.setGiven(one ?? "", { state: "failed" });
    server.setGiven(two ?? "", { state: "done" });
    remote.end();
    await pair();
    await vi.waitFor(() => expect(remote.given().map(({ text }) => text)).toEqual(["One"]));
    remote.dismiss(one ?? "");
    remote.end();
    await pair();
    await remote.backend.commands.start();
    expect(remote.given()).toEqual([]);
  });

  test("is told again after the stream was begun anew, and stands there once", async () => {
    await beginWindow();
    await remote.backend.commands.promptSend({ session: "demo", text: "One", agent: null, model: null });
    server.breakOff();
    remote.tryAgain();
    await vi.waitFor(() => expect(remote.link().kind).toBe("live"));
    expect(remote.given()).toHaveLength(1);
  });
});
