import { createEffect, createSignal, For, onCleanup, onMount, Show, type JSX } from "solid-js";
import { Portal } from "solid-js/web";
import { Icon } from "./Icon";
import { check, type IconPath } from "./icons";
import { useLayer } from "./layers";
import { place } from "./place";

/** An entry of a menu. */
export interface MenuEntry {
  label: string;
  /** Small text at the end of the line. */
  meta?: string | undefined;
  icon?: IconPath | undefined;
  /** Makes the entry one of several to choose from. */
  checked?: boolean;
  danger?: boolean;
  disabled?: boolean;
  /** Draws a line above. */
  separated?: boolean;
  run(): void;
}

/** A list of actions that floats beside an anchor. Arrows, Home, End and first letters move; Escape and Tab close. */
export function Menu(props: {
  label: string;
  entries: MenuEntry[];
  anchor: DOMRect;
  /** What opened it: a press there is left to it, and it gets the focus back. */
  trigger?: HTMLElement | undefined;
  prefer?: "below" | "above";
  align?: "start" | "end";
  onClose(): void;
}) {
  const [active, setActive] = createSignal(0);
  const before = props.trigger ?? document.activeElement;
  let menu: HTMLDivElement | undefined;
  let typed = "";
  let typedAt = 0;

  const items = () => [...(menu?.querySelectorAll<HTMLButtonElement>("[role^='menuitem']") ?? [])];
  const focus = (index: number) => {
    const all = items();
    const target = all[(index + all.length) % all.length];
    if (!target) return;
    setActive(all.indexOf(target));
    target.focus();
  };
  const close = () => {
    props.onClose();
    if (before instanceof HTMLElement) before.focus();
  };
  useLayer(close, true);

  onMount(() => {
    const chosen = props.entries.findIndex((entry) => entry.checked);
    focus(Math.max(0, chosen));
  });
  createEffect(() => {
    if (menu && props.entries.length > 0) place(menu, props.anchor, props.prefer ?? "below", props.align);
  });
  const outside = (press: PointerEvent) => {
    if (!(press.target instanceof Node) || menu?.contains(press.target) || props.trigger?.contains(press.target)) return;
    props.onClose();
  };
  document.addEventListener("pointerdown", outside, true);
  onCleanup(() => document.removeEventListener("pointerdown", outside, true));

  const onKeyDown = (press: KeyboardEvent) => {
    const moves: Record<string, () => void> = {
      ArrowDown: () => focus(active() + 1),
      ArrowUp: () => focus(active() - 1),
      Home: () => focus(0),
      End: () => focus(-1),
      Tab: close,
      Escape: close,
    };
    const move = moves[press.key];
    if (move) {
      move();
    } else if (press.key.length === 1 && press.key !== " " && !press.ctrlKey && !press.metaKey && !press.altKey) {
      typed = press.timeStamp - typedAt < 800 ? typed + press.key.toLowerCase() : press.key.toLowerCase();
      typedAt = press.timeStamp;
      const found = props.entries.findIndex((entry) => entry.label.toLowerCase().startsWith(typed));
      if (found >= 0) focus(found);
    } else {
      return;
    }
    press.preventDefault();
    press.stopPropagation();
  };

  return (
    <Portal>
      <div class="menu menu--floating" role="menu" aria-label={props.label} tabindex={-1} ref={(element) => (menu = element)} onKeyDown={onKeyDown}>
        <For each={props.entries}>
          {(entry, index) => (
            <>
              <Show when={entry.separated}>
                <hr />
              </Show>
              <button
                type="button"
                class="row"
                classList={{ "is-danger": entry.danger ?? false }}
                role={entry.checked === undefined ? "menuitem" : "menuitemradio"}
                aria-checked={entry.checked}
                aria-disabled={entry.disabled}
                tabindex={index() === active() ? 0 : -1}
                onPointerMove={(move) => {
                  if (document.activeElement !== move.currentTarget) focus(index());
                }}
                onClick={() => {
                  if (entry.disabled) return;
                  close();
                  entry.run();
                }}
              >
                <Show when={entry.icon}>{(icon) => <Icon path={icon()} />}</Show>
                <span class="title">{entry.label}</span>
                <Show when={entry.meta}>
                  <span class="meta">{entry.meta}</span>
                </Show>
                <Show when={entry.checked !== undefined}>
                  <span class="slot">
                    <Show when={entry.checked}>
                      <Icon path={check} small />
                    </Show>
                  </span>
                </Show>
              </button>
            </>
          )}
        </For>
      </div>
    </Portal>
  );
}

/** A button that opens a menu below or above itself. */
export function MenuButton(props: {
  label: string;
  entries: MenuEntry[];
  class: string;
  prefer?: "below" | "above";
  align?: "start" | "end";
  disabled?: boolean;
  testid?: string;
  children: JSX.Element;
}) {
  const [anchor, setAnchor] = createSignal<DOMRect | null>(null);
  let trigger: HTMLButtonElement | undefined;
  return (
    <>
      <button
        type="button"
        ref={(element) => (trigger = element)}
        class={props.class}
        aria-haspopup="menu"
        aria-expanded={anchor() !== null}
        aria-label={props.label}
        disabled={props.disabled}
        data-testid={props.testid}
        onClick={(press) => setAnchor(anchor() ? null : press.currentTarget.getBoundingClientRect())}
        onKeyDown={(press) => {
          if (press.key !== "ArrowDown" && press.key !== "ArrowUp") return;
          press.preventDefault();
          setAnchor(press.currentTarget.getBoundingClientRect());
        }}
      >
        {props.children}
      </button>
      <Show when={anchor()}>
        {(rect) => (
          <Menu
            label={props.label}
            entries={props.entries}
            anchor={rect()}
            trigger={trigger}
            prefer={props.prefer ?? "below"}
            align={props.align ?? "start"}
            onClose={() => setAnchor(null)}
          />
        )}
      </Show>
    </>
  );
}
