import { createEffect, createSignal, on, onCleanup, type Accessor } from "solid-js";
import { toApiError } from "../../backend";
import type { App } from "../../state/app";
import type { PairingAddress } from "../../backend";

/** How long typing rests before an address is looked at, in milliseconds: each look asks a name server and the server itself. */
export const rest = 500;
/** From this on it is said that it is being looked at, in milliseconds. */
const slowAfter = 300;

/** What is known of the address that is written. */
export interface AddressCheck {
  /** Of exactly what is written now; none while it is being looked at. */
  found: Accessor<PairingAddress | undefined>;
  /** When it was found, milliseconds since the epoch. */
  at: Accessor<number>;
  busy: Accessor<boolean>;
  /** Since when it is looked at, once that takes long enough to be said. */
  slowSince: Accessor<number | undefined>;
  error: Accessor<string | undefined>;
  again(): void;
}

/** Has an address judged once typing rests. Only the answer about what is written counts. */
export function createAddressCheck(app: App, written: Accessor<string>, pastProxy: Accessor<boolean>): AddressCheck {
  const [found, setFound] = createSignal<PairingAddress>();
  const [at, setAt] = createSignal(0);
  const [busy, setBusy] = createSignal(false);
  const [slowSince, setSlowSince] = createSignal<number>();
  const [error, setError] = createSignal<string>();
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    asked += 1;
    clearTimeout(timer);
    clearTimeout(patience);
    setBusy(false);
    setSlowSince(undefined);
  };
  onCleanup(stop);
  const ask = async (address: string, past: boolean) => {
    const own = asked;
    const began = Date.now();
    patience = setTimeout(() => setSlowSince(began), slowAfter);
    try {
      const answer = await app.backend.commands.pairingCheckAddress({ address, pastProxy: past });
      if (own !== asked) return;
      setFound(answer);
      setAt(Date.now());
    } catch (thrown) {
      if (own !== asked) return;
      setError(toApiError(thrown).message);
    }
    stop();
  };
  const begin = (after: number) => {
    stop();
    setFound(undefined);
    setError(undefined);
    const address = written().trim();
    if (address === "") return;
    setBusy(true);
    const past = pastProxy();
    timer = setTimeout(() => void ask(address, past), after);
  };
  createEffect(on(written, () => begin(rest), { defer: true }));
  createEffect(on(pastProxy, () => begin(0), { defer: true }));
  return { found, at, busy, slowSince, error, again: () => begin(0) };
}
