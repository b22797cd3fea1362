import { createEffect, createMemo, createSignal, on } from "solid-js";
import type { ConnectProvider, ProviderRow } from "../backend";
import type { App } from "../state/app";
import type { GivenKey } from "./KeyField";
import { modelAtProvider, whyNot } from "./words";

/** How far connecting is. */
export type Phase = "form" | "connecting" | "connected";

/** Connects one provider and tests it. What passes becomes what new threads begin with, where nothing was chosen for that. */
export function createConnection(app: App, known?: ProviderRow) {
  const [phase, setPhase] = createSignal<Phase>(known ? "connected" : "form");
  const [answered, setAnswered] = createSignal<ProviderRow | undefined>(known);
  const [warning, setWarning] = createSignal("");
  const [error, setError] = createSignal<string>();
  /** The model to test, `provider/model`; a usual one when none was chosen. */
  const [model, setModel] = createSignal<string | null>(null);
  /** The test in the window's state is one of this connection. */
  const [began, setBegan] = createSignal(false);
  const [starting, setStarting] = createSignal(false);

  const row = () => {
    const from = answered();
    return from && (app.state.providers.find((provider) => provider.id === from.id) ?? from);
  };
  const test = () => {
    const shown = app.state.test;
    return began() && shown !== null && shown.provider === row()?.id ? shown : undefined;
  };
  const passed = createMemo(() => test()?.running === false && test()?.usable === true);
  /** It is connected, and its test ended badly or could not begin. */
  const failed = () => (test()?.running === false && test()?.usable === false) || (phase() === "connected" && error() !== undefined);

  createEffect(
    on(passed, (now) => {
      const tested = test()?.model;
      if (now && tested !== undefined && tested !== "" && app.state.settings.defaultModel === null) void app.saveSettings({ defaultModel: tested });
    }),
  );

  async function runTest(): Promise<void> {
    const provider = row();
    if (!provider || starting()) return;
    setError(undefined);
    setStarting(true);
    setBegan(false);
    try {
      const chosen = model();
      await app.testProvider({ provider: provider.id, model: chosen === null ? null : modelAtProvider(chosen) });
      setBegan(true);
    } catch (thrown) {
      setError(whyNot(thrown));
    }
    setStarting(false);
  }

  /** Takes over a provider that is connected, and tests it. */
  async function adopt(provider: ProviderRow, odd = ""): Promise<void> {
    app.noteProvider(provider);
    const chosen = model();
    // What was chosen before it was connected stood under a name that was not its own yet.
    if (chosen !== null) setModel(`${provider.id}/${modelAtProvider(chosen)}`);
    setAnswered(provider);
    setWarning(odd);
    setPhase("connected");
    await runTest();
  }

  async function connect(request: ConnectProvider): Promise<void> {
    setError(undefined);
    setPhase("connecting");
    try {
      const { provider, warning: odd } = await app.backend.commands.providerConnect(request);
      await adopt(provider, odd);
    } catch (thrown) {
      setPhase("form");
      setError(whyNot(thrown));
    }
  }

  /** Puts another key in the place of the present one, and tests again. */
  async function replaceKey(given: GivenKey): Promise<boolean> {
    const provider = row();
    if (!provider) return false;
    setError(undefined);
    try {
      const { provider: changed, warning: odd } = await app.backend.commands.keySet({ provider: provider.id, ...given });
      await adopt(changed, odd);
      return true;
    } catch (thrown) {
      setError(whyNot(thrown));
      return false;
    }
  }

  return {
    phase,
    row,
    warning,
    error,
    setError,
    model,
    setModel,
    test,
    starting,
    passed,
    failed,
    connect,
    adopt,
    replaceKey,
    runTest: () => void runTest(),
    /** Puts away what the test showed. */
    forgetTest: () => setBegan(false),
    stopTest: () => void app.backend.commands.providerTestStop().catch(app.tell),
  };
}

export type Connection = ReturnType<typeof createConnection>;
