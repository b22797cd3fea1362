import { Channel, invoke } from "@tauri-apps/api/core";
import { commandNames, streamNames, type Commands, type Start, type Streams, type Update } from "./generated";
import { asApiError, type Backend } from "./index";

declare global {
  interface Window {
    firstAnswer?: Promise<Start>;
  }
}

async function call(name: string, payload: Record<string, unknown>): Promise<unknown> {
  try {
    return await invoke(name, payload);
  } catch (thrown) {
    throw asApiError(thrown);
  }
}

function createCommands(): Commands {
  const entries = Object.entries(commandNames).map(([method, name]) => [
    method,
    (request?: unknown) => call(name, request === undefined ? {} : { request }),
  ]);
  // The registry writes both the names and the types, so a method and its name cannot part.
  const commands = Object.fromEntries(entries) as Commands;
  return { ...commands, start: () => firstAnswer() ?? commands.start() };
}

/** What first-paint.js asked for while this file was still being read; once, for a later start is to see later things. */
function firstAnswer(): Promise<Start> | undefined {
  const answer = window.firstAnswer;
  delete window.firstAnswer;
  return answer?.catch((thrown: unknown) => {
    throw asApiError(thrown);
  });
}

const streams: Streams = {
  async subscribe(receive: (item: Update) => void) {
    const channel = new Channel<Update>(receive);
    await call(streamNames.subscribe, { channel });
  },
};

/** The app's core, over the bridge of the window. */
export function createTauriBackend(): Backend {
  return { commands: createCommands(), streams };
}

/** Whether the page runs inside the app and not in a browser during development. */
export function insideApp(): boolean {
  return "__TAURI_INTERNALS__" in window;
}
