import { createEffect, createMemo, createSignal, createUniqueId, For, on, onCleanup, onMount, Show, type JSX } from "solid-js";
import { Portal } from "solid-js/web";
import { isComposing } from "./composing";
import { Icon } from "./Icon";
import { check, chevronDown, type IconPath } from "./icons";
import { useLayer } from "./layers";
import { place } from "./place";
import { text } from "../strings";

/** Something to choose. */
export interface Choice {
  id: string;
  label: string;
  /** A second line. */
  more?: string | undefined;
  /** Small text at the end of the line. */
  meta?: string | undefined;
  /** Choices with the same heading that follow each other stand under it. */
  heading?: string | undefined;
}

/** From this many choices on there is a field to filter them. */
const filterFrom = 9;

/** How many stand in the list at once; who looks for another one types. More of them slow the webview down. */
const mostShown = 80;

/** A button that shows what is chosen and opens the choices. */
export function Picker(props: {
  label: string;
  listLabel: string;
  choices: Choice[];
  chosen: string | null;
  empty: string;
  testid: string;
  icon?: IconPath | undefined;
  /** How the button looks; as in a composer when absent. */
  class?: string;
  prefer?: "below" | "above";
  disabled?: boolean;
  open: boolean;
  onOpen(open: boolean): void;
  onChoose(id: string): void;
  children: JSX.Element;
}) {
  let trigger: HTMLButtonElement | undefined;
  const close = (refocus: boolean) => {
    props.onOpen(false);
    if (refocus) trigger?.focus();
  };
  return (
    <>
      <button
        type="button"
        ref={(element) => (trigger = element)}
        class={props.class ?? "picker"}
        disabled={props.disabled}
        aria-haspopup="listbox"
        aria-expanded={props.open}
        aria-label={props.label}
        data-testid={props.testid}
        onClick={() => props.onOpen(!props.open)}
        onKeyDown={(press) => {
          if (press.key !== "ArrowDown" && press.key !== "ArrowUp") return;
          press.preventDefault();
          props.onOpen(true);
        }}
      >
        <Show when={props.icon}>{(icon) => <Icon path={icon()} />}</Show>
        <span class="truncate">{props.children}</span>
        <Icon path={chevronDown} />
      </button>
      <Show when={props.open && trigger}>
        {(anchor) => (
          <Portal>
            <Choices
              label={props.listLabel}
              choices={props.choices}
              chosen={props.chosen}
              empty={props.empty}
              anchor={anchor()}
              prefer={props.prefer ?? "above"}
              testid={`${props.testid}-list`}
              onClose={close}
              onChoose={(id) => {
                close(true);
                props.onChoose(id);
              }}
            />
          </Portal>
        )}
      </Show>
    </>
  );
}

function Choices(props: {
  label: string;
  choices: Choice[];
  chosen: string | null;
  empty: string;
  anchor: HTMLElement;
  prefer: "below" | "above";
  testid: string;
  onClose(refocus: boolean): void;
  onChoose(id: string): void;
}) {
  const id = createUniqueId();
  const [filter, setFilter] = createSignal("");
  const [active, setActive] = createSignal(0);
  let popup: HTMLDivElement | undefined;
  let list: HTMLDivElement | undefined;
  useLayer(() => props.onClose(true), true);

  const filtered = () => props.choices.length >= filterFrom;
  const matching = createMemo(() => {
    const words = filter().trim().toLowerCase().split(/\s+/);
    return props.choices.filter((choice) => {
      const named = `${choice.label} ${choice.heading ?? ""} ${choice.id}`.toLowerCase();
      return words.every((word) => named.includes(word));
    });
  });
  // What is chosen is in the list whatever its place.
  const found = createMemo(() => {
    const all = matching();
    if (all.length <= mostShown) return all;
    const first = all.slice(0, mostShown);
    const chosen = all.find((choice) => choice.id === props.chosen);
    return chosen === undefined || first.includes(chosen) ? first : [chosen, ...first.slice(0, -1)];
  });
  const left = () => matching().length - found().length;
  const optionId = (index: number) => `${id}-${index}`;

  createEffect(on(filter, () => setActive(0), { defer: true }));
  createEffect(() => document.getElementById(optionId(active()))?.scrollIntoView?.({ block: "nearest" }));
  onMount(() => {
    setActive(Math.max(0, found().findIndex((choice) => choice.id === props.chosen)));
    if (popup) place(popup, props.anchor.getBoundingClientRect(), props.prefer);
    (popup?.querySelector("input") ?? list)?.focus();
  });
  const outside = (press: PointerEvent) => {
    if (!(press.target instanceof Node) || popup?.contains(press.target) || props.anchor.contains(press.target)) return;
    props.onClose(false);
  };
  document.addEventListener("pointerdown", outside, true);
  onCleanup(() => document.removeEventListener("pointerdown", outside, true));

  let typed = "";
  let typedAt = 0;
  const jump = (press: KeyboardEvent) => {
    typed = press.timeStamp - typedAt < 800 ? typed + press.key.toLowerCase() : press.key.toLowerCase();
    typedAt = press.timeStamp;
    const at = found().findIndex((choice) => choice.label.toLowerCase().startsWith(typed));
    if (at >= 0) setActive(at);
  };
  const move = (by: number) => {
    if (found().length > 0) setActive((active() + by + found().length) % found().length);
  };
  const onKeyDown = (press: KeyboardEvent) => {
    if (isComposing(press)) return;
    const keys: Record<string, () => void> = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Tab: () => props.onClose(true),
      Escape: () => props.onClose(true),
      Enter: () => {
        const choice = found()[active()];
        if (choice) props.onChoose(choice.id);
      },
    };
    if (!filtered()) {
      keys["Home"] = () => setActive(0);
      keys["End"] = () => setActive(found().length - 1);
      if (press.key.length === 1 && !press.ctrlKey && !press.metaKey && !press.altKey) keys[press.key] ??= () => jump(press);
    }
    const run = keys[press.key];
    if (!run) return;
    run();
    press.preventDefault();
    press.stopPropagation();
  };

  const heading = (index: number) => {
    const own = found()[index]?.heading;
    return own !== undefined && own !== found()[index - 1]?.heading ? own : undefined;
  };

  return (
    <div class="menu menu--floating choices" ref={(element) => (popup = element)} onKeyDown={onKeyDown} data-testid={props.testid}>
      <Show when={filtered()}>
        <input
          class="input choices-filter"
          role="combobox"
          aria-label={text("design.filter")}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={optionId(active())}
          placeholder={text("design.filter")}
          value={filter()}
          onInput={(input) => setFilter(input.currentTarget.value)}
        />
      </Show>
      <div
        id={`${id}-list`}
        class="choices-list"
        role="listbox"
        aria-label={props.label}
        aria-activedescendant={optionId(active())}
        tabindex={filtered() ? -1 : 0}
        ref={(element) => (list = element)}
      >
        <For each={found()} fallback={<p class="note muted">{props.choices.length === 0 ? props.empty : text("design.nothingFound")}</p>}>
          {(choice, index) => (
            <>
              <Show when={heading(index())}>
                <div class="section-label" role="presentation">
                  {heading(index())}
                </div>
              </Show>
              <button
                type="button"
                id={optionId(index())}
                class="row choice"
                classList={{ "is-active": index() === active() }}
                role="option"
                tabindex={-1}
                aria-selected={choice.id === props.chosen}
                data-value={choice.id}
                onPointerMove={() => setActive(index())}
                onClick={() => props.onChoose(choice.id)}
              >
                <span class="title">
                  {choice.label}
                  <Show when={choice.more}>
                    <span class="choice-more">{choice.more}</span>
                  </Show>
                </span>
                <Show when={choice.meta}>
                  <span class="meta">{choice.meta}</span>
                </Show>
                <span class="slot">
                  <Show when={choice.id === props.chosen}>
                    <Icon path={check} small />
                  </Show>
                </span>
              </button>
            </>
          )}
        </For>
      </div>
      <Show when={left() > 0}>
        <p class="choices-left subtle small" role="status">
          {text("design.moreLeft", { count: left() })}
        </p>
      </Show>
    </div>
  );
}
