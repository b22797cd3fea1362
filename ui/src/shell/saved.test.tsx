import { screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { SearchFacets } from "../backend";
import { openWindow } from "../test/window";

const everything: SearchFacets = { folder: null, agent: null, model: null, withinDays: null, hasChanges: false, needsYou: false, tag: null };

async function withSaved(names = ["Waiting", "Keys", "Old"]) {
  const opened = await openWindow();
  opened.backend.known.filters = names.map((name, at) => ({ id: at + 1, name, query: name.toLowerCase(), facets: { ...everything, needsYou: name === "Waiting" } }));
  await opened.user.click(screen.getByRole("button", { name: "Saved searches" }));
  await screen.findAllByTestId("saved-search");
  return opened;
}
const saved = () => screen.queryAllByTestId("saved-search").map((row) => row.textContent);
const row = (name: string) => screen.getAllByTestId("saved-search").find((each) => each.textContent === name) as HTMLElement;

describe("saved searches", () => {
  test("are where one searches, one stop for Tab, and reached by an arrow from the field", async () => {
    const { user } = await withSaved();
    expect(saved()).toEqual(["Waiting", "Keys", "Old"]);
    expect(screen.getAllByTestId("saved-search").filter((each) => each.tabIndex === 0)).toHaveLength(1);
    expect(document.activeElement).toBe(screen.getByTestId("thread-search"));
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement?.textContent).toBe("Waiting");
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement?.textContent).toBe("Keys");
    await user.keyboard("{Home}{ArrowUp}");
    expect(document.activeElement).toBe(screen.getByTestId("thread-search"));
  });

  test("an arrow opens them from a field that is empty", async () => {
    const { user } = await openWindow();
    await user.click(screen.getByTestId("thread-search"));
    await user.keyboard("{ArrowDown}");
    expect(await screen.findByText(/No saved search yet/)).toBeTruthy();
  });

  test("one that is chosen sets the words and what they are narrowed to, and says that it is shown", async () => {
    const { backend, user } = await withSaved();
    await user.click(row("Waiting"));
    await waitFor(() => expect(backend.requests("search").at(-1)).toMatchObject({ query: "waiting", facets: { ...everything, needsYou: true } }));
    expect((screen.getByTestId("thread-search") as HTMLInputElement).value).toBe("waiting");
    expect(row("Waiting").getAttribute("aria-pressed")).toBe("true");
    expect(row("Keys").getAttribute("aria-pressed")).toBe("false");
    expect(screen.queryByTestId("save-search")).toBeNull();
  });

  test("are renamed by F2, and not to a name that another has", async () => {
    const { backend, user } = await withSaved();
    row("Keys").focus();
    await user.keyboard("{F2}");
    const field = await screen.findByRole("textbox", { name: "Name of the saved search" });
    await waitFor(() => expect(document.activeElement).toBe(field));
    await user.clear(field);
    await user.type(field, "Old{Enter}");
    expect(screen.getByRole("alert").textContent).toContain("Old");
    expect(backend.requests("searchFiltersRename")).toEqual([]);
    await user.type(field, "er{Enter}");
    await waitFor(() => expect(saved()).toEqual(["Waiting", "Older", "Old"]));
    await waitFor(() => expect(document.activeElement).toBe(row("Older")));
  });

  test("are moved by key and by menu, and where one went is said", async () => {
    const { user } = await withSaved();
    row("Old").focus();
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    await waitFor(() => expect(saved()).toEqual(["Waiting", "Old", "Keys"]));
    expect(screen.getByText("“Old” is 2 of 3 now.")).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(row("Old")));
    await user.click(screen.getByRole("button", { name: "Actions for the saved search Waiting" }));
    expect(screen.getByRole("menuitem", { name: /Move up/ }).getAttribute("aria-disabled")).toBe("true");
    await user.click(screen.getByRole("menuitem", { name: /Move down/ }));
    await waitFor(() => expect(saved()).toEqual(["Old", "Waiting", "Keys"]));
  });

  test("what is deleted can be had back in its place", async () => {
    const { user } = await withSaved();
    row("Keys").focus();
    await user.keyboard("{Delete}");
    const undo = await screen.findByRole("button", { name: "Undo" });
    expect(saved()).toEqual(["Waiting", "Old"]);
    await waitFor(() => expect(document.activeElement).toBe(undo));
    await user.click(undo);
    await waitFor(() => expect(saved()).toEqual(["Waiting", "Keys", "Old"]));
    expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
  });

  test("what is had back does not take the place of another one with its name", async () => {
    const { backend, user } = await withSaved();
    row("Keys").focus();
    await user.keyboard("{Delete}");
    const undo = await screen.findByRole("button", { name: "Undo" });
    row("Old").focus();
    await user.keyboard("{F2}");
    const field = await screen.findByRole("textbox", { name: "Name of the saved search" });
    await user.clear(field);
    await user.type(field, "Keys{Enter}");
    await waitFor(() => expect(saved()).toEqual(["Waiting", "Keys"]));
    await user.click(undo);
    await waitFor(() => expect(saved()).toEqual(["Waiting", "Keys 2", "Keys"]));
    expect(backend.known.filters.map(({ name, query }) => [name, query])).toEqual([
      ["Waiting", "waiting"],
      ["Keys 2", "keys"],
      ["Keys", "old"],
    ]);
    expect(screen.getAllByRole("status").map((each) => each.textContent)).toContain("It is called “Keys 2” now, because another one has its name.");
  });

  test("a name that was refused stays to be written differently", async () => {
    const { backend, user } = await withSaved(["Keys"]);
    backend.fail("searchFiltersSave", { code: "notSaved", message: "There are 50 saved searches." });
    await user.type(screen.getByTestId("thread-search"), "proxy");
    await user.click(await screen.findByTestId("save-search"));
    const field = screen.getByRole("textbox", { name: "Name of the saved search" }) as HTMLInputElement;
    await user.type(field, "A long and good name{Enter}");
    await screen.findByText("There are 50 saved searches.");
    expect(field.isConnected).toBe(true);
    expect(field.value).toBe("A long and good name");
    await waitFor(() => expect(document.activeElement).toBe(field));
    backend.fail("searchFiltersRename", { code: "notSaved", message: "The disk is full." });
    await user.keyboard("{Escape}");
    row("Keys").focus();
    await user.keyboard("{F2}");
    const renaming = screen.getByRole("textbox", { name: "Name of the saved search" }) as HTMLInputElement;
    await user.clear(renaming);
    await user.type(renaming, "Other{Enter}");
    await screen.findByText("The disk is full.");
    expect(renaming.isConnected && renaming.value).toBe("Other");
  });

  test("what is searched for is saved under a name, or in the place of one", async () => {
    const { backend, user } = await withSaved(["Keys"]);
    await user.type(screen.getByTestId("thread-search"), "proxy");
    await user.click(await screen.findByTestId("save-search"));
    await user.type(screen.getByRole("textbox", { name: "Name of the saved search" }), "Proxy{Enter}");
    await waitFor(() => expect(saved()).toEqual(["Keys", "Proxy"]));
    expect(backend.requests("searchFiltersSave").at(-1)).toMatchObject({ name: "Proxy", query: "proxy" });
    await user.click(screen.getByRole("button", { name: "Actions for the saved search Keys" }));
    await user.click(screen.getByRole("menuitem", { name: "Save what is searched for now" }));
    await waitFor(() => expect(backend.requests("searchFiltersSave").at(-1)).toMatchObject({ name: "Keys", query: "proxy" }));
  });

  test("say why they cannot be read, and are read again", async () => {
    const { backend, user } = await openWindow();
    backend.fail("searchFilters", { code: "internal", message: "The disk is gone." });
    await user.click(screen.getByRole("button", { name: "Saved searches" }));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("The disk is gone.");
    backend.answer("searchFilters", async () => []);
    await user.click(within(alert).getByRole("button"));
    expect(await screen.findByText(/No saved search yet/)).toBeTruthy();
  });
});

describe("tags", () => {
  async function openTags(tags: string[] = []) {
    const opened = await openWindow();
    const [first, second] = opened.backend.world.sessions;
    if (!first || !second) throw new Error("the fake world has threads");
    first.tags = tags;
    second.tags = ["Release"];
    opened.backend.push({ sessions: [first, second] });
    const target = screen.getAllByTestId("session-row").find((each) => each.dataset["session"] === first.id) as HTMLElement;
    await opened.user.pointer({ keys: "[MouseRight]", target });
    await opened.user.click(screen.getByRole("menuitem", { name: "Tags…" }));
    const field = await screen.findByTestId("tag-field");
    await waitFor(() => expect(document.activeElement).toBe(field));
    return { ...opened, first, field };
  }
  const own = () => within(screen.getByRole("list", { name: "Tags of this thread" })).queryAllByRole("button").map((each) => each.textContent);

  test("are written, taken from other threads and saved together", async () => {
    const { backend, user, first, field } = await openTags();
    await user.type(field, "to   do{Enter}");
    expect(own()).toEqual(["to do"]);
    await user.click(await screen.findByRole("button", { name: "Release, 1 thread" }));
    await user.type(field, "one, two");
    await user.click(screen.getByTestId("tags-save"));
    expect(backend.requests("sessionTag")).toEqual([{ session: first.id, tags: ["to do", "Release", "one", "two"] }]);
    await waitFor(() => expect(screen.queryByTestId("tags")).toBeNull());
  });

  test("are written as other threads have them, each once, and not too long", async () => {
    const { user, field } = await openTags(["kept"]);
    await screen.findByRole("button", { name: "Release, 1 thread" });
    await user.type(field, "RELEASE{Enter}");
    expect(own()).toEqual(["kept", "Release"]);
    await user.type(field, "KEPT{Enter}");
    expect(screen.getByRole("alert").textContent).toContain("already");
    await user.clear(field);
    await user.paste("x".repeat(41));
    await user.keyboard("{Enter}");
    expect(screen.getByRole("alert").textContent).toContain("40");
    expect(own()).toEqual(["kept", "Release"]);
  });

  test("of a list that is pasted nothing is lost, and the limit is said at once", async () => {
    const { backend, user, field } = await openTags();
    const long = "y".repeat(41);
    await user.click(field);
    await user.paste(long);
    expect(screen.getByRole("alert").textContent).toContain("at most 40 characters; this one has 41");
    await user.clear(field);
    expect(screen.queryByRole("alert")).toBeNull();
    await user.paste(`one, ${long}, two, three`);
    expect(own()).toEqual(["one", "two"]);
    expect((field as HTMLInputElement).value).toBe(` ${long}, three`);
    expect(screen.getByRole("alert").textContent).toContain("40 characters");
    await user.click(screen.getByTestId("tags-save"));
    expect(own()).toEqual(["one", "two", "three"]);
    expect((field as HTMLInputElement).value).toBe(` ${long}`);
    expect(backend.requests("sessionTag")).toEqual([]);
    await user.clear(field);
    await user.type(field, ",");
    expect((field as HTMLInputElement).value).toBe("");
  });

  test("are taken off, and the focus stays among them", async () => {
    const { user } = await openTags(["one", "two"]);
    await user.click(screen.getByRole("button", { name: "Take off one" }));
    expect(own()).toEqual(["two"]);
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Take off two"));
  });

  test("a refusal is told, and what was chosen stays", async () => {
    const { backend, user, field } = await openTags();
    backend.fail("sessionTag", { code: "invalidInput", message: "A tag holds characters that cannot be seen." });
    await user.type(field, "x{Enter}");
    await user.click(screen.getByTestId("tags-save"));
    expect((await screen.findByRole("alert")).textContent).toContain("cannot be seen");
    expect(own()).toEqual(["x"]);
  });

  test("stand on what a search finds, which can be narrowed to one", async () => {
    const { backend, user } = await openWindow();
    const [first, second] = backend.world.sessions;
    if (!first || !second) throw new Error("the fake world has threads");
    first.tags = ["Release", "later"];
    second.tags = ["later"];
    await user.click(screen.getByRole("button", { name: "Saved searches" }));
    const found = await screen.findAllByTestId("hit-tags");
    expect(found.map((each) => each.textContent)).toEqual(["TagsReleaselater", "Tagslater"]);
    await user.click(await screen.findByRole("button", { name: /Tag: Release/ }));
    await waitFor(() => expect(backend.requests("search").at(-1)).toMatchObject({ facets: { tag: "Release" } }));
    await waitFor(() => expect(screen.getAllByTestId("search-hit")).toHaveLength(1));
  });
});
