import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { afterEach, describe, expect, test } from "vitest";
import { conversations } from "../conversation/fixtures";
import { text } from "../strings";
import { openPage } from "../test/cloud/page";
import { allOffers, fakeDesktop, fakeThen, online, password, readingOffers } from "../test/cloud/server";
import { settle } from "../test/cloud/settle";
import { media } from "../test/setup";
import { phone } from "./Workspace";
import type { GivenCommand } from "./wire";

const core = { conversations };
const home = "#/desktops/dsk_1";
const thread = (id: string) => `${home}/threads/${id}`;
const composer = () => screen.findByTestId<HTMLTextAreaElement>("composer-input");
const given = (change: Partial<GivenCommand> = {}): GivenCommand => ({ id: "cmd_x", command: "prompt_send", session: "pricing-copy", ask: null, text: "Shorten it", state: "waiting", given: fakeThen, expires: fakeThen + 600_000, reason: null, news: true, ...change });

afterEach(() => {
  location.hash = "";
});

describe("a desktop", () => {
  test("is opened from the list, and shows its threads as the app does", async () => {
    const { user } = await openPage({ core });
    const [row] = await screen.findAllByTestId("desktop");
    await user.click(within(row as HTMLElement).getAllByRole("link")[0] as HTMLElement);
    expect((await screen.findAllByTestId("session-row")).length).toBeGreaterThan(5);
    expect(screen.getByTestId("desktop-status").textContent).toBe("Online");
    expect(screen.getByRole("link", { name: "All desktops: Ada’s workstation" }).getAttribute("href")).toBe("#/desktops");
  });

  test("that is not there says so", async () => {
    await openPage({ hash: "#/desktops/dsk_9" });
    expect(await screen.findByText("This desktop is not there, or not for you.")).toBeTruthy();
  });

  test("that shares nothing yet says who decides that", async () => {
    const { server } = await openPage({ hash: home, core });
    server.core("dsk_1").world.sessions = [];
    server.breakOff();
    await waitFor(() => expect(server.listeners.size).toBe(1));
    expect(await screen.findByTestId("nothing-shared", {}, { timeout: 5_000 })).toBeTruthy();
  });

  test("whose first picture cannot be had says why, and is asked again", async () => {
    const { server, account, user } = await openPage({ core });
    server.fail("POST /api/desktops/dsk_1/commands/start", { status: 503, body: { code: "busy", message: "" } });
    account.go({ at: "workspace", desktop: "dsk_1", session: null });
    expect((await screen.findByTestId("start-failed")).textContent).toContain("The server is busy");
    server.fail("POST /api/desktops/dsk_1/commands/start", null);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect((await screen.findAllByTestId("session-row")).length).toBeGreaterThan(5);
  });

  test("is let go of when one goes elsewhere", async () => {
    const { server, account } = await openPage({ hash: home, core });
    await screen.findAllByTestId("session-row");
    account.go({ at: "desktops" });
    await screen.findAllByTestId("desktop");
    expect(server.listeners.size).toBe(0);
  });
});

describe("the address", () => {
  test("opens the thread that it names, and follows to the next", async () => {
    await openPage({ hash: thread("pricing-copy"), core });
    await waitFor(() => expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Pricing page copy"));
    fireEvent.click(screen.getAllByTestId("session-row").find((row) => row.dataset["session"] === "node-24") as HTMLElement);
    await waitFor(() => expect(location.hash).toBe(thread("node-24")));
  });

  test("brings one back, as the browser's own way back does", async () => {
    await openPage({ hash: thread("pricing-copy"), core });
    await composer();
    location.hash = `${home}/inbox`;
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    expect(await screen.findByTestId("inbox")).toBeTruthy();
    location.hash = home;
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    await waitFor(() => expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(text("home.title")));
  });
});

describe("a prompt", () => {
  test("is sent, waits for the desktop, is taken, and is done", async () => {
    const { server, user } = await openPage({ hash: thread("pricing-copy"), core });
    await user.type(await composer(), "Shorten it{Enter}");
    const row = await screen.findByTestId("given-row");
    expect(row.textContent).toMatch(/Shorten it.*Waits for the desktop, until/);
    const [{ id } = { id: "" }] = server.given();
    for (const [state, words] of [["taken", "The desktop has it"], ["done", "Done"]] as const) {
      server.setGiven(id, { state });
      expect(screen.getByTestId("given-row").textContent).toContain(words);
    }
    expect((await composer()).value).toBe("");
  });

  test("that no desktop had yet is taken back, and its words are where they were written", async () => {
    const { server, user } = await openPage({ hash: thread("pricing-copy"), core });
    await user.type(await composer(), "Shorten it{Enter}");
    await user.click(within(await screen.findByTestId("given-row")).getByRole("button", { name: "Take back" }));
    await waitFor(async () => expect((await composer()).value).toBe("Shorten it"));
    expect(server.given().map(({ state }) => state)).toEqual(["cancelled"]);
    const row = screen.getByTestId("given-row");
    expect(row.textContent).toContain("Withdrawn");
    expect(within(row).queryByRole("button", { name: "Take back" })).toBeNull();
  });

  test("that the desktop has by then is not taken back, and says so", async () => {
    const { server, user } = await openPage({ hash: thread("pricing-copy"), core });
    await user.type(await composer(), "Shorten it{Enter}");
    const row = await screen.findByTestId("given-row");
    const [{ id } = { id: "" }] = server.given();
    server.fail(`DELETE /api/desktops/dsk_1/given/${id}`, { status: 409, body: { code: "conflict", message: "The desktop has this command already, or it is over." } });
    await user.click(within(row).getByRole("button", { name: "Take back" }));
    expect((await within(row).findByRole("alert")).textContent).toContain("The desktop has this command already");
    expect((await composer()).value).toBe("");
    server.setGiven(id, { state: "taken" });
    expect(within(screen.getByTestId("given-row")).queryByRole("button", { name: "Take back" })).toBeNull();
  });

  test.each([
    ["blocked", "The desktop’s policy does not let this in."],
    ["failed", "It failed at the desktop."],
    ["unknown", "Whether it took effect cannot be known."],
    ["expired", "the desktop was not there for 10 minutes"],
  ] as const)("that is %s says so, and can be written again", async (state, words) => {
    const { server, user } = await openPage({ hash: thread("pricing-copy"), core });
    await composer();
    server.send("dsk_1", "command", given({ state }));
    const row = await screen.findByTestId("given-row");
    expect(row.textContent).toContain(words);
    await user.click(within(row).getByRole("button", { name: "Write again" }));
    expect((await composer()).value).toBe("Shorten it");
    expect(screen.queryByTestId("given-row")).toBeNull();
  });

  test("of another thread is not told here", async () => {
    const { server } = await openPage({ hash: thread("pricing-copy"), core });
    await composer();
    server.send("dsk_1", "command", given({ session: "node-24" }));
    await settle();
    expect(screen.queryByTestId("given-row")).toBeNull();
  });

  test("begins a thread from home", async () => {
    const { server, user } = await openPage({ hash: home, core });
    await user.type(await composer(), "Begin{Enter}");
    await waitFor(() => expect(location.hash).toBe(thread("new-1")));
    expect(server.core("dsk_1").requests("promptSend")).toMatchObject([{ session: "new-1", text: "Begin", model: null }]);
  });
});

describe("a request", () => {
  test("that needs a yes at the desktop says so, and is open again where that came to nothing", async () => {
    const { server } = await openPage({ hash: thread("flaky-retry"), core });
    const ask = await screen.findByTestId("permission");
    await waitFor(() => expect(ask.dataset["ready"]).toBe("true"), { timeout: 2_000 });
    fireEvent.click(screen.getByTestId("allow-once"));
    await waitFor(() => expect(server.given()).toHaveLength(1));
    const [{ id } = { id: "" }] = server.given();
    server.setGiven(id, { state: "confirmation" });
    expect((await screen.findByTestId("ask-fate")).textContent).toBe("Waits for a yes at the desktop");
    expect(screen.getByTestId("allow-once").textContent).toContain("Waiting");
    expect(screen.getByTestId("deny").getAttribute("aria-disabled")).toBe("true");
    server.setGiven(id, { state: "expired" });
    await waitFor(() => expect(screen.getByTestId("deny").getAttribute("aria-disabled")).toBe("false"));
    expect(within(screen.getByTestId("permission")).getByRole("alert").textContent).toContain("It ran out");

    // Another answer to it waits in its turn, whatever became of the first.
    fireEvent.click(screen.getByTestId("deny"));
    await waitFor(() => expect(server.given()).toHaveLength(2));
    server.setGiven(id, { state: "expired" });
    server.setGiven(server.given()[1]?.id ?? "", { state: "confirmation" });
    await screen.findByTestId("ask-fate");
    expect(within(screen.getByTestId("permission")).queryByRole("alert")).toBeNull();
    expect(screen.getByTestId("deny").getAttribute("aria-disabled")).toBe("true");
  });
});

test("what waited for a yes at the desktop is not told any more once its request is gone", async () => {
  const { server } = await openPage({ hash: thread("flaky-retry"), core });
  const { id: ask = "" } = conversations.find(({ session }) => session === "flaky-retry")?.permissions[0] ?? {};
  await screen.findByTestId("permission");
  server.send("dsk_1", "command", given({ id: "cmd_1", command: "permission_answer", session: "flaky-retry", ask, text: null, state: "confirmation" }));
  server.send("dsk_1", "command", given({ id: "cmd_2", command: "permission_answer", session: "flaky-retry", ask: "gone", text: null, state: "confirmation" }));
  await waitFor(() => expect(screen.getAllByTestId("given-row").map((row) => row.textContent)).toEqual(["Answer to a requestWaits for a yes at the desktop"]));
  // It was given before this page was there, and takes no second answer here either.
  expect(screen.getByTestId("ask-fate").textContent).toBe("Waits for a yes at the desktop");
  expect(screen.getByTestId("allow-once").getAttribute("aria-disabled")).toBe("true");
});

describe("a desktop that is away", () => {
  test.each([
    ["offline", /is offline since .*What you send runs when it is back within 10 minutes/],
    ["paused", /is paused at the desktop since/],
    ["new", /has not connected yet/],
  ] as const)("because it is %s is said above the composer and at the foot, and can be written to", async (status, words) => {
    const { server } = await openPage({ hash: thread("pricing-copy"), core });
    await composer();
    server.setDesktop("dsk_1", { status });
    expect((await screen.findByTestId("desktop-stands")).textContent).toMatch(words);
    expect(screen.getByTestId("desktop-status").textContent).not.toBe("Online");
    expect(screen.getByTestId("composer-input")).toBeTruthy();
    server.setDesktop("dsk_1", { status: "online" });
    await waitFor(() => expect(screen.queryByTestId("desktop-stands")).toBeNull());
  });

  test("and behind says that this may not be the last", async () => {
    const { server } = await openPage({ hash: thread("pricing-copy"), core });
    await composer();
    server.setDesktop("dsk_1", { behind: true });
    expect((await screen.findByTestId("desktop-stands")).textContent).toContain("this may not be the last");
  });

  test("for good stays to be read, and is not said to be a lost connection", async () => {
    const { server } = await openPage({ hash: thread("pricing-copy"), core });
    await composer();
    server.endPairing("dsk_1");
    expect((await screen.findByTestId("silent")).textContent).toContain("The pairing has ended.");
    await settle();
    expect(screen.queryByTestId("composer-input")).toBeNull();
    expect(screen.queryByTestId("link-lost")).toBeNull();
    expect(screen.getByTestId("desktop-stands").dataset["status"]).toBe("revoked");
  });

  test("is said once, and not as an engine that does not run", async () => {
    const { server } = await openPage({ hash: thread("pricing-copy"), core });
    await composer();
    server.setDesktop("dsk_1", { status: "offline" });
    server.core("dsk_1").push({ engine: { kind: "absent", code: "desktop_offline", message: "The desktop is not connected." } });
    await screen.findByTestId("desktop-stands");
    expect(screen.queryByTestId("engine-failed")).toBeNull();
    server.core("dsk_1").push({ engine: { kind: "absent", code: "engine_not_ready", message: "The desktop is there; its engine is not ready." } });
    expect((await screen.findByTestId("engine-failed")).textContent).toContain("its engine is not ready");
  });
});

test("a desktop that is not for one's eyes any more is said to be so", async () => {
  const { server } = await openPage({ hash: thread("pricing-copy"), core });
  await composer();
  server.takeBack("dsk_1");
  expect(await screen.findByText("This desktop is not there, or not for you.")).toBeTruthy();
});

test("a folder in which nothing can be begun from afar is not said to be gone, and is none to choose", async () => {
  const { server, user } = await openPage({ hash: home, core });
  await composer();
  const world = server.core("dsk_1").world;
  const row = world.sessions.find(({ id }) => id === "pricing-copy");
  const folder = world.folders.find(({ id }) => id === row?.folder);
  if (folder) folder.available = false;
  server.breakOff();
  await waitFor(() => expect(server.commands("dsk_1", "start")).toHaveLength(2), { timeout: 5_000 });
  await user.click(screen.getByTestId("folder-picker"));
  expect(screen.queryByRole("menuitemradio", { name: new RegExp(folder?.label ?? "?") })).toBeNull();
  await user.keyboard("{Escape}");
  fireEvent.click(screen.getAllByTestId("session-row").find((each) => each.dataset["session"] === "pricing-copy") as HTMLElement);
  await waitFor(() => expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Pricing page copy"));
  expect(screen.queryByTestId("folder-gone")).toBeNull();
  expect(document.body.textContent).not.toContain(text("folder.gone"));
});

describe("a connection that is lost", () => {
  test("is said with since when, what was read stays, and it comes back", async () => {
    const { server, user } = await openPage({ hash: thread("flaky-retry"), core });
    await screen.findByTestId("permission");
    const before = screen.getAllByTestId("message-agent").length;
    server.breakOff(true);
    expect((await screen.findByTestId("link-lost")).textContent).toMatch(/There is no connection to the server since \d\d:\d\d/);
    expect(screen.getAllByTestId("message-agent")).toHaveLength(before);
    expect(screen.getByTestId("desktop-status").dataset["link"]).toBe("lost");
    server.setReachable(true);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.queryByTestId("link-lost")).toBeNull());
    expect(screen.getAllByTestId("message-agent")).toHaveLength(before);
  });

  test("brings what happened meanwhile along, in the list and in the thread", async () => {
    const { server, user } = await openPage({ hash: thread("pricing-copy"), core: { conversations: structuredClone(conversations) } });
    await composer();
    server.breakOff(true);
    await screen.findByTestId("link-lost");
    const world = server.core("dsk_1").world.sessions.find(({ id }) => id === "pricing-copy");
    if (world) world.title = "Renamed meanwhile";
    server.setReachable(true);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Renamed meanwhile"));
    await waitFor(() => expect(server.commands("dsk_1", "session_open")).toHaveLength(2));
  });
});

describe("a sign-in that runs out", () => {
  test("leads to signing in and back, with what was written", async () => {
    const { server, user } = await openPage({ hash: thread("pricing-copy"), core });
    await user.type(await composer(), "Half a thought");
    server.signOut();
    expect((await screen.findByTestId("ran-out")).textContent).toContain("What you wrote is kept");
    expect(screen.getByTestId<HTMLInputElement>("email").value).toBe("ada@example.org");
    await user.type(screen.getByTestId("password"), `${password}{Enter}`);
    expect((await composer()).value).toBe("Half a thought");
    expect(location.hash).toBe(thread("pricing-copy"));
  });

  test("also on home", async () => {
    const { server, user } = await openPage({ hash: home, core });
    await user.type(await composer(), "Not begun yet");
    server.signOut();
    await user.type(await screen.findByTestId("password"), `${password}{Enter}`);
    expect((await composer()).value).toBe("Not begun yet");
  });

  test("keeps what is written at one desktop from the other", async () => {
    const { account, user } = await openPage({ hash: home, core, desktops: [fakeDesktop("dsk_1", "One"), fakeDesktop("dsk_2", "Two")] });
    await user.type(await composer(), "For the first");
    account.go({ at: "workspace", desktop: "dsk_2", session: null });
    await waitFor(() => expect(screen.getByRole("link", { name: "All desktops: Two" })).toBeTruthy());
    expect((await composer()).value).toBe("");
    account.go({ at: "workspace", desktop: "dsk_1", session: null });
    await waitFor(() => expect(screen.getByRole("link", { name: "All desktops: One" })).toBeTruthy());
    expect((await composer()).value).toBe("For the first");
  });
});

describe("whoever only reads along", () => {
  test("is told so, and has nothing to write with", async () => {
    await openPage({ hash: thread("flaky-retry"), core, desktops: [fakeDesktop("dsk_1", "One", { desktop: online(readingOffers) })] });
    expect(await screen.findByTestId("silent")).toBeTruthy();
    for (const gone of ["composer-input", "allow-once", "deny"]) expect(screen.queryByTestId(gone)).toBeNull();
  });

  test("is not told when what they cannot send would run", async () => {
    const { server } = await openPage({ hash: thread("pricing-copy"), core, desktops: [fakeDesktop("dsk_1", "One", { desktop: online(readingOffers) })] });
    await screen.findByTestId("silent");
    server.setDesktop("dsk_1", { status: "offline" });
    expect((await screen.findByTestId("desktop-stands")).textContent).not.toContain("What you send");
  });

  test("may write as soon as that is offered", async () => {
    const { server } = await openPage({ hash: thread("pricing-copy"), core, desktops: [fakeDesktop("dsk_1", "One", { desktop: online(readingOffers) })] });
    await screen.findByTestId("silent");
    server.setDesktop("dsk_1", { offers: allOffers });
    expect(await composer()).toBeTruthy();
  });
});

describe("on a phone", () => {
  test("a thread goes back to the list, and nothing pulls the keyboard up", async () => {
    for (const query of [phone, "(max-width: 899px)", "(max-width: 1099px)"]) media.set(query, true);
    const { user } = await openPage({ hash: thread("pricing-copy"), core });
    const back = await screen.findByTestId("to-home");
    expect(document.activeElement).not.toBe(await composer());
    await user.click(back);
    await waitFor(() => expect(location.hash).toBe(home));
    // All that is shared, not the newest few.
    expect(screen.getAllByRole("listitem").length).toBeGreaterThan(9);
  });

  test("on a larger screen the list stands beside it", async () => {
    await openPage({ hash: thread("pricing-copy"), core });
    await composer();
    expect(screen.queryByTestId("to-home")).toBeNull();
  });
});

test("the settings are those of this browser alone", async () => {
  const { user, server } = await openPage({ hash: `${home}/settings`, core });
  await user.click(await screen.findByRole("radio", { name: "Light" }));
  expect(document.documentElement.dataset["theme"]).toBe("light");
  expect(JSON.parse(localStorage.getItem("cloud-look") ?? "{}")).toMatchObject({ theme: "light" });
  expect(server.commands("dsk_1", "settings_save")).toEqual([]);
});
