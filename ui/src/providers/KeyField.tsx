import { createEffect, createSignal, createUniqueId, Match, onCleanup, onMount, Show, Switch } from "solid-js";
import type { Keychain } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { eye, eyeOff, info, keyRound, triangleAlert } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { useApp } from "../state/app";
import { text } from "../strings";
import type { KeychainWatch } from "./keychain";

/** A key as it is handed to a command. */
export interface GivenKey {
  key: string;
  thisRun: boolean;
}

/**
 * A field for a key. What is typed is in the field alone: no signal, no store and no storage holds it, and taking it
 * empties the field.
 */
export function createKeyEntry(keychain: KeychainWatch) {
  let field: HTMLInputElement | undefined;
  const [filled, setFilled] = createSignal(false);
  const [shown, setShown] = createSignal(false);
  const [thisRun, setThisRun] = createSignal(false);
  const [problem, setProblem] = createSignal<string>();

  const clear = () => {
    if (field) field.value = "";
    setFilled(false);
    setShown(false);
  };
  return {
    keychain,
    filled,
    shown,
    setShown,
    thisRun,
    setThisRun: (keep: boolean) => {
      setThisRun(keep);
      setProblem(undefined);
    },
    problem,
    attach: (element: HTMLInputElement) => (field = element),
    typed: () => {
      setFilled((field?.value ?? "").trim() !== "");
      setProblem(undefined);
    },
    focus: () => field?.focus(),
    clear,
    /** Hands the key out once. Nothing when there is none, or when it could not be kept; then the field says so and keeps it. */
    take(): GivenKey | undefined {
      const key = (field?.value ?? "").trim();
      const unkept = keychain.state().kind === "unavailable";
      if (key === "") {
        setProblem(text("key.empty"));
        return undefined;
      }
      if (unkept && !thisRun()) {
        setProblem(text("key.cannotKeep"));
        return undefined;
      }
      const given = { key, thisRun: unkept && thisRun() };
      clear();
      setProblem(undefined);
      return given;
    },
  };
}

export type KeyEntry = ReturnType<typeof createKeyEntry>;

/** The field itself, where its keys are made, and whether one can be kept. */
export function KeyField(props: {
  entry: KeyEntry;
  label: string;
  placeholder: string;
  /** Where keys are made; empty when that is not known. */
  keyUrl: string;
  optional?: boolean;
  autofocus?: boolean;
}) {
  const app = useApp();
  const id = createUniqueId();
  const { entry } = props;
  const hint = `${id}-hint`;
  const problem = `${id}-problem`;
  // Where it cannot be kept as promised the note says so instead.
  const keepable = () => !["unavailable", "plain"].includes(entry.keychain.state().kind);
  onMount(() => {
    entry.keychain.ask();
    if (props.autofocus) entry.focus();
  });
  // A form that closes takes what was typed along.
  onCleanup(() => entry.clear());
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <div class="input-group">
        <Icon path={keyRound} />
        <input
          id={id}
          ref={entry.attach}
          class="input input--mono input--trailing"
          type={entry.shown() ? "text" : "password"}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxlength={8192}
          placeholder={props.placeholder}
          aria-invalid={entry.problem() !== undefined}
          aria-describedby={`${hint} ${problem}`}
          data-testid="key-input"
          onInput={() => entry.typed()}
        />
        <span class="trailing">
          <IconButton
            label={text(entry.shown() ? "key.hide" : "key.show")}
            icon={entry.shown() ? eyeOff : eye}
            aria-pressed={entry.shown()}
            data-testid="key-show"
            onClick={() => entry.setShown(!entry.shown())}
          />
        </span>
      </div>
      <p class="hint" id={hint}>
        {props.optional ? `${text("key.hintOptional")} ` : ""}
        {keepable() ? `${text("key.hint")} ` : ""}
        <Show when={props.keyUrl !== ""}>
          <button type="button" class="text-button" data-testid="key-url" onClick={() => void app.backend.commands.linkOpen({ url: props.keyUrl }).catch(app.tell)}>
            {text("key.where")}
          </button>
        </Show>
      </p>
      <div id={problem}>
        <Show when={entry.problem()}>
          <p class="error-text" role="alert">
            {entry.problem()}
          </p>
        </Show>
      </div>
      <KeychainNote entry={entry} />
    </div>
  );
}

/** Under this a note that something is waited for would only flash. Milliseconds. */
const patience = 300;

/** Whether keys can be kept here; nothing where all is well. */
function KeychainNote(props: { entry: KeyEntry }) {
  const { keychain } = props.entry;
  const unavailable = () => {
    const found = keychain.state();
    return found.kind === "unavailable" ? found : undefined;
  };
  return (
    <div role="status">
      <Switch>
        <Match when={keychain.state().kind === "asking"}>
          <Waiting />
        </Match>
        <Match when={keychain.state().kind === "plain"}>
          <div class="notice key-note" data-testid="keychain-note" data-kind="plain">
            <Icon path={triangleAlert} />
            <p>
              <span class="strong">{text("key.plain")}</span> <span class="muted">{text("key.plainBody")}</span>
            </p>
          </div>
        </Match>
        <Match when={unavailable()}>{(found) => <Unavailable found={found()} entry={props.entry} />}</Match>
      </Switch>
    </div>
  );
}

function Waiting() {
  const [late, setLate] = createSignal(false);
  const timer = setTimeout(() => setLate(true), patience);
  onCleanup(() => clearTimeout(timer));
  return (
    <Show when={late()}>
      <div class="notice key-note" data-testid="keychain-note" data-kind="waiting">
        <Icon path={info} />
        <p>
          <span class="strong">{text("key.waiting")}</span> <span class="muted">{text("key.waitingBody")}</span>
        </p>
      </div>
    </Show>
  );
}

function Unavailable(props: { found: Extract<Keychain, { kind: "unavailable" }>; entry: KeyEntry }) {
  let box: HTMLInputElement | undefined;
  // Whoever tried to send the key anyway is led to the one choice there is.
  createEffect(() => props.entry.problem() === text("key.cannotKeep") && box?.focus());
  return (
    <div class="notice notice--warn key-note" data-testid="keychain-note" data-kind="unavailable">
      <Icon path={triangleAlert} />
      <div class="notice-text">
        <p>
          <span class="strong">{text("key.unavailable")}</span> <span class="muted">{props.found.reason}</span>
        </p>
        <Show when={props.found.advice !== ""}>
          <p class="muted">{props.found.advice}</p>
        </Show>
        <label class="row model-choice keep-for-run">
          <input
            type="checkbox"
            class="checkbox"
            ref={(element) => (box = element)}
            data-testid="keep-for-run"
            checked={props.entry.thisRun()}
            onChange={(change) => props.entry.setThisRun(change.currentTarget.checked)}
          />
          <span>{text("key.thisRun")}</span>
        </label>
      </div>
      <div class="actions">
        <Button small data-testid="keychain-again" aria-disabled={props.entry.keychain.looking()} onClick={() => props.entry.keychain.lookAgain()}>
          {text(props.entry.keychain.looking() ? "key.looking" : "key.lookAgain")}
        </Button>
      </div>
    </div>
  );
}
