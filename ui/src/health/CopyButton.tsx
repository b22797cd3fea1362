import { createSignal, onCleanup } from "solid-js";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { check, copy } from "../design/icons";
import { useApp } from "../state/app";
import { text } from "../strings";

const saidFor = 2000;

/** Copies a text and says so for a moment. */
export function CopyButton(props: { written: () => string }) {
  const app = useApp();
  const [done, setDone] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const run = async () => {
    try {
      await navigator.clipboard.writeText(props.written());
      setDone(true);
      timer = setTimeout(() => setDone(false), saidFor);
    } catch {
      app.toasts.show(text("health.copyFailed"), true);
    }
  };
  return (
    <Button small onClick={() => void run()}>
      <Icon path={done() ? check : copy} small />
      <span aria-live="polite">{text(done() ? "health.copied" : "health.copy")}</span>
    </Button>
  );
}
