import { createEffect, For, on, onCleanup, Show } from "solid-js";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { IconButton } from "../design/IconButton";
import { circleAlert, info, x } from "../design/icons";
import { useApp } from "../state/app";
import type { Toast } from "../state/toasts";
import { text } from "../strings";
import { standClear } from "./toastPlace";

const shownFor = 6000;

/** With something to do about it: long enough to be gone to by any way. What it offers is in the palette after that, too. */
const offeredFor = 30_000;

/**
 * News above the feet of the pane that is worked in. The region is always there, so that a screen reader hears what comes
 * into it. It is a pane while there is some, so that the key for the next pane leads there; when the focus goes with one,
 * it is again where it came from.
 */
export function Toasts() {
  const app = useApp();
  let place: HTMLDivElement | undefined;
  /** Where the focus was before it came here. */
  let before: Element | null = null;
  createEffect(
    on(
      () => app.toasts.list.at(-1)?.id,
      (newest) => newest !== undefined && place && onCleanup(standClear(place)),
    ),
  );
  const goBack = () => {
    if (document.activeElement !== document.body) return;
    const page = document.querySelector<HTMLElement>("main");
    if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
    else if (page) {
      page.tabIndex = -1;
      page.focus();
    }
  };
  return (
    <div
      class="toasts"
      ref={(element) => (place = element)}
      role="status"
      aria-label={text("shell.notices")}
      data-pane
      onFocusIn={(focus) => {
        if (!(focus.relatedTarget instanceof Node && place?.contains(focus.relatedTarget))) before = focus.relatedTarget as Element | null;
      }}
    >
      <For each={app.toasts.list}>{(toast) => <ToastRow toast={toast} onGone={goBack} />}</For>
    </div>
  );
}

function ToastRow(props: { toast: Toast; onGone(): void }) {
  const { toasts } = useApp();
  const { id } = props.toast;
  let row: HTMLDivElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What keeps it: the pointer over it, the focus in it. It leaves some time after the last of them has. */
  const kept = { pointer: false, focus: false };
  const settle = () => {
    clearTimeout(timer);
    if (!kept.pointer && !kept.focus) timer = setTimeout(() => toasts.leave(id), props.toast.action ? offeredFor : shownFor);
  };
  const keep = (by: keyof typeof kept, keeps: boolean) => {
    kept[by] = keeps;
    settle();
  };
  settle();
  onCleanup(() => {
    clearTimeout(timer);
    if (row?.contains(document.activeElement)) queueMicrotask(props.onGone);
  });
  return (
    <div
      class="toast"
      ref={(element) => (row = element)}
      onPointerEnter={() => keep("pointer", true)}
      onPointerLeave={() => keep("pointer", false)}
      onFocusIn={() => keep("focus", true)}
      onFocusOut={(focus) => keep("focus", focus.relatedTarget instanceof Node && row?.contains(focus.relatedTarget) === true)}
      onKeyDown={(press) => {
        if (press.key !== "Escape" || isComposing(press)) return;
        press.preventDefault();
        toasts.dismiss(id);
      }}
    >
      <Icon path={props.toast.danger ? circleAlert : info} small class={props.toast.danger ? "is-danger" : "is-info"} />
      <span>{props.toast.text}</span>
      <Show when={props.toast.action}>
        {(action) => (
          <Button kind="quiet" small data-testid="toast-action" onClick={() => toasts.act(id)}>
            {action().label}
          </Button>
        )}
      </Show>
      <IconButton label={text("design.dismiss")} icon={x} onClick={() => toasts.dismiss(id)} />
    </div>
  );
}
