import { createSignal } from "solid-js";
import { toApiError, type ProviderRow } from "../backend";
import { ConfirmDialog } from "../design/Dialog";
import { useApp } from "../state/app";
import { text } from "../strings";

/** Runs what cannot be undone once it was agreed to; says why when it failed, and stays open. */
function createRemoval(remove: () => Promise<void>, done: () => void) {
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await remove();
      done();
    } catch (thrown) {
      setError(toApiError(thrown).message);
      setBusy(false);
    }
  };
  return { busy, error, run: () => void run() };
}

export function RemoveProviderDialog(props: { provider: ProviderRow; onClose(): void; onRemoved(): void }) {
  const app = useApp();
  const removal = createRemoval(
    () => app.backend.commands.providerRemove({ provider: props.provider.id }),
    () => {
      props.onClose();
      props.onRemoved();
    },
  );
  return (
    <ConfirmDialog
      title={text("models.removeTitle", { name: props.provider.name })}
      confirm={text("models.removeConfirm")}
      testid="provider-remove-confirm"
      danger
      busy={removal.busy()}
      error={removal.error()}
      onConfirm={removal.run}
      onCancel={() => props.onClose()}
    >
      <p>{text("models.removeBody")}</p>
    </ConfirmDialog>
  );
}

export function RemoveKeyDialog(props: { provider: ProviderRow; onConfirm(): void; onClose(): void }) {
  return (
    <ConfirmDialog
      title={text("key.removeTitle", { name: props.provider.name })}
      confirm={text("key.removeConfirm")}
      testid="remove-key-confirm"
      danger
      onConfirm={() => props.onConfirm()}
      onCancel={() => props.onClose()}
    >
      <p>{text("key.removeBody")}</p>
    </ConfirmDialog>
  );
}
