import { Show } from "solid-js";
import { createSecondClock } from "../state/clock";
import { duration, runningClock } from "../strings/format";

/** How long something took, or a clock while it goes on. Nothing before it began. Milliseconds since the epoch. */
export function Clock(props: { started: number | null; ended: number | null }) {
  return (
    <Show when={props.started !== null}>
      <Show when={props.ended !== null} fallback={<Running since={props.started ?? 0} />}>
        <span class="tnum">{duration((props.ended ?? 0) - (props.started ?? 0))}</span>
      </Show>
    </Show>
  );
}

/** A clock that counts. */
export function Running(props: { since: number }) {
  const now = createSecondClock();
  return (
    <span class="tnum" aria-hidden="true">
      {runningClock(now() - props.since)}
    </span>
  );
}
