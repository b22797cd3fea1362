import { createSignal } from "solid-js";
import { toApiError, type SessionRow } from "../backend";
import { ConfirmDialog } from "../design/Dialog";
import { useApp } from "../state/app";
import { text } from "../strings";
import { threadTitle } from "./threadTitle";

/** Asks before a thread goes for good. */
export function DeleteThread(props: { row: SessionRow; onClose(): void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const remove = async () => {
    setBusy(true);
    try {
      await app.deleteSession(props.row.id);
      props.onClose();
    } catch (thrown) {
      setError(toApiError(thrown).message);
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog
      title={text("shell.deleteTitle")}
      confirm={text("shell.deleteConfirm")}
      danger
      busy={busy()}
      error={error()}
      onConfirm={() => void remove()}
      onCancel={() => props.onClose()}
    >
      <p>{text("shell.deleteBody", { title: threadTitle(props.row) })}</p>
    </ConfirmDialog>
  );
}
