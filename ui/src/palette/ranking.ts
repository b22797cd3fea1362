import { groups, type Entry, type Group } from "./entry";
import { fit, wordsOf, type Marks } from "./fuzzy";

/** What stands in the list. */
export interface Ranked {
  entry: Entry;
  marks: Marks;
}

export interface RankedGroup {
  group: Group;
  rows: Ranked[];
}

export interface Ranking {
  groups: RankedGroup[];
  /** How many fit, also those that are not in the list. */
  found: number;
  /** How many of them are in it. */
  shown: number;
}

/** What is looked through; a sign in front of what is typed narrows it. */
export type Scope = "all" | "threads" | "files" | "commands";

/** Takes the sign off. */
export function scopeOf(typed: string): { scope: Scope; query: string } {
  const trimmed = typed.trimStart();
  if (trimmed.startsWith("#")) return { scope: "threads", query: trimmed.slice(1).trim() };
  if (trimmed.startsWith("@")) return { scope: "files", query: trimmed.slice(1).trim() };
  if (trimmed.startsWith(">")) return { scope: "commands", query: trimmed.slice(1).trim() };
  return { scope: "all", query: trimmed.trim() };
}

/** Rows that are drawn at most, whatever there is: more are found by another letter, and each costs time to draw. */
export const mostRows = 50;
/** Of a group, where others stand beside it. */
const mostOfGroup: Record<Group, number> = { recent: 5, here: 8, threads: 8, files: 6, commands: 8, agents: 5, models: 6, folders: 5, settings: 6 };
/** While nothing is typed: what fits the place, and the way to the rest is to type. */
const atRest: Partial<Record<Group, number>> = { here: 15, threads: 6, commands: 12 };

/** What having been used last adds, at most: as much as a word that begins with what is typed. */
const recently = 5;
/** What standing at the front of its group adds, at most. Newer threads come before older ones that fit as well. */
const early = 0.5;
/** Letters that stand apart fit by chance: what fits so is left out where something fits so much better. */
const byChance = 0.5;
/** What is chosen or open already is found, after whatever else fits about as well: choosing it changes nothing. */
const already = -6;

const inScope = (scope: Scope, { group }: Entry) => scope === "all" || (scope === "commands" ? group !== "threads" && group !== "files" : group === scope);

/** What fits what is typed, best first, by group, the group of the best first. */
export function rank(entries: readonly Entry[], typed: string, recent: readonly string[]): Ranking {
  const { scope, query } = scopeOf(typed);
  const words = wordsOf(query);
  const own = entries.filter((entry) => inScope(scope, entry));
  return words.length === 0 ? untyped(own, scope, recent) : best(own, words, scope, recent);
}

function best(entries: readonly Entry[], words: readonly string[], scope: Scope, recent: readonly string[]): Ranking {
  const used = new Map(recent.map((key, place) => [key, recently * (1 - place / recent.length)]));
  const all = entries.flatMap((entry, place) => {
    const fits = fit(words, entry.name, entry.words);
    return fits ? [{ entry, place, fits }] : [];
  });
  const least = byChance * all.reduce((most, { fits }) => Math.max(most, fits.score), 0);
  const found = new Map<Group, { entry: Entry; marks: Marks; score: number }[]>();
  for (const { entry, place, fits } of all) {
    if (fits.loose && fits.score < least) continue;
    const score = fits.score + (used.get(entry.key) ?? 0) + (entry.chosen ? already : 0) + early * (1 - place / entries.length);
    const rows = found.get(entry.group) ?? [];
    if (rows.length === 0) found.set(entry.group, rows);
    rows.push({ entry, marks: fits.marks, score });
  }
  const ordered = [...found].map(([group, rows]) => ({ group, rows: rows.sort((left, right) => right.score - left.score) }));
  ordered.sort((left, right) => (right.rows[0]?.score ?? 0) - (left.rows[0]?.score ?? 0) || groups.indexOf(left.group) - groups.indexOf(right.group));
  return cut(ordered, (group) => (scope === "all" ? mostOfGroup[group] : mostRows));
}

/** Nothing is typed: what was used last, what fits the place, what is newest. */
function untyped(all: readonly Entry[], scope: Scope, recent: readonly string[]): Ranking {
  const entries = all.filter((entry) => !entry.chosen);
  const places = new Map(recent.map((key, place) => [key, place]));
  const used = scope === "threads" || scope === "files" ? [] : entries.filter((entry) => places.has(entry.key)).sort((left, right) => (places.get(left.key) ?? 0) - (places.get(right.key) ?? 0));
  const last = new Set(used.slice(0, mostOfGroup.recent));
  const rows = new Map<Group, Ranked[]>(groups.map((group) => [group, group === "recent" ? [...last].map(plain) : []]));
  for (const entry of entries) if (!last.has(entry)) rows.get(entry.group)?.push(plain(entry));
  return cut(
    groups.map((group) => ({ group, rows: rows.get(group) ?? [] })),
    (group) => (scope !== "all" ? mostRows : group === "recent" ? mostOfGroup.recent : (atRest[group] ?? 0)),
  );
}

const plain = (entry: Entry): Ranked => ({ entry, marks: [] });

function cut(all: readonly RankedGroup[], most: (group: Group) => number): Ranking {
  let left = mostRows;
  const kept: RankedGroup[] = [];
  let found = 0;
  for (const { group, rows } of all) {
    found += rows.length;
    const some = rows.slice(0, Math.min(left, most(group)));
    left -= some.length;
    if (some.length > 0) kept.push({ group, rows: some });
  }
  return { groups: kept, found, shown: mostRows - left };
}

/** Adds what the core found after those of its group that are there: threads by what was said in them, files by their names. */
export function withHits(ranking: Ranking, hits: readonly Entry[], scope: Scope, group: "threads" | "files" = "threads"): Ranking {
  const held = new Set(ranking.groups.flatMap(({ rows }) => rows.map(({ entry }) => entry.key)));
  const more = hits.filter((entry) => !held.has(entry.key)).map((entry): Ranked => ({ entry, marks: entry.marks ?? [] }));
  if (more.length === 0) return ranking;
  const own = ranking.groups.find((each) => each.group === group)?.rows ?? [];
  const most = Math.min(scope === group ? mostRows : mostOfGroup[group] + (group === "threads" ? 4 : 0), mostRows - ranking.shown + own.length);
  const rows = [...own, ...more].slice(0, most);
  const others = ranking.groups.filter((each) => each.group !== group);
  const at = ranking.groups.findIndex((each) => each.group === group);
  others.splice(at < 0 ? others.length : at, 0, { group, rows });
  return { groups: others.filter((each) => each.rows.length > 0), found: ranking.found + more.length, shown: ranking.shown - own.length + rows.length };
}
