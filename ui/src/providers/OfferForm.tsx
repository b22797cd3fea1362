import { Show } from "solid-js";
import type { ModelChoice, ProviderOffer } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { text } from "../strings";
import { createAsked } from "./asked";
import type { Connection } from "./connection";
import type { KeychainWatch } from "./keychain";
import { createInputs, InputFields } from "./InputFields";
import { createKeyEntry, KeyField } from "./KeyField";
import { ModelSelect } from "./ModelSelect";
import { SignIns } from "./SignIns";

/** One of the catalogue: its key or a way to sign in, what else it wants to know, and the model to begin with. */
export function OfferForm(props: { offer: ProviderOffer; connection: Connection; keychain: KeychainWatch }) {
  const app = useApp();
  const { offer, connection } = props;
  const entry = createKeyEntry(props.keychain);
  const inputs = createInputs(() => offer.inputs);
  const models = createAsked<ModelChoice[]>(() => app.backend.commands.providerModels({ provider: offer.id }));

  const busy = () => connection.phase() === "connecting";
  // Neither a key nor a sign-in: it is connected as it is.
  const keyless = () => !offer.takesKey && offer.signIns.length === 0;

  const connect = () => {
    if (busy()) return;
    const values = inputs.given();
    if (values === undefined) return;
    const key = offer.takesKey ? entry.take() : undefined;
    if (offer.takesKey && key === undefined) return;
    void connection.connect({ provider: offer.id, name: null, baseUrl: null, models: [], inputs: values, key: key?.key ?? null, thisRun: key?.thisRun ?? false });
  };
  return (
    <>
      <Show when={offer.description !== ""}>
        <p class="muted">{offer.description}</p>
      </Show>
      <Show when={offer.takesKey || keyless() || offer.inputs.length > 0}>
        <form
          class="provider-form"
          onSubmit={(submit) => {
            submit.preventDefault();
            connect();
          }}
        >
          <InputFields inputs={inputs} />
          <Show when={offer.takesKey}>
            <KeyField entry={entry} label={text("key.label")} placeholder={offer.keyPlaceholder} keyUrl={offer.keyUrl} />
          </Show>
          <Show when={offer.takesKey || keyless()}>
            <ModelSelect models={models.value() ?? []} loading={models.loading()} model={connection.model()} onModel={connection.setModel} />
            <Show when={connection.error()}>
              <p class="error-text" role="alert" data-testid="provider-error">
                {connection.error()} {offer.takesKey ? text("key.again") : ""}
              </p>
            </Show>
            <div>
              <Button type="submit" kind="primary" data-testid="connect-and-test" disabled={busy() || (offer.takesKey && !entry.filled())}>
                {text(busy() ? "provider.connecting" : "provider.connect")}
              </Button>
            </div>
          </Show>
        </form>
      </Show>
      <Show when={offer.signIns.length > 0}>
        <div class="sign-in-block" classList={{ "sign-in-block--below": offer.takesKey }}>
          <Show when={offer.takesKey}>
            <h3 class="group-title">{text("signIn.instead")}</h3>
          </Show>
          <SignIns offer={offer} connection={connection} />
        </div>
      </Show>
    </>
  );
}
