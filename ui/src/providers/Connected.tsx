import { createSignal, Show } from "solid-js";
import type { ModelChoice } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { triangleAlert } from "../design/icons";
import { useApp } from "../state/app";
import { text } from "../strings";
import { createAsked } from "./asked";
import type { Connection } from "./connection";
import type { KeychainWatch } from "./keychain";
import { KeyState } from "./KeyState";
import { ModelSelect } from "./ModelSelect";
import { ReplaceKey } from "./ReplaceKey";
import { TestSteps } from "./TestSteps";
import { takesKey } from "./words";

/** A provider that is connected: its key, the model to test it with, and the test. */
export function Connected(props: { connection: Connection; keychain: KeychainWatch; keyPlaceholder: string; keyUrl: string }) {
  const app = useApp();
  const { connection } = props;
  const [replacing, setReplacing] = createSignal(false);
  const models = createAsked<ModelChoice[]>(() => app.backend.commands.providerModels({ provider: connection.row()?.id ?? "" }));
  const name = () => connection.row()?.name ?? "";
  const canReplace = () => {
    const row = connection.row();
    return row !== undefined && takesKey(row) && !replacing();
  };
  const testing = () => connection.starting() || connection.test()?.running === true;
  return (
    <>
      <Show when={connection.row()}>
        {(row) => (
          <div class="connected" data-testid="connected-provider">
            <p class="strong">{text("provider.isConnected", { name: row().name })}</p>
            <KeyState row={row()} />
          </div>
        )}
      </Show>
      <Show when={connection.warning() !== ""}>
        <div class="notice" role="status" data-testid="key-warning">
          <Icon path={triangleAlert} />
          <p>{connection.warning()}</p>
        </div>
      </Show>
      <Show when={replacing()}>
        <ReplaceKey
          keychain={props.keychain}
          placeholder={props.keyPlaceholder}
          keyUrl={props.keyUrl}
          error={connection.error()}
          onGive={async (given) => {
            if (await connection.replaceKey(given)) setReplacing(false);
          }}
          onClose={() => setReplacing(false)}
        />
      </Show>
      <ModelSelect models={models.value() ?? []} loading={models.loading()} model={connection.model()} onModel={connection.setModel} />
      <Show when={connection.error() && !replacing()}>
        <p class="error-text" role="alert" data-testid="provider-error">
          {connection.error()}
        </p>
      </Show>
      <Show
        when={connection.test()}
        fallback={
          <div class="page-actions">
            <Button data-testid="test-again" disabled={connection.starting()} onClick={() => connection.runTest()}>
              {text(connection.starting() ? "test.starting" : "test.begin")}
            </Button>
          </div>
        }
      >
        {(test) => (
          <TestSteps
            test={test()}
            name={name()}
            onStop={connection.stopTest}
            actions={
              <>
                <Button data-testid="test-again" disabled={testing()} onClick={() => connection.runTest()}>
                  {text("test.again")}
                </Button>
                <Show when={canReplace()}>
                  <Button kind="quiet" data-testid="replace-key" onClick={() => setReplacing(true)}>
                    {text("key.replace")}
                  </Button>
                </Show>
              </>
            }
          />
        )}
      </Show>
    </>
  );
}
