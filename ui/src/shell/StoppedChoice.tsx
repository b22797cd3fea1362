import { createSignal, Show } from "solid-js";
import { Button } from "../design/Button";
import { whyRefused } from "../state/engine";
import { text } from "../strings";

type Kind = "allow" | "dismiss";

/** One of the two at a time, and what became of it when it was refused. */
export function createChoice() {
  const [busy, setBusy] = createSignal<Kind>();
  const [said, setSaid] = createSignal<string>();
  const run = async (kind: Kind, action: () => Promise<unknown>) => {
    if (busy()) return;
    setBusy(kind);
    setSaid(undefined);
    try {
      await action();
    } catch (thrown) {
      setSaid(whyRefused(thrown));
    }
    setBusy(undefined);
  };
  return { busy, said, run };
}

/** The one thing that lets through what a box stopped, where there is one, and the way to leave it as it is. */
export function StoppedChoice(props: {
  busy: Kind | undefined;
  allowed: boolean;
  label: string;
  allowLabel: string;
  dismissLabel: string;
  testId: string;
  onAllow: () => void;
  onDismiss: () => void;
}) {
  return (
    <>
      <Show when={props.allowed}>
        <Button
          small
          class="stopped-allow"
          aria-disabled={props.busy !== undefined}
          aria-label={props.allowLabel}
          data-testid={`${props.testId}-allow`}
          onClick={() => props.onAllow()}
        >
          <span class="truncate">{props.busy === "allow" ? text("stopped.asking") : props.label}</span>
        </Button>
      </Show>
      <Button
        small
        kind="quiet"
        aria-disabled={props.busy !== undefined}
        aria-label={props.dismissLabel}
        data-testid={`${props.testId}-dismiss`}
        onClick={() => props.onDismiss()}
      >
        {text("stopped.dismiss")}
      </Button>
    </>
  );
}
