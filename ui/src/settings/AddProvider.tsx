import { createSignal, onMount, Show } from "solid-js";
import { Button } from "../design/Button";
import { useLayer } from "../design/layers";
import { Chooser, createOffers } from "../providers/Chooser";
import { choiceId, type ProviderChoice } from "../providers/choices";
import { Detail } from "../providers/Detail";
import type { KeychainWatch } from "../providers/keychain";
import { text } from "../strings";

/** The same list as while setting up, in the settings. Escape closes it. */
export function AddProvider(props: { keychain: KeychainWatch; wanted: string | undefined; onClose(): void }) {
  const offers = createOffers();
  const [choice, setChoice] = createSignal<ProviderChoice>();
  let heading: HTMLHeadingElement | undefined;
  useLayer(() => props.onClose());
  onMount(() => heading?.focus());
  // The same line chosen again keeps what was typed for it.
  const choose = (wanted: ProviderChoice) => {
    const before = choice();
    if (!before || choiceId(before) !== choiceId(wanted)) setChoice(() => wanted);
  };
  return (
    <section class="group" data-testid="add-provider-panel">
      <div class="group-head">
        <h2 class="group-title" tabindex={-1} ref={(element) => (heading = element)}>
          {text("models.add")}
        </h2>
        <span class="grow" />
        <Button kind="quiet" small data-testid="add-provider-close" onClick={() => props.onClose()}>
          {text("models.addClose")}
        </Button>
      </div>
      <div class="add-provider">
        <Chooser offers={offers} chosen={choice()} demo={false} wanted={props.wanted} onChoose={choose} />
        <Show when={choice()} keyed fallback={<p class="muted">{text("provider.choose")}</p>}>
          {(chosen) => (
            <Detail
              choice={chosen}
              offers={offers}
              keychain={props.keychain}
              headingLevel={3}
              foot={(connection) => (
                <Show when={connection.phase() === "connected"}>
                  <div class="page-actions">
                    <Button {...(connection.passed() ? { kind: "primary" as const } : {})} data-testid="add-provider-done" onClick={() => props.onClose()}>
                      {text("models.addDone")}
                    </Button>
                  </div>
                </Show>
              )}
            />
          )}
        </Show>
      </div>
    </section>
  );
}
