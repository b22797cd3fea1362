import type { ThreadGroup } from "../state/threads";

/** Pixels that the parts of the list take; each part of a kind takes the same. */
export interface Sizes {
  group: number;
  day: number;
  row: number;
}

/** A heading, or rows one below the other. */
export interface Stretch {
  kind: "group" | "day" | "rows";
  group: ThreadGroup;
  span: number;
  top: number;
  /** How many stand there. */
  count: number;
  size: number;
  /** The first that the keys stop at, counted through the list, and how many they stop at. */
  stop: number;
  stops: number;
  /** Rows of the group before these. */
  before: number;
}

/** Where everything stands in a list of any length. */
export interface Layout {
  stretches: Stretch[];
  height: number;
  stops: number;
}

export const threadsOf = (group: ThreadGroup): number => group.spans.reduce((sum, span) => sum + span.ids.length, 0);

/** Lays the list out. The keys stop at each row, and at the heading of a group whose rows are folded away. */
export function layOut(groups: readonly ThreadGroup[], isFolded: (group: string) => boolean, sizes: Sizes): Layout {
  const stretches: Stretch[] = [];
  let top = 0;
  let stop = 0;
  const add = (kind: Stretch["kind"], group: ThreadGroup, span: number, count: number, stops: number, before: number) => {
    const size = sizes[kind === "rows" ? "row" : kind];
    stretches.push({ kind, group, span, top, count, size, stop, stops, before });
    top += count * size;
    stop += stops;
  };
  for (const group of groups) {
    const folded = isFolded(group.id);
    add("group", group, 0, 1, folded ? 1 : 0, 0);
    if (folded) continue;
    let before = 0;
    group.spans.forEach(({ ids }, span) => {
      if (ids.length === 0) return;
      add("day", group, span, 1, 0, before);
      add("rows", group, span, ids.length, ids.length, before);
      before += ids.length;
    });
  }
  return { stretches, height: top, stops: stop };
}

/** The last stretch that a test holds for, in a list where it holds for none after the first that it does not hold for. */
function lastWhere(stretches: readonly Stretch[], holds: (stretch: Stretch) => boolean): number {
  let [low, high] = [0, stretches.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const stretch = stretches[middle];
    if (stretch && holds(stretch)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A heading or a row, by a name that stays with it. */
export interface Part {
  key: string;
  stretch: Stretch;
  /** Of a row: which of its stretch. */
  index: number;
  /** The thread, where it is known. */
  id: string | undefined;
}

export const rowKey = (id: string): string => `r${id}`;
export const groupKey = (id: string): string => `g${id}`;

export function partAt(stretch: Stretch, index: number): Part {
  const { kind, group, span } = stretch;
  if (kind !== "rows") return { key: kind === "group" ? groupKey(group.id) : `d${span} ${group.id}`, stretch, index: 0, id: undefined };
  const id = group.spans[span]?.ids[index];
  // One that is not known yet is named by its place.
  return { key: id === undefined ? `p${span} ${index} ${group.id}` : rowKey(id), stretch, index, id };
}

export const topOf = ({ stretch, index }: Part): number => stretch.top + index * stretch.size;

/** What stands between two heights, from top to bottom. */
export function partsBetween({ stretches }: Layout, from: number, to: number): Part[] {
  const parts: Part[] = [];
  for (let at = lastWhere(stretches, (stretch) => stretch.top <= from); at < stretches.length; at += 1) {
    const stretch = stretches[at];
    if (!stretch || stretch.top > to) break;
    const first = Math.max(0, Math.floor((from - stretch.top) / stretch.size));
    const end = Math.min(stretch.count, Math.ceil((to - stretch.top) / stretch.size));
    for (let index = first; index < end; index += 1) parts.push(partAt(stretch, index));
  }
  return parts;
}

/** What the keys stop at, counted through the list. */
export function partAtStop({ stretches, stops }: Layout, stop: number): Part | undefined {
  if (stops === 0) return undefined;
  const wanted = Math.max(0, Math.min(stop, stops - 1));
  // A heading that the keys pass over begins where what follows it does, so the last is never one.
  const stretch = stretches[lastWhere(stretches, (each) => each.stop <= wanted)];
  return stretch && partAt(stretch, wanted - stretch.stop);
}

export const stopOf = ({ stretch, index }: Part): number => stretch.stop + index;
