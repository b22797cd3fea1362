import { createUniqueId, Show, type JSX } from "solid-js";
import { text } from "../strings";
import { Button } from "./Button";
import { useModal } from "./modal";

/** A question that must be answered before anything else. Native, so that the browser keeps focus inside and gives it back. */
export function Dialog(props: { title: string; wide?: boolean; onClose(): void; children: JSX.Element; actions: JSX.Element }) {
  let dialog: HTMLDialogElement | undefined;
  const title = createUniqueId();
  useModal(() => dialog, () => props.onClose());
  return (
    <dialog
      ref={(element) => (dialog = element)}
      class="dialog"
      classList={{ "dialog--wide": props.wide ?? false }}
      aria-labelledby={title}
      onCancel={(cancel) => {
        cancel.preventDefault();
        props.onClose();
      }}
    >
      <h2 id={title} class="group-title">
        {props.title}
      </h2>
      <div class="dialog-body muted">{props.children}</div>
      <div class="actions">{props.actions}</div>
    </dialog>
  );
}

/** A dialog with one thing to agree to. The safe answer has the focus. */
export function ConfirmDialog(props: {
  title: string;
  confirm: string;
  danger?: boolean;
  busy?: boolean;
  error?: string | undefined;
  /** Names the button that agrees. */
  testid?: string;
  children: JSX.Element;
  onConfirm(): void;
  onCancel(): void;
}) {
  return (
    <Dialog
      title={props.title}
      onClose={() => props.onCancel()}
      actions={
        <>
          <Button autofocus onClick={() => props.onCancel()}>
            {text("design.cancel")}
          </Button>
          <Button kind={props.danger ? "danger-solid" : "primary"} disabled={props.busy ?? false} data-testid={props.testid} onClick={() => props.onConfirm()}>
            {props.confirm}
          </Button>
        </>
      }
    >
      {props.children}
      <Show when={props.error}>
        <p class="error-text" role="alert">
          {props.error}
        </p>
      </Show>
    </Dialog>
  );
}
