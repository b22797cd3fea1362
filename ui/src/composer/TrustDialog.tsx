import { createSignal, Show } from "solid-js";
import { toApiError, type CommandRow } from "../backend";
import { ConfirmDialog } from "../design/Dialog";
import { composerText as text } from "../strings/composer";
import "./composer.css";

/** Shows what a command says before it is used for the first time, or after it was changed. */
export function TrustDialog(props: { command: CommandRow; onAgree(): Promise<void>; onCancel(): void }) {
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const agree = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await props.onAgree();
    } catch (thrown) {
      setError(toApiError(thrown).message);
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog title={text("trust.title", { name: props.command.name })} confirm={text("trust.agree")} busy={busy()} error={error()} testid="trust-confirm" onConfirm={() => void agree()} onCancel={() => props.onCancel()}>
      <Show when={props.command.trust === "changed"}>
        <p>{text("trust.changed")}</p>
      </Show>
      <Show when={props.command.path}>{(path) => <p>{text("trust.folder", { path: path() })}</p>}</Show>
      <Show when={props.command.shell.length > 0}>
        <p>{text("trust.shell", { count: props.command.shell.length })}</p>
      </Show>
      <pre class="template" tabindex={0} role="region" aria-label={text("trust.template")} data-testid="template">
        <code>{props.command.template}</code>
      </pre>
    </ConfirmDialog>
  );
}
