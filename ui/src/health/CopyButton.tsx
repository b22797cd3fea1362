import { createSignal, onCleanup } from "solid-js";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { check, copy } from "../design/icons";
import { useApp } from "../state/app";
import { text } from "../strings";

const saidFor = 2000;

/** What a button says. */
interface Words {
  copy: string;
  copied: string;
  failed: string;
}

const usual = (): Words => ({ copy: text("health.copy"), copied: text("health.copied"), failed: text("health.copyFailed") });

/** Copies a text and says so for a moment. */
export function CopyButton(props: { written: () => string; words?: Words; testid?: string }) {
  const app = useApp();
  const words = () => props.words ?? usual();
  const [done, setDone] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const run = async () => {
    try {
      await navigator.clipboard.writeText(props.written());
      setDone(true);
      timer = setTimeout(() => setDone(false), saidFor);
    } catch {
      app.toasts.show(words().failed, true);
    }
  };
  return (
    <Button small data-testid={props.testid} onClick={() => void run()}>
      <Icon path={done() ? check : copy} small />
      <span aria-live="polite">{done() ? words().copied : words().copy}</span>
    </Button>
  );
}
