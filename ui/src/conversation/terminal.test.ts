import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

type Colour = [number, number, number];
const source = (path: string) => readFileSync(join(import.meta.dirname, path), "utf8");
const css = source("terminal.css");
const tokens = source("../design/tokens.css");

/** The custom properties of the blocks that a theme has. */
function theme(name: "dark" | "light"): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, selector = "", body = ""] of `${tokens}${css}`.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    const own = selector.includes(`"${name}"`) || selector.includes("[data-theme]") || selector.trim() === ".output";
    if (!own || selector.includes("@media")) continue;
    for (const [, key = "", value = ""] of body.matchAll(/(--[\w-]+):\s*([^;]+);/g)) if (!found.has(key) || !value.includes("%")) found.set(key, value.trim());
  }
  return found;
}

function colour(value: string, values: Map<string, string>): Colour {
  const variable = /^var\((--[\w-]+)\)$/.exec(value)?.[1];
  if (variable !== undefined) return colour(values.get(variable) ?? "", values);
  const mix = /^color-mix\(in srgb, (.+?) ([\d.]+)%, (.+)\)$/.exec(value);
  if (mix) {
    const [one, other, share] = [colour(mix[1] ?? "", values), colour(mix[3] ?? "", values), Number(mix[2]) / 100];
    return one.map((level, index) => level * share + (other[index] ?? 0) * (1 - share)) as Colour;
  }
  const named: Record<string, Colour> = { black: [0, 0, 0], white: [255, 255, 255] };
  const hex = /^#([\da-f]{6})$/.exec(value)?.[1];
  const found = named[value] ?? (hex === undefined ? undefined : ([0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Colour));
  if (!found) throw new Error(`no colour: ${value}`);
  return found;
}

const luminance = (of: Colour) =>
  of.reduce((sum, level, index) => {
    const part = level / 255;
    return sum + (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4) * ([0.2126, 0.7152, 0.0722][index] ?? 0);
  }, 0);
const contrast = (one: Colour, other: Colour) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((left, right) => right - left);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
};

const inks = new Map([...css.matchAll(/\.ink-([\w-]+)(?:, \.ink-[\w-]+)? \{ --ink: (.+?); \}/g)].map(([, name = "", value = ""]) => [name, value]));
const grounds = [...css.matchAll(/\.ground-([\w-]+).*?--ground: (.+?); \}/g)].map(([, name = "", value = ""]) => [name, value] as const);

describe.each(["dark", "light"] as const)("the colours of outputs in the %s theme", (name) => {
  const values = theme(name);
  const pairs = [["none", "var(--color-sunken)"] as const, ...grounds].flatMap(([ground, below]) => [...inks].map(([ink, above]) => [ink, ground, above, below] as const));
  test.each(pairs)("%s on %s can be read", (ink, ground, above, below) => {
    const shown = ground !== "none" && ["black", "white"].includes(ink) ? "var(--color-text)" : above;
    expect(contrast(colour(shown, values), colour(below, values))).toBeGreaterThanOrEqual(4.5);
  });
});

test("each class that the core gives has a rule", () => {
  expect(inks.size).toBe(15);
  expect(grounds).toHaveLength(7);
});
