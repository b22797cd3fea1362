import axe from "axe-core";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Theme } from "../backend";
import { openScreen, screens } from "./screens";

/** What breaks a rule, and where. Contrast needs a layout and is measured elsewhere. */
async function violations(popup: boolean): Promise<string[]> {
  // A popup stands beside the landmarks and holds the focus until it closes, so it is in none of them.
  const rules = { "color-contrast": { enabled: false }, region: { enabled: !popup } };
  const { violations: broken } = await axe.run(document, { rules, resultTypes: ["violations"] });
  return broken.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
}

// All rules over a whole window take a while on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => {
  // Only for telling letters from icons in a font, of which there are none; jsdom complains that it draws nothing.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});

test("the rules are applied", async () => {
  document.body.append(document.createElement("button"));
  expect(await violations(false)).toContainEqual(expect.stringMatching(/^button-name: /));
  document.body.replaceChildren();
});

describe.each<Theme>(["light", "dark"])("in the %s theme no rule is broken by", (theme) => {
  test.each(Object.entries(screens))("%s", async (_name, shown) => {
    // The page itself brings these; the window sets the title.
    document.documentElement.lang = "en";
    await openScreen(shown, { theme });
    expect(document.documentElement.dataset["theme"]).toBe(theme);
    expect(await violations(shown.popup ?? false)).toEqual([]);
  });
});
