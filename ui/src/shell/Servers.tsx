import { createSignal, Show } from "solid-js";
import { toApiError, type BoxServer } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { text } from "../strings";

/** The way to look at what a command serves, and why that could not be done. */
export function createPreviewAction(server: () => BoxServer) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const open = async () => {
    if (busy()) return;
    setBusy(true);
    setError(undefined);
    const { folder, port } = server();
    try {
      await app.backend.commands.previewOpen({ folder, port });
    } catch (thrown) {
      setError(toApiError(thrown).message);
    }
    setBusy(false);
  };
  return { busy, error, open };
}

type Action = ReturnType<typeof createPreviewAction>;

export function PreviewButton(props: { server: BoxServer; action: Action }) {
  return (
    <Button
      small
      aria-disabled={props.action.busy()}
      aria-label={text("server.previewLabel", { folder: props.server.label, port: String(props.server.port) })}
      data-testid="server-preview"
      onClick={() => void props.action.open()}
    >
      {text(props.action.busy() ? "server.opening" : "server.preview")}
    </Button>
  );
}

export function PreviewError(props: { action: Action }) {
  return (
    <Show when={props.action.error()}>
      <span class="stopped-note" role="alert">
        {props.action.error()}
      </span>
    </Show>
  );
}
