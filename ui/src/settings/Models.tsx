import { createMemo, createSignal, For, Show } from "solid-js";
import { toApiError, type ProviderRow } from "../backend";
import { Button } from "../design/Button";
import { ConfirmDialog } from "../design/Dialog";
import { Icon } from "../design/Icon";
import { chevronDown, cpu } from "../design/icons";
import { MenuButton } from "../design/Menu";
import { useApp } from "../state/app";
import { effectiveModel } from "../state/choice";
import { text } from "../strings";
import { ConnectProvider } from "./ConnectProvider";
import { Setting } from "./Setting";

/** The models there are, what new threads begin with, and how to connect more. */
export function Models() {
  const app = useApp();
  const [removing, setRemoving] = createSignal<ProviderRow | null>(null);
  return (
    <>
      <Defaults />
      <section class="group">
        <h2>{text("models.connected")}</h2>
        <Show
          when={app.state.providers.length > 0}
          fallback={
            <p>
              {text("models.none")}. {text("models.noneBody")}
            </p>
          }
        >
          <ul class="group-body">
            <For each={app.state.providers}>
              {(provider) => (
                <li class="setting">
                  <Icon path={cpu} class="subtle" />
                  <div class="text">
                    <div class="label">{provider.name}</div>
                    <p class="wrap-anywhere">{provider.baseUrl}</p>
                    <p>{text("models.count", { count: provider.models.length })}</p>
                  </div>
                  <div class="control">
                    <Button aria-label={text("models.removeLabel", { name: provider.name })} onClick={() => setRemoving(provider)}>
                      {text("models.remove")}
                    </Button>
                  </div>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </section>
      <ConnectProvider />
      <Show when={removing()} keyed>
        {(provider) => <RemoveDialog provider={provider} onClose={() => setRemoving(null)} />}
      </Show>
    </>
  );
}

function Defaults() {
  const app = useApp();
  const model = createMemo(() => effectiveModel(app.state, null));
  const modelName = () => {
    const wanted = app.state.settings.defaultModel;
    if (wanted !== null && model()?.id !== wanted) return text("models.defaultGone", { model: wanted });
    return model()?.name ?? text("status.noModel");
  };
  const agentName = () => app.state.settings.defaultAgent ?? text("models.agentDefault");
  return (
    <section class="group first">
      <h2>{text("models.default")}</h2>
      <div class="group-body">
        <Setting label={text("models.defaultLabel")} body={text("models.defaultBody")}>
          <MenuButton
            class="select"
            label={text("models.defaultMenu", { model: modelName() })}
            align="end"
            disabled={app.state.models.length === 0}
            testid="default-model"
            entries={app.state.models.map((choice) => ({
              label: choice.name,
              meta: choice.scripted ? text("models.scripted") : choice.provider,
              checked: choice.id === model()?.id,
              run: () => void app.saveSettings({ defaultModel: choice.scripted ? null : choice.id }),
            }))}
          >
            <span class="truncate">{modelName()}</span>
            <Icon path={chevronDown} small />
          </MenuButton>
        </Setting>
        <Show when={app.state.agents.length > 0}>
          <Setting label={text("models.agentLabel")} body={text("models.agentBody")}>
            <MenuButton
              class="select"
              label={text("models.agentMenu", { agent: agentName() })}
              align="end"
              entries={app.state.agents.map((choice) => ({
                label: choice.name,
                checked: choice.name === app.state.settings.defaultAgent,
                run: () => void app.saveSettings({ defaultAgent: choice.name }),
              }))}
            >
              <span class="truncate">{agentName()}</span>
              <Icon path={chevronDown} small />
            </MenuButton>
          </Setting>
        </Show>
      </div>
    </section>
  );
}

function RemoveDialog(props: { provider: ProviderRow; onClose(): void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const remove = async () => {
    setBusy(true);
    try {
      await app.backend.commands.providerRemove({ provider: props.provider.id });
      props.onClose();
    } catch (thrown) {
      setError(toApiError(thrown).message);
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog
      title={text("models.removeTitle", { name: props.provider.name })}
      confirm={text("models.removeConfirm")}
      danger
      busy={busy()}
      error={error()}
      onConfirm={() => void remove()}
      onCancel={() => props.onClose()}
    >
      <p>{text("models.removeBody")}</p>
    </ConfirmDialog>
  );
}
