import { Show, type JSX } from "solid-js";
import { defaultSettings } from "../backend";
import { IconButton } from "../design/IconButton";
import { rotateCcw } from "../design/icons";
import { useApp } from "../state/app";
import { settingsText } from "../strings/settings";
import { isChanged, valueWords, type SettingName } from "./registry";
import { resetSettings } from "./reset";

/** One line of the settings: what it is, and its control. With the name of a value it says whether that was changed. */
export function Setting(props: { label: string; body?: string | undefined; name?: SettingName; testid?: string; children: JSX.Element }) {
  return (
    <div class="setting" data-setting={props.name} data-testid={props.testid}>
      <div class="text">
        <div class="setting-head">
          <div class="label">{props.label}</div>
          <Changed name={props.name} />
        </div>
        <Show when={props.body}>
          <p>{props.body}</p>
        </Show>
      </div>
      <div class="control">
        <ResetButton name={props.name} label={props.label} />
        {props.children}
      </div>
    </div>
  );
}

/** Says that a value differs from its default. */
export function Changed(props: { name: SettingName | undefined }) {
  const app = useApp();
  return (
    <Show when={props.name && isChanged(app.state.settings, props.name)}>
      <span class="setting-changed" title={settingsText("set.changedHint")} data-testid="setting-changed">
        {settingsText("set.changed")}
      </span>
    </Show>
  );
}

/** Puts a value back; there only while it differs. The focus goes on to the control, where it does not vanish with it. */
export function ResetButton(props: { name: SettingName | undefined; label: string; onReset?(): void }) {
  const app = useApp();
  return (
    <Show when={props.name && isChanged(app.state.settings, props.name) ? props.name : undefined}>
      {(name) => (
        <IconButton
          label={settingsText("set.reset", { name: props.label })}
          icon={rotateCcw}
          class="setting-reset"
          title={settingsText("set.resetTo", { value: valueWords(app, name(), defaultSettings[name()]) })}
          data-testid="setting-reset"
          onClick={(press) => {
            const control = press.currentTarget.closest(".control");
            void resetSettings(app, [name()], props.label);
            control?.querySelector<HTMLElement>("button:not([tabindex='-1']), input")?.focus();
            props.onReset?.();
          }}
        />
      )}
    </Show>
  );
}
