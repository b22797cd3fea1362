import { createSignal, Show } from "solid-js";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { plus } from "../design/icons";
import { createKeychain } from "../providers/keychain";
import "../providers/providers.css";
import { useApp } from "../state/app";
import { text } from "../strings";
import { AddProvider } from "./AddProvider";
import { AllKeys } from "./AllKeys";
import { ModelDefaults } from "./ModelDefaults";
import { ProviderLines } from "./ProviderLines";

/** What is being added; a provider's id where a certain one was asked for. */
export type Adding = { wanted: string | undefined };

/** The models there are, what new threads begin with, the providers behind them, and how to connect more. */
export function Models() {
  const app = useApp();
  const keychain = createKeychain(app);
  const [adding, setAdding] = createSignal<Adding>();
  let opener: HTMLButtonElement | undefined;
  return (
    <>
      <ModelDefaults />
      <ProviderLines keychain={keychain} onSignIn={(wanted) => setAdding({ wanted })} />
      <Show
        when={adding()}
        keyed
        fallback={
          <div class="page-actions">
            <Button ref={(element: HTMLButtonElement) => (opener = element)} data-testid="add-provider" onClick={() => setAdding({ wanted: undefined })}>
              <Icon path={plus} />
              {text("models.add")}
            </Button>
          </div>
        }
      >
        {(shown) => (
          <AddProvider
            keychain={keychain}
            wanted={shown.wanted}
            onClose={() => {
              setAdding(undefined);
              opener?.focus();
            }}
          />
        )}
      </Show>
      <AllKeys />
    </>
  );
}
