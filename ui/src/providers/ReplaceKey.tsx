import { createSignal, Show } from "solid-js";
import { Button } from "../design/Button";
import { useLayer } from "../design/layers";
import { text } from "../strings";
import type { KeychainWatch } from "./keychain";
import { createKeyEntry, KeyField, type GivenKey } from "./KeyField";

/** A field for another key in the place of the present one. Escape closes it. */
export function ReplaceKey(props: {
  keychain: KeychainWatch;
  placeholder: string;
  keyUrl: string;
  /** Why the last one was not taken. */
  error: string | undefined;
  onGive(given: GivenKey): Promise<void>;
  onClose(): void;
}) {
  const entry = createKeyEntry(props.keychain);
  const [busy, setBusy] = createSignal(false);
  useLayer(() => props.onClose());
  const give = async () => {
    if (busy()) return;
    const given = entry.take();
    if (!given) return;
    setBusy(true);
    await props.onGive(given);
    setBusy(false);
    entry.focus();
  };
  return (
    <form
      class="replace-key"
      data-testid="replace-key-form"
      onSubmit={(submit) => {
        submit.preventDefault();
        void give();
      }}
    >
      <KeyField entry={entry} label={text("key.new")} placeholder={props.placeholder} keyUrl={props.keyUrl} autofocus />
      <Show when={props.error}>
        <p class="error-text" role="alert" data-testid="provider-error">
          {props.error} {text("key.again")}
        </p>
      </Show>
      <div class="page-actions">
        <Button type="submit" data-testid="key-save" disabled={busy() || !entry.filled()}>
          {text(busy() ? "key.saving" : "key.save")}
        </Button>
        <Button kind="quiet" onClick={() => props.onClose()}>
          {text("design.cancel")}
        </Button>
      </div>
    </form>
  );
}
