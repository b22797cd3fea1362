import { createSignal, createUniqueId, For, Show } from "solid-js";
import type { FailureRow } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleX } from "../design/icons";
import { createMinuteClock } from "../state/clock";
import { text } from "../strings";
import { fullTime, shortAge } from "../strings/format";

/** What failed last, newest first. */
export function Failures(props: { failures: FailureRow[] }) {
  return (
    <section class="group">
      <h2>{text("health.failures")}</h2>
      <Show when={props.failures.length > 0} fallback={<p>{text("health.failuresNone")}</p>}>
        <ul class="group-body">
          <For each={props.failures}>{(failure) => <Failure failure={failure} />}</For>
        </ul>
      </Show>
    </section>
  );
}

function Failure(props: { failure: FailureRow }) {
  const now = createMinuteClock();
  const [open, setOpen] = createSignal(false);
  const more = createUniqueId();
  return (
    <li class="health health--failure" data-testid="engine-failure" data-code={props.failure.code}>
      <Icon path={circleX} small class="is-danger" />
      <span class="what">
        {props.failure.message} <code>{props.failure.code}</code>
      </span>
      <time class="when" datetime={new Date(props.failure.at).toISOString()} aria-label={fullTime(props.failure.at)}>
        {shortAge(props.failure.at, now())}
      </time>
      <Button
        kind="quiet"
        small
        aria-expanded={open()}
        aria-controls={more}
        data-testid="failure-more"
        aria-label={text("health.failureMoreLabel", { message: props.failure.message })}
        onClick={() => setOpen(!open())}
      >
        {text("health.failureMore")}
      </Button>
      <Show when={open()}>
        <div class="failure-more" id={more}>
          <p class="muted">{text("health.failureContext", { context: props.failure.context })}</p>
          <Show when={props.failure.log.length > 0}>
            <pre class="log" tabindex={0} aria-label={text("health.failureLog")}>
              {props.failure.log.join("\n")}
            </pre>
          </Show>
        </div>
      </Show>
    </li>
  );
}
