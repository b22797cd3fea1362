import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { expect, vi } from "vitest";
import type { SessionRow, Settings } from "../backend";
import { fakeBadHealthRows, fakeEngines, fakeFirstStart, fakeKeychains, fakePairing, fakePairingStates, fakeSignIn, fakeStart, fakeUsage, fakeUsageOf, type FakeBackend } from "../backend/fake";
import { conversations } from "../conversation/fixtures";
import type { App } from "../state/app";
import { text } from "../strings";
import { engineText } from "../strings/engineSettings";
import { askText } from "../strings/asks";
import { allKeys, answeredAfar, atRest, beginPairing, boxes, inInbox, openedBoxes, openEverything, paired, refusing, session, toPairing, unsafe, waiting, withEngine } from "./screenSteps";
import { openWindow, settle } from "./window";

/** Something of the window to look at, and how one gets there. */
export interface Screen {
  start?: typeof fakeStart;
  go(app: App, backend: FakeBackend): void;
  after?(): unknown;
  /** What is looked at is a menu or a list of choices over the window. */
  popup?: boolean;
}

/** Every screen, in the states it has. What is clicked is found by what it is, not by its English words. */
export const screens: Record<string, Screen> = {
  "the inbox with what was answered": {
    go: (app, backend) => {
      const row = { thread: "flaky-retry", title: "Fix flaky retry tests", folder: "atlas-api", agent: "build", at: Date.now() - 120_000 };
      backend.known.answered = {
        rows: [
          { ...row, id: "one", subject: "shell", about: "npm test -- retry", answer: "once", by: "person", because: "" },
          { ...row, id: "two", subject: "shell", about: "npm run lint", answer: "always", by: "rule", because: "npm *" },
          { ...row, id: "three", subject: "read", about: ".env", answer: "denied", by: "policy", because: "it may hold a secret", thread: null },
          { ...row, id: "four", subject: null, about: "Which callers should pin the random source?", answer: "answered", by: "person", because: "All of them" },
        ],
        more: 3,
        days: 90,
      };
      app.go({ page: "inbox" });
    },
    after: async () => {
      fireEvent.click(await screen.findByTestId("inbox-tab-answered"));
      await settle();
    },
  },
  "home on the first day": { go: () => {}, start: fakeFirstStart },
  "home with rows": { go: () => {} },
  "home with a stopped engine": { go: () => {}, start: withEngine(fakeEngines.broken) },
  "a thread with tools, lanes, a plan and a permission": { go: session("flaky-retry") },
  "a permission that deletes": { go: session("split-queue") },
  "a question": { go: session("rate-limit") },
  "a second question": { go: session("rate-limit"), after: () => fireEvent.click(screen.getByRole("button", { name: askText("ask.next") })) },
  "a thread that tries again": { go: session("invoices") },
  "a thread that failed": { go: session("node-24") },
  "a thread with every tool and markup": { go: session("long-title") },
  "a thread in which something is looked for": {
    go: session("long-title"),
    after: async () => {
      fireEvent.keyDown(document.body, { key: "f", ctrlKey: true });
      fireEvent.input(await screen.findByTestId("find-input"), { target: { value: "nowhere" } });
      await waitFor(() => screen.getByText(text("find.none")));
    },
  },
  "what going back takes back": {
    go: (app, backend) => {
      const files = [{ path: "src/net/retry.ts", additions: 18, deletions: 4 }];
      backend.known.revert = { prompts: 2, files, left: [{ path: "/tmp/out.log", additions: 1, deletions: 0 }], history: true, more: true, attachments: true };
      session("deploy-script")(app);
    },
    after: async () => {
      fireEvent.click((await screen.findAllByTestId("message-menu"))[0] as HTMLElement);
      fireEvent.click(screen.getByRole("menuitem", { name: text("conversation.revertHere") }));
      await screen.findByTestId("going-back-files");
    },
  },
  "a thread that went back": {
    go: (app, backend) => {
      const shown = backend.conversations.get("deploy-script");
      if (shown) shown.reverted = { prompts: 2, files: true };
      session("deploy-script")(app);
    },
    after: async () => void (await screen.findByTestId("reverted")),
  },
  "an empty thread": { go: session("pricing-copy") },
  "a thread that could not be opened": { go: session("old-photos") },
  appearance: { go: (app) => app.openSettings("appearance") },
  models: { go: (app) => app.openSettings("models") },
  folders: { go: (app) => app.openSettings("folders") },
  health: { go: (app) => app.go({ page: "health" }) },
  "health with a stopped engine": { go: (app) => app.go({ page: "health" }), start: withEngine(fakeEngines.broken) },
  "health with everything open": { go: (app) => app.go({ page: "health" }), after: openEverything },
  "health while nothing is as promised": { go: (app) => app.go({ page: "health" }), start: unsafe },
  "health without an engine": { go: (app) => app.go({ page: "health" }), start: withEngine(fakeEngines.absent) },
  "health while the engine restarts": { go: (app) => app.go({ page: "health" }), start: withEngine(fakeEngines.backingOff) },
  "health with an engine in trouble": { go: (app) => app.go({ page: "health" }), start: atRest },
  "home without an engine": { go: () => {}, start: withEngine(fakeEngines.absent) },
  "home while the engine restarts": { go: () => {}, start: withEngine(fakeEngines.backingOff) },
  "home with an engine in trouble": { go: () => {}, start: withEngine(fakeEngines.degraded) },
  "a thread without an engine": { go: session("pricing-copy"), start: withEngine(fakeEngines.absent) },
  "a thread while the engine restarts": { go: session("pricing-copy"), start: withEngine(fakeEngines.backingOff) },
  "a thread with an engine that needs a restart": { go: session("pricing-copy"), start: atRest },
  "a thread while nothing is as promised": { go: session("pricing-copy"), start: unsafe },
  "folders without a box": { go: (app) => app.openSettings("folders"), start: unsafe },
  "what commands may reach where a box was insisted on": {
    go: (app, backend) => {
      refusing("folderUnbox")(app, backend);
      app.openSettings("folders");
    },
    start: unsafe,
    after: async () => {
      fireEvent.click(screen.getAllByTestId("reach-open")[0] as HTMLElement);
      fireEvent.click(await screen.findByTestId("folder-unbox"));
    },
  },
  "what commands may reach, with all of it": {
    go: (app) => app.openSettings("folders"),
    start: openedBoxes,
    after: async () => {
      fireEvent.click(screen.getAllByTestId("reach-open")[0] as HTMLElement);
      fireEvent.input(await screen.findByTestId("reach-host-input"), { target: { value: "127.0.0.1" } });
      fireEvent.submit(screen.getByTestId<HTMLInputElement>("reach-host-input").form as HTMLFormElement);
    },
  },
  "what commands may reach while it is saved": {
    go: (app, backend) => {
      backend.answer("folderBoxSet", () => new Promise(() => undefined));
      app.openSettings("folders");
    },
    after: async () => {
      fireEvent.click(screen.getAllByTestId("reach-open")[0] as HTMLElement);
      fireEvent.click(await screen.findByTestId("network-open"));
    },
  },
  "health with boxes of every kind and what they stopped": { go: (app) => app.go({ page: "health" }), start: boxes },
  "health while a box could not be tried": {
    go: (app, backend) => {
      backend.fail("folderBoxProve", { code: "engineNotReady", message: "There is no engine." });
      app.go({ page: "health" });
    },
    start: unsafe,
    after: () => fireEvent.click(screen.getByTestId("box-try-again")),
  },
  "a thread without a box, and what was stopped": {
    go: session("deploy-script"),
    start: () => {
      const start = boxes();
      for (const folder of start.folders) folder.unboxedAllowed = true;
      return start;
    },
  },
  "a thread whose person declined": {
    go: (_app, backend) => {
      refusing("folderBoxSet")(_app, backend);
      _app.openSession("deploy-script");
    },
    start: boxes,
    after: () => fireEvent.click(screen.getByTestId("stopped-allow")),
  },
  "a permission while its box is tried": { go: session("flaky-retry"), start: boxes },
  "code blocks that can be run": { go: session("deploy-script") },
  "code blocks that run and ended": {
    go: (app, backend) => {
      backend.known.pace = 1;
      app.openSession("deploy-script");
    },
    after: async () => {
      for (const button of await screen.findAllByTestId("run-block")) fireEvent.click(button);
      await vi.waitFor(() => expect(screen.getAllByTestId("run").map((each) => each.dataset["state"])).toEqual(["finished", "notCompiled", "running"]));
    },
  },
  "a code block that was refused": {
    go: (app, backend) => {
      backend.fail("snippetRun", { code: "notAllowed", message: "There is no box." });
      app.openSession("deploy-script");
    },
    after: async () => fireEvent.click((await screen.findAllByTestId("run-block"))[0] as HTMLElement),
  },
  "an inbox": { start: waiting, go: inInbox },
  "an inbox with a permission that deletes": { start: waiting, go: inInbox, after: () => fireEvent.click(screen.getAllByTestId("inbox-row")[1] as HTMLElement) },
  "an inbox with a question": { start: waiting, go: inInbox, after: () => fireEvent.click(screen.getAllByTestId("inbox-row")[2] as HTMLElement) },
  "an inbox without anything": { go: (app) => app.go({ page: "inbox" }) },
  "a permission whose rule is worded": { go: session("flaky-retry"), after: async () => fireEvent.click(await screen.findByTestId("rule-edit")) },
  permissions: { go: (app) => app.openSettings("permissions") },
  "permissions without a rule": {
    go: (app, backend) => {
      backend.known.allowances = [];
      app.openSettings("permissions");
    },
  },
  "permissions with one that stayed": {
    go: (app, backend) => {
      refusing("allowanceRevoke")(app, backend);
      app.openSettings("permissions");
    },
    after: () => fireEvent.click(screen.getAllByTestId("allowance-revoke")[0] as HTMLElement),
  },
  "the settings of notifications": { go: (app) => app.openSettings("notifications") },
  "the settings of logs": { go: (app) => app.openSettings("logs") },
  "the settings that were changed": { go: (app) => app.openSettings("changed") },
  "about the app": { go: (app) => app.openSettings("about") },
  "a search among the settings": {
    go: (app) => app.openSettings("appearance"),
    after: () => fireEvent.input(screen.getByTestId("settings-search"), { target: { value: "e" } }),
  },
  "a search among the settings that finds nothing": {
    go: (app) => app.openSettings("appearance"),
    after: () => fireEvent.input(screen.getByTestId("settings-search"), { target: { value: "xyzzy" } }),
  },
  "health with something wrong everywhere": {
    go: (app, backend) => {
      backend.known.healthRows = structuredClone(fakeBadHealthRows);
      app.go({ page: "health" });
    },
  },
  "the engine's settings": { go: (app) => app.openSettings("engine") },
  "the engine's settings with what was refused": {
    go: (app, backend) => {
      refusing("bridgeSet")(app, backend);
      app.openSettings("engine");
    },
    after: () => {
      fireEvent.click(screen.getByRole("button", { name: engineText("engineSettings.openLabel", { name: text("bridge.gpg") }) }));
      fireEvent.change(screen.getByTestId("memory-limit"), { target: { value: "1" } });
      fireEvent.click(screen.getByRole("radio", { name: engineText("engineSettings.homeMachine") }));
    },
  },
  "what is kept on the disk": {
    go: (app, backend) => {
      backend.known.storage = { ...backend.known.storage, setAside: 9_000_000, setAsideCount: 2, cut: true };
      backend.known.progress = { threads: 120, unread: 20, read: 100, state: "noEngine" };
      app.openSettings("storage");
    },
    after: async () => {
      await screen.findByTestId("logs-delete");
    },
  },
  "pairing without a pairing": { go: toPairing, start: paired() },
  "pairing that a build does not allow": {
    go: toPairing,
    start: () => {
      const start = fakeStart();
      start.pairings.forbidden = true;
      return start;
    },
  },
  "pairings in every state": { go: toPairing, start: paired(...fakePairingStates) },
  "a pairing with all of it": {
    go: toPairing,
    start: paired(fakePairing({ behindProxy: true, moreThreads: 3 })),
    after: async () => {
      fireEvent.click(await screen.findByTestId("pairing-open"));
      fireEvent.click(screen.getByTestId("pairing-preview-thread"));
      fireEvent.click(within(screen.getByRole("listbox")).getAllByRole("option")[0] as HTMLElement);
      await screen.findByTestId("pairing-preview-facts");
    },
  },
  "what is asked before answers from afar count": {
    go: toPairing,
    start: paired(fakePairing()),
    after: async () => {
      fireEvent.click(await screen.findByTestId("pairing-open"));
      fireEvent.click(document.querySelector("[data-policy='approvals'] [data-value='remoteAllowed']") as HTMLElement);
    },
  },
  "what is asked before a pairing is revoked": { go: toPairing, start: paired(fakePairing()), after: async () => fireEvent.click(await screen.findByTestId("pairing-revoke")) },
  "a new pairing": { go: toPairing, start: paired(), after: beginPairing },
  "a new pairing behind a proxy": {
    go: (app, backend) => {
      backend.known.address = (address) => ({ kind: "silent", address, host: "cowork.example.org", behindProxy: true, reason: "Connection refused." });
      toPairing(app);
    },
    start: paired(),
    after: beginPairing,
  },
  "a token that is shown once": {
    go: toPairing,
    start: paired(),
    after: async () => {
      await beginPairing();
      fireEvent.click(screen.getByTestId("pairing-create"));
      await screen.findByTestId("pairing-token-text");
    },
  },
  "what is asked before a thread is shared": {
    go: () => {},
    start: paired(fakePairing({ folders: [], threads: [] })),
    after: async () => {
      fireEvent.contextMenu(screen.getAllByTestId("session-row")[0] as HTMLElement);
      fireEvent.click(screen.getByRole("menuitem", { name: text("shell.share", { server: "releases.example.net" }) }));
      await screen.findByTestId("share-confirm");
    },
  },
  "an inbox with a permission that was answered from afar": { start: answeredAfar(1), go: inInbox },
  "an inbox with a question that was answered from afar": { start: answeredAfar(2), go: inInbox },
  "what answers took": {
    go: (app, backend) => {
      backend.known.usageDays = [{ begins: 0, models: [fakeUsageOf("p/a", 1), fakeUsageOf(null, 0), fakeUsageOf("demo/scripted", 0, { scripted: true })] }];
      app.openSettings("usage");
    },
    after: async () => {
      await screen.findByTestId("usage-demo");
    },
  },
  "what answers took, of nothing": { go: (app) => app.openSettings("usage"), after: async () => void (await screen.findByTestId("usage-empty")) },
  "what a thread took": {
    go: (app, backend) => app.openSession(backend.world.sessions[0]?.id as string),
    after: async () => {
      fireEvent.click(screen.getByTestId("status-cost"));
      await screen.findByTestId("thread-usage");
    },
  },
  "saved searches": {
    go: (_, backend) => {
      const facets = { folder: null, agent: null, model: null, withinDays: null, hasChanges: false, needsYou: false, tag: null };
      backend.known.filters = [1, 2].map((id) => ({ id, name: `Search ${id}`, query: "", facets: { ...facets, needsYou: id === 1 } }));
    },
    after: async () => {
      fireEvent.click(screen.getByTestId("open-saved"));
      await screen.findAllByTestId("saved-search");
      await screen.findAllByTestId("search-hit");
    },
  },
  "tags of a thread": {
    go: (_, backend) => {
      const row = backend.world.sessions[0] as SessionRow;
      row.tags = ["one", "two"];
      backend.push({ sessions: [row] });
    },
    after: async () => {
      fireEvent.contextMenu(screen.getAllByTestId("session-row")[0] as HTMLElement);
      fireEvent.click(screen.getByRole("menuitem", { name: text("shell.tags") }));
      await screen.findByTestId("tags");
    },
  },
  "setting up": { go: (app) => app.go({ page: "setup" }), start: fakeFirstStart },
  "setting up with what was found": {
    go: (app) => app.go({ page: "setup" }),
    after: () => fireEvent.input(screen.getByTestId("provider-search"), { target: { value: "a" } }),
    start: fakeFirstStart,
  },
  "setting up while keys cannot be kept": {
    go: (app, backend) => {
      backend.known.keychain = fakeKeychains.unavailable;
      app.go({ page: "setup" });
    },
    after: () => {
      fireEvent.input(screen.getByTestId("key-input"), { target: { value: "sk-1" } });
      fireEvent.submit(screen.getByTestId<HTMLInputElement>("key-input").form as HTMLFormElement);
    },
    start: fakeFirstStart,
  },
  "setting up with an address": {
    go: (app) => app.go({ page: "setup" }),
    after: () => {
      fireEvent.click(screen.getByTestId("provider-option-custom"));
      fireEvent.input(screen.getByTestId("provider-address"), { target: { value: "http://127.0.0.1:1/v1" } });
      fireEvent.submit(screen.getByTestId<HTMLInputElement>("provider-address").form as HTMLFormElement);
    },
    start: fakeFirstStart,
  },
  "a sign-in with a code": {
    go: (app, backend) => {
      backend.push({ signIn: fakeSignIn("github-copilot", "deviceCode", "app", Date.now()) });
      app.go({ page: "setup" });
    },
    after: () => fireEvent.click(screen.getByTestId("provider-option-github-copilot")),
    start: fakeFirstStart,
  },
  "a sign-in with what is pasted": {
    go: (app, backend) => {
      backend.push({ signIn: fakeSignIn("openai", "pasteBack", "engine", Date.now()) });
      app.go({ page: "setup" });
    },
    after: () => fireEvent.click(screen.getByTestId("provider-option-openai")),
    start: fakeFirstStart,
  },
  "a connection test that failed": {
    go: (app, backend) => {
      backend.known.failsAt = 3;
      backend.known.pace = 0;
      app.go({ page: "setup" });
    },
    after: async () => {
      fireEvent.input(screen.getByTestId("key-input"), { target: { value: "sk-1" } });
      fireEvent.submit(screen.getByTestId<HTMLInputElement>("key-input").form as HTMLFormElement);
      await screen.findByTestId("test-result");
      fireEvent.click(screen.getByTestId("replace-key"));
    },
    start: fakeFirstStart,
  },
  "choosing a folder while setting up": {
    go: (app, backend) => {
      backend.known.pace = 0;
      app.go({ page: "setup" });
    },
    after: async () => {
      fireEvent.input(screen.getByTestId("key-input"), { target: { value: "sk-1" } });
      fireEvent.submit(screen.getByTestId<HTMLInputElement>("key-input").form as HTMLFormElement);
      await vi.waitFor(() => expect(screen.getByTestId<HTMLButtonElement>("setup-continue").disabled).toBe(false));
      fireEvent.click(screen.getByTestId("setup-continue"));
    },
    start: () => ({ ...fakeFirstStart(), folders: fakeStart().folders }),
  },
  "models with every state of a key": {
    go: (app, backend) => {
      backend.known.usage = structuredClone(fakeUsage);
      app.openSettings("models");
    },
    start: allKeys,
    after: () => {
      fireEvent.click(screen.getAllByTestId("replace-key")[0] as HTMLElement);
      fireEvent.click(screen.getAllByTestId("provider-test")[3] as HTMLElement);
    },
  },
  "adding a provider in the settings": { go: (app) => app.openSettings("models"), after: () => fireEvent.click(screen.getByTestId("add-provider")) },
  "the dialog that asks before a key goes": { go: (app) => app.openSettings("models"), start: allKeys, after: () => fireEvent.click(screen.getAllByTestId("remove-key")[0] as HTMLElement) },
  "the choice of a default model": { popup: true, go: (app) => app.openSettings("models"), after: () => fireEvent.click(screen.getByTestId("default-model")) },
  "news of a provider above the composer": { go: (_app, backend) => backend.push({ notices: [{ kind: "requestsCapped", detail: "", at: Date.now() }] }) },
  "the menu of a thread": { popup: true, go: () => {}, after: () => fireEvent.contextMenu(screen.getAllByTestId("session-row")[0] as HTMLElement) },
  "the dialog that asks before a thread goes": { go: () => {}, after: () => fireEvent.keyDown(screen.getAllByTestId("session-row")[0] as HTMLElement, { key: "Delete" }) },
  "the palette": { popup: true, go: session("flaky-retry"), after: async () => void (fireEvent.keyDown(document.body, { key: "P", ctrlKey: true, shiftKey: true }), await screen.findByTestId("palette")) },
  "the palette with what was found": {
    popup: true,
    go: () => {},
    after: async () => {
      fireEvent.keyDown(document.body, { key: "P", ctrlKey: true, shiftKey: true });
      fireEvent.input(await screen.findByTestId("palette-input"), { target: { value: "re" } });
    },
  },
  "the palette with nothing found": {
    popup: true,
    go: () => {},
    after: async () => {
      fireEvent.keyDown(document.body, { key: "P", ctrlKey: true, shiftKey: true });
      fireEvent.input(await screen.findByTestId("palette-input"), { target: { value: "xyzzy" } });
      await screen.findByTestId("palette-none");
    },
  },
  "all keys": { popup: true, go: () => {}, after: async () => void (fireEvent.keyDown(document.body, { key: "F1" }), await screen.findByTestId("keys")) },
  "the choice of a model": { popup: true, go: session("pricing-copy"), after: () => fireEvent.click(screen.getByTestId("model-picker")) },
};

/** Opens one of them in the whole window, on a fake core. */
export async function openScreen({ go, start = fakeStart, after }: Screen, settings: Partial<Settings>) {
  const world = start();
  Object.assign(world.settings, settings);
  const opened = await openWindow({ start: world, conversations: structuredClone(conversations) });
  opened.backend.answer("sessionOpen", async ({ session: wanted }) => {
    const found = opened.backend.conversations.get(wanted);
    // The bridge rejects with plain objects.
    return found ? structuredClone(found) : Promise.reject({ code: "notFound", message: "That thread is gone." });
  });
  go(opened.app, opened.backend);
  await settle();
  await after?.();
  await settle();
  return opened;
}
