import { createMemo, For, Show } from "solid-js";
import { defaultSettings } from "../backend";
import { Button } from "../design/Button";
import { arrive, bySetting } from "../shell/arrive";
import { useApp } from "../state/app";
import { settingsText as text } from "../strings/settings";
import { changedSettings, settingEntries, valueWords } from "./registry";
import { resetSettings } from "./reset";
import { ResetButton } from "./Setting";

/** All that differs from the defaults, each with a way to it and a way back. */
export function ChangedSettings() {
  const app = useApp();
  const names = createMemo(() => changedSettings(app.state.settings));
  const entries = createMemo(() => new Map(settingEntries(app).map((entry) => [entry.name, entry])));
  let place: HTMLDivElement | undefined;
  /** What is put back goes with its line; the focus goes on to the line that stands there now. */
  const stay = (at: number) => {
    if (document.activeElement !== document.body) return;
    const buttons = place?.querySelectorAll<HTMLElement>("[data-testid='setting-reset']") ?? [];
    (buttons[Math.min(at, buttons.length - 1)] ?? place)?.focus();
  };
  return (
    <div tabindex={-1} ref={(element) => (place = element)}>
      <Show
        when={names().length > 0}
        fallback={
          <div class="empty" data-testid="nothing-changed">
            <h2 class="group-title">{text("changed.none")}</h2>
            <p>{text("changed.noneBody")}</p>
          </div>
        }
      >
        <section class="group first">
          <ul class="group-body">
            <For each={names()}>
              {(name, index) => {
                const entry = () => entries().get(name);
                const label = () => entry()?.label ?? name;
                const open = () => {
                  app.openSettings(entry()?.section ?? "appearance");
                  arrive(bySetting(name));
                };
                return (
                  <li class="setting" data-setting={name}>
                    <div class="text">
                      <div class="label">{label()}</div>
                      <p class="wrap-anywhere">{text("changed.is", { value: valueWords(app, name, app.state.settings[name]), usual: valueWords(app, name, defaultSettings[name]) })}</p>
                    </div>
                    <div class="control">
                      <ResetButton name={name} label={label()} onReset={() => stay(index())} />
                      <Button small aria-label={text("changed.open", { name: label() })} onClick={open}>
                        {entry() ? label() : name}
                      </Button>
                    </div>
                  </li>
                );
              }}
            </For>
          </ul>
          <div class="page-actions">
            <Button data-testid="reset-all" onClick={() => (void resetSettings(app, names(), undefined), stay(0))}>
              {text("set.resetAll")}
            </Button>
          </div>
        </section>
      </Show>
    </div>
  );
}
