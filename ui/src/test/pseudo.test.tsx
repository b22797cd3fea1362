import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { speak } from "../strings/language";
import { openScreen, screens } from "./screens";
import { settle } from "./window";

/*
 * Every screen in the language that is made up: what stands outside of its brackets must be data. So no text is
 * hard-coded in a component, and none stays behind when another language is chosen.
 */

/** What is data: whatever the fake core and the screens themselves say. */
const sources = ["../backend/fake", "../conversation"].flatMap((folder) => {
  const path = join(import.meta.dirname, folder);
  return readdirSync(path)
    .filter((name) => folder.endsWith("fake") || name === "fixtures.ts")
    .map((name) => readFileSync(join(path, name), "utf8"));
});
const unmarked = (written: string) => written.replaceAll(/\\n|<\/?[a-z]\w*(?: [^<>]*)?>|&\w+;|x{20,}/g, " ");
const plain = (written: string) =>
  unmarked(written)
    .replaceAll(/[^\p{L}]+/gu, " ")
    .trim();
const own = ["screens.ts", "screenSteps.ts"].map((name) => readFileSync(join(import.meta.dirname, name), "utf8"));
const data = [...sources, ...own, "English (Pseudo-Accents)"].map(plain).join(" ");

/** Words that are the same in every language: units in figures, dates by `Intl`, keys of the keyboard, names of languages. */
const figures = /^(?:\d{1,2} )?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)\w*\b(?:[ ,\d]|AM|PM|:|\u202f)*$|^[\d.,]+[kmb]$/;
const keys = /^(?:Ctrl|Shift|Alt|Cmd|Esc|Enter|Tab|Home|End|Delete|PageUp|PageDown|Page|Up|Down|F\d+|[A-Z\d,./?`+]|[ +↑↓←→⌘⇧⌥–])+$/;

const spoken = ["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "title", "placeholder", "alt"];

/** The words of a text that stand outside of brackets; `depth` goes on from one text to the next. */
function outside(text: string, depth: { now: number }): string {
  let left = "";
  for (const letter of text) {
    if (letter === "⟦") depth.now += 1;
    if (depth.now === 0) left += letter;
    if (letter === "⟧") depth.now -= 1;
  }
  return left.trim();
}

/** A sentence or a name of one: what a label puts together of several is looked at piece by piece. */
const pieceIsData = (piece: string) => !/\p{L}{2}/u.test(piece) || figures.test(piece) || keys.test(piece) || data.includes(plain(piece));
const isData = (left: string) => pieceIsData(left) || unmarked(left).split(/[.·:,]\s*/).every(pieceIsData);

/** What a person could read that is neither of the catalog nor data; what matches `said` is left out. */
function leaks(said = ""): string[] {
  const found: string[] = [];
  const depth = { now: 0 };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (said && node.parentElement?.closest(said)) continue;
    if (node instanceof Element) {
      for (const name of spoken) {
        const left = outside(node.getAttribute(name) ?? "", { now: 0 });
        if (!isData(left)) found.push(`${name}: ${left}`);
      }
    } else {
      const left = outside(node.textContent ?? "", depth);
      if (!isData(left)) found.push(left);
    }
  }
  if (depth.now !== 0) found.push(`${depth.now} brackets stay open`);
  return [...new Set(found)];
}

vi.setConfig({ testTimeout: 60_000 });
afterEach(() => speak("en"));

test("what is no text of the catalog is found", () => {
  const wrong = document.createElement("p");
  wrong.title = "Wrong tooltip";
  wrong.textContent = "⟦Ŕíğĥţ⟧ Hard coded words";
  document.body.replaceChildren(wrong);
  expect(leaks()).toEqual(["title: Wrong tooltip", "Hard coded words"]);
  document.body.replaceChildren();
});

describe("everything that is said comes from the catalog:", () => {
  test.each(Object.entries(screens))("%s", async (_name, shown) => {
    await openScreen(shown, { language: "en-XA" });
    expect(document.documentElement.lang).toBe("en-XA");
    expect(leaks()).toEqual([]);
  });
});

describe("another language is spoken at once:", () => {
  // The palette and the list of keys cannot stay open while a language is chosen.
  const staying = Object.entries(screens).filter(([name]) => !/palette|all keys/.test(name));
  test.each(staying)("%s", async (_name, shown) => {
    const { app } = await openScreen(shown, { language: "en" });
    await app.saveSettings({ language: "en-XA" });
    await settle();
    expect(document.documentElement.lang).toBe("en-XA");
    // What was said of a moment stays as it was said.
    expect(leaks("[role='alert'], [role='status'], [aria-live], .error-text, .field-problem")).toEqual([]);
  });
});
