import { createSignal, createUniqueId, For, Show } from "solid-js";
import { createStore } from "solid-js/store";
import type { ProviderInput } from "../backend";
import { text } from "../strings";

/** What a provider or a sign-in wants to know besides a key. */
export function createInputs(wanted: () => readonly ProviderInput[]) {
  const id = createUniqueId();
  const [values, setValues] = createStore<Record<string, string>>({});
  const [missing, setMissing] = createSignal<string>();
  const fieldId = (input: string) => `${id}-${input}`;
  return {
    wanted,
    fieldId,
    missing,
    value: (input: string) => values[input] ?? "",
    set: (input: string, value: string) => setValues(input, value),
    /** What was filled in; nothing while something that is needed is empty, which is then said and has the focus. */
    given(): Record<string, string> | undefined {
      const empty = wanted().find((input) => !input.optional && (values[input.id] ?? "").trim() === "");
      setMissing(empty?.id);
      if (empty) {
        document.getElementById(fieldId(empty.id))?.focus();
        return undefined;
      }
      return Object.fromEntries(wanted().flatMap((input) => ((values[input.id] ?? "").trim() === "" ? [] : [[input.id, (values[input.id] ?? "").trim()]])));
    },
  };
}

export type Inputs = ReturnType<typeof createInputs>;

export function InputFields(props: { inputs: Inputs }) {
  return <For each={props.inputs.wanted()}>{(input) => <InputField input={input} inputs={props.inputs} />}</For>;
}

function InputField(props: { input: ProviderInput; inputs: Inputs }) {
  const id = props.inputs.fieldId(props.input.id);
  const missing = () => props.inputs.missing() === props.input.id && props.inputs.value(props.input.id).trim() === "";
  return (
    <div class="field">
      <label for={id}>{props.input.optional ? text("provider.optional", { label: props.input.label }) : props.input.label}</label>
      <input
        id={id}
        class="input"
        type="text"
        spellcheck={false}
        autocomplete="off"
        maxlength={500}
        placeholder={props.input.placeholder}
        value={props.inputs.value(props.input.id)}
        aria-invalid={missing()}
        aria-describedby={`${id}-problem`}
        data-testid={`provider-input-${props.input.id}`}
        onInput={(typed) => props.inputs.set(props.input.id, typed.currentTarget.value)}
      />
      <div id={`${id}-problem`}>
        <Show when={missing()}>
          <p class="error-text" role="alert">
            {text("provider.inputMissing", { label: props.input.label })}
          </p>
        </Show>
      </div>
    </div>
  );
}
