import { Show } from "solid-js";
import type { LocalServerRow } from "../backend";
import { Button } from "../design/Button";
import { text } from "../strings";
import type { Connection } from "./connection";
import { ModelSelect } from "./ModelSelect";
import { plainModels } from "./words";

/** A model server on this computer. It takes no key. */
export function LocalForm(props: { server: LocalServerRow; connection: Connection; looking: boolean; onLookAgain(): void }) {
  const busy = () => props.connection.phase() === "connecting";
  const models = () => plainModels(props.server.models, props.server.name);
  const connect = () => {
    const { name, baseUrl, models: ids } = props.server;
    if (!busy()) void props.connection.connect({ provider: null, name, baseUrl, models: ids, inputs: {}, key: null, thisRun: false });
  };
  return (
    <>
      <p class="muted wrap-anywhere">{props.server.baseUrl}</p>
      <Show
        when={props.server.running}
        fallback={
          <div class="local-off" data-testid="local-not-running">
            <p>{text("provider.startLocal", { name: props.server.name })}</p>
            <div class="page-actions">
              <Button disabled={props.looking} onClick={() => props.onLookAgain()}>
                {text(props.looking ? "provider.lookingLocal" : "provider.lookAgain")}
              </Button>
            </div>
          </div>
        }
      >
        <form
          class="provider-form"
          onSubmit={(submit) => {
            submit.preventDefault();
            connect();
          }}
        >
          <Show when={props.server.models.length > 0} fallback={<p class="muted">{text("models.foundNone")}</p>}>
            <ModelSelect models={models()} loading={false} model={props.connection.model()} onModel={props.connection.setModel} />
          </Show>
          <Show when={props.connection.error()}>
            <p class="error-text" role="alert" data-testid="provider-error">
              {props.connection.error()}
            </p>
          </Show>
          <div>
            <Button type="submit" kind="primary" data-testid="connect-and-test" disabled={busy() || props.server.models.length === 0}>
              {text(busy() ? "provider.connecting" : "provider.connect")}
            </Button>
          </div>
        </form>
      </Show>
    </>
  );
}
