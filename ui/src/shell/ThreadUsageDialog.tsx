import { createResource, Show } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { Dialog } from "../design/Dialog";
import { ModelName, UsageTable } from "../settings/UsageTable";
import { useApp } from "../state/app";
import { totalOf } from "../state/usage";
import { usageText as text } from "../strings/usage";

/** What a thread and its sub-agents took, by model. */
export function ThreadUsageDialog(props: { session: string; onClose(): void }) {
  const app = useApp();
  const [read, { refetch }] = createResource(
    () => props.session,
    (session) =>
      app.backend.commands.sessionUsage({ session }).then(
        (usage) => ({ models: usage.models, error: undefined }),
        (thrown: unknown) => ({ models: undefined, error: toApiError(thrown).message }),
      ),
  );
  const models = () => read.latest?.models ?? [];
  return (
    <Dialog
      wide
      title={text("usage.thread")}
      onClose={() => props.onClose()}
      actions={
        <>
          <Button
            onClick={() => {
              props.onClose();
              app.openSettings("usage");
            }}
          >
            {text("usage.all")}
          </Button>
          <Button autofocus data-testid="thread-usage-close" onClick={() => props.onClose()}>
            {text("usage.done")}
          </Button>
        </>
      }
    >
      <p>{text("usage.threadBody")}</p>
      <div data-testid="thread-usage" aria-busy={read.loading}>
        <Show when={read.latest} fallback={<p role="status">{text("usage.loading")}</p>}>
          <Show
            when={!read.latest?.error}
            fallback={
              <p class="error-text" role="alert">
                {text("usage.failed", { reason: read.latest?.error ?? "" })}{" "}
                <Button small onClick={() => void refetch()}>
                  {text("usage.again")}
                </Button>
              </p>
            }
          >
            <Show when={models().length > 0} fallback={<p>{text("usage.threadEmpty")}</p>}>
              <UsageTable
                label={text("usage.byModel")}
                first={text("usage.model")}
                lines={models().map((each) => ({ key: each.model ?? "", name: <ModelName model={each.model} scripted={each.scripted} />, usage: each }))}
                {...(models().some((each) => !each.scripted) ? { total: totalOf(models()) } : {})}
              />
            </Show>
          </Show>
        </Show>
      </div>
    </Dialog>
  );
}
