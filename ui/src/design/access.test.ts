import { describe, expect, test } from "vitest";
import { readSources } from "../test/sources";

const sheets = readSources(".css");
const all = sheets.map(({ code }) => code.replaceAll(/\/\*[\s\S]*?\*\//g, "")).join("\n");

/** What stands between the braces behind each place where a rule begins so. */
function blocks(begin: string): string[] {
  const found: string[] = [];
  for (let at = all.indexOf(begin); at >= 0; at = all.indexOf(begin, at + 1)) {
    const open = all.indexOf("{", at);
    let depth = 1;
    let end = open + 1;
    for (; depth > 0 && end < all.length; end += 1) depth += all[end] === "{" ? 1 : all[end] === "}" ? -1 : 0;
    found.push(all.slice(open + 1, end - 1));
  }
  return found;
}
const declarations = (block: string) => [...block.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map((match) => `${match[1]}: ${match[2]}`).toSorted();

describe("who asked for less movement gets none", () => {
  test("from their system and from the settings, and both mean the same", () => {
    const [system] = blocks("@media (prefers-reduced-motion: reduce)");
    const [own] = blocks(':root[data-motion="reduced"]');
    expect(declarations(own ?? "")).toEqual(["--duration-quick: 0ms", "--duration-settle: 0ms"]);
    expect(declarations(system ?? "")).toEqual(declarations(own ?? ""));
  });

  test("nothing that moves has a time of its own", () => {
    const moving = [...all.matchAll(/\b(?:transition|animation):\s*([^;}]+)/g)].map((match) => match[1] ?? "");
    expect(moving.length).toBeGreaterThan(2);
    // A delay before something appears at once is no movement.
    expect(moving.filter((value) => !value.includes("var(--duration-") && !/^\w+ 0s \d+ms backwards$/.test(value.trim()))).toEqual([]);
  });
});

describe("who asked for more contrast gets it", () => {
  test("from their system and from the settings, and both mean the same", () => {
    const [system] = blocks("@media (prefers-contrast: more)");
    const [own] = blocks(':root[data-contrast="more"]');
    expect(declarations(own ?? "").length).toBeGreaterThan(3);
    expect(declarations(system ?? "")).toEqual(declarations(own ?? ""));
  });

  test("what a filled background alone tells has an edge or a sign where colours are the system's", () => {
    const forced = blocks("@media (forced-colors: active)").join("\n");
    const parts = [".row", ".item-row", ".segmented button", ".tabs button", ".button", ".icon-button", ".switch", ".menu .row", ".choice.is-active", ".palette mark", ".meter", ".stage-mark--part", ".diff mark"];
    expect(parts.filter((part) => !forced.includes(part))).toEqual([]);
  });

  test("the ring of the focus is taken away only where something else shows it", () => {
    const bare = [...all.matchAll(/([^{}]+)\{[^{}]*outline:\s*(?:none|0)\b[^{}]*\}/g)].map((match) => (match[1] ?? "").trim());
    expect(bare.length).toBeGreaterThan(0);
    const shown = new Set([":focus", ".menu .row:focus", ".composer textarea", ".palette-field", ".sidebar-resizer:focus-visible", ".choices-list", ".context-details", ".tool-toggle:focus-visible", ':is(h1, h2)[tabindex="-1"]:focus-visible']);
    expect(bare.filter((selector) => !shown.has(selector))).toEqual([]);
    expect(all).toMatch(/:focus-visible\s*\{[^}]*outline:/);
  });
});
