import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFakeBackend, fakeConversation, fakeFirstStart, fakeSafety, fakeSessions, fakeStart, fakeUnsafety, type FakeBackend } from "../backend/fake";
import type { ApiError, Conversation, SessionRow } from "../backend";
import { createApp, type App } from "./app";

const refused: ApiError = { code: "engineRefused", message: "The engine refused it. Try again." };
const row = (id: string, more: Partial<SessionRow> = {}): SessionRow => ({ ...structuredClone(fakeSessions[0] as SessionRow), id, ...more });

/** Lets promises that are due run. */
const settle = () => new Promise<void>((done) => setTimeout(done, 0));

async function begun(backend: FakeBackend = createFakeBackend()): Promise<{ backend: FakeBackend; app: App }> {
  const app = createApp(backend);
  await app.begin();
  return { backend, app };
}

describe("the start", () => {
  test("asks for the first picture, then subscribes: the core holds what changes in between", async () => {
    const backend = createFakeBackend();
    const order: string[] = [];
    const { subscribe } = backend.streams;
    const streams = {
      subscribe: (receive: Parameters<typeof subscribe>[0]) => {
        order.push("subscribe");
        return subscribe(receive);
      },
    };
    backend.answer("start", async () => {
      order.push("start");
      return fakeStart();
    });
    await createApp({ ...backend, streams }).begin();
    expect(order).toEqual(["start", "subscribe"]);
  });

  test("a core that does not answer is told with its reason", async () => {
    const backend = createFakeBackend();
    backend.fail("start", refused);
    const { app } = await begun(backend);
    expect(app.state.phase).toBe("failed");
    expect(app.state.error).toEqual(refused);
  });

  test("begins in the folder handed over, else where the newest thread of a readable folder works", async () => {
    const handed = { ...fakeStart(), initialFolder: "site" };
    expect((await begun(createFakeBackend({ start: handed }))).app.state.home.folder).toBe("site");
    expect((await begun()).app.state.home.folder).toBe("atlas");
    expect((await begun(createFakeBackend({ start: fakeFirstStart() }))).app.state.home.folder).toBeNull();
  });
});

describe("updates", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("are acknowledged in order, and only once they could be drawn", async () => {
    const { backend } = await begun();
    backend.push({});
    backend.push({});
    expect(backend.requests("acknowledge")).toEqual([]);
    vi.advanceTimersByTime(600);
    // Zero is the first picture, which stands one frame later.
    expect(backend.requests("acknowledge")).toEqual([{ sequence: 1 }, { sequence: 2 }, { sequence: 0 }]);
  });

  test("are acknowledged in a hidden window too, which draws no frames", async () => {
    vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    vi.spyOn(window, "requestAnimationFrame").mockImplementation(() => 0);
    const { backend } = await begun();
    backend.push({});
    vi.advanceTimersByTime(100);
    expect(backend.requests("acknowledge")).toEqual([{ sequence: 1 }, { sequence: 0 }]);
  });

  test("are asked for only while somebody can see the window", async () => {
    const { backend } = await begun();
    const hidden = vi.spyOn(document, "hidden", "get");
    for (const now of [true, false]) {
      hidden.mockReturnValue(now);
      document.dispatchEvent(new Event("visibilitychange"));
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(backend.requests("windowShown")).toEqual([{ shown: false }, { shown: true }]);
  });

  test("bring new rows in order of time, change known ones and take away those that are gone", async () => {
    const { backend, app } = await begun();
    backend.push({
      sessions: [row("fresh", { updated: Date.UTC(2030, 0, 1) }), row("deploy-script", { mark: "working" })],
      removedSessions: ["node-24"],
    });
    expect(app.state.sessions[0]?.id).toBe("fresh");
    expect(app.rowOf("deploy-script")?.mark).toBe("working");
    expect(app.rowOf("node-24")).toBeUndefined();
    const times = app.state.sessions.map((known) => known.updated);
    expect(times).toEqual(times.toSorted((left, right) => right - left));
  });

  test("a row that did not change keeps its identity, so nothing is drawn anew", async () => {
    const { backend, app } = await begun();
    const before = app.state.sessions.find((known) => known.id === "changelog");
    backend.push({ sessions: [row("fresh", { updated: 1 })] });
    expect(app.state.sessions.find((known) => known.id === "changelog")).toBe(before);
  });

  test("sub-agents' sessions do not enter the list", async () => {
    const { backend, app } = await begun();
    backend.push({ sessions: [row("child", { parent: "split-queue" })] });
    expect(app.state.sessions.some((known) => known.id === "child")).toBe(false);
  });

  test("replace folders, models, agents, providers and the engine's state as wholes", async () => {
    const { backend, app } = await begun();
    backend.push({ folders: [], models: [], agents: [], providers: [], engine: { kind: "stopping" } });
    const { folders, models, agents, providers, engine } = app.state;
    expect({ folders, models, agents, providers, engine }).toEqual({ folders: [], models: [], agents: [], providers: [], engine: { kind: "stopping" } });
  });

  test("bring what is not as promised, and leave it as it is otherwise", async () => {
    const { backend, app } = await begun();
    backend.push({ safety: fakeUnsafety });
    expect(app.state.safety).toEqual(fakeUnsafety);
    backend.push({ engine: { kind: "stopped" } });
    expect(app.state.safety).toEqual(fakeUnsafety);
    backend.push({ safety: fakeSafety });
    expect(app.state.safety).toEqual(fakeSafety);
  });

  test("keep a bounded number of notices, the newest", async () => {
    const { backend, app } = await begun();
    for (let at = 0; at < 150; at += 1) backend.push({ notices: [{ kind: "notSaved", detail: String(at), at }] });
    expect(app.state.notices).toHaveLength(100);
    expect(app.state.notices.at(-1)?.detail).toBe("149");
    expect(app.state.newsLeftOut).toBe(51);
    backend.push({ notices: [{ kind: "notSaved", detail: "150", at: 150 }], noticesLeftOut: 1_000 });
    expect(app.state.newsLeftOut).toBe(1_052);
  });

  test("tell a notice once that is in the first picture and in an update too", async () => {
    const twice = { kind: "engineEnded", detail: "exit status 2", at: 5 } as const;
    const backend = createFakeBackend({ start: { ...fakeStart(), notices: [twice, { ...twice }] } });
    const { app } = await begun(backend);
    backend.push({ notices: [twice, { ...twice, at: 6 }] });
    backend.push({ notices: [{ ...twice, detail: "exit status 3" }] });
    expect(app.state.notices.map(({ detail, at }) => [detail, at])).toEqual([
      ["exit status 2", 5],
      ["exit status 2", 6],
      ["exit status 3", 5],
    ]);
  });

  test("deleting the open thread elsewhere leads home", async () => {
    const { backend, app } = await begun();
    app.openSession("node-24");
    await vi.advanceTimersByTimeAsync(0);
    backend.push({ removedSessions: ["node-24"] });
    expect(app.state.route).toEqual({ page: "home" });
    expect(backend.requests("sessionClose")).toHaveLength(1);
  });
});

describe("a new thread", () => {
  test("is made in the chosen folder and gets the prompt with agent and model as chosen", async () => {
    const { backend, app } = await begun();
    app.setHome({ text: "Hello", folder: "site", agent: "plan", model: "local/gemma3-12b" });
    await app.sendFromHome("Hello");
    expect(backend.requests("sessionCreate")).toEqual([{ folder: "site" }]);
    expect(backend.requests("promptSend")).toEqual([{ session: "new-1", text: "Hello", agent: "plan", model: "local/gemma3-12b" }]);
    expect(app.state.route).toEqual({ page: "session", session: "new-1" });
    expect(app.state.home.text).toBe("");
  });

  test("what could not be delivered stays written, and no empty thread stays behind", async () => {
    const { backend, app } = await begun();
    app.setHome({ text: "Hello" });
    backend.fail("promptSend", refused);
    await expect(app.sendFromHome("Hello")).rejects.toEqual(refused);
    expect(app.state.home.text).toBe("Hello");
    expect(app.state.route).toEqual({ page: "home" });
    expect(backend.requests("sessionDelete")).toEqual([{ session: "new-1" }]);
  });

  test("when nobody knows whether it arrived, the thread opens, and why is told once", async () => {
    const { backend, app } = await begun();
    app.setHome({ text: "Hello" });
    backend.fail("promptSend", { code: "outcomeUnknown", message: "It may have arrived." });
    await app.sendFromHome("Hello");
    expect(backend.requests("sessionDelete")).toEqual([]);
    expect(app.state.route).toEqual({ page: "session", session: "new-1" });
    expect(backend.requests("sessionOpen")).toEqual([{ session: "new-1", around: null }]);
    expect(app.state.home.text).toBe("");
    expect(app.toasts.list.map((toast) => toast.text)).toEqual(["It may have arrived."]);
  });

  test("a failure is told by home alone, and its thread leaves the list at once", async () => {
    const { backend, app } = await begun();
    backend.fail("promptSend", refused);
    backend.answer("sessionDelete", async () => {});
    await expect(app.sendFromHome("Hello")).rejects.toEqual(refused);
    expect(app.toasts.list).toEqual([]);
    expect(app.rowOf("new-1")).toBeUndefined();
  });

  describe("whose first prompt is still on its way", () => {
    async function sending() {
      const { backend, app } = await begun();
      let end: { take(): void; fail(error: ApiError): void } = { take: () => {}, fail: () => {} };
      backend.answer("promptSend", () => new Promise((resolve, reject) => (end = { take: () => resolve({ message: "message-1" }), fail: reject })));
      app.setHome({ text: "A" });
      const sent = app.sendFromHome("A");
      await vi.waitFor(() => expect(backend.requests("promptSend")).toHaveLength(1));
      return { backend, app, sent, take: () => end.take(), fail: (error: ApiError) => end.fail(error) };
    }

    test("does not pull the person out of the thread they went to", async () => {
      const { app, sent, take } = await sending();
      app.openSession("changelog");
      take();
      await sent;
      expect(app.state.route).toEqual({ page: "session", session: "changelog" });
      expect(app.state.home.text).toBe("");
    });

    test("leaves what was written on home since", async () => {
      const { app, sent, take } = await sending();
      app.openSession("changelog");
      app.go({ page: "home" });
      app.setHome({ text: "B" });
      take();
      await sent;
      expect(app.state.home.text).toBe("B");
      expect(app.state.route).toEqual({ page: "home" });
    });

    test("stays when it fails after the person opened it, and they are told", async () => {
      const { backend, app, sent, fail } = await sending();
      app.openSession("new-1");
      fail(refused);
      await expect(sent).rejects.toEqual(refused);
      expect(backend.requests("sessionDelete")).toEqual([]);
      expect(app.state.route).toEqual({ page: "session", session: "new-1" });
      expect(app.toasts.list.map((toast) => toast.text)).toEqual([refused.message]);
      expect(app.state.home.text).toBe("A");
    });
  });

  test("what is written on home survives a reload of the window", async () => {
    const first = await begun();
    first.app.setHome({ text: "Half a thou" });
    expect((await begun()).app.state.home.text).toBe("Half a thou");
  });

  test("the demo runs in a throw-away folder on the scripted model", async () => {
    const { backend, app } = await begun(createFakeBackend({ start: fakeFirstStart() }));
    await app.tryDemo();
    expect(backend.requests("sessionCreate")).toEqual([{ folder: null }]);
    expect(backend.requests("promptSend")).toEqual([{ session: "new-1", text: "Show me around", agent: null, model: "scripted/demo" }]);
  });

  test("the demo asks for no model while none is known, so that the core takes its own", async () => {
    const { backend, app } = await begun(createFakeBackend({ start: { ...fakeFirstStart(), models: [] } }));
    await app.tryDemo();
    expect(backend.requests("promptSend")).toEqual([{ session: "new-1", text: "Show me around", agent: null, model: null }]);
  });
});

describe("settings", () => {
  test("show at once and are saved whole", async () => {
    const { backend, app } = await begun();
    const saved = app.saveSettings({ theme: "light" });
    expect(app.state.settings.theme).toBe("light");
    await saved;
    expect(backend.requests("settingsSave")).toEqual([{ ...fakeStart().settings, theme: "light" }]);
  });

  test("what cannot be saved is taken back and told", async () => {
    const { backend, app } = await begun();
    backend.fail("settingsSave", { code: "notSaved", message: "The disk is full." });
    await app.saveSettings({ density: "roomy" });
    expect(app.state.settings.density).toBe("cozy");
    expect(app.toasts.list.map((toast) => toast.text)).toEqual(["The disk is full."]);
  });

  test("a change that was refused is not stored along with the next one", async () => {
    const { backend, app } = await begun();
    let refuse = () => {};
    backend.answer("settingsSave", () => new Promise((_, reject) => (refuse = () => reject({ code: "notSaved", message: "The disk is full." }))));
    const first = app.saveSettings({ density: "roomy", theme: "light" });
    const second = app.saveSettings({ theme: "dark", zoom: 120 });
    await Promise.resolve();
    backend.answer("settingsSave", async (settings) => settings);
    refuse();
    await Promise.all([first, second]);
    expect(backend.requests("settingsSave").at(-1)).toEqual({ ...fakeStart().settings, theme: "dark", zoom: 120 });
    expect(app.state.settings).toMatchObject({ density: "cozy", theme: "dark", zoom: 120 });
  });

  test("are left to where they were opened from", async () => {
    const { app } = await begun();
    app.openSession("changelog");
    app.openSettings("models");
    app.openSettings("folders");
    app.leaveSettings();
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "changelog" });
  });
});

describe("a thread that is gone to", () => {
  async function waiting() {
    const { backend, app } = await begun();
    const conversation = fakeConversation("changelog");
    let answer: (conversation: Conversation) => void = () => undefined;
    backend.answer("sessionOpen", () => new Promise((answered) => (answer = answered)));
    app.openSession("changelog");
    return { backend, app, answer: () => answer(conversation) };
  }

  test("takes the place of the page before once it is there, not an empty page", async () => {
    const { app, answer } = await waiting();
    expect(app.state.route).toEqual({ page: "home" });
    answer();
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "changelog" });
    expect(app.conversation.state.conversation?.session).toBe("changelog");
  });

  test("is not waited for longer than a moment", async () => {
    vi.useFakeTimers();
    const { app } = await waiting();
    vi.advanceTimersByTime(100);
    expect(app.state.route).toEqual({ page: "session", session: "changelog" });
    expect(app.conversation.state).toMatchObject({ conversation: null, loading: true });
    vi.useRealTimers();
  });

  test("takes nobody along who went elsewhere meanwhile", async () => {
    const { backend, app, answer } = await waiting();
    app.openSettings("models");
    answer();
    await settle();
    expect(app.state.route).toEqual({ page: "settings", section: "models" });
    expect(app.conversation.state.conversation).toBeNull();
    expect(backend.requests("sessionClose")).toHaveLength(1);
    app.leaveSettings();
    answer();
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "changelog" });
  });

  test("is left for the one before by whoever goes back at once", async () => {
    const { backend, app } = await begun();
    app.openSession("flaky-retry");
    await settle();
    const answers: Array<() => void> = [];
    backend.answer("sessionOpen", ({ session }) => new Promise((answered) => answers.push(() => answered(fakeConversation(session)))));
    app.openSession("changelog");
    app.openSession("flaky-retry");
    for (const answer of answers) answer();
    await settle();
    expect(app.state.route).toEqual({ page: "session", session: "flaky-retry" });
    expect(app.conversation.state.conversation?.session).toBe("flaky-retry");
  });
});

describe("sub-agents", () => {
  test("open as threads of their own without entering the list", async () => {
    const { backend, app } = await begun();
    app.openSession("flaky-retry");
    app.openSession("child");
    expect(app.rowOf("child")).toMatchObject({ parent: "flaky-retry", folder: "atlas" });
    expect(app.state.sessions.some((known) => known.id === "child")).toBe(false);
    backend.push({ sessions: [row("child", { parent: "flaky-retry", title: "Find every caller" })] });
    expect(app.rowOf("child")?.title).toBe("Find every caller");
  });
});

describe("home and the defaults", () => {
  test("home goes along with a changed default, unless something else was chosen there", async () => {
    const { app } = await begun();
    await app.saveSettings({ defaultModel: "local/gemma3-12b#high", defaultAgent: "plan" });
    expect(app.state.home).toMatchObject({ model: "local/gemma3-12b#high", agent: "plan" });
    app.setHome({ model: "scripted/demo" });
    await app.saveSettings({ defaultModel: "local/qwen3-coder-30b" });
    expect(app.state.home.model).toBe("scripted/demo");
  });

  test("and back with one that could not be saved", async () => {
    const { app, backend } = await begun();
    backend.fail("settingsSave", refused);
    await app.saveSettings({ defaultModel: "local/gemma3-12b" });
    expect(app.state.settings.defaultModel).toBe("local/qwen3-coder-30b");
    expect(app.state.home.model).toBe("local/qwen3-coder-30b");
  });

  test("a prompt goes out with its variant", async () => {
    const { app, backend } = await begun();
    app.setHome({ model: "local/qwen3-coder-30b#high" });
    await app.sendFromHome("Begin");
    expect(backend.requests("promptSend")).toMatchObject([{ model: "local/qwen3-coder-30b#high" }]);
  });
});

describe("tests and sign-ins", () => {
  test("what a command answers is taken unless news of it came first", async () => {
    const { app, backend } = await begun();
    await app.testProvider({ provider: "local", model: null });
    expect(app.state.test).toMatchObject({ provider: "local", running: true });
    backend.answer("providerTest", async () => {
      backend.push({ test: { provider: "local", model: "local/a", steps: [], running: false, usable: true } });
      return { provider: "local", model: "local/a", steps: [], running: true, usable: false };
    });
    await app.testProvider({ provider: "local", model: null });
    expect(app.state.test).toMatchObject({ running: false, usable: true });
  });

  test("a window that loads anew finds the one that runs", async () => {
    const start = fakeStart();
    start.test = { provider: "local", model: "local/a", steps: [{ step: "resolve", mark: { kind: "waiting" } }], running: true, usable: false };
    const { app } = await begun(createFakeBackend({ start }));
    expect(app.state.test).toEqual(start.test);
    expect(app.state.signIn).toBeNull();
  });
});
