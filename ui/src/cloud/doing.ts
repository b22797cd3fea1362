import { createSignal } from "solid-js";
import { refusalWords } from "./http";

/** Something that is done with the server by a press: whether it is under way, and why it was not done. */
export function createDoing() {
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  return {
    busy,
    error,
    say: (words: string | undefined) => void setError(words),
    /** Does it, one at a time. Says whether it was done. */
    async run(what: () => Promise<unknown>, words: (thrown: unknown) => string = refusalWords): Promise<boolean> {
      if (busy()) return false;
      setBusy(true);
      setError(undefined);
      try {
        await what();
        return true;
      } catch (thrown) {
        setError(words(thrown));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}

export type Doing = ReturnType<typeof createDoing>;
