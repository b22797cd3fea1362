import { screen, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
import type { SearchAnswer, SessionRow } from "../backend";
import { openWindow } from "../test/window";

const row: SessionRow = { id: "old", parent: null, title: "The <b>proxy</b>", folder: "gone", mark: "idle", updated: 5, agent: "build", model: null, scripted: false, cost: 0, tags: [] };

const answer = (change: Partial<SearchAnswer> = {}): SearchAnswer => ({
  hits: [
    {
      session: row,
      messages: 3,
      changedFiles: 0,
      tokens: 10,
      titleMarks: [[7, 12]],
      place: { session: "old", message: "msg_7", prompt: false, created: 5 },
      snippet: { text: "a <img src=x> key", cutBefore: true, cutAfter: false, marks: [[14, 17]] },
    },
  ],
  found: 1,
  capped: false,
  wantsWord: false,
  folders: [],
  agents: [],
  models: [],
  tags: [],
  ages: [],
  hasChanges: 0,
  needsYou: 0,
  unread: 0,
  ...change,
});

async function searching(found: SearchAnswer, typed = "proxy key") {
  const opened = await openWindow();
  opened.backend.answer("search", async () => structuredClone(found));
  await opened.user.type(screen.getByRole("textbox", { name: "Search threads" }), typed);
  return opened;
}

describe("searching threads", () => {
  test("finds as one types, and marks what was found as text", async () => {
    const { backend } = await searching(answer());
    const hit = await screen.findByTestId("search-hit");
    expect(backend.requests("search").at(-1)).toMatchObject({ query: "proxy key", offset: 0 });
    expect(within(hit).getAllByText((_, element) => element?.tagName === "MARK").map((mark) => mark.textContent)).toEqual(["proxy", "key"]);
    expect(hit.textContent).toContain("The <b>proxy</b>");
    expect(hit.textContent).toContain("…a <img src=x> key");
    expect(hit.querySelector("img, b")).toBeNull();
  });

  test("opens what was found at its message, though the list does not hold the thread", async () => {
    const { backend, user, app } = await searching(answer());
    await user.click(await screen.findByTestId("search-hit"));
    expect(app.state.route).toEqual({ page: "session", session: "old" });
    expect(backend.requests("sessionOpen")).toEqual([{ session: "old", around: "msg_7" }]);
  });

  test("is narrowed by what the threads have in common, and says when there are more", async () => {
    const { backend, user } = await searching(answer({ capped: true, needsYou: 1, agents: [{ value: "build", count: 1 }, { value: "plan", count: 1 }] }));
    expect(await screen.findByText("1 thread among the newest matches")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: /Needs you/ }));
    await vi.waitFor(() => expect(backend.requests("search").at(-1)).toMatchObject({ facets: { needsYou: true } }));
    await user.click(screen.getByRole("button", { name: /plan/ }));
    await vi.waitFor(() => expect(backend.requests("search").at(-1)).toMatchObject({ facets: { needsYou: true, agent: "plan" } }));
  });

  test("says that nothing was found, that a word is missing, and what failed", async () => {
    const { backend, user } = await searching(answer({ hits: [], found: 0 }));
    expect(await screen.findByText(/Nothing found/)).toBeTruthy();
    backend.answer("search", async () => answer({ hits: [], found: 0, wantsWord: true }));
    await user.type(screen.getByRole("textbox", { name: "Search threads" }), "x");
    expect(await screen.findByText("Add a word to look for.")).toBeTruthy();
    backend.fail("search", { code: "internal", message: "The index cannot be read." });
    await user.type(screen.getByRole("textbox", { name: "Search threads" }), "y");
    expect((await screen.findByRole("alert")).textContent).toContain("The index cannot be read.");
  });

  test("is walked through by keys and left by Escape", async () => {
    const { user } = await searching(answer());
    await screen.findByTestId("search-hit");
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement?.getAttribute("data-testid")).toBe("search-hit");
    await user.keyboard("{ArrowUp}");
    const field = screen.getByRole<HTMLInputElement>("textbox", { name: "Search threads" });
    expect(document.activeElement).toBe(field);
    await user.keyboard("{Escape}");
    expect(field.value).toBe("");
    expect(screen.queryByTestId("search-hit")).toBeNull();
    expect(screen.getByRole("group", { name: "Threads" })).toBeTruthy();
  });

  test("is saved under a name and asked again by it", async () => {
    const { backend, user } = await searching(answer());
    await user.click(await screen.findByRole("button", { name: "Save search" }));
    await user.type(screen.getByRole("textbox", { name: "Name of the saved search" }), "Keys{Enter}");
    expect((await screen.findByTestId("saved-search")).textContent).toBe("Keys");
    expect(backend.known.filters[0]).toMatchObject({ name: "Keys", query: "proxy key" });
  });
});
