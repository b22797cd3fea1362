import { createSignal, createUniqueId, For, Show, type JSX } from "solid-js";
import { Button } from "../design/Button";
import { writeText } from "../design/clipboard";
import { cloudText as text } from "../strings/cloud";

/** The fewest characters of a password; the server refuses shorter ones too. */
export const shortestPassword = 10;
const emailForm = /^[^\s@]+@[^\s@]+$/;

/** Why what is written in a field cannot be used; nothing where it can. */
export type Judge = (value: string) => string | undefined;
export const needed: Judge = (value) => (value.trim() === "" ? text("cloud.missing") : undefined);
export const isEmail: Judge = (value) => needed(value) ?? (emailForm.test(value.trim()) ? undefined : text("cloud.emailWrong"));
export const isPassword: Judge = (value) => ([...value].length < shortestPassword ? text("cloud.passwordShort") : undefined);

/** One field of a form: its value, and what is wrong with it once the form was sent. */
export function createField(judge: Judge = needed, begin = "") {
  const id = createUniqueId();
  const [value, setValue] = createSignal(begin);
  const [judged, setJudged] = createSignal(false);
  return {
    id,
    value,
    set: (written: string) => void setValue(written),
    problem: () => (judged() ? judge(value()) : undefined),
    /** Whether it can be used; says why not from now on. */
    holds(): boolean {
      setJudged(true);
      return judge(value()) === undefined;
    },
    clear(): void {
      setValue("");
      setJudged(false);
    },
  };
}
export type FieldState = ReturnType<typeof createField>;

/** Whether all fields can be used. The first one that cannot has the focus then. */
export function allHold(...fields: FieldState[]): boolean {
  const wrong = fields.filter((field) => !field.holds());
  if (wrong[0]) document.getElementById(wrong[0].id)?.focus();
  return wrong.length === 0;
}

/** A labelled line to write in, with its hint or what is wrong with it. */
export function Field(props: {
  field: FieldState;
  label: string;
  hint?: string | undefined;
  type?: "text" | "email" | "password";
  autocomplete?: string;
  mono?: boolean;
  longest?: number;
  testid: string;
  children?: JSX.Element;
}) {
  const [shown, setShown] = createSignal(false);
  const { id } = props.field;
  const secret = () => props.type === "password";
  const noteId = () => (props.field.problem() !== undefined || props.hint !== undefined ? `${id}-note` : undefined);
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <div class="field-line">
        <input
          id={id}
          class="input"
          classList={{ "input--mono": props.mono ?? false }}
          type={secret() && shown() ? "text" : (props.type ?? "text")}
          inputmode={props.type === "email" ? "email" : undefined}
          autocomplete={props.autocomplete ?? "off"}
          autocapitalize="off"
          spellcheck={false}
          maxlength={props.longest ?? 200}
          value={props.field.value()}
          aria-invalid={props.field.problem() !== undefined}
          aria-describedby={noteId()}
          data-testid={props.testid}
          onInput={(typed) => props.field.set(typed.currentTarget.value)}
        />
        <Show when={secret()}>
          <Button aria-pressed={shown()} aria-label={text("cloud.showPasswordLabel")} onClick={() => setShown(!shown())}>
            {text(shown() ? "cloud.hidePassword" : "cloud.showPassword")}
          </Button>
        </Show>
        {props.children}
      </div>
      <Show when={props.field.problem()} fallback={<Show when={props.hint}>{(hint) => <p class="hint" id={`${id}-note`}>{hint()}</p>}</Show>}>
        {(problem) => (
          <p class="error-text" id={`${id}-note`} role="alert">
            {problem()}
          </p>
        )}
      </Show>
    </div>
  );
}

/** One of a few, in the system's own list: on a phone that is the one that fits the hand. */
export function Choice<Value extends string>(props: { label: string; hideLabel?: boolean; value: Value; choices: readonly { value: Value; label: string }[]; disabled?: boolean; testid: string; onChoose(value: Value): void }) {
  const id = createUniqueId();
  return (
    <div class="field">
      <label for={id} class={props.hideLabel ? "sr-only" : undefined}>
        {props.label}
      </label>
      <select
        id={id}
        class="input"
        data-testid={props.testid}
        disabled={props.disabled}
        onChange={(changed) => {
          const chosen = props.choices.find(({ value }) => value === changed.currentTarget.value);
          if (chosen) props.onChoose(chosen.value);
          // What was refused is not what is chosen.
          queueMicrotask(() => (changed.target.value = props.value));
        }}
      >
        <For each={props.choices}>
          {(choice) => (
            <option value={choice.value} selected={choice.value === props.value}>
              {choice.label}
            </option>
          )}
        </For>
      </select>
    </div>
  );
}

/** A secret that is told once, to be copied. */
export function SecretBox(props: { title: string; note: string; secret: string; testid: string }) {
  const [copied, setCopied] = createSignal<"yes" | "no">();
  const id = createUniqueId();
  let field: HTMLInputElement | undefined;
  const copy = async () => {
    try {
      // Without https there is no clipboard at all.
      await writeText(props.secret);
      setCopied("yes");
    } catch {
      setCopied("no");
      field?.select();
    }
  };
  return (
    <div class="notice notice--success secret-box" role="group" aria-labelledby={`${id}-title`} data-testid={props.testid}>
      <div class="notice-text">
        <p class="strong" id={`${id}-title`}>
          {props.title}
        </p>
        <p class="muted small">{props.note}</p>
        <div class="field-line">
          <input class="input input--mono" readonly aria-labelledby={`${id}-title`} value={props.secret} ref={(element) => (field = element)} onFocus={() => field?.select()} />
          <Button kind="primary" onClick={() => void copy()}>
            {text("cloud.copy")}
          </Button>
        </div>
        <p class="small" role="status">
          {copied() === "yes" ? text("cloud.copied") : copied() === "no" ? text("cloud.copyFailed") : ""}
        </p>
      </div>
    </div>
  );
}
