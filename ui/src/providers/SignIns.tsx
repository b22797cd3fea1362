import { createEffect, createMemo, createSignal, createUniqueId, For, on, Show } from "solid-js";
import type { ProviderOffer, SignInOffer } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { text } from "../strings";
import type { Connection } from "./connection";
import { createInputs, InputFields } from "./InputFields";
import { SignInPanel } from "./SignInPanel";
import { keptBy, whyNot } from "./words";

/** The ways to sign in at a provider, with who keeps what that brings, and the sign-in once it began. */
export function SignIns(props: { offer: ProviderOffer; connection: Connection }) {
  const app = useApp();
  const [begun, setBegun] = createSignal<SignInOffer>();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  // One that was under way when this was opened goes on here.
  const view = () => {
    const shown = app.state.signIn;
    return shown !== null && shown.provider === props.offer.id && (begun() !== undefined || shown.state.kind === "waiting") ? shown : undefined;
  };
  const [last, setLast] = createSignal<Record<string, string>>({});
  const begin = async (offer: SignInOffer, inputs: Record<string, string>) => {
    if (busy()) return;
    setLast(inputs);
    setBusy(true);
    setError(undefined);
    try {
      await app.signIn({ provider: props.offer.id, offer: offer.id, inputs });
      setBegun(offer);
    } catch (thrown) {
      setError(whyNot(thrown));
    }
    setBusy(false);
  };
  // The provider's row comes with the news that it is done, or right after it.
  const row = () => app.state.providers.find((provider) => provider.id === props.offer.id);
  // Once for each sign-in, whatever else becomes of its row.
  const done = createMemo(() => view()?.state.kind === "done" && row() !== undefined);
  createEffect(
    on(done, (now) => {
      const provider = row();
      if (now && provider) void props.connection.adopt(provider);
    }, { defer: true }),
  );
  const again = () => {
    const offer = begun() ?? props.offer.signIns[0];
    if (offer) void begin(offer, last());
  };
  return (
    <div class="sign-ins">
      <Show
        when={view()}
        fallback={
          <For each={props.offer.signIns}>
            {(offer) => <Way offer={offer} busy={busy()} onBegin={(inputs) => void begin(offer, inputs)} />}
          </For>
        }
      >
        {(shown) => <SignInPanel view={shown()} name={props.offer.name} onAgain={again} onClose={() => setBegun(undefined)} />}
      </Show>
      <Show when={error()}>
        <p class="error-text" role="alert">
          {error()}
        </p>
      </Show>
    </div>
  );
}

/** One way to sign in: what it wants to know, how it goes, and who keeps what it brings. */
function Way(props: { offer: SignInOffer; busy: boolean; onBegin(inputs: Record<string, string>): void }) {
  const inputs = createInputs(() => props.offer.inputs);
  const keeper = createUniqueId();
  return (
    <form
      class="sign-in-way"
      onSubmit={(submit) => {
        submit.preventDefault();
        const given = inputs.given();
        if (given) props.onBegin(given);
      }}
    >
      <InputFields inputs={inputs} />
      <Button type="submit" data-testid={`sign-in-offer-${props.offer.id}`} aria-disabled={props.busy} aria-describedby={keeper}>
        {props.offer.label}
      </Button>
      <p class="hint" id={keeper} classList={{ "is-warn": props.offer.keeper === "engine" }}>
        {text(`signIn.way.${props.offer.way}`)} {keptBy(props.offer.keeper)}
      </p>
    </form>
  );
}
