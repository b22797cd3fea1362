import { createResource, Show } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { folderOpen, refreshCw } from "../design/icons";
import { CopyButton } from "../health/CopyButton";
import { LogBox } from "../health/LogBox";
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
        <LogBox label={text("logs.shown")} lines={lines()} loading={read.loading} error={read.latest?.error} words={{ loading: text("logs.loading"), empty: text("logs.empty") }} testid="app-log" />
      </section>
    </>
  );
}
