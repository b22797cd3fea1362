import { createSignal, onCleanup, type Accessor } from "solid-js";

/** Whether the computer has a network, as far as the system says. It may have one that leads nowhere. */
export function createOnline(): Accessor<boolean> {
  const [online, setOnline] = createSignal(navigator.onLine);
  const changed = () => setOnline(navigator.onLine);
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  onCleanup(() => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  });
  return online;
}
