import { batch, createComputed, createEffect, createMemo, createRenderEffect, createSignal, For, Match, on, onCleanup, onMount, Show, Switch } from "solid-js";
import type { SessionRow } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { createFolded } from "../state/folded";
import type { WantedRows } from "../state/threads";
import { text } from "../strings";
import { DeleteThread } from "./DeleteThread";
import { GroupHeading } from "./GroupHeading";
import { TagsDialog } from "./lazyDialogs";
import { useSurroundings } from "./surroundings";
import { groupKey, layOut, partAtStop, partsBetween, rowKey, stopOf, threadsOf, topOf, type Part, type Sizes } from "./threadLayout";
import { hasThreadMenu, ThreadMenu, type OpenMenu } from "./ThreadMenu";
import { ThreadRow, WaitingRow } from "./ThreadRow";

/** How far beyond the screen rows are drawn already, in screens: what a fast turn of the wheel covers in a frame. */
const overscan = 0.5;
/** What the screen is taken for until it has a size, and what parts take where no style says so. Pixels. */
const usualScreen = 900;
const usual: Sizes = { group: 36, day: 26, row: 31 };

const sameKeys = (left: readonly string[], right: readonly string[]) => left.length === right.length && left.every((key, at) => key === right[at]);

/**
 * All threads, by folder and by day. Only what is near the screen is drawn, however many there are. One stop for the Tab
 * key; arrows, J and K, Page Up and Down, Home and End move inside, Left and Right fold a folder and unfold it.
 */
export function ThreadList(props: { onOpened?(): void }) {
  const app = useApp();
  const around = useSurroundings();
  const { threads } = app;
  const now = createMinuteClock();
  const folded = createFolded();
  const [top, setTop] = createSignal(0);
  const [screen, setScreen] = createSignal(usualScreen);
  const [sizes, setSizes] = createSignal<Sizes>(usual);
  const [focused, setFocused] = createSignal<string | null>(null);
  const [renaming, setRenaming] = createSignal<string | null>(null);
  const [tagging, setTagging] = createSignal<SessionRow | null>(null);
  const [deleting, setDeleting] = createSignal<SessionRow | null>(null);
  const [menu, setMenu] = createSignal<OpenMenu | null>(null);
  let list: HTMLDivElement | undefined;
  /** Where the focus stood last, so that it stays there when what had it goes. */
  let lastStop = 0;
  let anchor: { key: string; offset: number } | undefined;

  createEffect(on(now, (at) => threads.look(at), { defer: true }));

  const layout = createMemo(() => layOut(threads.groups(), folded.is, sizes()));
  const current = () => (app.state.route.page === "session" ? app.state.route.session : null);
  /** The part of a name, where it stands now. */
  const partNamed = (key: string | null): Part | undefined => {
    if (key === null) return undefined;
    const { stretches } = layout();
    const found = (stretch: (typeof stretches)[number] | undefined, index: number): Part | undefined => stretch && { key, stretch, index, id: key.startsWith("r") ? key.slice(1) : undefined };
    if (key.startsWith("g")) return found(stretches.find(({ kind, group }) => kind === "group" && groupKey(group.id) === key), 0);
    if (key.startsWith("r")) {
      const place = threads.placeOf(key.slice(1));
      return place && found(stretches.find(({ kind, group, span }) => kind === "rows" && group === place.group && span === place.span), place.place);
    }
    const [, kind, span, index, id] = /^([dp])(\d+)(?: (\d+))? (.*)$/.exec(key) ?? [];
    const stretch = stretches.find((each) => each.kind === (kind === "d" ? "day" : "rows") && each.group.id === id && each.span === Number(span));
    if (kind === "d") return found(stretch, 0);
    // Since it was named it may have become known, and have another name.
    return stretch && stretch.group.spans[stretch.span]?.ids[Number(index)] === undefined && Number(index) < stretch.count ? found(stretch, Number(index)) : undefined;
  };
  const reachable = createMemo(() => {
    const open = current();
    return (partNamed(focused()) ?? partNamed(open === null ? null : rowKey(open)) ?? partAtStop(layout(), 0))?.key;
  });

  /** What is drawn: what is near the screen, and what has the focus or is being renamed, wherever that is. */
  const parts = createMemo(() => {
    const margin = overscan * screen();
    const near = partsBetween(layout(), top() - margin, top() + screen() + margin);
    const known = new Set(near.map(({ key }) => key));
    const change = renaming();
    for (const key of new Set([reachable() ?? null, change === null ? null : rowKey(change)])) {
      const part = key !== null && !known.has(key) ? partNamed(key) : undefined;
      if (part) near.push(part);
    }
    return new Map(near.sort((left, right) => topOf(left) - topOf(right)).map((part) => [part.key, part]));
  });
  const keys = createMemo(() => [...parts().keys()], [], { equals: sameKeys });

  createEffect(() => {
    const wanted: WantedRows[] = [];
    const near = partsBetween(layout(), top() - screen(), top() + 2 * screen());
    // What stands elsewhere is wanted by itself, and not all between.
    for (const { stretch, index } of [...near, ...parts().values()]) {
      if (stretch.kind !== "rows") continue;
      const { group, span } = stretch;
      const last = wanted.findLast((each) => each.group === group.id && each.span === span && each.from <= index && index <= each.to);
      if (last) last.to = Math.max(last.to, index + 1);
      else wanted.push({ group: group.id, span, from: index, to: index + 1 });
    }
    threads.want(wanted);
  });

  const element = (key: string | undefined) => [...(list?.querySelectorAll<HTMLElement>("[data-part]") ?? [])].find((found) => found.dataset["part"] === key);
  const hold = () => {
    const part = list && list.scrollTop > 0 ? partsBetween(layout(), list.scrollTop, list.scrollTop + 1)[0] : undefined;
    anchor = part && list ? { key: part.key, offset: topOf(part) - list.scrollTop } : undefined;
  };
  const scrolled = () => {
    if (!list) return;
    // Before anything is drawn anew: where the person scrolled to is what is held from now on.
    hold();
    setTop(list.scrollTop);
  };
  const show = (part: Part) => {
    if (!list) return;
    const above = topOf(part);
    // The heading above the first row of a stretch comes along.
    const wanted = part.index === 0 ? above - sizes().day - (part.stretch.before === 0 ? sizes().group : 0) : above;
    if (wanted < list.scrollTop) list.scrollTop = Math.max(0, wanted);
    else if (above + part.stretch.size > list.scrollTop + screen()) list.scrollTop = above + part.stretch.size - screen();
    scrolled();
  };
  const focusPart = (part: Part | undefined) => {
    if (!part) return;
    batch(() => {
      setFocused(part.key);
      show(part);
    });
    lastStop = stopOf(part);
    element(part.key)?.focus({ preventScroll: true });
  };

  // A row that moves leaves the document for a moment and loses the focus, and one that becomes known takes the place
  // of the one that waited for it. It is noted before rows are drawn and given back after that.
  let held: Element | null = null;
  createComputed(on(keys, () => (held = list?.contains(document.activeElement) ? document.activeElement : null)));
  createEffect(
    on([keys, layout], () => {
      if (list && anchor && list.scrollTop > 0) {
        const part = partNamed(anchor.key);
        const wanted = part && topOf(part) - anchor.offset;
        if (wanted !== undefined && Math.abs(wanted - list.scrollTop) >= 1) {
          list.scrollTop = wanted;
          setTop(list.scrollTop);
        }
      }
      const had = held;
      held = null;
      const stands = partNamed(focused());
      if (had instanceof HTMLElement && had !== document.activeElement) {
        if (had.isConnected) had.focus({ preventScroll: true });
        else if (stands && element(stands.key)) element(stands.key)?.focus({ preventScroll: true });
        else focusPart(partAtStop(layout(), lastStop));
      }
      if (stands) lastStop = stopOf(stands);
      hold();
    }),
  );

  const afterRename = (id: string) => {
    setRenaming(null);
    queueMicrotask(() => element(rowKey(id))?.focus());
  };
  const fold = (group: string, folds: boolean) => {
    batch(() => {
      folded.set(group, folds);
      setFocused(groupKey(group));
    });
    const heading = partNamed(groupKey(group));
    if (heading) focusPart(heading);
  };

  const go = (stop: number) => focusPart(partAtStop(layout(), stop));
  const onKeyDown = (press: KeyboardEvent) => {
    const key = (press.target as HTMLElement).dataset["part"];
    const part = key === undefined ? undefined : partNamed(key);
    if (!part || press.ctrlKey || press.metaKey || press.altKey) return;
    const { group, kind } = part.stretch;
    const isHeading = kind === "group";
    const isFolded = isHeading && folded.is(group.id);
    const row = part.id === undefined ? undefined : app.rowOf(part.id);
    // From the heading of a group that is not folded the next is its first row, and the one before stands before that.
    const at = stopOf(part);
    const down = isHeading && !isFolded ? at : at + 1;
    const page = Math.max(1, Math.floor(screen() / sizes().row) - 1);
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(down),
      j: () => go(down),
      ArrowUp: () => go(at - 1),
      k: () => go(at - 1),
      PageDown: () => go(at + page),
      PageUp: () => go(at - page),
      Home: () => go(0),
      End: () => go(layout().stops - 1),
      ArrowLeft: () => (isHeading ? fold(group.id, true) : focusPart(partNamed(groupKey(group.id)))),
      ArrowRight: () => isHeading && (isFolded ? fold(group.id, false) : go(at)),
      ...(app.can("rename") ? { F2: () => row && setRenaming(row.id) } : {}),
      ...(app.can("delete") ? { Delete: () => setDeleting(row ?? null) } : {}),
    };
    const run = moves[press.key.length === 1 ? press.key.toLowerCase() : press.key];
    if (!run) return;
    press.preventDefault();
    run();
  };

  const measure = () => {
    if (!list) return;
    if (list.clientHeight > 0) setScreen(list.clientHeight);
    const style = getComputedStyle(list);
    const size = (name: string, otherwise: number) => Number.parseFloat(style.getPropertyValue(name)) || otherwise;
    const next = { group: size("--size-thread-group", usual.group), day: size("--size-thread-day", usual.day), row: size("--size-row", usual.row - 1) + 1 };
    setSizes((before) => (before.group === next.group && before.day === next.day && before.row === next.row ? before : next));
  };
  onMount(() => {
    measure();
    const observer = new ResizeObserver(measure);
    if (list) observer.observe(list);
    onCleanup(() => observer.disconnect());
  });
  createEffect(on(() => app.state.settings.density, () => queueMicrotask(measure), { defer: true }));

  const part = (key: string) => parts().get(key);
  return (
    <div class="scroll nav nav--threads" role="group" aria-label={text("shell.threads")} ref={(place) => (list = place)} onScroll={scrolled} onKeyDown={onKeyDown}>
      <Show when={threads.error()}>
        {(reason) => (
          <div class="note small thread-error" role="alert">
            <p>{text("shell.threadsUnread", { reason: reason() })}</p>
            <Button small onClick={() => threads.retry()}>
              {text("shell.readAgain")}
            </Button>
          </div>
        )}
      </Show>
      <Show when={layout().stretches.length > 0} fallback={<p class="note small subtle">{around.noThreads?.() ?? text("shell.noThreads")}</p>}>
        <div class="thread-sheet" role="tree" aria-label={text("shell.threads")} ref={(sheet) => createRenderEffect(() => (sheet.style.height = `${layout().height}px`))}>
          <For each={keys()}>
            {(key) => {
              // What a name stands for keeps its kind; it is read once more after it is gone, as the row goes.
              let last = part(key) as Part;
              const own = () => (last = part(key) ?? last);
              return (
                <div class="thread-slot" ref={(slot) => createRenderEffect(() => (slot.style.top = `${topOf(own())}px`))}>
                  <Switch fallback={<WaitingRow part={own()} reachable={key === reachable()} onFocus={() => setFocused(key)} />}>
                    <Match when={last.stretch.kind === "group"}>
                      <GroupHeading
                        group={own().stretch.group}
                        folder={app.folderOf(own().stretch.group.id)}
                        count={threadsOf(own().stretch.group)}
                        place={threads.groups().indexOf(own().stretch.group)}
                        groups={threads.groups().length}
                        folded={folded.is(own().stretch.group.id)}
                        reachable={key === reachable()}
                        onFold={(folds) => fold(own().stretch.group.id, folds)}
                        onFocus={() => setFocused(key)}
                      />
                    </Match>
                    <Match when={last.stretch.kind === "day"}>
                      <div class="thread-day" aria-hidden="true">
                        {threads.spans()[own().stretch.span]?.label()}
                      </div>
                    </Match>
                    <Match when={last.id !== undefined && threads.row(last.id)}>
                      {(row) => (
                        <ThreadRow
                          row={row()}
                          part={own()}
                          now={now()}
                          current={row().id === current()}
                          reachable={key === reachable()}
                          renaming={row().id === renaming()}
                          onOpen={() => {
                            app.openFound(row(), null);
                            props.onOpened?.();
                          }}
                          onFocus={() => {
                            setFocused(key);
                            lastStop = stopOf(own());
                          }}
                          onMenu={(place, trigger) => hasThreadMenu(app) && setMenu({ row: row(), anchor: place, trigger })}
                          onRename={(title) => void app.renameSession(row().id, title).catch(app.tell)}
                          onRenameEnd={() => afterRename(row().id)}
                        />
                      )}
                    </Match>
                  </Switch>
                </div>
              );
            }}
          </For>
        </div>
      </Show>
      <Show when={menu()} keyed>
        {(open) => <ThreadMenu open={open} onRename={() => setRenaming(open.row.id)} onTags={() => setTagging(open.row)} onDelete={() => setDeleting(open.row)} onClose={() => setMenu(null)} />}
      </Show>
      <Show when={tagging()} keyed>
        {(row) => <TagsDialog row={row} onClose={() => setTagging(null)} />}
      </Show>
      <Show when={deleting()} keyed>
        {(row) => <DeleteThread row={row} onClose={() => setDeleting(null)} />}
      </Show>
    </div>
  );
}
