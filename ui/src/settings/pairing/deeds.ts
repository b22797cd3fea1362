import { createSignal, type Accessor } from "solid-js";
import { toApiError } from "../../backend";

/** Something that is done one at a time, with what is under way and what failed. */
export interface Deeds<Name extends string> {
  busy: Accessor<Name | undefined>;
  failed: Accessor<{ name: Name; reason: string } | undefined>;
  /** Does it, unless something else is under way. Says whether it was done. */
  run(name: Name, work: () => Promise<unknown>): Promise<boolean>;
}

export function createDeeds<Name extends string>(): Deeds<Name> {
  const [busy, setBusy] = createSignal<Name>();
  const [failed, setFailed] = createSignal<{ name: Name; reason: string }>();
  return {
    busy,
    failed,
    run: async (name, work) => {
      if (busy() !== undefined) return false;
      setBusy(() => name);
      setFailed(undefined);
      try {
        await work();
        return true;
      } catch (thrown) {
        setFailed({ name, reason: toApiError(thrown).message });
        return false;
      } finally {
        setBusy(undefined);
      }
    },
  };
}
