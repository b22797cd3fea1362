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
  /** Counts looks: only the newest one is followed by another, however many were begun. */
  let looks = 0;
  let gone = false;
  const ask = async () => {
    looks += 1;
    const mine = looks;
    clearTimeout(timer);
    try {
      const known = await backend.commands.indexProgress();
      if (mine !== looks || gone) return;
      setProgress(known);
      setError(undefined);
    } catch (thrown) {
      if (mine !== looks || gone) return;
      setError(toApiError(thrown).message);
    }
    if (progress()?.state !== "done" && !document.hidden) timer = setTimeout(() => void ask(), look);
  };
  // What nobody sees is not asked for; it is when the window is seen again.
  const onVisibility = () => {
    if (document.hidden) clearTimeout(timer);
    else if (progress()?.state !== "done") void ask();
  };
  onMount(() => {
    document.addEventListener("visibilitychange", onVisibility);
    void ask();
  });
  onCleanup(() => {
    gone = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onVisibility);
  });
  return { progress, error, ask };
}
