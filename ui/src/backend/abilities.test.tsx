import { fireEvent, render, screen, within } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { allEntries } from "../palette/entries";
import { conversations } from "../conversation/fixtures";
import { createActions } from "../shell/actions";
import { SurroundingsProvider } from "../shell/surroundings";
import { Window } from "../shell/Window";
import { createApp, type App } from "../state/app";
import { settingsSections } from "../state/route";
import { allOffers, readingOffers } from "../test/cloud/server";
import { media } from "../test/setup";
import { settle } from "../test/window";
import { abilities, isAbility, may, mayAct, offersOf } from "./abilities";
import { createFakeBackend, type FakeBackend } from "./fake";
import { commandNames, type Commands } from "./generated";
import type { Backend, Offer } from "./index";

vi.setConfig({ testTimeout: 60_000 });

const methods = new Map(Object.entries(commandNames).map(([method, wire]) => [wire as string, method as keyof Commands]));
const here: Offer[] = ["settingsSave", "draftSave", "linkOpen"];
const commandsOf = (wires: readonly string[]): Offer[] => [...here, ...wires.flatMap((wire) => methods.get(wire) ?? [])];
const fromAfar = commandsOf(allOffers);
const reading = commandsOf(readingOffers);

/** The window over a core that offers some commands alone, and what it was asked. */
async function open(offered: readonly Offer[]) {
  const core = createFakeBackend({ conversations: structuredClone(conversations) });
  const [offers, setOffers] = createSignal<ReadonlySet<Offer>>(new Set(offered));
  const backend: Backend = { commands: core.commands, streams: core.streams, offers: offersOf(offers) };
  for (const { permissions, questions } of conversations) {
    for (const permission of permissions) core.known.asks.set(permission.id, { permission, question: null });
    for (const question of questions) core.known.asks.set(question.id, { permission: null, question });
  }
  const app = createApp(backend);
  await app.begin();
  const silent = () => <p data-testid="silent">{app.state.version}</p>;
  const view = render(() => (
    <SurroundingsProvider value={{ silent }}>
      <Window app={app} />
    </SurroundingsProvider>
  ));
  await settle();
  return { app, core, setOffers, ...view };
}

/** What was asked that is not offered. */
const beyond = (core: FakeBackend, offered: readonly Offer[]) => [...new Set(core.calls.map(({ name }) => name))].filter((name) => !offered.includes(name));

const pages: [string, (app: App) => void][] = [
  ["home", (app) => app.go({ page: "home" })],
  ["an asking thread", (app) => app.openSession("flaky-retry")],
  ["a thread with a question", (app) => app.openSession("rate-limit")],
  ["a working thread", (app) => app.openSession("image-sizes")],
  ["a retrying thread", (app) => app.openSession("invoices")],
  ["a finished thread", (app) => app.openSession("pricing-copy")],
  ["an interrupted thread", (app) => app.openSession("changelog")],
  ["a failed thread", (app) => app.openSession("node-24")],
  ["the inbox", (app) => app.go({ page: "inbox" })],
  ["the settings", (app) => app.openSettings()],
];

/** Presses everything that can be pressed, and what each press brings. */
async function pressAll(root: ParentNode = document.body): Promise<void> {
  const pressed = new Set<Element>();
  for (let round = 0; round < 3; round += 1) {
    const fresh = [...root.querySelectorAll<HTMLElement>("button, a[href], [role='treeitem'], [role='option']")].filter((each) => !pressed.has(each) && each.isConnected);
    if (fresh.length === 0) return;
    for (const each of fresh) {
      pressed.add(each);
      if (!each.isConnected) continue;
      fireEvent.contextMenu(each);
      fireEvent.click(each);
      fireEvent.dblClick(each);
    }
    await settle();
  }
}

const keys: [string, KeyboardEventInit][] = ["p", "k", "n", "b", "r", ",", "i", "+", "-", "0", "f", "1", "/"].flatMap((key): [string, KeyboardEventInit][] => [
  [`Control ${key}`, { key, ctrlKey: true }],
  [`Control Shift ${key}`, { key, ctrlKey: true, shiftKey: true }],
]);
for (const key of ["F1", "F2", "F3", "F6", "Delete", "Escape", "Enter", "ArrowUp", "j", "k", "1", "2", "3"]) keys.push([key, { key }], [`Alt ${key}`, { key, altKey: true }]);

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});

describe("what is not offered", () => {
  test("is said of every command that a deed needs, and of commands that are", () => {
    const known = new Set<string>([...Object.keys(commandNames), "ownWindow"]);
    const unknown = Object.values(abilities).flatMap((needs) => needs.filter((need) => !known.has(need)));
    expect(unknown).toEqual([]);
    for (const section of settingsSections) expect(isAbility(`section.${section}`)).toBe(true);
  });

  test("is everything where the backend says nothing", () => {
    const all = (Object.keys(abilities) as (keyof typeof abilities)[]).every((deed) => may({}, deed));
    expect(all).toBe(true);
    const offers = offersOf(() => new Set<Offer>(["promptSend"]));
    expect([may({ offers }, "compose"), may({ offers }, "newThread"), mayAct({ offers }, "palette"), mayAct({ offers }, "inbox")]).toEqual([true, false, true, false]);
  });

  // Whoever reads along has the same pages with less on them: a few stand for all.
  describe.each<[string, Offer[], typeof pages]>([
    ["from afar", fromAfar, pages],
    ["to whoever reads along", reading, pages.slice(0, 4)],
  ])("%s", (_who, offered, looked) => {
    test.each(looked)("is reached by no press on %s", async (_page, go) => {
      const { app, core } = await open(offered);
      go(app);
      await settle();
      await pressAll();
      expect(beyond(core, offered)).toEqual([]);
    });

    test.each(looked)("is reached by no key on %s", async (_page, go) => {
      const { app, core } = await open(offered);
      for (const [, press] of keys) {
        go(app);
        await settle();
        const target = document.querySelector<HTMLElement>("[data-testid='session-row']") ?? document.body;
        target.focus();
        fireEvent.keyDown(document.activeElement ?? document.body, { ...press, bubbles: true, cancelable: true });
      }
      await settle();
      expect(beyond(core, offered)).toEqual([]);
    });

    test.each(looked)("is found by no word in the palette on %s", async (_page, go) => {
      const { app, core } = await open(offered);
      go(app);
      await settle();
      const before = allEntries(app, Date.now());
      expect(before.length).toBeGreaterThan(3);
      for (const entry of before) {
        go(app);
        await settle();
        entry.run();
        await settle();
      }
      expect(beyond(core, offered)).toEqual([]);
    });

    test("has no action, not even one that waits for its time", async () => {
      const { app } = await open(offered);
      const ids = createActions(app).map(({ id }) => id);
      for (const id of ids) expect(mayAct(app.backend, id)).toBe(true);
      for (const gone of ["openFolder", "connect", "health", "rules", "demo", "setUp", "report", "engineLog", "restartEngine", "zoomIn", "about", "rename", "delete", "tags", "usage", "find", "attach", "fork", "revert"]) expect(ids).not.toContain(gone);
    });

    test("has no key of a browser's", async () => {
      await open(offered);
      for (const key of ["+", "-", "0", "k", "f"]) {
        const press = new KeyboardEvent("keydown", { key, ctrlKey: true, bubbles: true, cancelable: true });
        document.body.dispatchEvent(press);
        expect([key, press.defaultPrevented]).toEqual([key, false]);
      }
    });

    test("has no line in the list of keys", async () => {
      const { app } = await open(offered);
      fireEvent.keyDown(document.body, { key: "F1" });
      await settle();
      const list = within(screen.getByTestId("keys"));
      for (const words of ["Rename", "Find in this thread", "Zoom in", "Stage the file"]) expect(list.queryByText(words)).toBeNull();
      expect(app.state.phase).toBe("ready");
    });

    test("has no page, however it is asked for", async () => {
      const { app } = await open(offered);
      app.go({ page: "health" });
      app.go({ page: "setup" });
      expect(app.state.route.page).toBe("home");
      app.openSettings("models");
      expect(app.state.route.page).toBe("home");
      app.openSettings();
      await settle();
      const names = within(screen.getByRole("navigation")).getAllByRole("button").map((button) => button.textContent?.replace("Esc", "").trim());
      expect(names).toEqual(["Settings", "Appearance"]);
      expect(screen.queryByText("Zoom")).toBeNull();
    });
  });
});

describe("what is offered from afar", () => {
  test("is written and sent, with an agent and without a model", async () => {
    const { app, core } = await open(fromAfar);
    app.openSession("pricing-copy");
    await settle();
    expect(screen.getByTestId("agent-picker")).toBeTruthy();
    for (const gone of ["model-picker", "attach", "find-open", "review-toggle", "rename", "fork", "engine-status", "status-model", "status-cost", "thread-search"]) expect(screen.queryByTestId(gone)).toBeNull();
    fireEvent.input(screen.getByTestId("composer-input"), { target: { value: "Go on" } });
    fireEvent.click(screen.getByTestId("composer-send"));
    await settle();
    expect(core.requests("promptSend")).toMatchObject([{ session: "pricing-copy", text: "Go on" }]);
  });

  test("a request is allowed once or denied, without a note and without a rule", async () => {
    const { app } = await open(fromAfar);
    app.openSession("flaky-retry");
    await settle();
    expect(screen.getByTestId("allow-once")).toBeTruthy();
    expect(screen.getByTestId("deny")).toBeTruthy();
    for (const gone of ["allow-always", "deny-feedback"]) expect(screen.queryByTestId(gone)).toBeNull();
  });
});

describe("where only reading is offered", () => {
  test("nothing can be written, and it says so", async () => {
    const { app } = await open(reading);
    expect(screen.getByTestId("silent")).toBeTruthy();
    expect(screen.queryByTestId("composer-input")).toBeNull();
    app.openSession("flaky-retry");
    await settle();
    expect(screen.getByTestId("silent")).toBeTruthy();
    expect(screen.queryByTestId("composer-input")).toBeNull();
    expect(screen.getByTestId("permission").textContent).toContain("This is answered at the desktop itself.");
    for (const gone of ["allow-once", "deny", "composer-stop"]) expect(screen.queryByTestId(gone)).toBeNull();
  });

  test("what is offered later is there at once, and what is not any more goes", async () => {
    const { app, setOffers } = await open(reading);
    app.openSession("flaky-retry");
    await settle();
    setOffers(new Set(fromAfar));
    await settle();
    expect(screen.getByTestId("composer-input")).toBeTruthy();
    expect(screen.getByTestId("allow-once")).toBeTruthy();
    setOffers(new Set(reading));
    await settle();
    expect(screen.queryByTestId("composer-input")).toBeNull();
    expect(screen.queryByTestId("allow-once")).toBeNull();
  });
});

test("in a narrow window the same holds", async () => {
  media.set("(max-width: 899px)", true);
  media.set("(max-width: 1099px)", true);
  const { app, core } = await open(fromAfar);
  app.openSession("flaky-retry");
  await settle();
  expect(screen.queryByTestId("review-toggle")).toBeNull();
  await pressAll();
  expect(beyond(core, fromAfar)).toEqual([]);
});
