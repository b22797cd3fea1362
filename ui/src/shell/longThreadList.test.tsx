import { fireEvent, screen } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SessionRow } from "../backend";
import { fakeNow, fakeSessions, fakeStart } from "../backend/fake";
import { fakeFirst } from "../backend/fake/threadCommands";
import { mostRows } from "../state/threads";
import { openPart, settle } from "../test/window";
import { ThreadList } from "./ThreadList";

const day = 86_400_000;

// The fake world stands at a moment of its own; what is waited for goes on by the real clock.
beforeEach(() => void vi.useFakeTimers({ now: fakeNow, toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

/** Threads of two years in three folders, one of them made by the app. */
function many(count: number): SessionRow[] {
  const like = fakeSessions.find((row) => row.mark === "idle") as SessionRow;
  const folders = ["atlas", "atlas", "site", "sandbox-1"];
  return Array.from({ length: count }, (_, at) => ({
    ...like,
    id: `t${String(at).padStart(6, "0")}`,
    title: `Thread ${at}`,
    folder: folders[at % folders.length] as string,
    updated: fakeNow - Math.floor((at / count) * 730 * day) - at,
  }));
}

async function longList(count: number) {
  const opened = await openPart(() => <ThreadList />, { start: { ...fakeStart(), sessions: many(count) } });
  await vi.waitFor(() => expect(opened.backend.requests("threadOutline").length).toBeGreaterThan(0));
  await settle();
  const place = screen.getByRole("group", { name: "Threads" });
  const sheet = () => place.querySelector(".thread-sheet") as HTMLElement;
  const scrollTo = async (top: number) => {
    place.scrollTop = top;
    fireEvent.scroll(place);
    await read();
  };
  return { ...opened, place, sheet, scrollTo, height: () => Number.parseFloat(sheet().style.height) };
}

const drawn = () => document.querySelectorAll(".thread-slot").length;
const rows = () => screen.queryAllByTestId("session-row").map((element) => element.dataset["session"]);
const waiting = () => screen.queryAllByTestId("waiting-row");
const read = () => vi.waitFor(() => expect(waiting()).toHaveLength(0));
const press = (key: string) => fireEvent.keyDown(document.activeElement as Element, { key });
const focused = () => (document.activeElement as HTMLElement).dataset["session"];

describe("a list of a hundred thousand threads", () => {
  test("is laid out whole, and only what is near the screen is drawn and read", async () => {
    const { backend, height, scrollTo, place } = await longList(100_000);
    expect(height()).toBeGreaterThan(100_000 * 31);
    expect(drawn()).toBeLessThan(100);
    expect(rows()[0]).toBe("t000000");
    await scrollTo(height() / 2);
    expect(drawn()).toBeLessThan(150);
    expect(rows().length).toBeGreaterThan(20);
    await scrollTo(height() - 900);
    expect(rows().at(-1)).toBe("t099999");
    await scrollTo(0);
    expect(rows()[0]).toBe("t000000");
    expect(place.scrollTop).toBe(0);
    expect(backend.requests("threadPage").length).toBeLessThan(20);
  }, 60_000);
});

describe("a list that was empty or short", () => {
  test.each([0, 3])("reads the threads that came without news of each, after %i", async (first) => {
    const { backend } = await openPart(() => <ThreadList />, { start: { ...fakeStart(), sessions: many(first) } });
    await settle();
    backend.world.sessions = many(6);
    backend.push({ threads: true });
    await vi.waitFor(() => expect(rows()).toHaveLength(6), { timeout: 5_000 });
    expect(waiting()).toHaveLength(0);
  });
});

describe("a long list", () => {
  test("moves by Home, End, the arrows and pages, to rows that were never read", async () => {
    await longList(5_000);
    (screen.getAllByTestId("session-row")[0] as HTMLElement).focus();
    press("End");
    expect(document.activeElement?.getAttribute("data-testid")).toBe("waiting-row");
    expect(document.activeElement?.getAttribute("aria-posinset")).toBe("1250");
    await read();
    // The row that came has the focus of the place that waited for it.
    expect(focused()).toBe("t004999");
    press("ArrowUp");
    expect(focused()).toBe("t004995");
    press("PageUp");
    expect(Number(focused()?.slice(1))).toBeLessThan(4_995);
    press("Home");
    await read();
    expect(focused()).toBe("t000000");
    press("j");
    expect(focused()).toBe("t000001");
    expect(document.querySelectorAll("[data-part][tabindex='0']")).toHaveLength(1);
  });

  test("folds a folder away and shows it again, by keys, and keeps it folded", async () => {
    const { height } = await longList(1_000);
    const before = height();
    (screen.getAllByTestId("session-row")[3] as HTMLElement).focus();
    press("ArrowLeft");
    const heading = document.activeElement as HTMLElement;
    expect(heading.getAttribute("aria-expanded")).toBe("true");
    press("ArrowLeft");
    expect(heading.getAttribute("aria-expanded")).toBe("false");
    expect(height()).toBeLessThan(before - 500 * 31 + 1);
    expect(document.activeElement).toBe(heading);
    press("ArrowDown");
    expect(focused()).toBe("t000002");
    press("ArrowUp");
    expect(document.activeElement).toBe(heading);
    expect(JSON.parse(localStorage.getItem("folded-threads") ?? "")).toEqual(["atlas"]);
    press("ArrowRight");
    press("ArrowRight");
    expect(focused()).toBe("t000000");
  });

  test("has a thread that something happens in move to the top, from wherever it stood", async () => {
    const { backend, height } = await longList(5_000);
    const moved = backend.world.sessions.find((row) => row.id === "t004000") as SessionRow;
    const before = height();
    Object.assign(moved, { updated: fakeNow + 1, mark: "working" });
    backend.push({ sessions: [moved] });
    expect(rows()[0]).toBe("t004000");
    expect(screen.getAllByTestId("session-row")[0]?.dataset["mark"]).toBe("working");
    // It was counted where it stood, which the window did not know; the outline says so.
    await vi.waitFor(() => expect(height()).toBe(before), { timeout: 3_000 });
    await read();
    expect(rows()[0]).toBe("t004000");
    expect(new Set(rows()).size).toBe(rows().length);
  });

  test("lets a row go that is deleted, and keeps the focus at its place", async () => {
    const { backend } = await longList(1_000);
    const second = screen.getAllByTestId("session-row")[1] as HTMLElement;
    second.focus();
    const gone = focused() as string;
    backend.world.sessions = backend.world.sessions.filter((row) => row.id !== gone);
    backend.push({ removedSessions: [gone] });
    expect(rows()).not.toContain(gone);
    expect(focused()).toBe("t000004");
  });

  test("keeps what is looked at where it is while threads come above it", async () => {
    const { backend, place, scrollTo } = await longList(1_000);
    await scrollTo(2_000);
    const offset = () => {
      const slot = document.querySelector<HTMLElement>("[data-session='t000144']")?.closest<HTMLElement>(".thread-slot");
      return slot ? Number.parseFloat(slot.style.top) - place.scrollTop : undefined;
    };
    const before = offset();
    expect(before).toBeDefined();
    backend.push({ sessions: [{ ...(backend.world.sessions[0] as SessionRow), id: "fresh", updated: fakeNow + 5 }] });
    expect(place.scrollTop).toBe(2_031);
    expect(offset()).toBe(before);
  });

  test("is asked for anew when threads came that nobody told one by one", async () => {
    const { backend, app, height } = await longList(1_000);
    const before = height();
    backend.world.sessions = [...many(3_000)];
    backend.push({ threads: true });
    await vi.waitFor(() => expect(height()).toBeGreaterThan(before + 1_900 * 31), { timeout: 3_000 });
    await read();
    expect(app.state.sessions.length).toBeLessThanOrEqual(300);
  });

  test("opens a row that only the list has, and holds it from then on", async () => {
    const { app, user, scrollTo, height } = await longList(5_000);
    await scrollTo(height() / 3);
    const row = screen.getAllByTestId("session-row")[10] as HTMLElement;
    const id = row.dataset["session"] as string;
    expect(app.state.sessions.some((known) => known.id === id)).toBe(false);
    await user.click(row);
    expect(app.state.route).toEqual({ page: "session", session: id });
    expect(app.rowOf(id)?.title).toBe(`Thread ${Number(id.slice(1))}`);
    expect(app.state.sessions.some((known) => known.id === id)).toBe(true);
    expect(row.getAttribute("aria-current")).toBe("page");
  });

  test("holds a bounded number of rows, whatever is scrolled through", async () => {
    const { app, backend, height, scrollTo } = await longList(3_500);
    for (let top = 0; top < height(); top += 2_400) await scrollTo(top);
    const held = backend.world.sessions.filter((row) => app.threads.row(row.id) !== undefined);
    expect(held.length).toBeLessThanOrEqual(mostRows);
    await scrollTo(0);
    expect(rows()[0]).toBe("t000000");
  }, 60_000);

  test("says why rows could not be read, leaves their places, and reads again when asked", async () => {
    const { backend, user, place, height } = await longList(5_000);
    const page = backend.commands.threadPage;
    expect(page).toBeDefined();
    backend.fail("threadPage", { code: "internal", message: "The disk does not answer." });
    place.scrollTop = height() / 3;
    fireEvent.scroll(place);
    expect((await screen.findByRole("alert")).textContent).toContain("The disk does not answer.");
    expect(waiting().length).toBeGreaterThan(10);
    const { createThreadCommands } = await import("../backend/fake/threadCommands");
    backend.answer("threadPage", createThreadCommands(backend.world).threadPage);
    await user.click(screen.getByRole("button", { name: "Read again" }));
    await read();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("needs no second question when the first picture has all of it", async () => {
    const { backend } = await openPart(() => <ThreadList />, { start: { ...fakeStart(), sessions: many(fakeFirst) } });
    await settle();
    expect(backend.requests("threadOutline")).toEqual([]);
    expect(backend.requests("threadPage")).toEqual([]);
    expect(waiting()).toHaveLength(0);
  });

  test("begins a new day at midnight", async () => {
    const { app } = await openPart(() => <ThreadList />, { start: { ...fakeStart(), sessions: many(20) } });
    expect(screen.getAllByText("Today").length).toBeGreaterThan(0);
    app.threads.look(fakeNow + day);
    expect(screen.queryAllByText("Today")).toHaveLength(0);
    expect(screen.getAllByText("Yesterday").length).toBeGreaterThan(0);
  });
});
