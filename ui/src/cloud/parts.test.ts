import { describe, expect, test, vi } from "vitest";
import { followKeyboard } from "./keyboard";
import { createAccount } from "./account";
import { createHttp, Refusal, refusalWords, type Http, type Net } from "./http";
import { readEnrolment } from "./enrolment";
import { sinceWhen, stateOf, statusWords } from "./desktopWords";
import { fateOf, givenWords } from "./given";
import { draftsOf, forgetDrafts, keepDraft, keptDraft } from "./kept";
import { broughtBy, hashOf, placeOf, type Place } from "./route";
import { fakeDesktop, fakeThen } from "../test/cloud/server";
import type { GivenCommand, GivenState } from "./wire";

const encoded = (value: unknown) => btoa(String.fromCodePoint(...new TextEncoder().encode(JSON.stringify(value)))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const enrolment = { pairingId: "prg_1", deviceId: "dev_1", token: "ocp_1", label: "Adas Büro ☕" };

describe("the list of desktops", () => {
  /** An account whose lists of desktops come when the test says so. */
  const slow = () => {
    const answers: ((label: string) => void)[] = [];
    const http = {
      get: () => new Promise((done) => answers.push((label) => done({ desktops: [fakeDesktop("dsk_1", label)] }))),
      post: () => Promise.resolve(),
      whenSignedOut: () => undefined,
    } as unknown as Http;
    return { answers, account: createAccount(http) };
  };

  test("is the one that was asked for last, whichever comes last", async () => {
    const { answers, account } = slow();
    const lists = [account.listDesktops(), account.listDesktops()];
    answers[1]?.("Renamed");
    await lists[1];
    answers[0]?.("As it was called");
    await lists[0];
    expect(account.state.desktops?.map(({ label }) => label)).toEqual(["Renamed"]);
  });

  test("is nobody's once they signed out", async () => {
    const { answers, account } = slow();
    const list = account.listDesktops();
    await account.signOut();
    answers[0]?.("Somebody else's");
    await list;
    expect(account.state.desktops).toBeNull();
  });
});

describe("what a desktop shows to be entered", () => {
  test.each([
    ["the link", `https://cowork.example.org/pair#pair=${encoded(enrolment)}`],
    ["what stands behind the sign", `#pair=${encoded(enrolment)}`],
    ["the code alone", encoded(enrolment)],
    ["the code with space around it", `\n  ${encoded(enrolment)} `],
    ["the code with its padding", `${encoded({ ...enrolment, label: "12" })}==`.replace(/^(.*)$/, (all) => (all.length % 4 === 0 ? all : all.replace(/=+$/, "")))],
  ])("is read from %s", (_what, written) => expect(readEnrolment(written)).toMatchObject({ pairingId: "prg_1", token: "ocp_1" }));

  test("keeps its letters, and nothing else comes along", () => {
    expect(readEnrolment(encoded({ ...enrolment, more: 1 }))).toEqual(enrolment);
  });

  test.each(["", "hello", "https://example.org", encoded({ ...enrolment, token: 7 }), encoded([]), encoded(null), "#pair=%%%", "a".repeat(5000), encoded(enrolment).slice(0, -9)])("is not read from %j", (written) => expect(readEnrolment(written)).toBeUndefined());
});

describe("where one is", () => {
  test.each<[string, Place]>([
    ["", { at: "desktops" }],
    ["#/nowhere", { at: "desktops" }],
    ["#/desktops/d%2F1", { at: "workspace", desktop: "d/1", session: null }],
    ["#/desktops/d/threads/s%201", { at: "workspace", desktop: "d", session: "s 1" }],
    ["#/desktops/d/inbox", { at: "workspace", desktop: "d", session: null, page: "inbox" }],
    ["#/desktops/d/details", { at: "desktop", desktop: "d" }],
    ["#/people", { at: "people" }],
  ])("%j is told by its address", (hash, place) => expect(placeOf(hash)).toEqual(place));

  test.each<Place>([{ at: "desktops" }, { at: "add" }, { at: "desktop", desktop: "a/b ü" }, { at: "workspace", desktop: "a/b", session: "c d#" }, { at: "workspace", desktop: "a", session: null, page: "settings" }, { at: "audit" }])(
    "%j is found again",
    (place) => expect(placeOf(hashOf(place))).toEqual(place),
  );

  test("a secret of a link is told from an address", () => {
    expect(broughtBy("#owner=oco_1")).toEqual({ kind: "owner", secret: "oco_1" });
    expect(broughtBy("#code=oci_%31")).toEqual({ kind: "invitation", secret: "oci_1" });
    expect(broughtBy("#pair=abc=")).toEqual({ kind: "pair", secret: "abc=" });
    for (const hash of ["", "#/desktops", "#other=1", "#owner="]) expect(broughtBy(hash)).toBeUndefined();
    expect(broughtBy("#code=%E0%A4%A")).toEqual({ kind: "invitation", secret: "%E0%A4%A" });
  });
});

describe("requests", () => {
  const net = (answer: () => Response | Promise<Response>): Net & { asked: RequestInit[] } => {
    const asked: RequestInit[] = [];
    return { asked, fetch: async (_path, init) => (asked.push(init), answer()), events: () => new EventTarget() as EventSource };
  };
  const json = (status: number, body: unknown, headers: Record<string, string> = {}) => () => new Response(status === 204 ? null : JSON.stringify(body), { status, headers });

  test("bring the token along where something is written, and go nowhere else", async () => {
    const way = net(json(200, {}));
    const http = createHttp(way);
    http.trust("t1");
    await http.get("/a");
    await http.post("/a", { b: 1 });
    await http.remove("/a");
    expect(way.asked.map(({ headers }) => new Headers(headers).get("x-csrf-token"))).toEqual([null, "t1", "t1"]);
    for (const init of way.asked) expect(init).toMatchObject({ credentials: "same-origin", redirect: "error", cache: "no-store" });
  });

  test("that fail say with what, and when to come again", async () => {
    const http = createHttp(net(json(429, { code: "tooMany", message: "Slowly." }, { "retry-after": "7" })));
    const thrown: unknown = await http.get("/a").catch((error: unknown) => error);
    expect(thrown).toMatchObject({ status: 429, code: "tooMany", retryAfter: 7 });
    expect(refusalWords(thrown)).toBe("That was too much at once. Try again in 7 seconds. Slowly.");
  });

  test.each<[string, () => Response | Promise<Response>, object]>([
    ["nothing answers", () => Promise.reject(new TypeError("Failed to fetch")), { status: 0, code: "unreachable" }],
    ["what stands between answers with a page", () => new Response("<html>", { status: 502 }), { status: 502, code: "unreachable" }],
    ["a page comes in the place of an answer", () => new Response("<html>", { status: 200 }), { code: "unreachable" }],
    ["an answer is of another kind", json(400, "no"), { status: 400, code: "internal" }],
  ])("are told apart when %s", async (_what, answer, refusal) => {
    await expect(createHttp(net(answer)).get("/a")).rejects.toMatchObject(refusal);
  });

  test("that come too late for their sign-in tell of it, but not where that was just tried", async () => {
    const http = createHttp(net(json(401, { code: "signedOut", message: "" })));
    const told = vi.fn<() => void>();
    http.whenSignedOut(told);
    await http.post("/api/sign-in", {}, { open: true }).catch(() => undefined);
    expect(told).not.toHaveBeenCalled();
    await http.get("/a").catch(() => undefined);
    expect(told).toHaveBeenCalledOnce();
  });

  test("have words for each refusal", () => {
    const codes = ["unreachable", "signedOut", "tooMany", "quota", "busy", "conflict", "notFound", "other"];
    const words = codes.map((code) => refusalWords(new Refusal(400, code, "")));
    expect(words.every((each) => each.trim() !== "")).toBe(true);
    expect(refusalWords(new Refusal(400, "invalidInput", "`name` is too long."))).toBe("`name` is too long.");
  });
});

describe("what is written and not sent", () => {
  test("is gone once somebody signs out, or somebody else signs in", () => {
    draftsOf("usr_1");
    keepDraft("dsk_1", "demo", "mine");
    sessionStorage.setItem("unsent-home:dsk_1", "mine too");
    sessionStorage.setItem("other", "stays");
    draftsOf("usr_1");
    expect(keptDraft("dsk_1", "demo")).toBe("mine");
    draftsOf("usr_2");
    expect([keptDraft("dsk_1", "demo"), sessionStorage.getItem("unsent-home:dsk_1"), sessionStorage.getItem("other")]).toEqual(["", null, "stays"]);
    keepDraft("dsk_1", "demo", "theirs");
    forgetDrafts();
    expect(keptDraft("dsk_1", "demo")).toBe("");
  });
});

describe("how a desktop stands", () => {
  const plain = (state: { lastSeen: number | null; revoked: number | null }) => {
    const listed = fakeDesktop("dsk_1", "One", { state });
    delete listed.desktop;
    return stateOf(listed, fakeThen);
  };
  test("is what the server says, or when it was here last", () => {
    expect(stateOf(fakeDesktop("dsk_1", "One"), fakeThen).status).toBe("online");
    expect(plain({ lastSeen: fakeThen - 10_000, revoked: null }).status).toBe("online");
    expect(plain({ lastSeen: fakeThen - 90_000, revoked: null })).toMatchObject({ status: "offline", since: fakeThen - 90_000 });
    expect(plain({ lastSeen: null, revoked: null }).status).toBe("new");
    expect(plain({ lastSeen: fakeThen, revoked: fakeThen })).toMatchObject({ status: "revoked", offers: [] });
  });

  test("has words for each state, and names the day where it is another one", () => {
    for (const status of ["online", "offline", "paused", "revoked", "new"] as const) expect(statusWords({ status, since: fakeThen }, fakeThen + 3_600_000)).not.toBe("");
    const noon = new Date(2026, 10, 20, 12).getTime();
    expect([sinceWhen(noon, noon + 60_000), sinceWhen(noon, noon + 2 * 86_400_000)]).toEqual(["12:00", "20 Nov 2026"]);
  });
});

describe("what became of an answer", () => {
  const one = (state: GivenState, more: Partial<GivenCommand> = {}): GivenCommand => ({ id: state, command: "permission_answer", session: "s", ask: "ask-1", text: null, state, given: 1, expires: fakeThen, reason: null, news: true, ...more });
  test("is told until it is done, and opens the ask again where it came to nothing", () => {
    expect(fateOf([one("confirmation")], "ask-1")).toEqual({ answer: "confirmation", words: "Waits for a yes at the desktop", over: false });
    expect(fateOf([one("done")], "ask-1")).toBeUndefined();
    expect(fateOf([one("confirmation")], "ask-2")).toBeUndefined();
    expect(fateOf([one("failed"), one("waiting")], "ask-1")?.over).toBe(false);
    for (const state of ["blocked", "failed", "unknown", "expired", "cancelled"] as const) expect(fateOf([one(state)], "ask-1")?.over).toBe(true);
  });

  test("says the reason of whoever refused it", () => {
    expect(givenWords(one("blocked", { reason: "Prompts are off." }))).toBe("The desktop’s policy does not let this in. Prompts are off.");
    expect(givenWords(one("confirmation", { reason: "It deletes files." }))).toBe("Waits for a yes at the desktop. It deletes files.");
  });
});

describe("a keyboard over the page", () => {
  test("leaves what is written in sight, and nothing else changes its height", () => {
    vi.spyOn(window, "scrollTo").mockReturnValue();
    const seen = Object.assign(new EventTarget(), { height: 740, scale: 1 });
    vi.stubGlobal("innerHeight", 740);
    const end = followKeyboard(seen as unknown as VisualViewport);
    const height = (change: object) => {
      Object.assign(seen, change);
      seen.dispatchEvent(new Event("resize"));
      return document.documentElement.style.getPropertyValue("--height-seen");
    };
    expect([height({ height: 420 }), height({ height: 684 }), height({ height: 370, scale: 2 }), height({ height: 410.4, scale: 1 }), height({ height: 740 })]).toEqual(["420px", "", "", "410px", ""]);
    end();
    expect(height({ height: 420 })).toBe("");
    vi.unstubAllGlobals();
  });
});
