import { screen, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import { fakeFirstStart } from "../backend/fake";
import type { SettingsSection } from "../state/route";
import { openWindow, settle } from "../test/window";

async function openSettings(section: SettingsSection, options = {}) {
  const window = await openWindow(options);
  window.app.openSettings(section);
  return window;
}
const main = () => within(screen.getByRole("main"));

describe("permissions", () => {
  const rules = () => screen.queryAllByTestId("allowance");
  const openRules = async (options = {}) => {
    const window = await openSettings("permissions", options);
    await settle();
    return window;
  };
  const revoke = (at: number) => screen.getAllByTestId("allowance-revoke")[at] as HTMLElement;
  const first = { name: "Revoke bash npm run * in atlas-api" };

  test("are listed by folder, with what they allow, for whom, why and since when", async () => {
    await openRules();
    expect(main().getAllByRole("heading", { level: 2 }).map((heading) => heading.textContent).slice(0, 2)).toEqual(["atlas-api", "launch-site"]);
    expect(rules().map((rule) => rule.querySelector(".mono")?.textContent)).toEqual(["bash npm run *", "edit src/**", "webfetch https://docs.example/*"]);
    expect(rules()[0]?.textContent).toContain("Agent build · Whole folder · Used 12 times, last ");
    expect(within(rules()[0] as HTMLElement).getByTestId("allowance-origin").textContent).toMatch(/^Allowed by you .+ · Given for npm run test · In “Fix flaky retry tests”$/);
    expect(rules()[1]?.textContent).toContain("Agent build · Only in its thread · Not used yet");
    expect(rules()[1]?.textContent).toContain("Worded by you");
    expect(rules()[0]?.querySelector("time")?.getAttribute("datetime")).toBe("2026-11-20T11:21:00.000Z");
  });

  test("call a folder that is not on the list by its last component", async () => {
    await openRules({ start: fakeFirstStart() });
    expect(main().getByRole("heading", { name: "atlas-api" })).toBeTruthy();
  });

  test("are taken back at once, and the focus goes to the next one", async () => {
    const { backend, user } = await openRules();
    let answer: () => void = () => undefined;
    backend.answer("allowanceRevoke", () => new Promise((resolve) => (answer = resolve)));
    await user.click(screen.getByRole("button", first));
    expect(backend.requests("allowanceRevoke")).toEqual([{ allowance: 1 }]);
    expect(rules()).toHaveLength(2);
    expect(document.activeElement).toBe(revoke(0));
    answer();
    await settle();
    expect(rules()).toHaveLength(2);
  });

  test("come back where they stood, with why, when that failed", async () => {
    const { backend, user } = await openRules();
    backend.fail("allowanceRevoke", { code: "notSaved", message: "The disk is full." });
    await user.click(screen.getByRole("button", first));
    await settle();
    expect(rules()).toHaveLength(3);
    expect(within(rules()[0] as HTMLElement).getByRole("alert").textContent).toBe("Not revoked. The disk is full.");
    expect(document.activeElement).toBe(revoke(1));
    backend.answer("allowanceRevoke", async () => undefined);
    await user.click(revoke(0));
    expect(rules()).toHaveLength(2);
    expect(main().queryByRole("alert")).toBeNull();
  });

  test("are brought back by the toast that says that one was taken back", async () => {
    const { backend, user } = await openRules();
    await user.click(screen.getByRole("button", first));
    await settle();
    expect(screen.getByText("Revoked: bash npm run *")).toBeTruthy();
    await user.click(screen.getByTestId("toast-action"));
    await settle();
    expect(backend.requests("allowanceRestore")).toEqual([{ allowance: 1 }]);
    expect(rules()).toHaveLength(3);
    expect(document.activeElement).toBe(revoke(0));
  });

  test("say when one could not be brought back", async () => {
    const { backend, user } = await openRules();
    backend.fail("allowanceRestore", { code: "notFound", message: "The rule is gone." });
    await user.click(screen.getByRole("button", first));
    await settle();
    await user.click(screen.getByTestId("toast-action"));
    await settle();
    expect(screen.getByText("Not brought back. The rule is gone.")).toBeTruthy();
    expect(rules()).toHaveLength(2);
  });

  test("are filtered by words of any of what they say, and how many are left is told", async () => {
    const { user } = await openRules();
    const field = screen.getByTestId("rules-filter");
    await user.type(field, "QUEUE src");
    expect(rules().map((rule) => rule.dataset["rule"])).toEqual(["2"]);
    expect(screen.getByTestId("rules-found").textContent).toBe("One rule");
    await user.clear(field);
    await user.type(field, "nothing has this");
    expect(rules()).toHaveLength(0);
    expect(screen.getByTestId("rules-found").textContent).toBe("No rule has these words.");
    expect(main().queryByText("No rule yet")).toBeNull();
  });

  test("are filtered by kind, and a kind whose last rule went filters no more", async () => {
    const { user } = await openRules();
    const kinds = screen.getAllByTestId(/^rules-kind-/).map((each) => each.textContent);
    expect(kinds).toEqual(["All3", "Commands1", "Changes1", "Pages1"]);
    await user.click(screen.getByTestId("rules-kind-edit"));
    expect(rules().map((rule) => rule.dataset["permission"])).toEqual(["edit"]);
    expect(screen.getByTestId("rules-found").textContent).toBe("One rule");
    await user.click(revoke(0));
    await settle();
    expect(rules().map((rule) => rule.dataset["permission"])).toEqual(["bash", "webfetch"]);
    expect(screen.getByTestId("rules-kind-all").getAttribute("aria-pressed")).toBe("true");
  });

  test("are drawn page by page, and the filter stays while it filters", async () => {
    const { app, backend, user } = await openRules();
    const [rule] = await backend.commands.allowanceList();
    if (!rule) throw new Error("there is no rule");
    backend.answer("allowanceList", async () => Array.from({ length: 120 }, (_, index) => ({ ...rule, id: index + 1, pattern: `tool-${index + 1} *` })));
    app.openSettings("models");
    await settle();
    app.openSettings("permissions");
    await settle();
    expect(rules()).toHaveLength(50);
    expect(screen.getByTestId("rules-more").textContent).toBe("70 more rules");
    await user.click(screen.getByTestId("rules-more"));
    await settle();
    expect(rules()).toHaveLength(100);
    expect(document.activeElement).toBe(revoke(50));
    backend.answer("allowanceList", async () => [rule, { ...rule, id: 2, pattern: "other *" }]);
    app.openSettings("models");
    await settle();
    app.openSettings("permissions");
    await settle();
    await user.type(screen.getByTestId("rules-filter"), "other");
    await user.click(revoke(0));
    await settle();
    expect(rules()).toHaveLength(0);
    expect(screen.getByTestId<HTMLInputElement>("rules-filter").value).toBe("other");
  });

  test("lead to the thread they were given in", async () => {
    const { app, user } = await openRules();
    await user.click(screen.getAllByTestId("allowance-thread")[0] as HTMLElement);
    expect(app.state.route).toEqual({ page: "session", session: "flaky-retry" });
  });

  test("stay gone when they were taken back elsewhere", async () => {
    const { backend, user } = await openRules();
    backend.fail("allowanceRevoke", { code: "notFound", message: "The rule is gone." });
    await user.click(screen.getByRole("button", first));
    await settle();
    expect(rules()).toHaveLength(2);
    expect(main().queryByRole("alert")).toBeNull();
  });

  test("say what will be here once the last is gone, and where the focus is", async () => {
    const { user } = await openRules();
    for (let left = 3; left > 0; left -= 1) await user.click(revoke(0));
    expect(main().getByText("No rule yet")).toBeTruthy();
    expect(document.activeElement?.textContent).toContain("No rule yet");
  });

  test("the last one comes back too", async () => {
    const { backend, user } = await openRules();
    await user.click(revoke(0));
    await user.click(revoke(0));
    backend.fail("allowanceRevoke", { code: "notSaved", message: "The disk is full." });
    await user.click(revoke(0));
    await settle();
    expect(rules()).toHaveLength(1);
    expect(main().getByRole("alert").textContent).toContain("Not revoked.");
  });

  test("say when they cannot be read, and are read again", async () => {
    const { app, backend, user } = await openWindow();
    backend.fail("allowanceList", { code: "notSaved", message: "The rules cannot be read." });
    app.openSettings("permissions");
    await settle();
    expect(main().getByRole("alert").textContent).toBe("The rules cannot be read.");
    expect(main().queryByText("No rule yet")).toBeNull();
    backend.answer("allowanceList", async () => []);
    await user.click(screen.getByRole("button", { name: "Read again" }));
    await settle();
    expect(main().getByText("No rule yet")).toBeTruthy();
  });
});
