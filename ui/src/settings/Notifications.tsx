import { createSignal, Show } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { Switch } from "../design/Switch";
import { useApp } from "../state/app";
import { settingsText as text } from "../strings/settings";
import { Setting } from "./Setting";

type Kind = "notifyEnded" | "notifyAsks" | "notifyFailed" | "notifyContent";

/** What the desktop is told while the window is not looked at. */
export function Notifications() {
  return (
    <>
      <section class="group first">
        <h2>{text("notify.when")}</h2>
        <div class="group-body">
          <Wish name="notifyEnded" label={text("notify.ended")} body={text("notify.endedBody")} />
          <Wish name="notifyAsks" label={text("notify.asks")} body={text("notify.asksBody")} />
          <Wish name="notifyFailed" label={text("notify.failed")} body={text("notify.failedBody")} />
        </div>
      </section>
      <section class="group">
        <h2>{text("notify.what")}</h2>
        <div class="group-body">
          <Wish name="notifyContent" label={text("notify.content")} body={text("notify.contentBody")} />
          <Try />
        </div>
      </section>
    </>
  );
}

function Wish(props: { name: Kind; label: string; body: string }) {
  const app = useApp();
  return (
    <Setting name={props.name} label={props.label} body={props.body}>
      <Switch label={props.label} on={app.state.settings[props.name]} testid={props.name} onChange={(on) => void app.saveSettings({ [props.name]: on })} />
    </Setting>
  );
}

/** Has the desktop show one, and says where it does not. */
function Try() {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [said, setSaid] = createSignal("");
  const [error, setError] = createSignal<string>();
  const run = async () => {
    if (busy()) return;
    setBusy(true);
    setSaid("");
    setError(undefined);
    try {
      await app.backend.commands.notificationTry();
      setSaid(text("notify.tried"));
    } catch (thrown) {
      setError(toApiError(thrown).message);
    }
    setBusy(false);
  };
  return (
    <div class="setting-more">
      <Setting label={text("notify.try")} body={text("notify.tryBody")}>
        <Button aria-disabled={busy()} data-testid="notify-try" onClick={() => void run()}>
          {busy() ? text("notify.trying") : text("notify.tryDo")}
        </Button>
      </Setting>
      <p class="small muted" role="status" data-testid="notify-said">
        {said()}
      </p>
      <Show when={error()}>
        <p class="error-text" role="alert">
          {error()}
        </p>
      </Show>
    </div>
  );
}
