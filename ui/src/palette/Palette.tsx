import { createEffect, createMemo, createSignal, createUniqueId, For, on, onCleanup, Show, untrack } from "solid-js";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { search as searchIcon } from "../design/icons";
import { useModal } from "../design/modal";
import { actionOfKey } from "../shell/actions";
import { deed } from "../shell/deeds";
import { escapeLabel, matchShortcut } from "../shell/keys";
import { useApp } from "../state/app";
import { text as windowText } from "../strings";
import { paletteText as text } from "../strings/palette";
import { allEntries } from "./entries";
import type { Entry } from "./entry";
import "./palette.css";
import { PaletteRow } from "./PaletteRow";
import { rank, scopeOf, withHits } from "./ranking";
import { noteUsed, recentKeys } from "./recent";
import { createFileSearch, createThreadSearch } from "./threadSearch";

/** Rows that Page Up and Page Down go by. */
const page = 8;
/** How long typing rests before a screen reader hears how much was found, in milliseconds: it hears each key as well. */
const quiet = 600;

/** All that can be done and gone to, by name. */
export function Palette(props: { onClose(): void }) {
  const app = useApp();
  const id = createUniqueId();
  const now = Date.now();
  const recent = recentKeys();
  const [typed, setTyped] = createSignal("");
  const [activeKey, setActiveKey] = createSignal<string>();
  let dialog: HTMLDialogElement | undefined;
  let list: HTMLDivElement | undefined;
  useModal(() => dialog, () => props.onClose());

  const wanted = createMemo(() => scopeOf(typed()));
  // A request that comes up while it is open is not offered in it: its answers would come under a finger that means something else.
  const asked = untrack(() => deed("answerAsk") ?? null);
  // Made anew when what there is comes or goes while it is open, and not for each word of an answer that is written.
  const entries = createMemo(() => {
    const { state } = app;
    void [state.sessions.length, state.models.length, state.agents.length, state.folders.length, state.safety.servers.length, state.route.page, app.conversation.state.conversation?.status.state.kind, deed("answerAsk")?.id, app.toasts.offers.length];
    return untrack(() => allEntries(app, now, asked));
  });
  const threads = createThreadSearch(app, () => (wanted().scope === "commands" || wanted().scope === "files" ? "" : wanted().query), now);
  const files = createFileSearch(app, () => (wanted().scope === "all" || wanted().scope === "files" ? wanted().query : ""));
  const searching = () => threads.busy() || files.busy();
  const ranking = createMemo(() => {
    const { scope } = wanted();
    return withHits(withHits(rank(entries(), typed(), recent), threads.entries(), scope), files.entries(), scope, "files");
  });
  const rows = createMemo(() => ranking().groups.flatMap((group) => group.rows));
  const active = createMemo(() => Math.max(0, rows().findIndex(({ entry }) => entry.key === activeKey())));
  const activeRow = () => rows()[active()]?.entry;
  const optionId = (key: string) => `${id}-${rows().findIndex(({ entry }) => entry.key === key)}`;
  const left = () => ranking().found - ranking().shown;
  const untyped = () => wanted().query === "";

  createEffect(
    on([active, rows], () => {
      const row = list?.querySelector("[aria-selected='true']");
      // Above the first row stands the name of its group.
      if (active() === 0) list?.scrollTo?.({ top: 0 });
      else row?.scrollIntoView({ block: "nearest" });
    }),
  );

  const [said, setSaid] = createSignal("");
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const counted = createMemo(() => {
    const { found: all, shown } = ranking();
    if (all === 0) return searching() ? "" : text("palette.none", { query: wanted().query });
    return all > shown && !untyped() ? text("palette.countMore", { shown, all }) : text("palette.count", { count: shown });
  });
  createEffect(
    on(counted, (words) => {
      clearTimeout(timer);
      timer = setTimeout(() => setSaid(words), quiet);
    }),
  );

  /** Closes first, so that the focus is where it was, and then does it. */
  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    // Threads have a time of their own, and what a thread or a file is called is nobody's business here.
    if (entry.group !== "threads" && entry.group !== "files" && !entry.passing) noteUsed(entry.key);
    props.onClose();
    entry.run();
  };
  /** Whether it was found for what was typed before: it stands there until what is typed now is answered, and Enter does not mean it. */
  const isOld = (entry: Entry | undefined) => [threads, files].some((search) => search.busy() && search.entries().some((hit) => hit === entry));
  const go = (to: number) => setActiveKey(rows()[Math.min(Math.max(0, to), rows().length - 1)]?.entry.key);
  const turn = (by: number) => rows().length > 0 && go((active() + by + rows().length) % rows().length);

  const onKeyDown = (press: KeyboardEvent) => {
    if (isComposing(press)) return;
    const bare = !press.ctrlKey && !press.metaKey && !press.altKey && !press.shiftKey;
    const moves: Record<string, () => unknown> = {
      ArrowDown: () => turn(1),
      ArrowUp: () => turn(-1),
      PageDown: () => go(active() + page),
      PageUp: () => go(active() - page),
      Home: () => go(0),
      End: () => go(rows().length - 1),
      Enter: () => isOld(activeRow()) || choose(activeRow()),
    };
    // There is nothing else in it to go to; Escape leaves it.
    if (press.key === "Tab") press.preventDefault();
    const move = bare ? moves[press.key] : undefined;
    if (move) {
      press.preventDefault();
      move();
      return;
    }
    // The same key closes it, and the keys that stand beside the rows work from here.
    if (matchShortcut(press, app.state.platform)?.shortcut === "palette") {
      press.preventDefault();
      props.onClose();
      return;
    }
    const action = actionOfKey(press, app.state.platform);
    const entry = action && entries().find(({ key }) => key === `action:${action}`);
    if (entry) {
      press.preventDefault();
      choose(entry);
    }
  };

  return (
    <dialog
      ref={(element) => (dialog = element)}
      class="palette"
      aria-label={text("palette.label")}
      data-testid="palette"
      onCancel={(cancel) => {
        cancel.preventDefault();
        props.onClose();
      }}
      onPointerDown={(press) => press.target === press.currentTarget && props.onClose()}
    >
      <div class="palette-box">
        <div class="palette-input">
          <Icon path={searchIcon} />
          <input
            class="palette-field"
            type="text"
            role="combobox"
            autofocus
            aria-label={text("palette.label")}
            aria-expanded={rows().length > 0}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={activeRow() ? `${id}-${active()}` : undefined}
            placeholder={text(app.can("findFiles") ? "palette.placeholder" : "palette.placeholderFew")}
            maxlength={200}
            autocomplete="off"
            spellcheck={false}
            data-testid="palette-input"
            value={typed()}
            onInput={(input) => {
              setActiveKey(undefined);
              setTyped(input.currentTarget.value);
            }}
            // A native handler: the dialog keeps keys to itself.
            on:keydown={onKeyDown}
          />
          <button type="button" class="palette-close" tabindex={-1} onClick={() => props.onClose()}>
            <span class="sr-only">{text("palette.close")} </span>
            <kbd>{escapeLabel}</kbd>
          </button>
        </div>
        <div class="palette-list" id={`${id}-list`} role="listbox" aria-label={text("palette.list")} ref={(element) => (list = element)}>
          <For each={ranking().groups}>
            {(group) => (
              <div role="group" aria-labelledby={`${id}-${group.group}`}>
                <div class="section-label" role="presentation" id={`${id}-${group.group}`}>
                  {text(`palette.group.${group.group}`)}
                </div>
                <For each={group.rows}>
                  {(row) => (
                    <PaletteRow
                      id={optionId(row.entry.key)}
                      row={row}
                      active={row.entry.key === activeRow()?.key}
                      onActive={() => setActiveKey(row.entry.key)}
                      onChoose={() => choose(row.entry)}
                    />
                  )}
                </For>
              </div>
            )}
          </For>
        </div>
        <Show when={ranking().found === 0 && !searching()}>
          <div class="palette-none empty" data-testid="palette-none">
            <p class="strong">{!untyped() ? text("palette.none", { query: wanted().query }) : text(wanted().scope === "files" ? "palette.noFiles" : "palette.noThreads")}</p>
            <p class="small">{text(!untyped() ? "palette.noneHint" : wanted().scope === "files" ? "palette.noFilesHint" : "palette.noThreadsHint")}</p>
          </div>
        </Show>
        <Show when={threads.slow()}>
          <p class="palette-note small subtle" data-testid="palette-searching">
            {text("palette.searching")}
          </p>
        </Show>
        <Show when={threads.error()}>
          {(reason) => (
            <p class="palette-note small error-text" role="alert">
              {text("palette.failed", { reason: reason() })}
            </p>
          )}
        </Show>
        <Show when={files.error()}>
          {(reason) => (
            <p class="palette-note small error-text" role="alert">
              {text("palette.filesFailed", { reason: reason() })}
            </p>
          )}
        </Show>
        <Show when={left() > 0 && !(untyped() && wanted().scope === "all")}>
          <p class="palette-note small subtle" data-testid="palette-more">
            {windowText("design.moreLeft", { count: left() })}
          </p>
        </Show>
        <p class="sr-only" role="status" data-testid="palette-count">
          {said()}
        </p>
        <div class="palette-foot" aria-hidden="true">
          <span>
            <kbd class="key">↑</kbd>
            <kbd class="key">↓</kbd> {text("palette.move")}
          </span>
          <span>
            <kbd class="key">↵</kbd> {text("palette.run")}
          </span>
          <span class="push">{app.can("findFiles") ? text("palette.types", { files: "@", threads: "#", commands: ">" }) : text("palette.typesFew", { threads: "#", commands: ">" })}</span>
        </div>
      </div>
    </dialog>
  );
}
