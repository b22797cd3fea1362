import { createSignal, onCleanup, onMount } from "solid-js";
import type { Backend, IndexProgress } from "../backend";
import { toApiError } from "../backend";

/** Between two looks while threads are read, in milliseconds. It takes minutes; nobody watches it more closely. */
const look = 2000;

/** How far the index of messages is: looked at again for as long as something is missing and somebody sees it. */
export function createIndexProgress(backend: Backend) {
  const [progress, setProgress] = createSignal<IndexProgress>();
  const [error, setError] = createSignal<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let gone = false;
  const ask = async () => {
    clearTimeout(timer);
    try {
      setProgress(await backend.commands.indexProgress());
      setError(undefined);
    } catch (thrown) {
      setError(toApiError(thrown).message);
    }
    if (!gone && progress()?.state !== "done") timer = setTimeout(() => void ask(), look);
  };
  onMount(() => void ask());
  onCleanup(() => {
    gone = true;
    clearTimeout(timer);
  });
  return { progress, error, ask };
}
