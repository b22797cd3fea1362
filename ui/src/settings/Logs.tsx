import { createResource, Match, Show, Switch } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { folderOpen, refreshCw } from "../design/icons";
import { CopyButton } from "../health/CopyButton";
import { useApp } from "../state/app";
import { settingsText as text } from "../strings/settings";
import { LogSettings } from "./LogSettings";

const words = () => ({ copy: text("logs.copy"), copied: text("logs.copied"), failed: text("logs.copyFailed") });

/** What is written into the app's log, and its last lines. */
export function Logs() {
  const app = useApp();
  const [read, { refetch }] = createResource(() =>
    app.backend.commands.appLog().then(
      (lines) => ({ lines, error: undefined }),
      (thrown: unknown) => ({ lines: [], error: toApiError(thrown).message }),
    ),
  );
  const lines = () => read.latest?.lines ?? [];
  return (
    <>
      <LogSettings />
      <section class="group">
        <div class="group-head">
          <h2 class="group-title">{text("logs.shown")}</h2>
          <span class="grow" />
          <Show when={lines().length > 0}>
            <CopyButton written={() => lines().join("\n")} words={words()} testid="log-copy" />
          </Show>
          <Button small data-testid="logs-open" onClick={() => void app.backend.commands.logsOpen().catch(app.tell)}>
            <Icon path={folderOpen} small />
            {text("logs.open")}
          </Button>
          <Button small data-testid="log-again" onClick={() => void refetch()}>
            <Icon path={refreshCw} small />
            {text("logs.again")}
          </Button>
        </div>
        <Switch>
          <Match when={lines().length > 0}>
            <pre class="log" tabindex={0} aria-label={text("logs.shown")} data-testid="app-log">
              {lines().join("\n")}
            </pre>
          </Match>
          <Match when={read.loading}>
            <p class="muted">{text("logs.loading")}</p>
          </Match>
          <Match when={read.latest?.error}>
            <p class="error-text" role="alert">
              {read.latest?.error}
            </p>
          </Match>
          <Match when={true}>
            <p class="muted">{text("logs.empty")}</p>
          </Match>
        </Switch>
      </section>
    </>
  );
}
