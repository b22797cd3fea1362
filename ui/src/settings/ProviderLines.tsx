import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import type { ProviderCatalogue, ProviderRow, ProviderUsage } from "../backend";
import { createAsked } from "../providers/asked";
import type { KeychainWatch } from "../providers/keychain";
import { useApp } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { text } from "../strings";
import { ProviderLine } from "./ProviderLine";

/** The providers that are connected, each with its key, its test and what went to it. */
export function ProviderLines(props: { keychain: KeychainWatch; onSignIn(provider: string): void }) {
  const app = useApp();
  const now = createMinuteClock();
  const usage = createAsked<ProviderUsage[]>(() => app.backend.commands.providerUsage());
  // Only for what its keys look like and where they are made; without it the rows are the same.
  const catalogue = createAsked<ProviderCatalogue>(() => app.backend.commands.providerCatalogue());
  createEffect(on(now, () => usage.again(), { defer: true }));
  const [place, setPlace] = createSignal<HTMLElement>();
  // By id, so that a row whose key changes keeps what was opened in it, and the focus.
  const ids = createMemo(() => app.state.providers.map((row) => row.id));
  const rowOf = (id: string): ProviderRow | undefined => app.state.providers.find((row) => row.id === id);
  return (
    <section class="group" data-testid="providers">
      <h2 tabindex={-1} ref={setPlace}>
        {text("models.connected")}
      </h2>
      <Show when={usage.error()}>
        <p class="error-text" role="alert">
          {text("usage.notRead", { reason: usage.error() ?? "" })}
        </p>
      </Show>
      <Show
        when={ids().length > 0}
        fallback={
          <p>
            {text("models.none")}. {text("models.noneBody")}
          </p>
        }
      >
        <ul class="group-body">
          <For each={ids()}>
            {(id) => (
              <Show when={rowOf(id)}>
                {(row) => (
                  <ProviderLine
                    row={row()}
                    offer={catalogue.value()?.offers.find((offer) => offer.id === id)}
                    usage={usage.value()?.find((one) => one.provider === id)}
                    keychain={props.keychain}
                    onUsed={usage.again}
                    onSignIn={() => props.onSignIn(id)}
                    onRemoved={() => place()?.focus()}
                  />
                )}
              </Show>
            )}
          </For>
        </ul>
      </Show>
    </section>
  );
}
