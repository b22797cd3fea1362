import { createEffect, createMemo, createSignal, Match, on, Show, Switch } from "solid-js";
import type { ProviderOffer, ProviderRow, ProviderUsage } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { cpu, triangleAlert } from "../design/icons";
import { createConnection } from "../providers/connection";
import type { KeychainWatch } from "../providers/keychain";
import { KeyState } from "../providers/KeyState";
import { ReplaceKey } from "../providers/ReplaceKey";
import { TestSteps } from "../providers/TestSteps";
import { hasKey, hostOf, takesKey } from "../providers/words";
import { useApp } from "../state/app";
import { isCapped, isNearCap } from "../state/providers";
import { text } from "../strings";
import { byteSize } from "../strings/format";
import { RemoveKeyDialog, RemoveProviderDialog } from "./RemoveDialogs";

/** A connected provider. What is opened of it, a test or a field for another key, stands below its line. */
export function ProviderLine(props: {
  row: ProviderRow;
  offer: ProviderOffer | undefined;
  usage: ProviderUsage | undefined;
  keychain: KeychainWatch;
  onUsed(): void;
  onSignIn(): void;
  onRemoved(): void;
}) {
  const app = useApp();
  const connection = createConnection(app, props.row);
  const [replacing, setReplacing] = createSignal(false);
  const [removing, setRemoving] = createSignal<"key" | "provider">();
  const [forgetting, setForgetting] = createSignal(false);
  let replaceButton: HTMLButtonElement | undefined;
  const testing = createMemo(() => connection.starting() || connection.test()?.running === true);
  const signsIn = () => (props.offer?.signIns.length ?? 0) > 0;
  // What a test sent is counted too.
  createEffect(on(testing, (now) => !now && props.onUsed(), { defer: true }));
  /** The engine is told before this is done, which takes longer than anyone looks at a dialog. */
  const removeKey = async () => {
    setRemoving(undefined);
    replaceButton?.focus();
    setForgetting(true);
    try {
      app.noteProvider(await app.backend.commands.keyRemove({ provider: props.row.id }));
    } catch (thrown) {
      app.tell(thrown);
    }
    setForgetting(false);
  };
  const opened = () => replacing() || connection.test() !== undefined || connection.error() !== undefined || connection.warning() !== "";
  return (
    <li class="provider-line" data-testid={`provider-row-${props.row.id}`} data-key={props.row.key.kind}>
      <div class="setting">
        <Icon path={cpu} class="subtle" />
        <div class="text">
          <div class="label wrap-anywhere">{props.row.name}</div>
          <p class="wrap-anywhere">
            {hostOf(props.row.baseUrl)}
            {" · "}
            {props.row.models.length === 0 ? text("models.allModels") : text("models.count", { count: props.row.models.length })}
          </p>
          <KeyState row={props.row} />
          <div role="status">
            <Show when={forgetting()}>
              <p class="muted" data-testid="key-removing">
                {text("key.removing")}
              </p>
            </Show>
          </div>
          <Show when={props.row.leftOut}>
            {(why) => (
              <p class="wrap-anywhere" data-testid="left-out">
                <span class="is-warn">{text("models.leftOut")}</span> {why()}
              </p>
            )}
          </Show>
          <Show when={props.usage}>{(usage) => <Usage usage={usage()} name={props.row.name} onAllowed={props.onUsed} />}</Show>
        </div>
        <div class="control">
          <Button
            small
            data-testid="provider-test"
            disabled={testing()}
            aria-label={text("models.testLabel", { name: props.row.name })}
            onClick={() => {
              setReplacing(false);
              connection.runTest();
            }}
          >
            {text(connection.starting() ? "test.starting" : "models.test")}
          </Button>
          <Switch>
            <Match when={takesKey(props.row)}>
              <Button
                small
                ref={(element: HTMLButtonElement) => (replaceButton = element)}
                data-testid="replace-key"
                aria-expanded={replacing()}
                aria-label={text(hasKey(props.row) ? "key.replaceLabel" : "key.giveLabel", { name: props.row.name })}
                onClick={() => setReplacing(!replacing())}
              >
                {text(hasKey(props.row) ? "key.replace" : "key.give")}
              </Button>
            </Match>
            <Match when={signsIn()}>
              <Button small data-testid="sign-in-again" aria-label={text("signIn.againLabel", { name: props.row.name })} onClick={() => props.onSignIn()}>
                {text("signIn.anew")}
              </Button>
            </Match>
          </Switch>
          <Show when={hasKey(props.row) && !forgetting()}>
            <Button small kind="quiet" data-testid="remove-key" aria-label={text("key.removeLabel", { name: props.row.name })} onClick={() => setRemoving("key")}>
              {text("key.remove")}
            </Button>
          </Show>
          <Button small kind="quiet" data-testid="provider-remove" aria-label={text("models.removeLabel", { name: props.row.name })} onClick={() => setRemoving("provider")}>
            {text("models.remove")}
          </Button>
        </div>
      </div>
      <Show when={opened()}>
        <div class="provider-open">
          <Show when={connection.warning() !== ""}>
            <div class="notice" role="status" data-testid="key-warning">
              <Icon path={triangleAlert} />
              <p>{connection.warning()}</p>
            </div>
          </Show>
          <Show when={connection.error() && !replacing()}>
            <p class="error-text" role="alert" data-testid="provider-error">
              {connection.error()}
            </p>
          </Show>
          <Show when={replacing()}>
            <ReplaceKey
              keychain={props.keychain}
              placeholder={props.offer?.keyPlaceholder ?? ""}
              keyUrl={props.offer?.keyUrl ?? ""}
              error={connection.error()}
              onGive={async (given) => {
                if (await connection.replaceKey(given)) {
                  setReplacing(false);
                  replaceButton?.focus();
                }
              }}
              onClose={() => {
                setReplacing(false);
                connection.setError(undefined);
                replaceButton?.focus();
              }}
            />
          </Show>
          <Show when={connection.test()}>
            {(test) => (
              <TestSteps
                test={test()}
                name={props.row.name}
                onStop={connection.stopTest}
                actions={
                  <Button small kind="quiet" data-testid="test-close" onClick={() => connection.forgetTest()}>
                    {text("test.close")}
                  </Button>
                }
              />
            )}
          </Show>
        </div>
      </Show>
      <Switch>
        <Match when={removing() === "key"}>
          <RemoveKeyDialog provider={props.row} onConfirm={() => void removeKey()} onClose={() => setRemoving(undefined)} />
        </Match>
        <Match when={removing() === "provider"}>
          <RemoveProviderDialog provider={props.row} onClose={() => setRemoving(undefined)} onRemoved={props.onRemoved} />
        </Match>
      </Switch>
    </li>
  );
}

/** What went to a provider, and how much more of it this run may send. */
function Usage(props: { usage: ProviderUsage; name: string; onAllowed(): void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const allow = async () => {
    if (busy()) return;
    setBusy(true);
    try {
      await app.backend.commands.providerAllowMore({ provider: props.usage.provider });
      app.toasts.show(text("models.allowedMore", { name: props.name, count: props.usage.runCap }));
      props.onAllowed();
    } catch (thrown) {
      app.tell(thrown);
    }
    setBusy(false);
  };
  return (
    <div class="usage tnum" data-testid="provider-usage">
      <span>
        {text("usage.requests", { count: props.usage.requests })}
        {props.usage.failures > 0 ? `, ${text("usage.failures", { count: props.usage.failures })}` : ""}
        {" · "}
        {text("usage.bytes", { up: byteSize(props.usage.bytesUp), down: byteSize(props.usage.bytesDown) })}
      </span>
      <span classList={{ "is-warn": isNearCap(props.usage) }}>
        {text(isCapped(props.usage) ? "usage.capped" : "usage.ofCap", { used: props.usage.runRequests, cap: props.usage.runCap })}
      </span>
      <Show when={isNearCap(props.usage)}>
        <Button small data-testid="allow-more" aria-disabled={busy()} aria-label={text("models.allowMoreLabel", { name: props.name })} onClick={() => void allow()}>
          {text("models.allowMore")}
        </Button>
      </Show>
    </div>
  );
}
