import { createSignal, Show } from "solid-js";
import { Button } from "../design/Button";
import type { App } from "../state/app";
import { text } from "../strings";

/** What is left when the window's own code failed: the text that was being written, and a way back. */
export function FaultPage(props: { app: App; fault: unknown; onReload(): void }) {
  const [copied, setCopied] = createSignal(false);
  const written = props.app.unsentText();
  const message = () => (props.fault instanceof Error ? props.fault.message : String(props.fault));
  // The thread it was written in keeps it as its draft; the home page keeps its own.
  void props.app.keepUnsent();
  return (
    <main class="window window--bare">
      <div class="main">
        <div class="scroll">
          <div class="page" role="alert">
            <div class="page-head">
              <div>
                <h1>{text("fault.title")}</h1>
                <p>{text("fault.body")}</p>
              </div>
            </div>
            <Show when={written !== ""}>
              <div class="field">
                <label for="kept">{text("fault.kept")}</label>
                <textarea id="kept" class="input input--text" rows={6} readonly value={written} />
                <span class="hint">{text("fault.keptHint")}</span>
              </div>
            </Show>
            <details class="group">
              <summary>{text("fault.details")}</summary>
              <pre class="log">{message()}</pre>
            </details>
            <div class="page-actions">
              <Button kind="primary" onClick={() => props.onReload()}>
                {text("fault.reload")}
              </Button>
              <Show when={written !== ""}>
                <Button onClick={() => void navigator.clipboard.writeText(written).then(() => setCopied(true))}>
                  {text(copied() ? "fault.copied" : "fault.copy")}
                </Button>
              </Show>
            </div>
          </div>
        </div>
      </div>
    </main>
  );
}
