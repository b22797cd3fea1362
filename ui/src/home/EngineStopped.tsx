import { createSignal, Show } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleAlert } from "../design/icons";
import { useApp } from "../state/app";
import { text } from "../strings";

/** Over the composer of home while there is no engine: why, what mends it, and that nothing was sent when that was tried. */
export function EngineStopped(props: { message: string; unsent: boolean }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const message = () => error() ?? props.message;
  const restart = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await app.restartEngine();
    } catch (thrown) {
      setError(toApiError(thrown).message);
    }
    setBusy(false);
  };
  return (
    <div class="notice notice--danger" role="alert" data-testid="home-engine-failed">
      <Icon path={circleAlert} />
      <p data-testid={props.unsent ? "composer-error" : undefined}>{props.unsent ? text("composer.notSent", { reason: message() }) : message()}</p>
      <div class="actions">
        <Show when={app.can("health")}>
          <Button small kind="quiet" onClick={() => app.go({ page: "health" })}>
            {text("home.openHealth")}
          </Button>
        </Show>
        <Show when={app.can("restartEngine")}>
          <Button small disabled={busy()} onClick={() => void restart()}>
            {text("engine.restart")}
          </Button>
        </Show>
      </div>
    </div>
  );
}
