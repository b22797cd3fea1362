import { createEffect, createMemo, createSignal, For, on, onCleanup, Show, type JSX } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { toApiError, type SearchAnswer, type SearchFacets, type SearchHit } from "../backend";
import { Icon } from "../design/Icon";
import { tag as tagIcon } from "../design/icons";
import { offButton } from "../design/offButton";
import { useApp } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { fullTime, shortAge } from "../strings/format";
import { searchText as text } from "../strings/search";
import { marks } from "./marks";
import { SavedSearches } from "./SavedSearches";
import "./search.css";
import { threadTitle } from "./threadTitle";

/** How long typing rests before it is searched for, in milliseconds: less than the next key takes a fast typist. */
const rest = 40;

const everything: SearchFacets = { folder: null, agent: null, model: null, withinDays: null, hasChanges: false, needsYou: false, tag: null };

/** Facets of a kind that are offered; more are to be had by typing. */
const offered = 4;

interface Chip {
  key: string;
  label: string;
  count: number;
  on: boolean;
  change: Partial<SearchFacets>;
}

/** The threads that a search finds, with what it can be narrowed to. */
export function SearchResults(props: { query: string; onQuery(query: string): void; onOpened(): void; onLeave(): void }) {
  const app = useApp();
  const now = createMinuteClock();
  const [facets, setFacets] = createSignal<SearchFacets>(everything);
  const [answer, setAnswer] = createStore<{ value: SearchAnswer | null }>({ value: null });
  const [error, setError] = createSignal<string>();
  const [busy, setBusy] = createSignal(true);
  const more = offButton(busy);
  let list: HTMLDivElement | undefined;
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  const ask = async (offset: number) => {
    asked += 1;
    const own = asked;
    setBusy(true);
    try {
      const next = await app.backend.commands.search({ query: props.query, facets: facets(), offset });
      // What was typed since is on its way.
      if (own !== asked) return;
      const before = offset === 0 ? [] : (answer.value?.hits ?? []);
      setAnswer("value", reconcile({ ...next, hits: [...before, ...next.hits] }, { key: null }));
      setError(undefined);
    } catch (thrown) {
      if (own === asked) setError(toApiError(thrown).message);
    } finally {
      if (own === asked) setBusy(false);
    }
  };
  createEffect(
    on([() => props.query, facets], () => {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(0), rest);
    }),
  );
  const chips = createMemo((): Chip[] => {
    const found = answer.value;
    const has = facets();
    if (!found) return [];
    const named = (kind: "folder" | "agent" | "model" | "tag", counts: { value: string; count: number }[], label: (value: string) => string) =>
      // What it is narrowed to can be taken back though nothing is found.
      (has[kind] === null || counts.some((each) => each.value === has[kind]) ? counts : [{ value: has[kind], count: 0 }, ...counts])
        .filter((each) => has[kind] === each.value || (has[kind] === null && counts.length > 1))
        .slice(0, offered)
        .map((each) => ({ key: `${kind}:${each.value}`, label: label(each.value), count: each.count, on: has[kind] === each.value, change: { [kind]: has[kind] === each.value ? null : each.value } }));
    const flag = (kind: "hasChanges" | "needsYou", count: number, label: string) =>
      count > 0 || has[kind] ? [{ key: kind, label, count, on: has[kind], change: { [kind]: !has[kind] } }] : [];
    return [
      ...flag("needsYou", found.needsYou, text("search.needsYou")),
      ...flag("hasChanges", found.hasChanges, text("search.hasChanges")),
      ...named("tag", found.tags, (name) => text("search.tag", { tag: name })),
      ...named("folder", found.folders, (id) => app.folderOf(id)?.label ?? text("search.otherFolder")),
      ...named("model", found.models, (id) => app.state.models.find((model) => model.id === id)?.name ?? id),
      ...named("agent", found.agents, (name) => name),
      ...found.ages
        .filter((age) => has.withinDays === age.days || (has.withinDays === null && age.count > 0 && age.count < found.found))
        .map((age) => ({ key: `age:${age.days}`, label: text("search.withinDays", { count: age.days }), count: age.count, on: has.withinDays === age.days, change: { withinDays: has.withinDays === age.days ? null : age.days } })),
    ];
  });

  const open = (hit: SearchHit) => {
    const place = hit.place;
    app.openFound(hit.session, place !== null && place.session === hit.session.id ? place.message : null);
    props.onOpened();
  };
  const onKeyDown = (press: KeyboardEvent) => {
    const hits = [...(list?.querySelectorAll<HTMLElement>("[data-testid='search-hit']") ?? [])];
    if (press.key === "ArrowDown" && (press.target as HTMLElement).dataset["filter"] !== undefined) {
      press.preventDefault();
      return hits[0]?.focus();
    }
    const at = hits.indexOf(press.target as HTMLElement);
    if (press.key === "Escape") {
      press.preventDefault();
      press.stopPropagation();
      return props.onLeave();
    }
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: hits.length - 1 }[press.key];
    if (to === undefined) return;
    press.preventDefault();
    if (to < 0) props.onLeave();
    else hits[Math.min(to, hits.length - 1)]?.focus();
  };
  const state = () => {
    const found = answer.value;
    if (error()) return "";
    if (!found) return busy() ? text("search.busy") : "";
    if (found.wantsWord) return text("search.wantsWord");
    if (found.found === 0) return text("search.none");
    return found.capped ? text("search.capped", { count: found.found }) : text("search.found", { count: found.found });
  };

  return (
    <div class="scroll nav search-results" role="group" aria-label={text("search.results")} ref={(element) => (list = element)} onKeyDown={onKeyDown}>
      <SavedSearches
        wanted={{ query: props.query, facets: facets() }}
        onApply={(wanted) => {
          setFacets({ ...everything, ...wanted.facets });
          props.onQuery(wanted.query);
        }}
        onLeave={props.onLeave}
      />
      <Show when={chips().length > 0}>
        <div class="search-chips" role="group" aria-label={text("search.narrow")}>
          <For each={chips()}>
            {(chip) => (
              <button type="button" class="search-chip" aria-pressed={chip.on} onClick={() => setFacets({ ...facets(), ...chip.change })}>
                <span class="truncate">{chip.label}</span>
                <span class="tnum subtle">{chip.count}</span>
              </button>
            )}
          </For>
        </div>
      </Show>
      <p class="note small subtle" role="status">
        {state()}
      </p>
      <Show when={error()}>
        {(message) => (
          <p class="note error-text" role="alert">
            {message()}
          </p>
        )}
      </Show>
      <For each={answer.value?.wantsWord ? [] : answer.value?.hits}>
        {(hit) => (
          <button type="button" class="row search-hit" data-testid="search-hit" data-session={hit.session.id} onClick={() => open(hit)}>
            <span class="search-hit-head">
              <Show when={marks[hit.session.mark].icon}>{(icon) => <Icon path={icon()} small class={marks[hit.session.mark].colour} />}</Show>
              <span class="title">
                <Marked text={hit.session.title === "" ? threadTitle(hit.session) : hit.session.title} marks={hit.titleMarks} />
              </span>
              <time class="meta" datetime={new Date(hit.session.updated).toISOString()} aria-label={fullTime(hit.session.updated)}>
                {shortAge(hit.session.updated, now())}
              </time>
            </span>
            <Show when={hit.session.tags.length > 0}>
              <span class="search-tags" data-testid="hit-tags">
                <Icon path={tagIcon} small />
                <span class="sr-only">{text("search.tagged")}</span>
                <For each={hit.session.tags}>{(name) => <span class="search-tag truncate">{name}</span>}</For>
              </span>
            </Show>
            <Show when={hit.snippet}>
              {(snippet) => (
                <span class="search-snippet">
                  {snippet().cutBefore ? "…" : ""}
                  <Marked text={snippet().text} marks={snippet().marks} />
                  {snippet().cutAfter ? "…" : ""}
                </span>
              )}
            </Show>
          </button>
        )}
      </For>
      <Show when={answer.value !== null && !answer.value.wantsWord && answer.value.hits.length < answer.value.found}>
        <button type="button" class="row" {...more} onClick={() => void ask(answer.value?.hits.length ?? 0)}>
          <span class="title">{text("search.more")}</span>
        </button>
      </Show>
      <Show when={(answer.value?.unread ?? 0) > 0}>
        <p class="note small subtle">{text("search.unread", { count: answer.value?.unread ?? 0 })}</p>
      </Show>
    </div>
  );
}

/** A text with what was searched for marked in it: text nodes alone, whatever the text holds. */
function Marked(props: { text: string; marks: [number, number][] }): JSX.Element {
  const pieces = createMemo(() => {
    const all: { text: string; marked: boolean }[] = [];
    let from = 0;
    for (const [start, end] of props.marks) {
      if (start > from) all.push({ text: props.text.slice(from, start), marked: false });
      all.push({ text: props.text.slice(start, end), marked: true });
      from = end;
    }
    if (from < props.text.length) all.push({ text: props.text.slice(from), marked: false });
    return all;
  });
  return <For each={pieces()}>{(piece) => (piece.marked ? <mark>{piece.text}</mark> : <>{piece.text}</>)}</For>;
}
