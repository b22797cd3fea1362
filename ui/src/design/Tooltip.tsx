import { createEffect, createSignal, onCleanup, Show, type JSX } from "solid-js";
import { Portal } from "solid-js/web";
import { place } from "./place";

const openDelay = 500;

/** Names a control when it is pointed at or reached by keyboard, with the key that does the same. The wrapper takes no room. */
export function Tooltip(props: { text: string; shortcut?: string | undefined; children: JSX.Element }) {
  const [shown, setShown] = createSignal(false);
  let wrapper: HTMLSpanElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const hide = () => {
    clearTimeout(timer);
    setShown(false);
  };
  const showSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => setShown(true), openDelay);
  };
  onCleanup(() => clearTimeout(timer));

  return (
    <span
      ref={(element) => (wrapper = element)}
      class="tooltip-anchor"
      onPointerEnter={showSoon}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocusIn={(focus) => {
        if (focus.target instanceof Element && focus.target.matches(":focus-visible")) showSoon();
      }}
      onFocusOut={hide}
      onKeyDown={hide}
    >
      {props.children}
      <Show when={shown()}>
        <Portal>
          <TooltipBox text={props.text} shortcut={props.shortcut} anchor={wrapper?.firstElementChild ?? null} />
        </Portal>
      </Show>
    </span>
  );
}

function TooltipBox(props: { text: string; shortcut: string | undefined; anchor: Element | null }) {
  let box: HTMLDivElement | undefined;
  createEffect(() => {
    if (box && props.anchor) place(box, props.anchor.getBoundingClientRect(), "below");
  });
  // Hidden from screen readers: the control already carries this name.
  return (
    <div class="tooltip" aria-hidden="true" ref={(element) => (box = element)}>
      {props.text}
      <Show when={props.shortcut}>
        <kbd>{props.shortcut}</kbd>
      </Show>
    </div>
  );
}
