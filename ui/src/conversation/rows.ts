import { createMemo, mapArray, untrack, type Accessor } from "solid-js";
import { unwrap } from "solid-js/store";
import type { HtmlBlock, Message } from "../backend";
import { keyedList, type Keyed } from "./keyedList";
import { isFolded } from "./openedRows";
import { foldTools, groupItems, sameEntries, summaryOf, type Entry, type Item, type Turn } from "./turns";

/*
 * What of a conversation is drawn as one piece: a row. A turn of hundreds of steps, or an answer as long as a book, is
 * many rows, so that what is drawn never depends on how much there is. Where one row ends and the next begins follows
 * from what stands there alone: a row is the same one however the page came to hold it.
 */

/** Blocks of one text that make a row, from one place in its list to before another. */
export interface Part {
  from: number;
  /** Absent in the last part, which grows. */
  to: number | undefined;
}

/** The room below a row, up to the next one. */
export type Gap = "none" | "block" | "turn";

/** What one row shows. */
export interface Row {
  kind: "prompt" | "item" | "end";
  /** What of the answer it shows, for an item. */
  item: Item | undefined;
  /** The part of a text that is too long for one row. */
  part: Part | undefined;
  /** How many blocks of a long text follow the part that are folded away. */
  hidden: number;
  gap: Gap;
  /** The answer begins here. */
  leads: boolean;
  /** It goes on where the row above ends, without a seam. */
  continues: boolean;
}

/** A row with the turn that it is of. */
export interface PlacedRow {
  readonly key: string;
  readonly value: Accessor<Row>;
  readonly turn: Keyed<Turn>;
}

/** A part of a text ends once it is this high: about one and a half screens. CSS pixels, estimated. */
const partHeight = 1400;

/** Calls in a row without a word between them are one list up to this many. */
const mostTools = 60;

/** Of how many calls a longer list is cut after one, on the average. */
const usualTools = 24;

/** What stands in a line of prose, and how high lines are: in the usual density. Estimates, until rows were measured. */
const lineCharacters = 95;
const heights = { line: 24, code: 20, cell: 33, tool: 28, between: 12, block: 16, turn: 32 };

/** A box with more lines of code than these has a scroll box of its own (see `longCode` in `Prose`). */
const boxHeight = 640;

/** The blocks of the texts of a turn that are longer than a row, and so can be folded. */
export const longTexts = (answers: readonly Message[]): string[] =>
  answers.flatMap(({ blocks }) => blocks.flatMap(({ id, content }) => (content.kind === "text" && !content.open && cutsOf(content.html).length > 0 ? [id] : [])));

/** The rows of all turns. A row that stays keeps its object, and what is drawn for it stays with it. */
export function createRows(turns: Accessor<ReadonlyArray<Keyed<Turn>>>, options: { planned(turn: Keyed<Turn>): boolean; running(turn: Keyed<Turn>): boolean }): Accessor<readonly PlacedRow[]> {
  const each = mapArray(turns, (turn) => {
    const rows = keyedList(() => rowsOf(turn, options.planned(turn), options.running(turn)), sameRow);
    const placed = new WeakMap<Keyed<Row>, PlacedRow>();
    return createMemo(() =>
      rows().map((row) => {
        const before = placed.get(row);
        if (before) return before;
        const made = { key: row.key, value: row.value, turn };
        placed.set(row, made);
        return made;
      }),
    );
  });
  return createMemo(() => each().flatMap((rows) => rows()));
}

function rowsOf(turn: Keyed<Turn>, planned: boolean, running: boolean): Array<{ key: string; value: Row }> {
  const { prompt, answers } = turn.value();
  const rows: Array<{ key: string; value: Row }> = [];
  const add = (key: string, more: Partial<Row>) => rows.push({ key, value: { kind: "item", item: undefined, part: undefined, hidden: 0, gap: "block", leads: false, continues: false, ...more } });
  const summary = summaryOf(turn.value());
  if (prompt && summary) add(prompt.id, { item: summary });
  else if (prompt && !unsaid(prompt)) add(prompt.id, { kind: "prompt" });
  let leads = summary === undefined;
  for (const { key, value } of groupItems(answers, planned)) {
    // The summary is folded into its mark.
    if (value.kind === "text" && value.entries.some((entry) => summary?.entries.includes(entry))) continue;
    for (const piece of piecesOf(key, value)) {
      add(piece.key, { ...piece, leads });
      leads = false;
    }
  }
  // A prompt that was cut off ends without an answer, which is said.
  if (answers.length > 0 || running || prompt?.interrupted) add(`${turn.key}/end`, { kind: "end", leads });
  const last = rows.at(-1);
  if (last) last.value.gap = "turn";
  return rows;
}

/** Whether nobody wrote a prompt: the engine has the model go on by one that is for the model's eyes alone. */
const unsaid = ({ blocks }: Message) => blocks.length === 0;

interface Piece {
  key: string;
  item: Item;
  part?: Part;
  hidden?: number;
  gap?: Gap;
  continues?: boolean;
}

/** An item as one row, or as several that follow each other without a gap. */
function piecesOf(key: string, item: Item): Piece[] {
  if (item.kind === "text") {
    const content = item.entries[0]?.block.content;
    const cuts = content?.kind === "text" ? cutsOf(content.html) : [];
    if (cuts.length === 0) return [{ key, item }];
    const starts = [0, ...cuts];
    // Only what is complete is folded: who folds what still grows would not see it grow.
    if (content?.kind === "text" && !content.open && isFolded(item.entries[0]?.block.id ?? "")) return [{ key, item, part: { from: 0, to: starts[1] }, hidden: content.html.length - (starts[1] ?? 0) }];
    return starts.map((from, index) => {
      const to = starts[index + 1];
      return { key: index === 0 ? key : `${key}/${from}`, item, part: { from, to }, gap: to === undefined ? "block" : "none", continues: index > 0 };
    });
  }
  if (item.kind === "tools" && item.entries.length > mostTools) {
    const lists = cutTools(item.entries);
    return lists.map((entries, index) => ({ key: entries[0]?.block.id ?? key, item: { ...item, entries }, gap: index === lists.length - 1 ? "block" : "none", continues: index > 0 }));
  }
  return [{ key, item }];
}

/**
 * Where a long text is cut. It depends on finished blocks alone, so that what is being written moves no cut, and it is
 * looked at anew when a block begins and not with each word.
 */
export function cutsOf(html: readonly HtmlBlock[]): number[] {
  const count = html.length;
  const blocks = unwrap(html);
  const cuts: number[] = [];
  let height = 0;
  for (let index = 0; index < count; index += 1) {
    if (height >= partHeight) {
      cuts.push(index);
      height = 0;
    }
    height += heightOfBlock(blocks[index]);
  }
  return cuts;
}

/** Cut by the names of the calls, so that the same call begins a row whatever is read before or comes after it. */
function cutTools(entries: readonly Entry[]): Entry[][] {
  const lists: Entry[][] = [];
  for (const entry of entries) {
    const last = lists.at(-1);
    if (last && (last.length < 2 || digest(entry.block.id) % usualTools !== 0)) last.push(entry);
    else lists.push([entry]);
  }
  return lists;
}

function digest(name: string): number {
  let sum = 7;
  for (let index = 0; index < name.length; index += 1) sum = (Math.imul(sum, 31) + name.charCodeAt(index)) >>> 0;
  // The low bits of such a sum follow the last letters alone.
  return (sum ^ (sum >>> 15)) >>> 0;
}

function sameRow(left: Row, right: Row): boolean {
  return (
    left.kind === right.kind &&
    left.gap === right.gap &&
    left.leads === right.leads &&
    left.continues === right.continues &&
    left.hidden === right.hidden &&
    left.part?.from === right.part?.from &&
    left.part?.to === right.part?.to &&
    left.item?.kind === right.item?.kind &&
    sameEntries(left.item?.entries ?? [], right.item?.entries ?? [])
  );
}

/** Whether a row shows something of a message. */
export function isOf({ turn, value }: PlacedRow, message: string): boolean {
  const { kind, item } = value();
  return kind === "prompt" ? turn.value().prompt?.id === message : (item?.entries.some((entry) => entry.message.id === message) ?? false);
}

/** The place of the row that has this key or shows the block of this id; -1 when there is none. */
export function placeOf(rows: readonly PlacedRow[], key: string): number {
  const place = rows.findIndex((row) => row.key === key);
  if (place >= 0) return place;
  // The key of a part names its block first.
  const block = key.split("/", 1)[0];
  return rows.findIndex(({ value }) => value().item?.entries.some((entry) => entry.block.id === block));
}

/** How high a row is taken for until it was measured: the nearer, the less what is above shifts when one scrolls there. */
export function estimateRow({ turn, value }: PlacedRow): number {
  return untrack(() => {
    const row = value();
    const below = row.gap === "none" ? 0 : heights[row.gap];
    return below + (row.kind === "prompt" ? promptHeight(turn.value()) : row.kind === "end" ? 16 : itemHeight(row));
  });
}

function promptHeight({ prompt }: Turn): number {
  const written = prompt?.blocks.map(({ content }) => (content.kind === "text" ? content.plain : "")).join("\n\n") ?? "";
  return 22 + Math.min(25, linesOf(written)) * heights.line;
}

function itemHeight({ item, part }: Row): number {
  const content = item?.entries[0]?.block.content;
  if (!item || !content) return heights.line;
  if (item.kind === "tools") return foldTools(item.entries).length * heights.tool;
  if (item.kind === "lanes") return item.entries.length * 52;
  if (content.kind !== "text") return heights.tool;
  return unwrap(content.html)
    .slice(part?.from ?? 0, part?.to)
    .reduce((sum, block) => sum + heightOfBlock(block), 0);
}

function heightOfBlock(block: HtmlBlock | undefined): number {
  if (!block) return 0;
  const { frame, pieces } = block;
  if (frame.kind === "code") return heights.between + 36 + Math.min(boxHeight, pieces.reduce((sum, piece) => sum + times(piece, "\n"), 1) * heights.code);
  if (frame.kind === "table") return heights.between + Math.min(boxHeight, pieces.reduce((sum, piece) => sum + times(piece, "<tr"), 0) * heights.cell);
  return pieces.reduce((sum, piece) => sum + heights.between + Math.max(1, times(piece, "<li"), piece.length / lineCharacters) * heights.line, 0);
}

/** How often something stands in a text; what it is looked for in is at most a few kilobytes. */
function times(text: string, wanted: string): number {
  let found = 0;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) found += 1;
  return found;
}

const linesOf = (written: string) => written.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / lineCharacters)), 0);
