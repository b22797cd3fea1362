import { fireEvent, screen, within } from "@solidjs/testing-library";
import { describe, expect, test, vi } from "vitest";
import { fakeBox, fakeFirstStart } from "../backend/fake";
import { connect, forward, key, openSetup, option, options, passed, secret } from "../test/connecting";
import { openWindow, settle } from "../test/window";

const later = () => screen.getByTestId("setup-later");

describe("setting up", () => {
  test("takes the whole window, says its two steps, and can be left for later", async () => {
    const { app, user } = await openSetup();
    expect(screen.getByTestId("setup-page").dataset["step"]).toBe("model");
    expect(screen.queryByRole("contentinfo", { name: "Status" })).toBeNull();
    expect(screen.getAllByRole("listitem").map((item) => item.querySelector(".name")?.textContent)).toEqual(["Connect a model", "Choose a folder", "Say what to do"]);
    expect(document.querySelector("[aria-current='step']")?.textContent).toContain("Connect a model");
    await user.click(later());
    expect(app.state.route).toEqual({ page: "home" });
  });

  test("offers the demo above the list, where it is in sight at any width", async () => {
    const { app, user } = await openSetup();
    const offer = screen.getByTestId("setup-offer-demo");
    expect(offer.compareDocumentPosition(screen.getByTestId("provider-search")) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    await user.click(offer);
    expect(option("demo").getAttribute("aria-checked")).toBe("true");
    expect(document.activeElement).toBe(screen.getByTestId("setup-demo"));
    await user.keyboard("{Enter}");
    await settle();
    expect(app.state.route.page).toBe("session");
  });

  test("Escape leaves it too", async () => {
    const { app } = await openSetup();
    fireEvent.keyDown(document.body, { key: "Escape" });
    expect(app.state.route).toEqual({ page: "home" });
  });

  test("the first start stands on home: nothing blocks, and the demo is beside", async () => {
    const { app } = await openWindow({ start: fakeFirstStart() });
    expect(app.state.route).toEqual({ page: "home" });
    expect(screen.getByTestId("try-demo")).toBeTruthy();
  });
});

describe("the list", () => {
  test("shows what is usual, what runs here, and the demo; the first is chosen", async () => {
    await openSetup();
    expect(options().map((each) => each.querySelector(".what")?.textContent)).toEqual([
      "Anthropic",
      "OpenAI",
      "OpenRouter",
      "GitHub Copilot",
      "Another service",
      "Ollama",
      "LM Studio",
      "Try the demo model",
    ]);
    expect(option("anthropic").getAttribute("aria-checked")).toBe("true");
    expect(option("local-http://127.0.0.1:11434/v1").textContent).toContain("qwen3-coder:30b and 2 more");
    expect(option("local-http://127.0.0.1:11434/v1").textContent).toContain("running");
    expect(option("local-http://127.0.0.1:1234/v1").textContent).toContain("not running");
    expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("Anthropic");
  });

  test("is one stop for Tab; arrows, Home and End choose, round the end too", async () => {
    await openSetup();
    expect(options().filter((each) => each.tabIndex === 0)).toHaveLength(1);
    option("anthropic").focus();
    const press = (name: string) => fireEvent.keyDown(document.activeElement as HTMLElement, { key: name });
    press("ArrowDown");
    expect(document.activeElement).toBe(option("openai"));
    expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("OpenAI");
    press("ArrowUp");
    press("ArrowUp");
    expect(document.activeElement).toBe(option("demo"));
    press("Home");
    expect(document.activeElement).toBe(option("anthropic"));
    press("End");
    expect(document.activeElement).toBe(option("demo"));
  });

  test("finds any of 220 by name, shows fifty at most, and says how many are left", async () => {
    const { user } = await openSetup();
    const search = screen.getByTestId<HTMLInputElement>("provider-search");
    expect(search.placeholder).toBe("Search 220 providers");
    await user.type(search, "provider");
    // The name that says it anywhere counts as well; those that begin so come first.
    expect(options()).toHaveLength(51);
    expect(screen.getByTestId("provider-left").textContent).toBe("164 more, keep typing");
    await user.type(search, " 212");
    expect(options().map((each) => each.querySelector(".what")?.textContent)).toEqual(["Provider 212", "Another service"]);
    expect(screen.queryByTestId("provider-left")).toBeNull();
    await user.keyboard("{Enter}");
    expect(document.activeElement).toBe(option("provider-212"));
    expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("Provider 212");
  });

  test("Escape empties the search and leaves the page alone; finding nothing is said", async () => {
    const { app, user } = await openSetup();
    const search = screen.getByTestId<HTMLInputElement>("provider-search");
    await user.type(search, "zzzz");
    expect(screen.getByText(/No provider has that name/)).toBeTruthy();
    expect(options()).toHaveLength(1);
    await user.keyboard("{Escape}");
    expect(search.value).toBe("");
    expect(options()).toHaveLength(8);
    expect(app.state.route.page).toBe("setup");
  });

  test("says when it cannot be read, and still takes an address", async () => {
    const { backend, user } = await openSetup((core) => core.fail("providerCatalogue", { code: "internal", message: "The catalogue is damaged." }));
    expect(screen.getByTestId("catalogue-error").textContent).toContain("The catalogue is damaged.");
    expect(option("custom")).toBeTruthy();
    backend.answer("providerCatalogue", async () => ({ offers: [], custom: true }));
    await user.click(screen.getByRole("button", { name: "Read again" }));
    await settle();
    expect(screen.queryByTestId("catalogue-error")).toBeNull();
    expect(option("custom").getAttribute("aria-checked")).toBe("true");
  });

  test("says that it is being read, and offers no address where none may be given", async () => {
    let answer: (found: { offers: never[]; custom: boolean }) => void = () => undefined;
    await openSetup((core) => core.answer("providerCatalogue", () => new Promise((resolve) => (answer = resolve))));
    expect(screen.getByText("Reading the list of providers")).toBeTruthy();
    expect(screen.queryAllByRole("radio"), "nothing that would move away under a press").toEqual([]);
    answer({ offers: [], custom: false });
    await settle();
    expect(screen.queryByTestId("provider-option-custom")).toBeNull();
  });

  test("a server that does not run says what to do, and is found when it is looked for again", async () => {
    const { backend, user } = await openSetup();
    await user.click(option("local-http://127.0.0.1:1234/v1"));
    expect(screen.getByTestId("local-not-running").textContent).toContain("LM Studio does not answer. Start it, then look again.");
    backend.known.servers = backend.known.servers.map((server) => ({ ...server, running: true, models: ["phi4"] }));
    await user.click(screen.getByRole("button", { name: "Look again" }));
    await settle();
    expect(screen.queryByTestId("local-not-running")).toBeNull();
    await user.click(connect());
    expect(backend.requests("providerConnect")).toEqual([
      { provider: null, name: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1", models: ["phi4"], inputs: {}, key: null, thisRun: false },
    ]);
  });

  test("the demo begins at once", async () => {
    const { app, backend, user } = await openSetup();
    await user.click(option("demo"));
    expect(screen.queryByTestId("setup-continue")).toBeNull();
    await user.click(screen.getByTestId("setup-demo"));
    await settle();
    expect(backend.requests("promptSend")).toMatchObject([{ model: "scripted/demo" }]);
    expect(app.state.route.page).toBe("session");
  });
});

describe("the form of a provider", () => {
  test("takes a key that is masked until it is shown, and offers no help that keeps it", async () => {
    const { user } = await openSetup();
    expect(key().type).toBe("password");
    expect(key().getAttribute("autocomplete")).toBe("off");
    expect(key().getAttribute("spellcheck")).toBe("false");
    expect(connect().disabled).toBe(true);
    await user.click(key());
    await user.paste(secret);
    expect(connect().disabled).toBe(false);
    await user.click(screen.getByTestId("key-show"));
    expect(key().type).toBe("text");
    expect(key().value).toBe(secret);
    await user.click(screen.getByRole("button", { name: "Hide key" }));
    expect(key().type).toBe("password");
  });

  test("leads to where keys are made", async () => {
    const { backend, user } = await openSetup();
    await user.click(screen.getByRole("button", { name: "Where to find it" }));
    expect(backend.requests("linkOpen")).toEqual([{ url: "https://console.anthropic.example/keys" }]);
  });

  test("Enter sends it once, and the field is empty before the answer is there", async () => {
    const { backend, user } = await openSetup();
    let answer: () => void = () => undefined;
    backend.answer("providerConnect", () => new Promise((_resolve, reject) => (answer = () => reject({ code: "notSaved", message: "The disk is full." }))));
    await user.type(key(), `  ${secret} {Enter}`);
    expect(backend.requests("providerConnect")).toEqual([{ provider: "anthropic", name: null, baseUrl: null, models: [], inputs: {}, key: secret, thisRun: false }]);
    expect(key().value).toBe("");
    expect(connect().textContent).toBe("Connecting");
    fireEvent.submit(key().form as HTMLFormElement);
    expect(backend.requests("providerConnect")).toHaveLength(1);
    answer();
    await settle();
    expect(screen.getByTestId("provider-error").textContent).toBe("The disk is full. The field was emptied; paste the key again.");
    expect(key().value).toBe("");
  });

  test("wants what its address depends on, and sends what was given", async () => {
    const { backend, user } = await openSetup();
    await user.type(screen.getByTestId("provider-search"), "azure{Enter}");
    await user.type(key(), `${secret}{Enter}`);
    expect(backend.requests("providerConnect")).toEqual([]);
    expect(screen.getByRole("alert").textContent).toBe("Resource name is needed to go on.");
    expect(document.activeElement).toBe(screen.getByTestId("provider-input-resourceName"));
    expect(key().value).toBe(secret);
    await user.type(screen.getByTestId("provider-input-resourceName"), "mine{Enter}");
    expect(backend.requests("providerConnect")).toMatchObject([{ provider: "azure", inputs: { resourceName: "mine" } }]);
  });

  test("a provider that wants nothing is connected as it is", async () => {
    const { backend, user } = await openSetup();
    await user.type(screen.getByTestId("provider-search"), "free{Enter}");
    expect(screen.queryByTestId("key-input")).toBeNull();
    await user.click(connect());
    expect(backend.requests("providerConnect")).toMatchObject([{ provider: "free", key: null }]);
  });

  test("a model is chosen of 300 by typing, and tested", async () => {
    const { backend, user } = await openSetup();
    await user.click(option("openrouter"));
    await settle();
    await user.click(screen.getByTestId("test-model"));
    expect(screen.getAllByRole("option")).toHaveLength(80);
    expect(screen.getByText("221 more, keep typing")).toBeTruthy();
    await user.keyboard("model 299{Enter}");
    expect(screen.getByTestId("test-model").textContent).toBe("OpenRouter model 299");
    await user.type(key(), `${secret}{Enter}`);
    await settle();
    expect(backend.requests("providerTest")).toEqual([{ provider: "openrouter", model: "model-299" }]);
  });

  test("a provider whose models are not known says so", async () => {
    await openSetup((core) => core.answer("providerModels", async () => []));
    expect(screen.getByText("Its models are listed once it is connected.")).toBeTruthy();
  });

  test("one that is connected already is shown as it is, and can be tested", async () => {
    const start = fakeFirstStart();
    start.providers = [{ id: "anthropic", name: "Anthropic", kind: "known", baseUrl: "https://x", models: [], key: { kind: "kept", hint: "sk-…3kQA", changed: 0 }, leftOut: null }];
    const { backend, user } = await openSetup(undefined, start);
    expect(screen.getByTestId("key-hint").textContent).toBe("sk-…3kQA");
    expect(screen.queryByTestId("key-input")).toBeNull();
    await user.click(screen.getByTestId("test-again"));
    expect(backend.requests("providerTest")).toEqual([{ provider: "anthropic", model: null }]);
  });

  test("says that the computer is offline", async () => {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    await openSetup();
    expect(screen.getByTestId("offline").textContent).toContain("This computer is offline.");
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(true);
    fireEvent(window, new Event("online"));
    expect(screen.queryByTestId("offline")).toBeNull();
  });
});

describe("the folder", () => {
  const open = async (start = fakeFirstStart()) => {
    const window = await openSetup(undefined, start);
    await window.user.type(key(), `${secret}{Enter}`);
    await settle();
    window.backend.push({ test: passed });
    await window.user.click(forward());
    return window;
  };

  test("is chosen in the system's dialog and leads to the first prompt, which is sent there", async () => {
    const { app, backend, user } = await open();
    backend.answer("folderPick", async () => ({ id: "new", label: "new", path: "/new", kind: "project", available: true, ignored: [], unboxedAllowed: false, box: fakeBox }));
    await user.click(screen.getByTestId("setup-pick-folder"));
    await settle();
    expect(app.state.home.folder).toBe("new");
    expect(screen.getByTestId("setup-page").dataset["step"]).toBe("prompt");
    const field = screen.getByTestId("setup-prompt-input");
    expect(document.activeElement).toBe(field);
    expect(screen.getByTestId("setup-begin").getAttribute("aria-disabled")).toBe("true");
    // What was written before setting up began is there, and goes where an idea is taken.
    await user.click(screen.getByTestId("idea-map"));
    expect((field as HTMLTextAreaElement).value).toContain("explain what is in it");
    expect(document.activeElement).toBe(field);
    // Another one takes nothing away, and the Enter that ends a composition sends nothing.
    await user.keyboard(" Mine.");
    await user.click(screen.getByTestId("idea-plan"));
    expect((field as HTMLTextAreaElement).value).toContain("Mine.\n\n");
    fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
    expect(backend.requests("promptSend")).toEqual([]);
    await user.keyboard("{Enter}");
    await settle();
    expect(backend.requests("sessionCreate")).toEqual([{ folder: "new" }]);
    expect(backend.requests("promptSend")[0]).toMatchObject({ text: expect.stringContaining("explain what is in it") as unknown });
    expect(app.state.route.page).toBe("session");
  });

  test("the first prompt may be sent while the engine starts, is kept where it was not taken, and can wait", async () => {
    const { app, backend, user } = await open();
    await user.click(screen.getByTestId("setup-throw-away"));
    backend.push({ engine: { kind: "starting", step: "connecting", since: 1 } });
    expect(within(screen.getByTestId("setup-prompt")).getByRole("status").textContent).toContain("The engine is starting.");
    backend.fail("promptSend", { code: "engineRefused", message: "It refused." });
    await user.type(screen.getByTestId("setup-prompt-input"), "Count the files");
    await user.click(screen.getByTestId("setup-begin"));
    await settle();
    expect(within(screen.getByTestId("setup-prompt")).getByRole("alert").textContent).toContain("It was not sent, and is kept here.");
    expect((screen.getByTestId("setup-prompt-input") as HTMLTextAreaElement).value).toBe("Count the files");
    backend.push({ engine: { kind: "broken", code: "exited", message: "It ended.", probeAt: null, log: [] } });
    expect(screen.getByTestId("setup-engine-stopped").textContent).toContain("It ended.");
    await user.click(screen.getByRole("button", { name: "Back to the folder" }));
    expect(screen.getByTestId("setup-page").dataset["step"]).toBe("folder");
    await user.click(screen.getByTestId("setup-throw-away"));
    await user.click(screen.getByTestId("setup-home"));
    expect(app.state.route).toEqual({ page: "home" });
    expect(app.state.home.text).toBe("Count the files");
  });

  test("whoever leaves while the first prompt is on its way stays where they went, and hears when it failed", async () => {
    const { app, backend, user } = await open();
    await user.click(screen.getByTestId("setup-throw-away"));
    await user.type(screen.getByTestId("setup-prompt-input"), "Count the files");
    let ends: { taken(): void; refused(): void } | undefined;
    backend.answer("promptSend", () => new Promise((taken, refused) => (ends = { taken: () => taken({ message: "one" }), refused: () => refused({ code: "engineRefused", message: "It refused." }) })));
    await user.click(screen.getByTestId("setup-begin"));
    await settle();
    // Within the set-up.
    await user.click(screen.getByRole("button", { name: "Back to the folder" }));
    ends?.refused();
    await settle();
    expect(app.toasts.list.at(-1)?.text).toBe("It refused.");
    expect(screen.getByTestId("setup-page").dataset["step"]).toBe("folder");
    await user.click(screen.getByTestId("setup-throw-away"));
    await user.click(screen.getByTestId("setup-begin"));
    await settle();
    // And out of it.
    app.go({ page: "settings", section: "appearance" });
    ends?.taken();
    await settle();
    expect(app.state.route).toEqual({ page: "settings", section: "appearance" });
  });

  test("stays where it is when nothing was chosen, and says why when it failed", async () => {
    const { backend, user } = await open();
    await user.click(screen.getByTestId("setup-pick-folder"));
    await settle();
    expect(screen.getByTestId("setup-folder")).toBeTruthy();
    backend.fail("folderPick", { code: "folderUnavailable", message: "It cannot be read." });
    await user.click(screen.getByTestId("setup-pick-folder"));
    await settle();
    expect(screen.getByRole("alert").textContent).toBe("It cannot be read.");
  });

  test("can wait, and the way back is there", async () => {
    const { app, user } = await open();
    await user.click(screen.getByRole("button", { name: "Back to the model" }));
    expect(screen.getByTestId("setup-page").dataset["step"]).toBe("model");
    await settle();
    expect(screen.getByTestId("connected-provider")).toBeTruthy();
    await user.click(screen.getByTestId("test-again"));
    await settle();
    expect(app.state.route.page).toBe("setup");
    await user.click(later());
    expect(app.state.route).toEqual({ page: "home" });
  });
});
