import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
import type { ConversationPatch, ModelChoice, PermissionCard, SearchAnswer, SessionRow } from "../backend";
import { fakeConversation, fakeFirstStart, fakeServers, fakeStart } from "../backend/fake";
import { guardTime } from "../conversation/askGuard";
import { permission } from "../conversation/fixtures";
import { createActions } from "../shell/actions";
import { active, input, key, labels, opened, openKey, options, run, type } from "../test/palette";
import { openWindow, settle } from "../test/window";
import { mostRows } from "./ranking";

const emptyPatch = (): ConversationPatch => ({ session: "image-sizes", revision: 1, base: 0, before: null, moreBefore: null, after: null, removedMessages: [], messages: [], removedBlocks: [], blocks: [], texts: [], status: null, permissions: null, questions: null, todos: null, draft: null });
const found: SearchAnswer = { hits: [], found: 0, capped: false, wantsWord: false, folders: [], agents: [], models: [], tags: [], ages: [], hasChanges: 0, needsYou: 0, unread: 0 };

describe("the palette", () => {
  test("opens by its key with the focus in its field, and closes by Escape, by the key and by a press beside it", async () => {
    const { user } = await opened();
    expect(document.activeElement).toBe(input());
    key("Escape");
    expect(screen.queryByTestId("palette")).toBeNull();
    openKey();
    openKey();
    expect(screen.queryByTestId("palette")).toBeNull();
    openKey();
    await user.pointer({ keys: "[MouseLeft]", target: screen.getByTestId("palette") });
    expect(screen.queryByTestId("palette")).toBeNull();
  });

  test("is a combobox whose marked row is named, while the focus stays in the field", async () => {
    await opened();
    const field = screen.getByRole("combobox", { name: "Command palette" });
    expect(field.getAttribute("aria-controls")).toBe(screen.getByRole("listbox").id);
    expect(field.getAttribute("aria-activedescendant")).toBe(options()[0]?.id);
    key("ArrowDown");
    expect(field.getAttribute("aria-activedescendant")).toBe(options()[1]?.id);
    expect(active()).toEqual([labels()[1]]);
    expect(document.activeElement).toBe(field);
  });

  test("is gone through by arrows, Home, End, Page Up and Page Down", async () => {
    await opened();
    const all = labels();
    key("ArrowUp");
    expect(active()).toEqual([all.at(-1)]);
    key("ArrowDown");
    expect(active()).toEqual([all[0]]);
    key("PageDown");
    expect(active()).toEqual([all[8]]);
    key("PageUp");
    expect(active()).toEqual([all[0]]);
    key("End");
    expect(active()).toEqual([all.at(-1)]);
    key("Home");
    expect(active()).toEqual([all[0]]);
    key("Tab");
    expect(document.activeElement).toBe(input());
  });

  test("shows the newest threads and commands while nothing is typed, with their keys", async () => {
    await opened();
    const threads = within(within(screen.getByTestId("palette")).getByRole("group", { name: "Threads" }));
    expect(threads.getAllByRole("option").slice(0, 2).map((row) => row.querySelector(".palette-label")?.textContent)).toEqual(["Split the queue worker", "Fix flaky retry tests"]);
    expect(threads.getAllByRole("option")[0]?.textContent).toContain("asks for permission");
    const newThread = within(screen.getByRole("group", { name: "Commands" })).getByRole("option", { name: /^New thread\s?Ctrl N/ });
    expect(newThread.querySelector("kbd")?.textContent).toBe("Ctrl N");
    // There is no open thread.
    expect(screen.queryByRole("group", { name: "In this thread" })).toBeNull();
  });

  test("marks the letters that were typed, as text", async () => {
    const start = fakeStart();
    const [first] = start.sessions;
    if (first) first.title = "<img src=x> Réview";
    await opened({ start });
    type("review");
    const option = options().find((each) => each.dataset["key"] === `thread:${first?.id}`);
    expect(option?.querySelector("mark")?.textContent).toBe("Réview");
    expect(option?.querySelector("img")).toBeNull();
    expect(option?.textContent).toContain("<img src=x>");
  });

  test("opens a thread, and does not write down which", async () => {
    const { app } = await opened();
    run("#flaky");
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "flaky-retry" });
    expect(screen.queryByTestId("palette")).toBeNull();
    expect(localStorage.getItem("palette-recent")).toBeNull();
  });

  test("shows what was used last first, the next time", async () => {
    const { app } = await opened();
    run("health");
    openKey();
    run("go home");
    // Home is not offered on home.
    openKey();
    expect(labels()).not.toContain("Go home");
    key("Escape");
    app.go({ page: "health" });
    openKey();
    expect(within(screen.getByRole("group", { name: "Used last" })).getAllByRole("option")[0]?.textContent).toContain("Go home");
  });

  test("puts up with what somebody else wrote into the storage", async () => {
    localStorage.setItem("palette-recent", '{"a":1}');
    await opened();
    expect(options().length).toBeGreaterThan(5);
  });

  test("says so when nothing is found, and reads out politely how much is", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    await opened();
    const count = screen.getByTestId("palette-count");
    type("xyzzy");
    await vi.advanceTimersByTimeAsync(100);
    expect(screen.getByTestId("palette-none").textContent).toContain("Nothing found for “xyzzy”");
    // Not while one types.
    expect(count.textContent).toBe("");
    await vi.advanceTimersByTimeAsync(700);
    expect(count.textContent).toBe("Nothing found for “xyzzy”");
    type("theme");
    await vi.advanceTimersByTimeAsync(800);
    expect(count.textContent).toMatch(/^\d+ results$/);
    vi.useRealTimers();
  });

  test("says that there are no threads yet where only those are asked for", async () => {
    await opened({ start: fakeFirstStart() });
    type("#");
    expect(screen.getByTestId("palette-none").textContent).toContain("No threads yet");
  });

  test("draws few rows of 10,000 entries, and says how many more there are", async () => {
    const start = fakeStart();
    const row = start.sessions[0] as SessionRow;
    const model = start.models[0] as ModelChoice;
    start.sessions = Array.from({ length: 5_000 }, (_, place) => ({ ...structuredClone(row), id: `t${place}`, title: `Review ${place}`, updated: 5_000 - place }));
    start.models = Array.from({ length: 5_000 }, (_, place) => ({ ...structuredClone(model), id: `p/m${place}`, name: `Reviewer ${place}` }));
    const { backend } = await opened({ start });
    backend.answer("search", async () => found);
    const drawn = () => options().length;
    expect(drawn()).toBeGreaterThan(10);
    for (const typed of ["", "rev", "#", "#rev", "e", ">rev"]) {
      type(typed);
      expect(drawn()).toBeLessThanOrEqual(mostRows);
    }
    type("#rev");
    expect(drawn()).toBe(mostRows);
    type("use reviewer");
    expect(screen.getByTestId("palette-more").textContent).toContain("4,994 more, keep typing");
  });
});

describe("threads that the core finds", () => {
  const hit = (id: string, title: string, message: string | null) => ({
    session: { ...structuredClone(fakeStart().sessions[0] as SessionRow), id, title, mark: "idle" as const },
    messages: 1,
    changedFiles: 0,
    tokens: 1,
    titleMarks: [] as [number, number][],
    place: message === null ? null : { session: id, message, prompt: false, created: 1 },
    snippet: message === null ? null : { text: "where the words were said", cutBefore: false, cutAfter: false, marks: [] as [number, number][] },
  });

  test("stand after those found by title, and open where the words were said", async () => {
    const { app, backend } = await opened();
    backend.answer("search", async () => ({ ...found, hits: [hit("flaky-retry", "Fix flaky retry tests", null), hit("old", "Something else", "msg_7")], found: 2 }));
    type("flaky");
    await waitFor(() => expect(labels()).toContain("Something else"));
    expect(labels().filter((label) => label === "Fix flaky retry tests")).toHaveLength(1);
    expect(backend.requests("search").at(-1)).toMatchObject({ query: "flaky", offset: 0 });
    const old = options().find((option) => option.dataset["key"] === "thread:old") as HTMLElement;
    expect(old.textContent).toContain("where the words were said");
    fireEvent.click(old);
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "old" });
    expect(backend.requests("sessionOpen").at(-1)).toEqual({ session: "old", around: "msg_7" });
  });

  test("are not chosen by Enter while they are those of other words", async () => {
    const { app, backend } = await opened();
    backend.answer("search", async () => ({ ...found, hits: [hit("old", "Where it was said", "msg_7")], found: 1 }));
    type("xyzzy");
    await waitFor(() => expect(labels()).toEqual(["Where it was said"]));
    let answer: ((found: SearchAnswer) => void) | undefined;
    backend.answer("search", () => new Promise((done) => (answer = done)));
    type("xyzzyx");
    fireEvent.keyDown(screen.getByTestId("palette-input"), { key: "Enter" });
    expect(app.state.route).toEqual({ page: "home" });
    expect(screen.getByTestId("palette-input")).toBeTruthy();
    await waitFor(() => expect(answer).toBeDefined());
    answer?.({ ...found, hits: [hit("other", "What is meant", "msg_8")], found: 1 });
    await waitFor(() => expect(labels()).toEqual(["What is meant"]));
    fireEvent.keyDown(screen.getByTestId("palette-input"), { key: "Enter" });
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "other" });
  });

  test("are not asked for while commands are looked for, and only the last answer counts", async () => {
    const { backend } = await opened();
    type(">flaky");
    await new Promise((done) => setTimeout(done, 60));
    expect(backend.requests("search")).toEqual([]);
    const answers: ((answer: SearchAnswer) => void)[] = [];
    backend.answer("search", () => new Promise((answer) => answers.push(answer)));
    type("first");
    await waitFor(() => expect(answers).toHaveLength(1));
    type("second");
    await waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.({ ...found, hits: [hit("two", "The second", null)], found: 1 });
    answers[0]?.({ ...found, hits: [hit("one", "The first", null)], found: 1 });
    await settle();
    expect(labels()).toContain("The second");
    expect(labels()).not.toContain("The first");
  });

  test("say when they are long in coming, and why they did not", async () => {
    const { backend } = await opened();
    backend.answer("search", () => new Promise(() => undefined));
    type("xyzzy");
    // Nobody knows yet that there is nothing.
    expect(screen.queryByTestId("palette-none")).toBeNull();
    await screen.findByTestId("palette-searching");
    backend.fail("search", { code: "internal", message: "The index is being made." });
    type("xyzzyx");
    await waitFor(() => expect(within(screen.getByTestId("palette")).getByRole("alert").textContent).toContain("The index is being made."));
    type("theme");
    expect(labels()).toContain("Theme: light");
  });

  test("leave the marked row marked when they come", async () => {
    const { backend } = await opened();
    let answer: (value: SearchAnswer) => void = () => undefined;
    backend.answer("search", () => new Promise((take) => (answer = take)));
    type("re");
    key("ArrowDown");
    const before = active();
    await waitFor(() => expect(backend.requests("search")).toHaveLength(1));
    answer({ ...found, hits: [hit("old", "Else", null)], found: 1 });
    await settle();
    expect(active()).toEqual(before);
  });
});

describe("what it does", () => {
  test("has every action under its name, each in one group with a name of its own", async () => {
    const { app } = await openWindow();
    const actions = createActions(app);
    expect(new Set(actions.map(({ id }) => id)).size).toBe(actions.length);
    expect(new Set(actions.map(({ title }) => title)).size).toBe(actions.length);
    for (const action of actions) expect(action.words).not.toBe("");
  });

  test("offers what fits the open thread first, and does it there", async () => {
    const { backend, app } = await opened({}, "flaky-retry");
    const here = () => within(screen.getByRole("group", { name: "In this thread" })).getAllByRole("option").map((row) => row.dataset["key"]);
    expect(here()).toEqual(expect.arrayContaining(["action:find", "action:review", "action:rename", "action:tags", "action:delete", "action:usage", "action:previousPrompt"]));
    run("find in this");
    await screen.findByTestId("find-input");
    openKey();
    run("rename this");
    expect(screen.getByTestId("title-input")).toBeTruthy();
    openKey();
    const reviewed = app.state.settings.reviewOpen;
    run("show or hide review");
    expect(app.state.settings.reviewOpen).toBe(!reviewed);
    for (const [typed, testid] of [["tags of this", "tags"], ["what this thread took", "thread-usage"]] as const) {
      openKey();
      run(typed);
      await screen.findByTestId(testid);
      fireEvent.keyDown(screen.getByRole("dialog"), { key: "Escape" });
      await settle();
    }
    openKey();
    run("delete this");
    expect(screen.getByRole("dialog").textContent).toContain("Delete this thread?");
    expect(backend.requests("sessionDelete")).toEqual([]);
  });

  test("stops a turn that runs, and offers to only then", async () => {
    const running = fakeConversation("image-sizes");
    running.status.state = { kind: "working" };
    const { backend, app } = await opened({ conversations: [running] }, "image-sizes");
    expect(labels()).toContain("Stop the turn");
    run("stop the turn");
    expect(backend.requests("turnStop")).toEqual([{ session: "image-sizes" }]);
    app.openSession("pricing-copy");
    await settle();
    openKey();
    expect(labels()).not.toContain("Stop the turn");
  });

  test("answers the request that was on the screen when it opened, and no other", async () => {
    const asking = { ...fakeConversation("image-sizes"), permissions: [permission({ id: "a", session: "image-sizes" })] };
    const { backend, app } = await opened({ conversations: [asking] }, "image-sizes");
    await new Promise((done) => setTimeout(done, guardTime));
    type("allow once");
    const held = createActions(app).find(({ id }) => id === "allowOnce");
    expect(labels()).toContain("Allow once");
    const patch = (...permissions: PermissionCard[]) => app.conversation.receive({ ...emptyPatch(), permissions });
    patch(permission({ id: "b", session: "image-sizes" }));
    expect(labels()).not.toContain("Allow once");
    held?.run();
    await new Promise((done) => setTimeout(done, guardTime));
    held?.run();
    expect(backend.requests("permissionAnswer")).toEqual([]);
    expect(app.toasts.list.at(-1)?.text).toBe("A request was withdrawn or answered elsewhere.");
    key("Escape");
    openKey();
    run("allow once");
    expect(backend.requests("permissionAnswer")).toMatchObject([{ permission: "b", decision: "once" }]);
  });

  test("offers no answer to a request that comes up while it is open", async () => {
    const { app } = await opened({ conversations: [fakeConversation("image-sizes")] }, "image-sizes");
    type("allow once");
    app.conversation.receive({ ...emptyPatch(), permissions: [permission({ session: "image-sizes" })] });
    await settle();
    expect(screen.getByTestId("permission")).toBeTruthy();
    expect(labels()).not.toContain("Allow once");
  });

  test("chooses agent and model for the next prompt, here and on home", async () => {
    const { app } = await opened();
    run("switch to agent plan");
    expect(app.state.home.agent).toBe("plan");
    openKey();
    type("use gemma");
    expect(options()[0]?.textContent).toContain("Local models");
    key("Enter");
    expect(app.state.home.model).toBe("local/gemma3-12b");
    openKey();
    type("use gemma");
    expect(options()[0]?.textContent).toContain("current");
    key("Escape");
    app.openSettings("engine");
    await settle();
    openKey();
    run("use qwen");
    expect(app.state.route.page).toBe("home");
    expect(app.state.home.model).toBe("local/qwen3-coder-30b");
    app.openSession("pricing-copy");
    await settle();
    openKey();
    run("use gemma");
    expect(app.state.home.model).toBe("local/qwen3-coder-30b");
    expect(screen.getByTestId("model-picker").textContent).toContain("Gemma 3 12B");
  });

  test("begins a thread in a folder that can be read, and opens what its commands may reach", async () => {
    const { app } = await opened();
    type("archive");
    expect(labels()).not.toContain("New thread in archive");
    run("new thread in launch");
    expect(app.state.home.folder).toBe("site");
    openKey();
    run("may reach in launch");
    expect((await screen.findByRole("dialog")).textContent).toContain("launch-site");
  });

  test("changes the theme and the density, and offers those that are not set", async () => {
    const { app } = await opened();
    type("theme");
    expect(labels()).not.toContain("Theme: dark");
    run("theme light");
    expect(app.state.settings.theme).toBe("light");
    openKey();
    run("density roomy");
    expect(app.state.settings.density).toBe("roomy");
  });

  test("goes to places: home, health with a report, the form for a provider, a preview", async () => {
    const start = fakeStart();
    start.safety = { ...start.safety, servers: structuredClone(fakeServers) };
    const { app, backend } = await opened({ start });
    run("make a report");
    await settle();
    expect(app.state.route.page).toBe("health");
    await waitFor(() => expect(backend.requests("diagnosticsReport")).toHaveLength(1));
    openKey();
    run("connect a provider");
    await waitFor(() => expect(screen.getByTestId("provider-search")).toBeTruthy());
    openKey();
    run("open a preview");
    expect(backend.requests("previewOpen")).toHaveLength(1);
    openKey();
    run("restart the engine");
    expect(backend.requests("engineStart")).toHaveLength(1);
  });

  test("runs an action by its key from here too", async () => {
    const { app } = await opened();
    key(",", { ctrlKey: true });
    expect(screen.queryByTestId("palette")).toBeNull();
    expect(app.state.route.page).toBe("settings");
  });

  test("closes a menu that was open below it", async () => {
    await openWindow();
    fireEvent.contextMenu(screen.getAllByTestId("session-row")[0] as HTMLElement);
    openKey();
    expect(screen.queryByRole("menu")).toBeNull();
    expect(document.activeElement).toBe(input());
  });

  test("is there while setting up, and stays away from under a dialog", async () => {
    const { app } = await openWindow({ start: fakeFirstStart() });
    app.go({ page: "setup" });
    openKey();
    run("go home");
    expect(app.state.route.page).toBe("home");
    key("F1");
    await screen.findByTestId("keys");
    openKey();
    expect(screen.queryByTestId("palette")).toBeNull();
  });
});
