import { createSignal, onCleanup, type Accessor } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { refusalWords } from "./http";

/** Something that is read from the server: what was read stays while it is read anew, and when that fails. */
export interface Asked<Value> {
  value(): Value | undefined;
  error: Accessor<string | undefined>;
  again(): Promise<void>;
}

/** Reads it at once. What has ids keeps its rows. */
export function createAsked<Value>(read: () => Promise<Value>, key = "id", words: (thrown: unknown) => string = refusalWords): Asked<Value> {
  const [held, setHeld] = createStore<{ value?: Value }>({});
  const [error, setError] = createSignal<string>();
  let newest = 0;
  let gone = false;
  onCleanup(() => (gone = true));
  const again = async () => {
    newest += 1;
    const mine = newest;
    try {
      const value = await read();
      if (gone || mine !== newest) return;
      setHeld(reconcile({ value }, { key }));
      setError(undefined);
    } catch (thrown) {
      if (!gone && mine === newest) setError(words(thrown));
    }
  };
  void again();
  return { value: () => held.value, error, again };
}
