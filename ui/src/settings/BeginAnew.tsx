import { createMemo, createSignal, Show } from "solid-js";
import { Button } from "../design/Button";
import { Switch } from "../design/Switch";
import { useApp } from "../state/app";
import { whyRefused } from "../state/engine";
import { storageText as text } from "../strings/storage";
import { changedSettings } from "./registry";
import { resetSettings } from "./reset";
import { Setting } from "./Setting";

/** Putting the settings back, and deleting everything the app keeps. */
export function BeginAnew() {
  const app = useApp();
  const [keys, setKeys] = createSignal(true);
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const changed = createMemo(() => changedSettings(app.state.settings));
  const remove = async () => {
    if (busy()) return;
    setBusy(true);
    setError(undefined);
    try {
      // The system's own dialog asks; where it is agreed to the window closes.
      await app.backend.commands.everythingRemove({ keys: keys() });
    } catch (thrown) {
      setError(whyRefused(thrown));
      setBusy(false);
    }
  };
  return (
    <section class="group" data-testid="begin-anew">
      <h2>{text("anew.title")}</h2>
      <div class="group-body">
        <Setting label={text("anew.settings")} body={changed().length > 0 ? text("anew.settingsBody", { count: changed().length }) : text("anew.settingsNone")}>
          <Button data-testid="settings-reset" aria-label={text("anew.settingsDo")} disabled={changed().length === 0} onClick={() => void resetSettings(app, changed(), undefined)}>
            {text("anew.reset")}
          </Button>
        </Setting>
        <div class="setting-more">
          <Setting label={text("anew.remove")} body={text("anew.removeBody")} testid="remove-everything-line">
            <Button kind="danger" data-testid="remove-everything" aria-disabled={busy()} aria-describedby="remove-everything-means" onClick={() => void remove()}>
              {text(busy() ? "anew.removing" : "anew.removeDo")}
            </Button>
          </Setting>
          <div id="remove-everything-means" class="removal-means small muted">
            <p>{text("anew.goes")}</p>
            <p>{text("anew.stays")}</p>
          </div>
          <Setting label={text("anew.keys")} body={text(keys() ? "anew.keysGo" : "anew.keysStay")}>
            <Switch label={text("anew.keys")} on={keys()} testid="remove-keys" onChange={setKeys} />
          </Setting>
          <Show when={error()}>
            <p class="error-text" role="alert">
              {error()}
            </p>
          </Show>
        </div>
      </div>
    </section>
  );
}
