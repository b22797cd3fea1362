import { expect, test } from "vitest";
import { createRoot } from "solid-js";
import type { Html } from "../backend";
import { answer, block, person, prose, toolBlock } from "./fixtures";
import { keyedList } from "./keyedList";
import { forgetOpened } from "./openedRows";
import { createRows, cutsOf, placeOf, type PlacedRow } from "./rows";
import { copyOfRow, textOfHtml, textOfRow } from "./rowText";
import { groupTurns } from "./turns";
import type { Message } from "../backend";

const html = (written: string) => written as Html;

function rowsOf(messages: Message[]): readonly PlacedRow[] {
  return createRoot(() => {
    const turns = keyedList(
      () => groupTurns(messages),
      () => false,
    );
    return createRows(turns, { planned: () => false, running: () => false })();
  });
}

test("a turn is a row for each thing in it", () => {
  const list = rowsOf([person("Go"), answer([prose("<p>One.</p>"), toolBlock({}), toolBlock({}), prose("<p>Two.</p>")])]);
  expect(list.map(({ value }) => [value().kind, value().item?.kind, value().gap])).toEqual([
    ["prompt", undefined, "block"],
    ["item", "text", "block"],
    ["item", "tools", "block"],
    ["item", "text", "block"],
    ["end", undefined, "turn"],
  ]);
  expect(list.filter(({ value }) => value().leads)).toHaveLength(1);
});

test("a long text is several rows without a seam, cut at the same places however much follows", () => {
  const long = Array.from({ length: 120 }, (_, index) => `<p>${`${index} `.repeat(60)}</p>`);
  const list = rowsOf([answer([prose(...long)])]).filter(({ value }) => value().item);
  expect(list.length).toBeGreaterThan(4);
  expect(list.slice(0, -1).every(({ value }) => value().gap === "none")).toBe(true);
  expect(list.map(({ value }) => value().continues)).toEqual([false, ...list.slice(1).map(() => true)]);
  const blocks = (count: number) => long.slice(0, count).map((piece) => ({ frame: { kind: "html" as const }, pieces: [html(piece)] }));
  expect(cutsOf(blocks(120)).slice(0, cutsOf(blocks(60)).length)).toEqual(cutsOf(blocks(60)));
});

test("many calls are several lists, and the same call begins one whatever comes before", () => {
  const calls = Array.from({ length: 300 }, () => toolBlock({}));
  const keys = (list: readonly PlacedRow[]) => list.filter(({ value }) => value().item).map(({ key }) => key);
  const all = rowsOf([answer(calls)]);
  const part = rowsOf([answer(calls.slice(80))]);
  expect(keys(all).length).toBeGreaterThan(4);
  expect(keys(all).slice(-3)).toEqual(keys(part).slice(-3));
  // A call that began a row and no longer does is found in the row it is in.
  expect(placeOf(part, calls[81]?.id ?? "")).toBe(0);
});

test("what the core rendered becomes the text it shows", () => {
  expect(textOfHtml("<p>a &lt;b&gt; &amp; &quot;c&quot;<br>d</p>")).toBe('a <b> & "c"\nd');
  forgetOpened();
  const code = block({ kind: "text", plain: "", open: false, html: [{ frame: { kind: "html" }, pieces: [html("<p>See\nthis:</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>")] }, { frame: { kind: "code", language: "rust" }, pieces: [html('<span class="k">fn</span> a()\n'), html("b\n")] }, { frame: { kind: "table" }, pieces: [html("<tr><th>x</th><th>y</th></tr>"), html("<tr><td>1</td><td>2</td></tr>")] }] });
  const thought = block({ kind: "reasoning", html: [{ frame: { kind: "html" }, pieces: [html("<p>Hidden.</p>")] }], firstLine: "Hidden.", started: 0, ended: 1, open: false });
  const list = rowsOf([person("Ask <b>"), answer([thought, code])]);
  const row = (kind: string) => list.find(({ value }) => value().kind === kind || value().item?.kind === kind) as PlacedRow;
  expect(copyOfRow(row("prompt"))).toEqual({ plain: "Ask <b>", markup: "<p>Ask &lt;b&gt;</p>" });
  expect(copyOfRow(row("text")).plain).toBe("See this:\none\ntwo\n\nfn a()\nb\n\nx\ty\n1\t2");
  expect(copyOfRow(row("text")).markup).toContain('<pre><code><span class="k">fn</span>');
  // A thought that is folded is not selected, but it is found.
  expect(copyOfRow(row("reasoning")).plain).toBe("");
  expect(textOfRow(row("reasoning"), thought.id)).toBe("Hidden.");
});
