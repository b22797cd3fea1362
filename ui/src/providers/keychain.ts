import { createSignal } from "solid-js";
import { toApiError, type Keychain } from "../backend";
import type { App } from "../state/app";

/** Whether keys can be kept, as far as is known. */
export type KeychainState = { kind: "unasked" } | { kind: "asking" } | Keychain;

/**
 * Asks the system's key ring once for all forms of a page, because the system may ask the person to unlock it. Nothing
 * waits for its answer but the note that says so.
 */
export function createKeychain(app: App) {
  const [state, setState] = createSignal<KeychainState>({ kind: "unasked" });
  const [looking, setLooking] = createSignal(false);
  const look = async (again: boolean) => {
    if (looking()) return;
    setLooking(true);
    // What was known stays in sight while it is asked anew, and so does the focus in it.
    if (state().kind === "unasked") setState({ kind: "asking" });
    setState(await app.backend.commands.keychain({ again }).catch((thrown: unknown): Keychain => ({ kind: "unavailable", reason: toApiError(thrown).message, advice: "" })));
    setLooking(false);
  };
  return {
    state,
    looking,
    /** Asks, unless it was asked before. */
    ask: () => {
      if (state().kind === "unasked") void look(false);
    },
    /** Asks anew, for one who has just unlocked or installed something. */
    lookAgain: () => void look(true),
  };
}

export type KeychainWatch = ReturnType<typeof createKeychain>;
