import { createEffect, For, on, onCleanup, Show } from "solid-js";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { IconButton } from "../design/IconButton";
import { circleAlert, info, x } from "../design/icons";
import { useApp } from "../state/app";
import type { Toast } from "../state/toasts";
import { text } from "../strings";
import { standClear } from "./toastPlace";

const shownFor = 6000;

/** News above the feet of the pane that is worked in. The region is always there, so that a screen reader hears what comes into it. */
export function Toasts() {
  const app = useApp();
  let place: HTMLDivElement | undefined;
  createEffect(
    on(
      () => app.toasts.list.at(-1)?.id,
      (newest) => newest !== undefined && place && onCleanup(standClear(place)),
    ),
  );
  return (
    <div class="toasts" ref={(element) => (place = element)} role="status" aria-label={text("shell.notices")}>
      <For each={app.toasts.list}>{(toast) => <ToastRow toast={toast} onDismiss={() => app.toasts.dismiss(toast.id)} />}</For>
    </div>
  );
}

function ToastRow(props: { toast: Toast; onDismiss(): void }) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = () => clearTimeout(timer);
  const run = () => {
    pause();
    timer = setTimeout(() => props.onDismiss(), shownFor);
  };
  run();
  onCleanup(pause);
  return (
    <div class="toast" onPointerEnter={pause} onPointerLeave={run} onFocusIn={pause} onFocusOut={run}>
      <Icon path={props.toast.danger ? circleAlert : info} small class={props.toast.danger ? "is-danger" : "is-info"} />
      <span>{props.toast.text}</span>
      <Show when={props.toast.action}>
        {(action) => (
          <Button kind="quiet" small data-testid="toast-action" onClick={() => (action().run(), props.onDismiss())}>
            {action().label}
          </Button>
        )}
      </Show>
      <IconButton label={text("design.dismiss")} icon={x} onClick={() => props.onDismiss()} />
    </div>
  );
}
