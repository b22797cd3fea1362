import { createSignal, createUniqueId, Show, type JSX } from "solid-js";
import { engineText } from "../strings/engineSettings";
import type { SettingName } from "./registry";
import { Changed, ResetButton } from "./Setting";

interface NumberFieldProps {
  label: string;
  body: string;
  unit: string;
  value: number;
  least: number;
  most: number;
  testid: string;
  /** The value of the settings it is, where it is one; it can be put back then. */
  name?: SettingName;
  /** What is after the field. */
  more?: JSX.Element;
  /** Where it says that nothing was saved the field shows again what holds. */
  onSave(value: number): void | Promise<boolean>;
}

/** One line of the settings that takes a whole number within bounds. It is saved when the field is left or Enter is pressed. */
export function NumberField(props: NumberFieldProps) {
  const field = createUniqueId();
  const hint = createUniqueId();
  const [error, setError] = createSignal<string>();
  const take = async (input: HTMLInputElement) => {
    const value = Number(input.value);
    if (input.value.trim() === "" || !Number.isInteger(value) || value < props.least || value > props.most) {
      setError(engineText("engineSettings.outOfBounds", { least: props.least, most: props.most }));
      return;
    }
    setError(undefined);
    if (value !== props.value && (await props.onSave(value)) === false) input.value = String(props.value);
  };
  return (
    <div class="setting" data-setting={props.name}>
      <div class="text">
        <div class="setting-head">
          <label class="label" for={field}>
            {props.label}
          </label>
          <Changed name={props.name} />
        </div>
        <p id={hint}>
          {props.body}
          <Show when={error()}>
            {" "}
            <span class="is-danger" role="alert">
              {error()}
            </span>
          </Show>
        </p>
      </div>
      <div class="control">
        <ResetButton name={props.name} label={props.label} />
        <input
          id={field}
          class="input input--number tnum"
          type="number"
          inputmode="numeric"
          min={props.least}
          max={props.most}
          step={1}
          value={props.value}
          aria-invalid={error() !== undefined}
          aria-describedby={hint}
          data-testid={props.testid}
          onInput={() => setError(undefined)}
          onChange={(change) => void take(change.currentTarget)}
        />
        <span class="unit subtle small">{props.unit}</span>
        {props.more}
      </div>
    </div>
  );
}
