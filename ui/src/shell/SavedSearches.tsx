import { createEffect, createSignal, createUniqueId, For, on, onMount, Show } from "solid-js";
import { toApiError, type SearchFacets, type SearchFilter } from "../backend";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { bookmark, check, ellipsis } from "../design/icons";
import { Menu } from "../design/Menu";
import { useApp } from "../state/app";
import { searchText as text } from "../strings/search";

/** What is searched for. */
export interface Wanted {
  query: string;
  facets: SearchFacets;
}

const same = (filter: SearchFilter, wanted: Wanted) =>
  filter.query.trim() === wanted.query.trim() &&
  (Object.keys(wanted.facets) as Array<keyof SearchFacets>).every((facet) => filter.facets[facet] === wanted.facets[facet]);

/**
 * The searches a person saved, in their order. One stop for the Tab key; arrows move inside, with Alt they move the
 * saved search itself. What is deleted can be had back until something else is done.
 */
export function SavedSearches(props: { wanted: Wanted; onApply(wanted: Wanted): void; onLeave(): void }) {
  const app = useApp();
  const [filters, setFilters] = createSignal<SearchFilter[]>();
  const [failed, setFailed] = createSignal<string>();
  const [naming, setNaming] = createSignal(false);
  const [renaming, setRenaming] = createSignal<number>();
  const [reached, setReached] = createSignal<number>();
  const [said, setSaid] = createSignal("");
  const [deleted, setDeleted] = createSignal<{ filter: SearchFilter; place: number }>();
  const [menu, setMenu] = createSignal<{ filter: SearchFilter; anchor: DOMRect; trigger: HTMLElement }>();
  const hint = createUniqueId();
  let list: HTMLUListElement | undefined;
  let undo: HTMLButtonElement | undefined;
  let begin: HTMLButtonElement | undefined;

  const all = () => filters() ?? [];
  const { commands } = app.backend;
  const read = async () => {
    try {
      setFilters(await commands.searchFilters());
      setFailed(undefined);
    } catch (thrown) {
      setFailed(toApiError(thrown).message);
    }
  };
  onMount(() => void read());

  /** Takes what a change answers; says whether it was made. */
  const change = async (made: Promise<SearchFilter[]>): Promise<SearchFilter[] | undefined> => {
    try {
      const next = await made;
      setFilters(next);
      return next;
    } catch (thrown) {
      app.tell(thrown);
      return undefined;
    }
  };
  const rowOf = (id: number | undefined) => list?.querySelector<HTMLElement>(`[data-filter="${id}"]`);
  const focusRow = (id: number | undefined) => queueMicrotask(() => rowOf(id)?.focus());
  const stop = () => all().find((filter) => filter.id === reached())?.id ?? all()[0]?.id;

  const apply = (filter: SearchFilter) => props.onApply({ query: filter.query, facets: filter.facets });
  const move = async (filter: SearchFilter, by: number) => {
    const order = all().map((each) => each.id);
    const at = order.indexOf(filter.id);
    const to = at + by;
    if (to < 0 || to >= order.length) return;
    order.splice(at, 1);
    order.splice(to, 0, filter.id);
    if (!(await change(commands.searchFiltersOrder({ filters: order })))) return;
    setSaid(text("saved.moved", { name: filter.name, place: to + 1, all: order.length }));
    focusRow(filter.id);
  };
  const remove = async (filter: SearchFilter) => {
    const place = all().findIndex((each) => each.id === filter.id);
    if (!(await change(commands.searchFiltersDelete({ filter: filter.id })))) return;
    setDeleted({ filter, place });
    queueMicrotask(() => undo?.focus());
  };
  const bringBack = async () => {
    const gone = deleted();
    if (!gone) return;
    const { query, facets } = gone.filter;
    // Saved under a name that another one has by now it would take that one's place.
    const name = freeName(gone.filter.name, all());
    const next = await change(commands.searchFiltersSave({ name, query, facets }));
    const back = next?.find((filter) => filter.name === name);
    if (!next || !back) return;
    setDeleted(undefined);
    if (name !== gone.filter.name) setSaid(text("saved.backAs", { name }));
    const order = next.map((filter) => filter.id).filter((id) => id !== back.id);
    order.splice(gone.place, 0, back.id);
    await change(commands.searchFiltersOrder({ filters: order }));
    focusRow(back.id);
  };
  // What was deleted is gone for good once another search is looked at.
  createEffect(on([() => props.wanted.query, () => props.wanted.facets], () => setDeleted(undefined), { defer: true }));

  const save = async (name: string): Promise<boolean> => {
    const { query, facets } = props.wanted;
    const next = await change(commands.searchFiltersSave({ name, query, facets }));
    if (!next) return false;
    setNaming(false);
    focusRow(next.find((filter) => filter.name === name)?.id);
    return true;
  };
  const rename = async (filter: SearchFilter, name: string): Promise<boolean> => {
    if (!(await change(commands.searchFiltersRename({ filter: filter.id, name })))) return false;
    setRenaming(undefined);
    focusRow(filter.id);
    return true;
  };
  const taken = (name: string, but?: number) => all().find((filter) => filter.name === name && filter.id !== but)?.name;

  const onKeyDown = (press: KeyboardEvent, filter: SearchFilter) => {
    if (press.ctrlKey || press.metaKey) return;
    const at = all().findIndex((each) => each.id === filter.id);
    const to = (place: number) => (place < 0 ? props.onLeave() : rowOf(all()[Math.min(place, all().length - 1)]?.id)?.focus());
    const keys: Record<string, () => void> = press.altKey
      ? { ArrowUp: () => void move(filter, -1), ArrowDown: () => void move(filter, 1) }
      : {
          ArrowUp: () => to(at - 1),
          Home: () => to(0),
          End: () => to(all().length - 1),
          F2: () => setRenaming(filter.id),
          Delete: () => void remove(filter),
          // Behind the last one come the threads that were found.
          ...(at < all().length - 1 ? { ArrowDown: () => to(at + 1) } : {}),
        };
    const run = keys[press.key];
    if (!run) return;
    press.preventDefault();
    press.stopPropagation();
    run();
  };

  return (
    <section class="saved" aria-label={text("saved.list")}>
      <ul ref={(element) => (list = element)}>
        <For each={all()}>
          {(filter) => (
            <li class="saved-line">
              <Show
                when={renaming() !== filter.id}
                fallback={<NameField label={text("saved.renameLabel")} name={filter.name} taken={(name) => taken(name, filter.id)} onName={(name) => rename(filter, name)} onEnd={() => (setRenaming(undefined), focusRow(filter.id))} />}
              >
                <button
                  type="button"
                  class="row"
                  data-testid="saved-search"
                  data-filter={filter.id}
                  aria-pressed={same(filter, props.wanted)}
                  aria-describedby={hint}
                  tabindex={filter.id === stop() ? 0 : -1}
                  onFocus={() => setReached(filter.id)}
                  onClick={() => apply(filter)}
                  onKeyDown={(press) => onKeyDown(press, filter)}
                  onContextMenu={(press) => {
                    press.preventDefault();
                    const pointed = press.clientX !== 0 || press.clientY !== 0;
                    setMenu({ filter, trigger: press.currentTarget, anchor: pointed ? new DOMRect(press.clientX, press.clientY, 0, 0) : press.currentTarget.getBoundingClientRect() });
                  }}
                >
                  <Icon path={same(filter, props.wanted) ? check : bookmark} small />
                  <span class="title">{filter.name}</span>
                </button>
                <button
                  type="button"
                  class="icon-button saved-more"
                  aria-label={text("saved.actions", { name: filter.name })}
                  aria-haspopup="menu"
                  aria-expanded={menu()?.filter.id === filter.id}
                  onClick={(press) => setMenu({ filter, trigger: press.currentTarget, anchor: press.currentTarget.getBoundingClientRect() })}
                >
                  <Icon path={ellipsis} small />
                </button>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <p id={hint} class="sr-only">
        {text("saved.hint")}
      </p>
      <Show when={deleted()}>
        {(gone) => (
          <p class="note small saved-deleted" role="status">
            <span class="wrap-anywhere">{text("saved.deleted", { name: gone().filter.name })}</span>
            <button ref={(element) => (undo = element)} type="button" class="button button--small" onClick={() => void bringBack()}>
              {text("saved.undo")}
            </button>
          </p>
        )}
      </Show>
      <Show when={failed()}>
        {(reason) => (
          <p class="note error-text" role="alert">
            {text("saved.failed", { reason: reason() })}{" "}
            <Button small onClick={() => void read()}>
              {text("saved.again")}
            </Button>
          </p>
        )}
      </Show>
      <Show when={filters()?.length === 0 && !deleted() && !naming()}>
        <p class="note small subtle">{text("saved.none")}</p>
      </Show>
      <p class="sr-only" role="status">
        {said()}
      </p>
      <Show
        when={naming()}
        fallback={
          <Show when={filters() && !all().some((filter) => same(filter, props.wanted))}>
            <button ref={(element) => (begin = element)} type="button" class="search-chip" data-testid="save-search" onClick={() => setNaming(true)}>
              {text("search.save")}
            </button>
          </Show>
        }
      >
        <NameField label={text("search.name")} name="" replaces taken={taken} onName={save} onEnd={() => (setNaming(false), queueMicrotask(() => begin?.focus()))} />
      </Show>
      <Show when={menu()} keyed>
        {(open) => {
          const at = all().findIndex((filter) => filter.id === open.filter.id);
          return (
            <Menu
              label={text("saved.actions", { name: open.filter.name })}
              anchor={open.anchor}
              trigger={open.trigger}
              entries={[
                { label: text("saved.rename"), meta: "F2", run: () => setRenaming(open.filter.id) },
                {
                  label: text("saved.take"),
                  disabled: same(open.filter, props.wanted),
                  run: () => void change(commands.searchFiltersSave({ name: open.filter.name, ...props.wanted })),
                },
                { label: text("saved.up"), meta: "Alt ↑", disabled: at === 0, run: () => void move(open.filter, -1) },
                { label: text("saved.down"), meta: "Alt ↓", disabled: at === all().length - 1, run: () => void move(open.filter, 1) },
                { label: text("saved.delete"), danger: true, separated: true, run: () => void remove(open.filter) },
              ]}
              onClose={() => setMenu(undefined)}
            />
          );
        }}
      </Show>
    </section>
  );
}

/** Characters of a name. */
const longest = 100;

/** A name that none of these has: the wanted one, or that with a number. */
function freeName(wanted: string, filters: readonly SearchFilter[]): string {
  const names = new Set(filters.map(({ name }) => name));
  if (!names.has(wanted)) return wanted;
  let number = 2;
  const numbered = () => `${[...wanted].slice(0, longest - `${number}`.length - 1).join("")} ${number}`;
  while (names.has(numbered())) number += 1;
  return numbered();
}

/**
 * A name that is being written. A name that is taken says so; where saving `replaces`, that is no mistake. `onName` says
 * whether it was kept; one that was refused stays to be written differently.
 */
function NameField(props: { label: string; name: string; replaces?: boolean; taken(name: string): string | undefined; onName(name: string): Promise<boolean>; onEnd(): void }) {
  const [written, setWritten] = createSignal(props.name);
  const clash = () => props.taken(written().trim());
  let settled = false;
  let field: HTMLInputElement | undefined;
  const end = (keep: boolean) => {
    if (settled) return;
    const name = written().trim();
    if (keep && clash() !== undefined && !props.replaces) return;
    settled = true;
    if (!keep || name === "" || name === props.name) return props.onEnd();
    void props.onName(name).then((kept) => {
      settled = kept;
      if (!kept) field?.focus();
    });
  };
  return (
    <div class="saved-name">
      <input
        class="input row-field"
        ref={(element) => {
          field = element;
          queueMicrotask(() => {
            element.focus();
            element.select();
          });
        }}
        aria-label={props.label}
        aria-invalid={clash() !== undefined && !props.replaces}
        placeholder={props.label}
        maxlength={longest}
        value={written()}
        onInput={(typed) => setWritten(typed.currentTarget.value)}
        onBlur={() => end(false)}
        onKeyDown={(press) => {
          press.stopPropagation();
          if (isComposing(press)) return;
          if (press.key === "Enter") end(true);
          if (press.key === "Escape") {
            press.preventDefault();
            end(false);
          }
        }}
      />
      <Show when={!props.replaces && clash()}>
        {(name) => (
          <p class="note error-text" role="alert">
            {text("saved.nameTaken", { name: name() })}
          </p>
        )}
      </Show>
    </div>
  );
}
