import { createSignal, For, Show } from "solid-js";
import { toApiError, type ApiError, type ProviderProbe } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { createSecondClock } from "../state/clock";
import { text } from "../strings";
import { runningClock } from "../strings/format";

/** How far it is. */
type Step = { at: "address" } | { at: "looking"; since: number } | { at: "found"; probe: ProviderProbe } | { at: "connecting"; probe: ProviderProbe };

/** Connects a server that needs no key: its address, what it offers, which of that to take. */
export function ConnectProvider() {
  const app = useApp();
  const [step, setStep] = createSignal<Step>({ at: "address" });
  const [address, setAddress] = createSignal("");
  const [name, setName] = createSignal("");
  const [chosen, setChosen] = createSignal<readonly string[]>([]);
  const [error, setError] = createSignal<string>();
  const found = () => {
    const now = step();
    return now.at === "found" || now.at === "connecting" ? now.probe : undefined;
  };

  const attempt = async (before: Step, run: () => Promise<void>) => {
    setError(undefined);
    try {
      await run();
    } catch (thrown) {
      setStep(before);
      setError(words(toApiError(thrown)));
    }
  };

  const look = () =>
    attempt({ at: "address" }, async () => {
      setStep({ at: "looking", since: Date.now() });
      const probe = await app.backend.commands.providerProbe({ baseUrl: address().trim() });
      setChosen(probe.models);
      if (name() === "") setName(suggestedName(probe.baseUrl));
      setStep({ at: "found", probe });
    });

  const connect = (probe: ProviderProbe) =>
    attempt({ at: "found", probe }, async () => {
      setStep({ at: "connecting", probe });
      const provider = await app.backend.commands.providerConnect({
        name: name().trim(),
        baseUrl: probe.baseUrl,
        models: [...chosen()],
      });
      const first = provider.models[0];
      if (app.state.settings.defaultModel === null && first !== undefined) {
        await app.saveSettings({ defaultModel: `${provider.id}/${first}` });
        app.toasts.show(text("models.nowDefault", { name: provider.name, model: first }));
      } else {
        app.toasts.show(text("models.nowConnected", { name: provider.name }));
      }
      setStep({ at: "address" });
      setAddress("");
      setName("");
    });

  return (
    <section class="group">
      <h2>{text("models.add")}</h2>
      <p>{text("models.addBody")}</p>
      <form
        class="connect"
        onSubmit={(submit) => {
          submit.preventDefault();
          if (address().trim() !== "" && step().at !== "looking") void look();
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
              aria-invalid={error() !== undefined && found() === undefined}
              aria-describedby="provider-hint"
              onInput={(typed) => {
                setAddress(typed.currentTarget.value);
                setStep({ at: "address" });
                setError(undefined);
              }}
            />
            <Button type="submit" data-testid="provider-probe" disabled={address().trim() === "" || step().at === "looking"}>
              <Show when={step().at === "looking"} fallback={text("models.look")}>
                <LookingClock since={lookingSince()} />
              </Show>
            </Button>
          </div>
          <span id="provider-hint" class="hint">
            {text("models.addressHint")}
          </span>
        </div>
        <Show when={error() && !found()}>
          <p class="error-text" role="alert" data-testid="provider-error">
            {error()}
          </p>
        </Show>
      </form>
      <Show when={found()}>{(probe) => chooseModels(probe())}</Show>
    </section>
  );

  function lookingSince(): number {
    const now = step();
    return now.at === "looking" ? now.since : 0;
  }

  function chooseModels(probe: ProviderProbe) {
    const toggle = (model: string) =>
      setChosen(chosen().includes(model) ? chosen().filter((known) => known !== model) : probe.models.filter((known) => known === model || chosen().includes(known)));
    const all = () => chosen().length === probe.models.length;
    return (
      <Show
        when={probe.models.length > 0}
        fallback={
          <p class="connect muted" role="status">
            {text("models.foundNone")}
          </p>
        }
      >
        <form
          class="connect"
          onSubmit={(submit) => {
            submit.preventDefault();
            void connect(probe);
          }}
        >
          <div class="field">
            <label for="provider-name">{text("models.name")}</label>
            <input
              id="provider-name"
              class="input"
              maxlength={60}
              data-testid="provider-name"
              value={name()}
              aria-describedby="provider-name-hint"
              onInput={(typed) => setName(typed.currentTarget.value)}
            />
            <span id="provider-name-hint" class="hint">
              {text("models.nameHint")}
            </span>
          </div>
          <div role="group" aria-labelledby="provider-models">
            <div class="group-head">
              <span class="label" id="provider-models">
                {text("models.choose")}
              </span>
              <span class="count" role="status">
                {text("models.found", { count: probe.models.length })}
              </span>
              <span class="grow" />
              <Button kind="quiet" small class="connect-all" onClick={() => setChosen(all() ? [] : probe.models)}>
                {text(all() ? "models.noneChosen" : "models.all")}
              </Button>
            </div>
            <div class="model-choices">
              <For each={probe.models}>
                {(model) => (
                  <label class="row model-choice">
                    <input type="checkbox" class="checkbox" checked={chosen().includes(model)} onChange={() => toggle(model)} />
                    <span class="title mono">{model}</span>
                  </label>
                )}
              </For>
            </div>
          </div>
          <Show when={error()}>
            <p class="error-text" role="alert" data-testid="provider-error">
              {error()}
            </p>
          </Show>
          <div>
            <Button
              type="submit"
              kind="primary"
              data-testid="provider-connect"
              disabled={chosen().length === 0 || name().trim() === "" || step().at === "connecting"}
            >
              {step().at === "connecting" ? text("models.connecting") : text("models.connect", { count: chosen().length })}
            </Button>
          </div>
        </form>
      </Show>
    );
  }
}

function LookingClock(props: { since: number }) {
  const now = createSecondClock();
  return <span class="tnum">{text("models.looking", { clock: runningClock(now() - props.since) })}</span>;
}

/** Why it did not work; the core says it best, and some codes have words of their own when it says nothing. */
function words(failure: ApiError): string {
  // The system's own dialog asked, and the person did not agree.
  if (failure.code === "consentNeeded") return text("models.notAgreed");
  if (failure.message !== "") return failure.message;
  return text(failure.code === "notAllowed" ? "models.notAllowed" : "models.unreachable");
}

/** What to call a server at first: this computer, or its host. */
function suggestedName(baseUrl: string): string {
  try {
    const { hostname } = new URL(baseUrl);
    return ["localhost", "127.0.0.1", "[::1]"].includes(hostname) ? text("models.nameLocal") : hostname.slice(0, 60);
  } catch {
    return "";
  }
}
