import { fireEvent, screen, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { NoticeKind, ProviderRow } from "../backend";
import { fakeKeyStates, fakeNow, fakeStart, fakeUsage } from "../backend/fake";
import { openWindow, settle } from "../test/window";

const notice = (kind: NoticeKind, at = fakeNow, detail = "") => ({ kind, detail, at });
const news = () => screen.queryByTestId("provider-news");
const allStates = () => ({ ...fakeStart(), providers: structuredClone(fakeKeyStates) });

describe("news of providers above the composer", () => {
  test("a key that could not be had leads to the models, and is gone then", async () => {
    const { app, backend, user } = await openWindow({ start: allStates() });
    expect(news()).toBeNull();
    backend.push({ notices: [notice("keyUnavailable", fakeNow, "Anthropic: the key ring is locked.")] });
    expect(news()?.dataset["kind"]).toBe("keyUnavailable");
    expect(news()?.textContent).toContain("A provider’s key could not be had. Anthropic: the key ring is locked.");
    await user.click(screen.getByTestId("news-action"));
    expect(app.state.route).toEqual({ page: "settings", section: "models" });
    app.go({ page: "home" });
    expect(news()).toBeNull();
  });

  test.each(["requestsNearCap", "requestsCapped"] as const)("%s allows more wherever a run is near its end", async (kind) => {
    const { backend, user } = await openWindow({ start: allStates() });
    backend.known.usage = structuredClone(fakeUsage);
    backend.push({ notices: [notice(kind)] });
    await user.click(within(news() as HTMLElement).getByRole("button", { name: "Allow more" }));
    await settle();
    expect(backend.requests("providerAllowMore")).toEqual([{ provider: "openrouter" }, { provider: "local" }]);
    expect(screen.getByText("OpenRouter may be asked 2,000 more times in this run.")).toBeTruthy();
    expect(news()).toBeNull();
  });

  test("leads to the models where none is near its end any more", async () => {
    const { app, backend, user } = await openWindow({ start: allStates() });
    backend.push({ notices: [notice("requestsCapped")] });
    await user.click(screen.getByTestId("news-action"));
    await settle();
    expect(app.state.route).toEqual({ page: "settings", section: "models" });
  });

  test("stays when more could not be allowed, and says why", async () => {
    const { backend, user } = await openWindow({ start: allStates() });
    backend.fail("providerUsage", { code: "notSaved", message: "The store is locked." });
    backend.push({ notices: [notice("requestsCapped")] });
    await user.click(screen.getByTestId("news-action"));
    await settle();
    expect(screen.getByText("The store is locked.")).toBeTruthy();
    expect(news()).toBeTruthy();
  });

  test("is sent away, and what comes later is shown again; other news is not", async () => {
    const { backend, user } = await openWindow({ start: allStates() });
    backend.push({ notices: [notice("requestsNearCap")] });
    await user.click(within(news() as HTMLElement).getByRole("button", { name: "Dismiss" }));
    expect(news()).toBeNull();
    backend.push({ notices: [notice("memoryHigh", fakeNow + 1)] });
    expect(news()).toBeNull();
    backend.push({ notices: [notice("requestsCapped", fakeNow + 2)] });
    expect(news()?.dataset["kind"]).toBe("requestsCapped");
  });

  test("stands in a thread too", async () => {
    const { app, backend } = await openWindow({ start: allStates() });
    app.openSession("pricing-copy");
    await settle();
    backend.push({ notices: [notice("requestsCapped")] });
    expect(within(screen.getByTestId("conversation")).getByTestId("provider-news")).toBeTruthy();
  });

  test("has its action in the list on the health page as well", async () => {
    const { app, backend } = await openWindow({ start: { ...allStates(), notices: [notice("keyUnavailable"), notice("memoryHigh", fakeNow - 1)] } });
    backend.push({ notices: [] });
    app.go({ page: "health" });
    await settle();
    const actions = screen.getAllByTestId("news-action");
    expect(actions.map((action) => action.textContent)).toEqual(["Open models"]);
    fireEvent.click(actions[0] as HTMLElement);
    expect(app.state.route).toEqual({ page: "settings", section: "models" });
  });
});

describe("the status bar", () => {
  const withKey = (key: ProviderRow["key"]) => ({ ...fakeStart(), providers: [{ ...(fakeStart().providers[0] as ProviderRow), key }] });
  const shown = () => screen.getByTestId("status-model");

  test.each([
    [{ kind: "missing" }, "No key for Local models"],
    [{ kind: "cannotBeRead", why: "Locked." }, "Key for Local models cannot be read"],
    [{ kind: "notNeeded" }, "Qwen3 Coder 30B"],
    [{ kind: "thisRun", hint: "…1" }, "Qwen3 Coder 30B"],
  ] as const)("with %o says what the chosen model lacks, and leads to where it is mended", async (key, words) => {
    const { app, user } = await openWindow({ start: withKey(key) });
    expect(shown().textContent).toBe(words);
    await user.click(shown());
    expect(app.state.route).toEqual({ page: "settings", section: "models" });
  });

  test("says it also while the provider is left out and its models are not there", async () => {
    await openWindow({ start: { ...withKey({ kind: "missing" }), models: fakeStart().models.filter((model) => model.scripted) } });
    expect(shown().textContent).toBe("No key for Local models");
  });

  test("shows a model with its variant", async () => {
    const start = fakeStart();
    for (const model of start.models) model.variants = ["low", "high"];
    const { app } = await openWindow({ start });
    app.setHome({ model: "local/qwen3-coder-30b#high" });
    expect(shown().textContent).toBe("Qwen3 Coder 30B · high");
  });
});
