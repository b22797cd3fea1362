import { batch, createSignal, untrack } from "solid-js";
import { createStore, produce, reconcile, unwrap } from "solid-js/store";
import { toApiError, type Backend, type SessionRow, type ThreadOutline, type ThreadPage } from "../backend";
import { spanOf, spansAt, type TimeSpan } from "./spans";

/** Rows that the window holds at most, and how many it goes back to: those that were on the screen longest ago go. */
export const mostRows = 2000;
const fewerRows = 1500;

/** Rows that are read at once, and readings that are on their way at once. */
export const pageRows = 100;
const mostReadings = 2;

/** How long changes gather until the outline is asked for anew, in milliseconds. */
const gather = 400;

/** The threads of a group that changed last in one span of time. */
export interface ThreadSpan {
  /** In order; where there is none the row was not read, or was let go of. */
  ids: Array<string | undefined>;
  /** Pages that were read since the outline last said something else of the span. */
  read: Set<number>;
}

/** The threads of a folder, or of all throw-away folders. */
export interface ThreadGroup {
  /** The folder's id; empty for all throw-away folders. */
  id: string;
  label: string;
  newest: number;
  spans: ThreadSpan[];
}

/** A stretch of a span that is to be on the screen. */
export interface WantedRows {
  group: string;
  span: number;
  from: number;
  /** One past the last. */
  to: number;
}

const pageOf = (place: number) => Math.floor(place / pageRows);
const own = (row: SessionRow): SessionRow => structuredClone(unwrap(row));
const older = (one: SessionRow, other: SessionRow) => one.updated < other.updated || (one.updated === other.updated && one.id > other.id);

/**
 * The list of threads as far as the window knows it. It knows how many there are in each group and span of time, and the
 * rows that were near the screen; news of one thread changes it here, and where that is not enough to know how it stands
 * now, the outline is asked for anew. What is on the screen stays there until it is known better.
 */
export function createThreads(backend: Backend, options: { isThrowAway(folder: string): boolean; onRecent(rows: SessionRow[]): void; now(): number }) {
  const [rows, setRows] = createStore<Record<string, SessionRow>>({});
  const [version, setVersion] = createSignal(0);
  const [error, setError] = createSignal<string>();
  const where = new Map<string, { group: ThreadGroup; span: ThreadSpan }>();
  const seen = new Map<string, number>();
  /** What is being read, with the threads that news came of meanwhile: of those the news holds. */
  const readings = new Map<string, Set<string>>();
  let groups: ThreadGroup[] = [];
  let spans: TimeSpan[] = [];
  /** Every thread is among the rows, so that nothing has to be asked for. */
  let whole = true;
  let looked = 0;
  let wanted: WantedRows[] = [];
  let asking = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const redraw = () => {
    groups = groups.filter((group) => group.spans.some((span) => span.ids.length > 0));
    groups.sort((left, right) => Number(left.id === "") - Number(right.id === "") || right.newest - left.newest || (left.id < right.id ? -1 : 1));
    setVersion((count) => count + 1);
  };
  const held = (id: string): SessionRow | undefined => untrack(() => rows[id]);
  const groupNamed = (id: string, label = ""): ThreadGroup => {
    let group = groups.find((known) => known.id === id);
    if (!group) {
      group = { id, label, newest: 0, spans: spans.map(() => ({ ids: [], read: new Set() })) };
      groups.push(group);
    }
    return group;
  };
  function takeOut(id: string): void {
    const at = where.get(id);
    const place = at?.span.ids.indexOf(id) ?? -1;
    if (place >= 0) at?.span.ids.splice(place, 1);
    where.delete(id);
  }

  function putIn(row: SessionRow, group: ThreadGroup): void {
    const span = group.spans[spanOf(spans, row.updated)];
    if (!span) return;
    let place = 0;
    for (let index = 0; index < span.ids.length; index += 1) {
      const known = held(span.ids[index] ?? "");
      if (known && older(known, row)) break;
      if (known) place = index + 1;
    }
    // Those beside it that are not known may be newer: the page says.
    if (place < span.ids.length && span.ids[place] === undefined) span.read.delete(pageOf(place));
    span.ids.splice(place, 0, row.id);
    where.set(row.id, { group, span });
    group.newest = Math.max(group.newest, row.updated);
  }

  /** Takes over rows that are new or changed, and lets go of those that are gone. */
  function change(changed: readonly SessionRow[], gone: readonly string[] = []): void {
    const listed = changed.filter((row) => row.parent === null);
    if (listed.length === 0 && gone.length === 0) return;
    // What was told is also held elsewhere, and each holder changes its own.
    batch(() => {
      for (const touched of readings.values()) for (const id of [...listed.map((row) => row.id), ...gone]) touched.add(id);
      for (const id of gone) {
        if (!where.has(id) && !whole) askSoon();
        takeOut(id);
      }
      for (const row of listed) {
        const at = where.get(row.id);
        const before = held(row.id);
        const span = at?.group.spans[spanOf(spans, row.updated)];
        if (at && before?.updated === row.updated) {
          setRows(row.id, reconcile(own(row)));
          continue;
        }
        // Where it stood is not known, or it went from one count to another, which a page on its way may know already.
        if (!whole && (!at || span !== at.span)) askSoon();
        takeOut(row.id);
        setRows(row.id, reconcile(own(row)));
        putIn(row, at?.group ?? groupNamed(options.isThrowAway(row.folder) ? "" : row.folder));
      }
      if (gone.length > 0) setRows(produce((draft) => gone.forEach((id) => delete draft[id])));
      redraw();
    });
  }

  /** Begins with what the first picture has; when there is `more`, the outline is to be asked for. */
  function begin(first: readonly SessionRow[], more: boolean, now = options.now()): void {
    spans = spansAt(now);
    whole = !more;
    groups = [];
    where.clear();
    const ordered = [...first].sort((left, right) => (older(left, right) ? 1 : -1));
    batch(() => {
      setRows(reconcile(Object.fromEntries(ordered.map((row) => [row.id, own(row)]))));
      for (const row of ordered) {
        const group = groupNamed(options.isThrowAway(row.folder) ? "" : row.folder);
        const span = group.spans[spanOf(spans, row.updated)];
        span?.ids.push(row.id);
        if (span) where.set(row.id, { group, span });
        group.newest = Math.max(group.newest, row.updated);
      }
      if (whole) for (const group of groups) for (const span of group.spans) readAll(span);
      redraw();
    });
  }

  const readAll = (span: ThreadSpan) => {
    for (let page = 0; page <= pageOf(span.ids.length); page += 1) span.read.add(page);
  };

  /** A new day may have begun. */
  function look(now: number): void {
    if (spans.length === 0 || spansAt(now)[0]?.from === spans[0]?.from) return;
    if (whole) begin(Object.values(untrack(() => ({ ...rows }))), false, now);
    else {
      spans = spansAt(now);
      // Nothing stands where it stood; what is held comes back to its place, and the rest is asked for.
      groups = [];
      where.clear();
      for (const row of Object.values(untrack(() => ({ ...rows })))) putIn(row, groupNamed(options.isThrowAway(row.folder) ? "" : row.folder));
      redraw();
      void ask();
    }
  }

  function askSoon(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void ask();
    }, gather);
  }

  /** Asks how many there are of what. */
  async function ask(): Promise<void> {
    if (asking) {
      askSoon();
      return;
    }
    asking = true;
    const asked = spans;
    const touched = new Set<string>();
    readings.set("", touched);
    try {
      const outline = await backend.commands.threadOutline({ starts: asked.flatMap(({ from }) => from ?? []) });
      setError(undefined);
      if (asked === spans) takeOutline(outline, touched);
      else askSoon();
    } catch (thrown) {
      setError(toApiError(thrown).message);
    } finally {
      asking = false;
      readings.delete("");
    }
    pump();
  }

  function takeOutline(outline: ThreadOutline, touched: Set<string>): void {
    batch(() => {
      const told = new Set<ThreadGroup>();
      for (const { folder, label, newest, counts } of outline.groups) {
        const group = groupNamed(folder ?? "", label);
        told.add(group);
        group.label = label;
        group.newest = touched.size > 0 ? Math.max(group.newest, newest) : newest;
        group.spans.forEach((span, index) => {
          const count = counts[index] ?? 0;
          if (span.ids.length === count) return;
          for (const id of span.ids.slice(count)) if (id !== undefined) where.delete(id);
          span.ids.length = count;
          span.read.clear();
          // Threads nobody told of one by one are among them.
          whole = false;
        });
      }
      for (const group of groups) {
        if (told.has(group)) continue;
        for (const span of group.spans) {
          for (const id of span.ids) if (id !== undefined) where.delete(id);
          span.ids = [];
        }
      }
      // News that came while it was asked for may be in it or not.
      if (touched.size > 0) askSoon();
      options.onRecent(outline.recent.filter((row) => !touched.has(row.id)));
      redraw();
    });
  }

  /** Says what is to be on the screen; what of it is not known is read, and what was wanted before is not. */
  function want(stretches: WantedRows[]): void {
    wanted = stretches;
    looked += 1;
    for (const { group, span, from, to } of stretches) {
      const ids = groups.find((known) => known.id === group)?.spans[span]?.ids ?? [];
      for (const id of ids.slice(from, to)) if (id !== undefined) seen.set(id, looked);
    }
    pump();
  }

  function pump(): void {
    if (error() !== undefined || whole) return;
    for (const { group: id, span: index, from, to } of wanted) {
      const group = groups.find((known) => known.id === id);
      const span = group?.spans[index];
      if (!group || !span) continue;
      const end = Math.min(to, span.ids.length);
      for (let page = pageOf(from); page * pageRows < end; page += 1) {
        const key = JSON.stringify([id, index, page]);
        const holes = () => span.ids.slice(Math.max(from, page * pageRows), Math.min(end, (page + 1) * pageRows)).includes(undefined);
        if (readings.has(key) || (span.read.has(page) && !holes())) continue;
        if (readings.size >= mostReadings) return;
        void read(key, group, index, page);
      }
    }
  }

  async function read(key: string, group: ThreadGroup, index: number, page: number): Promise<void> {
    const asked = spans;
    const touched = new Set<string>();
    readings.set(key, touched);
    try {
      const answer = await backend.commands.threadPage({
        folder: group.id === "" ? null : group.id,
        from: asked[index]?.from ?? null,
        until: asked[index - 1]?.from ?? null,
        offset: page * pageRows,
        count: pageRows,
      });
      const span = group.spans[index];
      if (asked === spans && groups.includes(group) && span) takePage(group, span, page, answer, touched);
    } catch (thrown) {
      setError(toApiError(thrown).message);
    } finally {
      readings.delete(key);
    }
    pump();
  }

  function takePage(group: ThreadGroup, span: ThreadSpan, page: number, answer: ThreadPage, touched: Set<string>): void {
    batch(() => {
      const first = page * pageRows;
      if (answer.count !== span.ids.length) {
        // Others came or went: what else is held of the span may stand elsewhere.
        for (const id of span.ids.slice(answer.count)) if (id !== undefined) where.delete(id);
        span.ids.length = answer.count;
        span.read.clear();
        if (touched.size > 0) askSoon();
      }
      span.read.add(page);
      const places = span.ids.slice(first, first + pageRows);
      for (const id of places) if (id !== undefined) where.delete(id);
      span.ids.fill(undefined, first, first + pageRows);
      answer.rows.forEach((row, index) => {
        if (first + index >= span.ids.length) return;
        const before = held(row.id);
        const at = where.get(row.id);
        if (at) {
          const place = at.span.ids.indexOf(row.id);
          if (place >= 0) at.span.ids[place] = undefined;
        }
        // It was deleted while the page was on its way.
        if (touched.has(row.id) && !before) {
          askSoon();
          return;
        }
        if (!touched.has(row.id) || !before) setRows(row.id, reconcile(row));
        span.ids[first + index] = row.id;
        where.set(row.id, { group, span });
        seen.set(row.id, looked);
      });
      forget();
      redraw();
    });
  }

  /** Lets go of the rows that were seen longest ago. */
  function forget(): void {
    if (where.size <= mostRows) return;
    whole = false;
    const longest = [...where.keys()].sort((left, right) => (seen.get(left) ?? 0) - (seen.get(right) ?? 0)).slice(0, where.size - fewerRows);
    const gone = longest.filter((id) => (seen.get(id) ?? 0) < looked);
    for (const id of gone) {
      const at = where.get(id);
      const place = at?.span.ids.indexOf(id) ?? -1;
      if (at && place >= 0) at.span.ids[place] = undefined;
      where.delete(id);
    }
    // Rows without a place go too: their places were taken by others.
    setRows(
      produce((draft) => {
        for (const id of Object.keys(draft)) if (!where.has(id)) delete draft[id];
      }),
    );
    for (const id of seen.keys()) if (!where.has(id)) seen.delete(id);
  }

  return {
    begin,
    change,
    look,
    ask,
    want,
    /** Threads came that nobody told of one by one. */
    changed: askSoon,
    /** The groups; what reads them is told of every change. */
    groups: (): readonly ThreadGroup[] => (version(), groups),
    spans: (): readonly TimeSpan[] => (version(), spans),
    row: (id: string): SessionRow | undefined => rows[id],
    /** Where a thread stands, as far as that is known. */
    placeOf(id: string): { group: ThreadGroup; span: number; place: number } | undefined {
      version();
      const at = where.get(id);
      return at && { group: at.group, span: at.group.spans.indexOf(at.span), place: at.span.ids.indexOf(id) };
    },
    error,
    /** Reads again what could not be read. */
    retry(): void {
      setError(undefined);
      void ask();
    },
  };
}

export type Threads = ReturnType<typeof createThreads>;
