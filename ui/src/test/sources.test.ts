import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { catalog } from "../strings";
import { asks } from "../strings/asks";
import { cloud } from "../strings/cloud";
import { engineSettings } from "../strings/engineSettings";
import { goingBack } from "../strings/goingBack";
import { pairing } from "../strings/pairing";
import { palette } from "../strings/palette";
import { search } from "../strings/search";
import { storage } from "../strings/storage";
import { usage } from "../strings/usage";
import { readSources, walk, type Source } from "./sources";

const code = readSources(".ts", ".tsx");
const components = readSources(".tsx");
const paths = (sources: Source[]) => sources.map((source) => source.path);

/** Names of properties that take markup, also when written as `element["innerHTML"]` or as an attribute. */
const sinks = new Set([
  "innerHTML",
  "outerHTML",
  "insertAdjacentHTML",
  "setHTML",
  "setHTMLUnsafe",
  "dangerouslySetInnerHTML",
  "createContextualFragment",
  "parseFromString",
  "srcdoc",
]);

function namesIn(source: Source): Set<string> {
  const names = new Set<string>();
  walk(source, (node) => {
    if ((node.type === "Identifier" || node.type === "JSXIdentifier") && typeof node["name"] === "string") names.add(node["name"]);
    if (node.type === "Literal" && typeof node["value"] === "string") names.add(node["value"]);
  });
  return names;
}

test("the scans look at the real sources", () => {
  expect(code.length).toBeGreaterThan(40);
  expect(paths(code)).toContain("backend/tauri.ts");
  expect(namesIn({ path: "a.tsx", code: `x["innerHTML"] = y; const z = <p innerHTML={y} />;` })).toContain("innerHTML");
});

describe("markup enters the document in one place", () => {
  test("no other file names a sink", () => {
    const found = code.filter((source) => [...namesIn(source)].some((name) => sinks.has(name)));
    expect(paths(found)).toEqual(["design/SafeHtml.tsx"]);
  });

  test("document.write is used nowhere", () => {
    expect(paths(code.filter((source) => /\bdocument\s*\.\s*write(ln)?\b/.test(source.code)))).toEqual([]);
  });

  test("only the rendered type is let in: nothing is declared to be it but the wire type and fixtures", () => {
    const casts = code.filter((source) => /\bas\s+(unknown\s+as\s+)?Html\b/.test(source.code));
    expect(paths(casts).filter((path) => !path.endsWith("fixtures.ts"))).toEqual([]);
  });
});

describe("what the content security policy refuses is not written", () => {
  test("no style attribute", () => {
    const found = components.filter((source) => {
      let styled = false;
      walk(source, (node) => {
        const name = node.type === "JSXAttribute" ? (node["name"] as { name?: unknown }).name : undefined;
        if (name === "style") styled = true;
      });
      return styled;
    });
    expect(paths(found)).toEqual([]);
  });

  test("the page brings its icon along, so that none is asked for", () => {
    const page = new DOMParser().parseFromString(readFileSync(join(import.meta.dirname, "..", "..", "index.html"), "utf8"), "text/html");
    expect(page.querySelector("link[rel~='icon']")?.getAttribute("href")).toMatch(/^data:/);
  });

  test("no code made from text", () => {
    const found = code.filter((source) => /\beval\s*\(|\bnew\s+Function\b/.test(source.code));
    expect(paths(found)).toEqual([]);
  });
});

test("only the bridge speaks to the shell", () => {
  const found = code.filter((source) => source.code.includes("@tauri-apps"));
  expect(paths(found)).toEqual(["backend/tauri.ts"]);
});

test("nothing moves without end: no animation repeats", () => {
  const found = readSources(".css").filter((source) => /\binfinite\b|animation-iteration-count/.test(source.code));
  expect(paths(found)).toEqual([]);
});

describe("the catalog of texts", () => {
  test("every key is used", () => {
    const users = code.filter((source) => !source.path.startsWith("strings/") || source.path === "strings/format.ts");
    const all = users.map((source) => source.code).join("\n");
    // A key put together from a state, as in `engine.${kind}`, uses every key of that form.
    const forms = [...all.matchAll(/`([a-zA-Z]+\.[\w.]*(?:\$\{[^}]*\}[\w.]*)+)`/g)].map(
      (match) => new RegExp(`^${(match[1] ?? "").replaceAll(".", "\\.").replaceAll(/\$\{[^}]*\}/g, "[\\w.]+")}$`),
    );
    const everything = { ...catalog, ...asks, ...cloud, ...engineSettings, ...goingBack, ...pairing, ...palette, ...search, ...storage, ...usage };
    // Collected once: looking through all the code for each of thousands of keys takes seconds.
    const written = new Set([...all.matchAll(/"([\w.]+)"/g)].map((match) => match[1]));
    const unused = Object.keys(everything).filter((key) => !written.has(key) && !forms.some((form) => form.test(key)));
    expect(unused).toEqual([]);
  });

  test("what is read later does not come with the first picture", () => {
    const later = new Set([...Object.keys(asks), ...Object.keys(cloud), ...Object.keys(engineSettings), ...Object.keys(goingBack), ...Object.keys(pairing), ...Object.keys(palette), ...Object.keys(search), ...Object.keys(storage), ...Object.keys(usage)]);
    expect(Object.keys(catalog).filter((key) => later.has(key))).toEqual([]);
  });

  test("keys of two parts never meet: a language has all of them in one", () => {
    const parts = readSources(".ts").filter((source) => /^strings\/\w+\.ts$/.test(source.path));
    const keys = parts.flatMap((source) => [...source.code.matchAll(/^ {2}"([\w.]+)":/gm)].map((match) => match[1] ?? ""));
    expect(keys.length).toBeGreaterThan(Object.keys(catalog).length);
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });

  test("no text for people stands in a component", () => {
    const spoken = new Set(["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "title", "placeholder", "alt", "label"]);
    // Signs and digits are not language; a word is two letters in a row.
    const isWord = (value: unknown) => typeof value === "string" && /\p{L}{2}/u.test(value);
    const found: string[] = [];
    for (const source of components) {
      const tell = (value: unknown) => found.push(`${source.path}: ${String(value).trim()}`);
      const literals = (expression: unknown): unknown[] => {
        const node = expression as { type?: string; value?: unknown; consequent?: unknown; alternate?: unknown; left?: unknown; right?: unknown };
        if (node.type === "Literal") return [node.value];
        if (node.type === "ConditionalExpression") return [...literals(node.consequent), ...literals(node.alternate)];
        if (node.type === "LogicalExpression") return [...literals(node.left), ...literals(node.right)];
        return [];
      };
      walk(source, (node) => {
        if (node.type === "JSXText" && isWord(node["value"])) tell(node["value"]);
        if (node.type === "JSXElement" || node.type === "JSXFragment") {
          for (const child of node["children"] as Array<{ type: string; expression?: unknown }>) {
            if (child.type === "JSXExpressionContainer") literals(child.expression).filter(isWord).forEach(tell);
          }
        }
        if (node.type === "JSXAttribute") {
          const name = (node["name"] as { name?: string }).name ?? "";
          const value = node["value"] as { type?: string; value?: unknown; expression?: unknown } | null;
          if (!spoken.has(name) || !value) return;
          literals(value.type === "JSXExpressionContainer" ? value.expression : value).filter(isWord).forEach(tell);
        }
      });
    }
    expect(found).toEqual([]);
  });
});

test("whether a press belongs to an input method is judged in one place, because WebKit says it in two ways", () => {
  const found = code.filter((source) => /\.(isComposing|keyCode)\b/.test(source.code));
  expect(paths(found)).toEqual(["design/composing.ts"]);
});
