import { createEffect, createResource, createSignal, For, on, Show } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { toApiError, type BridgeRow, type EngineHome } from "../backend";
import { Button } from "../design/Button";
import { Segmented } from "../design/Segmented";
import { useApp } from "../state/app";
import { anythingRuns, whyRefused } from "../state/engine";
import { text } from "../strings";
import { engineText } from "../strings/engineSettings";
import { RequestSettings } from "./LogSettings";
import { NumberField } from "./NumberField";
import { Setting } from "./Setting";

/** The bounds the core keeps. */
const bounds = {
  failures: { least: 1, most: 50 },
  window: { least: 10, most: 3600 },
  memory: { least: 512, most: 65_536 },
} as const;

/** How the engine is kept running, what of the person's own configuration it may use, and where it lives. */
export function EngineSettings() {
  const app = useApp();
  const settings = () => app.state.settings;
  return (
    <>
      <section class="group first">
        <h2>{engineText("engineSettings.restarts")}</h2>
        <p>{engineText("engineSettings.restartsBody")}</p>
        <div class="group-body">
          <NumberField
            label={engineText("engineSettings.failures")}
            body={engineText("engineSettings.failuresBody", bounds.failures)}
            unit={engineText("engineSettings.failuresUnit")}
            value={settings().restartFailures}
            {...bounds.failures}
            name="restartFailures"
            testid="restart-failures"
            onSave={(restartFailures) => void app.saveSettings({ restartFailures })}
          />
          <NumberField
            label={engineText("engineSettings.window")}
            body={engineText("engineSettings.windowBody", bounds.window)}
            unit={engineText("engineSettings.windowUnit")}
            value={settings().restartWindow}
            {...bounds.window}
            name="restartWindow"
            testid="restart-window"
            onSave={(restartWindow) => void app.saveSettings({ restartWindow })}
          />
        </div>
      </section>
      <section class="group">
        <h2>{engineText("engineSettings.memory")}</h2>
        <div class="group-body">
          <NumberField
            label={engineText("engineSettings.memoryLimit")}
            body={engineText("engineSettings.memoryBody", bounds.memory)}
            unit={engineText("engineSettings.memoryUnit")}
            value={settings().memoryLimit}
            {...bounds.memory}
            name="memoryLimit"
            testid="memory-limit"
            onSave={(memoryLimit) => void app.saveSettings({ memoryLimit })}
          />
        </div>
      </section>
      <RequestSettings />
      <Bridges />
      <Home />
      <NextStart />
    </>
  );
}

function Bridges() {
  const app = useApp();
  const [bridges, setBridges] = createStore<{ list: BridgeRow[] }>({ list: [] });
  const [asked] = createResource(() =>
    app.backend.commands.bridgeList().then(
      (list) => {
        setBridges("list", reconcile(list, { key: "bridge" }));
        return { error: undefined };
      },
      (thrown: unknown) => ({ error: toApiError(thrown).message }),
    ),
  );
  return (
    <section class="group">
      <h2>{engineText("engineSettings.bridges")}</h2>
      <p>{engineText("engineSettings.bridgesBody")}</p>
      <Show when={asked.loading && bridges.list.length === 0}>
        <p class="muted">{engineText("engineSettings.bridgesLoading")}</p>
      </Show>
      <Show when={asked.latest?.error}>
        <p class="error-text" role="alert">
          {asked.latest?.error}
        </p>
      </Show>
      <ul class="group-body">
        <For each={bridges.list}>
          {(row) => <BridgeSetting row={row} onChanged={(allowed) => setBridges("list", (known) => known.bridge === row.bridge, "allowed", allowed)} />}
        </For>
      </ul>
    </section>
  );
}

function BridgeSetting(props: { row: BridgeRow; onChanged(allowed: boolean): void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const name = () => text(`bridge.${props.row.bridge}`);
  const change = async () => {
    if (busy()) return;
    const allowed = !props.row.allowed;
    setBusy(true);
    setError(undefined);
    try {
      await app.backend.commands.bridgeSet({ bridge: props.row.bridge, allowed });
      props.onChanged(allowed);
    } catch (thrown) {
      setError(whyRefused(thrown));
    }
    setBusy(false);
  };
  return (
    <li class="setting" data-testid="bridge" data-bridge={props.row.bridge} data-allowed={props.row.allowed}>
      <div class="text">
        <div class="label">{name()}</div>
        <p>{text(`bridge.${props.row.bridge}Opens`)}</p>
        <p class="wrap-anywhere">
          {props.row.found.length > 0 ? engineText("engineSettings.found", { paths: props.row.found.join(", ") }) : engineText("engineSettings.foundNone")}
        </p>
        <Show when={error()}>
          <p class="is-danger" role="alert">
            {error()}
          </p>
        </Show>
      </div>
      <div class="control">
        <span class="small" classList={{ subtle: !props.row.allowed }}>
          {engineText(props.row.allowed ? "engineSettings.opened" : "engineSettings.closed")}
        </span>
        <Button aria-disabled={busy()} aria-label={engineText(props.row.allowed ? "engineSettings.closeLabel" : "engineSettings.openLabel", { name: name() })} onClick={() => void change()}>
          {engineText(props.row.allowed ? "engineSettings.close" : "engineSettings.open")}
        </Button>
      </div>
    </li>
  );
}

function Home() {
  const app = useApp();
  // What was chosen here, until the core says so too.
  const [chosen, setChosen] = createSignal<EngineHome>();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const home = () => chosen() ?? app.state.safety.home;
  createEffect(on(() => app.state.safety.home, () => setChosen(undefined), { defer: true }));
  const choose = async (wanted: EngineHome) => {
    if (busy() || wanted === home()) return;
    setBusy(true);
    setError(undefined);
    try {
      await app.backend.commands.engineHomeSet({ home: wanted });
      setChosen(wanted);
    } catch (thrown) {
      setError(whyRefused(thrown));
    }
    setBusy(false);
  };
  return (
    <section class="group">
      <h2>{engineText("engineSettings.home")}</h2>
      <div class="group-body" data-testid="engine-home" data-home={home()}>
        <Setting label={engineText("engineSettings.homeLabel")} body={engineText("engineSettings.homeBody")}>
          <Segmented
            label={engineText("engineSettings.homeLabel")}
            value={home()}
            choices={[
              { value: "private", label: engineText("engineSettings.homePrivate") },
              { value: "machine", label: engineText("engineSettings.homeMachine") },
            ]}
            onChoose={(wanted) => void choose(wanted)}
          />
        </Setting>
      </div>
      <p class="setting-note muted small">{engineText("engineSettings.homeWarning")}</p>
      <Show when={error()}>
        <p class="error-text" role="alert">
          {error()}
        </p>
      </Show>
    </section>
  );
}

/** Says when a change takes hold, and lets it take hold now. */
function NextStart() {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const restart = async () => {
    setBusy(true);
    await app.restartEngine().catch(app.tell);
    setBusy(false);
  };
  return (
    <div class="page-actions" role="status" data-testid="next-start" data-waits={app.state.safety.restartNeeded}>
      <Button disabled={busy()} data-testid="engine-restart" onClick={() => void restart()}>
        {text("engine.restart")}
      </Button>
      <p class="muted small">
        <Show when={app.state.safety.restartNeeded}>
          <span class="strong">{engineText("engineSettings.changed")}</span>{" "}
        </Show>
        {engineText(anythingRuns(app.state.sessions) ? "engineSettings.nextStartRuns" : "engineSettings.nextStart")}
      </p>
    </div>
  );
}
