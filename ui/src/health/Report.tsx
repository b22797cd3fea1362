import { createSignal, Show } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { text } from "../strings";
import { CopyButton } from "./CopyButton";

/** A text for whoever helps, made when asked for and read before it goes anywhere. */
export function Report() {
  const app = useApp();
  const [report, setReport] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const make = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setReport(await app.backend.commands.diagnosticsReport());
    } catch (thrown) {
      setError(toApiError(thrown).message);
    }
    setBusy(false);
  };
  return (
    <section class="group">
      <div class="group-head">
        <h2 class="group-title">{text("health.report")}</h2>
        <span class="grow" />
        <Show when={report() !== undefined}>
          <CopyButton written={() => report() ?? ""} />
        </Show>
        <Button small aria-disabled={busy()} data-testid="report-make" onClick={() => !busy() && void make()}>
          {text(busy() ? "health.reportMaking" : "health.reportMake")}
        </Button>
      </div>
      <p class="muted">{text("health.reportBody")}</p>
      <p class="muted" role="status">
        {report() === undefined || busy() ? "" : text("health.reportReady")}
      </p>
      <Show when={error()}>
        <p class="error-text" role="alert">
          {error()}
        </p>
      </Show>
      <Show when={report() !== undefined}>
        <pre class="log" tabindex={0} aria-label={text("health.report")} data-testid="report-text">
          {report()}
        </pre>
      </Show>
    </section>
  );
}
