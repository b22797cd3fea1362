import { createEffect, createMemo, createSignal, createUniqueId, For, on, Show } from "solid-js";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { chevronLeft, search as searchIcon, x } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { arrive, bySetting } from "../shell/arrive";
import { escapeLabel } from "../shell/keys";
import { PlaceRow } from "../shell/Sidebar";
import { useApp } from "../state/app";
import type { SettingsSection } from "../state/route";
import { text } from "../strings";
import { settingsText } from "../strings/settings";
import { changedSettings, sectionIcons, sectionName, settingEntries, type SettingEntry } from "./registry";
import { findSettings } from "./search";
import "./settings.css";

const groups: { name: () => string; sections: SettingsSection[] }[] = [
  { name: () => text("settings.app"), sections: ["appearance", "notifications", "logs"] },
  { name: () => text("settings.work"), sections: ["models", "folders", "permissions", "engine"] },
  { name: () => text("settings.kept"), sections: ["usage", "storage", "pairing"] },
];

/** The sections of the settings and the search among all of them, in the place of the sidebar. */
export function SettingsSidebar(props: { onWent(): void }) {
  const app = useApp();
  const section = () => (app.state.route.page === "settings" ? app.state.route.section : null);
  const [typed, setTyped] = createSignal("");
  const [at, setAt] = createSignal(0);
  const list = createUniqueId();
  let field: HTMLInputElement | undefined;
  const entries = createMemo(() => settingEntries(app));
  const where = (entry: SettingEntry) => sectionName(entry.section, app);
  const found = createMemo(() => findSettings(entries(), typed(), where));
  createEffect(on(typed, () => setAt(0)));
  const changed = createMemo(() => changedSettings(app.state.settings).length);
  const open = (wanted: SettingsSection) => {
    app.openSettings(wanted);
    props.onWent();
  };
  const choose = (entry: SettingEntry | undefined) => {
    if (!entry) return;
    open(entry.section);
    arrive(bySetting(entry.id, entry.label));
  };
  const clear = () => {
    setTyped("");
    field?.focus();
  };
  const onKey = (press: KeyboardEvent) => {
    const last = found().length - 1;
    const moves: Record<string, () => void> = {
      ArrowDown: () => setAt((place) => Math.min(place + 1, Math.max(last, 0))),
      ArrowUp: () => setAt((place) => Math.max(place - 1, 0)),
      Home: () => setAt(0),
      End: () => setAt(Math.max(last, 0)),
      Enter: () => choose(found()[at()]?.entry),
      Escape: () => setTyped(""),
    };
    const move = moves[press.key];
    // Without a search the keys are the field's and the window's own.
    if (!move || isComposing(press) || typed() === "") return;
    press.preventDefault();
    press.stopPropagation();
    move();
    document.getElementById(`${list}-${at()}`)?.scrollIntoView?.({ block: "nearest" });
  };
  const place = (wanted: SettingsSection) => (
    <PlaceRow icon={sectionIcons[wanted]} label={sectionName(wanted, app)} current={section() === wanted} onGo={() => open(wanted)} />
  );
  return (
    <>
      <div class="sidebar-head">
        <button type="button" class="workspace workspace--back" onClick={() => app.leaveSettings()}>
          <Icon path={chevronLeft} />
          <span>{text("settings.back")}</span>
          <kbd aria-hidden="true">{escapeLabel}</kbd>
        </button>
      </div>
      <div class="settings-search" role="search">
        <Icon path={searchIcon} small />
        <input
          ref={(element) => (field = element)}
          class="input"
          type="text"
          role="combobox"
          autocomplete="off"
          spellcheck={false}
          aria-label={settingsText("set.search")}
          placeholder={settingsText("set.search")}
          aria-expanded={found().length > 0}
          aria-controls={found().length > 0 ? list : undefined}
          aria-autocomplete="list"
          aria-activedescendant={found().length > 0 ? `${list}-${at()}` : undefined}
          data-testid="settings-search"
          value={typed()}
          onInput={(input) => setTyped(input.currentTarget.value)}
          on:keydown={onKey}
        />
        <Show when={typed() !== ""}>
          <IconButton label={settingsText("set.searchClear")} icon={x} data-testid="settings-search-clear" onClick={clear} />
        </Show>
      </div>
      <span class="sr-only" role="status">
        {typed().trim() === "" ? "" : found().length === 0 ? settingsText("set.none", { query: typed() }) : settingsText("set.found", { count: found().length })}
      </span>
      <div class="scroll nav">
        <Show
          when={typed().trim() !== ""}
          fallback={
            <For each={groups.map(({ name, sections }) => ({ name, sections: sections.filter((each) => app.can(`section.${each}`)) })).filter(({ sections }) => sections.length > 0)}>
              {(group) => (
                <>
                  <div class="section-label">{group.name()}</div>
                  <For each={group.sections}>{place}</For>
                </>
              )}
            </For>
          }
        >
          <Show
            when={found().length > 0}
            fallback={
              <div class="settings-none" data-testid="settings-none">
                <p>{settingsText("set.none", { query: typed() })}</p>
                <p class="small subtle">{settingsText("set.noneHint")}</p>
              </div>
            }
          >
            <div class="settings-found" id={list} role="listbox" aria-label={settingsText("set.results")}>
              <For each={found()}>
                {({ entry, marks }, index) => (
                  <button
                    type="button"
                    tabindex={-1}
                    id={`${list}-${index()}`}
                    class="row settings-hit"
                    role="option"
                    aria-selected={at() === index()}
                    data-testid="settings-hit"
                    onPointerMove={() => setAt(index())}
                    onClick={() => choose(entry)}
                  >
                    <Icon path={sectionIcons[entry.section]} />
                    <span class="settings-hit-words">
                      <Marked label={entry.label} marks={marks} />
                      <span class="small subtle">{where(entry)}</span>
                    </span>
                  </button>
                )}
              </For>
            </div>
          </Show>
        </Show>
      </div>
      <div class="sidebar-foot">
        <Show when={app.can("section.changed")}>
          <PlaceRow icon={sectionIcons.changed} label={sectionName("changed", app)} current={section() === "changed"} onGo={() => open("changed")}>
            <Show when={changed() > 0}>
              <span class="meta" aria-label={settingsText("section.changedCount", { count: changed() })} data-testid="changed-count">
                {changed()}
              </span>
            </Show>
          </PlaceRow>
        </Show>
        <Show when={app.can("section.about")}>{place("about")}</Show>
      </div>
    </>
  );
}

/** A name with the letters that were typed marked in it. */
function Marked(props: { label: string; marks: readonly (readonly [number, number])[] }) {
  const pieces = () => {
    const all: { text: string; hit: boolean }[] = [];
    let from = 0;
    for (const [begin, end] of props.marks) {
      if (begin > from) all.push({ text: props.label.slice(from, begin), hit: false });
      all.push({ text: props.label.slice(begin, end), hit: true });
      from = end;
    }
    if (from < props.label.length) all.push({ text: props.label.slice(from), hit: false });
    return all;
  };
  return (
    <span class="truncate">
      <For each={pieces()}>{(piece) => (piece.hit ? <mark>{piece.text}</mark> : piece.text)}</For>
    </span>
  );
}
