import { createSignal, createUniqueId, For, Show } from "solid-js";
import type { ProviderProbe } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { createSecondClock } from "../state/clock";
import { text } from "../strings";
import { runningClock } from "../strings/format";
import type { Connection } from "./connection";
import type { KeychainWatch } from "./keychain";
import { createKeyEntry, KeyField } from "./KeyField";
import { suggestedName, whyNot } from "./words";

/** How far it is. */
type Step = { at: "address" } | { at: "looking"; since: number } | { at: "found"; probe: ProviderProbe };

/** Connects any server that speaks the protocol: its address, what it offers, and its key where it wants one. */
export function AddressForm(props: { connection: Connection; keychain: KeychainWatch }) {
  const app = useApp();
  const [step, setStep] = createSignal<Step>({ at: "address" });
  const [address, setAddress] = createSignal("");
  const [name, setName] = createSignal("");
  const [chosen, setChosen] = createSignal<readonly string[]>([]);
  const [error, setError] = createSignal<string>();
  const found = () => {
    const now = step();
    return now.at === "found" ? now.probe : undefined;
  };
  const lookingSince = () => {
    const now = step();
    return now.at === "looking" ? now.since : undefined;
  };

  const look = async () => {
    if (address().trim() === "" || step().at === "looking") return;
    const asked = address().trim();
    setError(undefined);
    setStep({ at: "looking", since: Date.now() });
    try {
      const probe = await app.backend.commands.providerProbe({ baseUrl: asked });
      // Another address was typed meanwhile.
      if (address().trim() !== asked) return;
      setChosen(probe.models);
      if (name() === "") setName(suggestedName(probe.baseUrl));
      setStep({ at: "found", probe });
    } catch (thrown) {
      if (address().trim() !== asked) return;
      setStep({ at: "address" });
      setError(whyNot(thrown));
    }
  };

  return (
    <>
      <p class="muted">{text("models.addBody")}</p>
      <form
        class="provider-form"
        onSubmit={(submit) => {
          submit.preventDefault();
          void look();
        }}
      >
        <div class="field">
          <label for="provider-address">{text("models.address")}</label>
          <div class="field-line">
            <input
              id="provider-address"
              class="input input--mono"
              type="text"
              inputmode="url"
              spellcheck={false}
              autocomplete="off"
              data-testid="provider-address"
              value={address()}
              aria-invalid={error() !== undefined}
              aria-describedby="provider-hint"
              onInput={(typed) => {
                setAddress(typed.currentTarget.value);
                setStep({ at: "address" });
                setError(undefined);
              }}
            />
            <Button type="submit" data-testid="provider-probe" disabled={address().trim() === "" || step().at === "looking"}>
              <Show when={lookingSince()} fallback={text("models.look")}>
                {(since) => <LookingClock since={since()} />}
              </Show>
            </Button>
          </div>
          <span id="provider-hint" class="hint">
            {text("models.addressHint")}
          </span>
        </div>
        <Show when={error()}>
          <p class="error-text" role="alert" data-testid="provider-error">
            {error()}
          </p>
        </Show>
      </form>
      <Show when={found()} keyed>
        {(probe) => (
          <Found
            probe={probe}
            name={name()}
            onName={setName}
            chosen={chosen()}
            onChosen={setChosen}
            connection={props.connection}
            keychain={props.keychain}
          />
        )}
      </Show>
    </>
  );
}

/** What was found at an address: what to call it, which models, and its key. */
function Found(props: {
  probe: ProviderProbe;
  name: string;
  onName(name: string): void;
  chosen: readonly string[];
  onChosen(models: readonly string[]): void;
  connection: Connection;
  keychain: KeychainWatch;
}) {
  const { probe, connection } = props;
  const group = createUniqueId();
  const entry = createKeyEntry(props.keychain);
  const [withKey, setWithKey] = createSignal(probe.wantsKey);
  const toggle = (model: string) =>
    props.onChosen(probe.models.filter((known) => (known === model ? !props.chosen.includes(model) : props.chosen.includes(known))));
  const all = () => props.chosen.length === probe.models.length;
  const busy = () => connection.phase() === "connecting";
  // One that lists its models only to who has a key is asked for all of them.
  const usable = () => (probe.models.length > 0 ? props.chosen.length > 0 : probe.wantsKey);

  const connect = () => {
    if (busy() || !usable() || props.name.trim() === "") return;
    const key = withKey() && (probe.wantsKey || entry.filled()) ? entry.take() : undefined;
    if (withKey() && (probe.wantsKey || entry.filled()) && key === undefined) return;
    void connection.connect({
      provider: null,
      name: props.name.trim(),
      baseUrl: probe.baseUrl,
      models: [...props.chosen],
      inputs: {},
      key: key?.key ?? null,
      thisRun: key?.thisRun ?? false,
    });
  };

  return (
    <Show
      when={probe.models.length > 0 || probe.wantsKey}
      fallback={
        <p class="muted" role="status">
          {text("models.foundNone")}
        </p>
      }
    >
      <form
        class="provider-form"
        onSubmit={(submit) => {
          submit.preventDefault();
          connect();
        }}
      >
        <div class="field">
          <label for="provider-name">{text("models.name")}</label>
          <input
            id="provider-name"
            class="input"
            maxlength={60}
            autocomplete="off"
            data-testid="provider-name"
            value={props.name}
            aria-describedby="provider-name-hint"
            onInput={(typed) => props.onName(typed.currentTarget.value)}
          />
          <span id="provider-name-hint" class="hint">
            {text("models.nameHint")}
          </span>
        </div>
        <Show
          when={withKey()}
          fallback={
            <div>
              <Button kind="quiet" small class="add-key" data-testid="add-key" onClick={() => setWithKey(true)}>
                {text("key.add")}
              </Button>
            </div>
          }
        >
          <KeyField entry={entry} label={text(probe.wantsKey ? "key.label" : "key.labelOptional")} placeholder="" keyUrl="" optional={!probe.wantsKey} />
        </Show>
        <Show when={probe.models.length > 0} fallback={<p class="muted">{text("provider.listedWithKey")}</p>}>
          <div role="group" aria-labelledby={group}>
            <div class="group-head">
              <span class="label" id={group}>
                {text("models.choose")}
              </span>
              <span class="count" role="status">
                {text("models.found", { count: probe.models.length })}
              </span>
              <span class="grow" />
              <Button kind="quiet" small class="connect-all" onClick={() => props.onChosen(all() ? [] : probe.models)}>
                {text(all() ? "models.noneChosen" : "models.all")}
              </Button>
            </div>
            <div class="model-choices">
              <For each={probe.models}>
                {(model) => (
                  <label class="row model-choice">
                    <input type="checkbox" class="checkbox" checked={props.chosen.includes(model)} onChange={() => toggle(model)} />
                    <span class="title mono">{model}</span>
                  </label>
                )}
              </For>
            </div>
          </div>
        </Show>
        <Show when={connection.error()}>
          <p class="error-text" role="alert" data-testid="provider-error">
            {connection.error()} {withKey() ? text("key.again") : ""}
          </p>
        </Show>
        <div>
          <Button type="submit" kind="primary" data-testid="provider-connect" disabled={!usable() || props.name.trim() === "" || busy() || (probe.wantsKey && !entry.filled())}>
            {busy() ? text("provider.connecting") : probe.models.length === 0 ? text("provider.connect") : text("models.connect", { count: props.chosen.length })}
          </Button>
        </div>
      </form>
    </Show>
  );
}

function LookingClock(props: { since: number }) {
  const now = createSecondClock();
  return <span class="tnum">{text("models.looking", { clock: runningClock(now() - props.since) })}</span>;
}
