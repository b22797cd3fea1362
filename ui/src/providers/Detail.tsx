import { createSignal, Match, Show, Switch, type JSX } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { text } from "../strings";
import { AddressForm } from "./AddressForm";
import type { Offers } from "./Chooser";
import type { ProviderChoice } from "./choices";
import { Connected } from "./Connected";
import { createConnection, type Connection } from "./connection";
import type { KeychainWatch } from "./keychain";
import { LocalForm } from "./LocalForm";
import { createOnline } from "./online";
import { OfferForm } from "./OfferForm";
import { SignIns } from "./SignIns";

/** The chosen provider: connecting it, and then its test. Make a new one for each choice. */
export function Detail(props: { choice: ProviderChoice; offers: Offers; keychain: KeychainWatch; headingLevel: 2 | 3; foot?: (connection: Connection) => JSX.Element }) {
  const app = useApp();
  const { choice } = props;
  const online = createOnline();
  // One that is connected already is shown as it is.
  const connection = createConnection(app, choice.kind === "offer" ? app.state.providers.find((row) => row.id === choice.offer.id) : undefined);
  const offer = () => (choice.kind === "offer" ? choice.offer : undefined);
  // Looking again may have found it running.
  const server = () => (choice.kind === "local" ? (props.offers.servers.value()?.find((row) => row.baseUrl === choice.server.baseUrl) ?? choice.server) : undefined);
  const signedIn = () => ["signedIn", "signedInByEngine"].includes(connection.row()?.key.kind ?? "");
  const name = () => {
    if (choice.kind === "offer") return choice.offer.name;
    return choice.kind === "local" ? choice.server.name : text(choice.kind === "demo" ? "provider.demo" : "provider.custom");
  };
  return (
    <section class="provider-detail" aria-label={name()} data-testid="provider-detail">
      <div class="provider-detail-body">
        <Show when={props.headingLevel === 2} fallback={<h3 class="detail-title wrap-anywhere">{name()}</h3>}>
          <h2 class="detail-title wrap-anywhere">{name()}</h2>
        </Show>
        <Show when={!online()}>
          <p class="subtle" role="status" data-testid="offline">
            {text("provider.offline")}
          </p>
        </Show>
        <Switch>
          <Match when={choice.kind === "demo"}>
            <Demo />
          </Match>
          <Match when={connection.phase() === "connected"}>
            <Connected connection={connection} keychain={props.keychain} keyPlaceholder={offer()?.keyPlaceholder ?? ""} keyUrl={offer()?.keyUrl ?? ""} />
            <Show when={offer() && offer()?.signIns.length}>
              <div class="sign-in-block sign-in-block--below">
                <h3 class="group-title">{text(signedIn() ? "signIn.anew" : "signIn.instead")}</h3>
                <Show when={offer()}>{(known) => <SignIns offer={known()} connection={connection} />}</Show>
              </div>
            </Show>
          </Match>
          <Match when={offer()}>{(known) => <OfferForm offer={known()} connection={connection} keychain={props.keychain} />}</Match>
          <Match when={server()}>
            {(local) => <LocalForm server={local()} connection={connection} looking={props.offers.servers.loading()} onLookAgain={props.offers.servers.again} />}
          </Match>
          <Match when={choice.kind === "custom"}>
            <AddressForm connection={connection} keychain={props.keychain} />
          </Match>
        </Switch>
      </div>
      {props.foot?.(connection)}
    </section>
  );
}

/** The scripted model: no key, no network. */
function Demo() {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await app.tryDemo();
    } catch (thrown) {
      setError(text("home.demoFailed", { reason: toApiError(thrown).message }));
    }
    setBusy(false);
  };
  return (
    <>
      <p class="muted">{text("home.tryDemoBody")}</p>
      <Show when={error()}>
        <p class="error-text" role="alert">
          {error()}
        </p>
      </Show>
      <div>
        <Button kind="primary" data-testid="setup-demo" disabled={busy()} onClick={() => void run()}>
          {text("home.tryDemo")}
        </Button>
      </div>
    </>
  );
}
