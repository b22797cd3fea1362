import { createUniqueId, For, Show, type JSX } from "solid-js";
import type { ConnectionTest, TestMark, TestStepRow } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { check, circle, circleDot, circleX, minus, type IconPath } from "../design/icons";
import { createSecondClock } from "../state/clock";
import { text } from "../strings";
import { duration, runningClock } from "../strings/format";

const looks: Record<TestMark["kind"], { icon: IconPath; colour: string; step: string }> = {
  waiting: { icon: circle, colour: "", step: "later" },
  running: { icon: circleDot, colour: "is-live", step: "now" },
  passed: { icon: check, colour: "is-success", step: "" },
  skipped: { icon: minus, colour: "subtle", step: "later" },
  failed: { icon: circleX, colour: "is-danger", step: "" },
};

/** A connection test, step by step. What is read out is one sentence for each step, not the clock. */
export function TestSteps(props: { test: ConnectionTest; name: string; actions?: JSX.Element; onStop(): void }) {
  const title = createUniqueId();
  const settled = () => props.test.steps.filter(({ mark }) => mark.kind === "passed" || mark.kind === "skipped" || mark.kind === "failed").length;
  return (
    <section class="test" aria-labelledby={title} data-testid="connection-test" data-running={props.test.running} data-usable={props.test.usable}>
      <div class="group-head">
        <h3 class="group-title" id={title}>
          {text("test.title")}
        </h3>
        <span class="count tnum">{text("test.count", { done: settled(), all: props.test.steps.length })}</span>
        <span class="grow" />
        <Show when={props.test.running}>
          <Button kind="quiet" small data-testid="test-stop" onClick={() => props.onStop()}>
            {text("test.stop")}
          </Button>
        </Show>
      </div>
      <ol class="steps">
        <For each={props.test.steps}>{(step) => <Step row={step} name={props.name} />}</For>
      </ol>
      <p class="sr-only" aria-live="polite">
        {summary(props.test, props.name)}
      </p>
      <Show when={!props.test.running}>
        <p class="test-result" classList={{ "is-success": props.test.usable, "is-danger": hasFailed(props.test) && !props.test.usable }} data-testid="test-result">
          {outcome(props.test)}
        </p>
      </Show>
      <Show when={props.test.running}>
        <p class="small subtle test-note">{text("test.note")}</p>
      </Show>
      <Show when={!props.test.running && props.actions}>
        <div class="test-actions">{props.actions}</div>
      </Show>
    </section>
  );
}

function Step(props: { row: TestStepRow; name: string }) {
  const mark = () => props.row.mark;
  const note = () => {
    const now = mark();
    if (now.kind === "passed") return now.note;
    return now.kind === "skipped" ? now.why : "";
  };
  const failed = () => {
    const now = mark();
    return now.kind === "failed" ? now : undefined;
  };
  const since = () => {
    const now = mark();
    return now.kind === "running" ? now.since : undefined;
  };
  const took = () => {
    const now = mark();
    return now.kind === "passed" ? duration(now.took) : "";
  };
  return (
    <li class={`step ${looks[mark().kind].step}`} data-testid={`test-step-${props.row.step}`} data-mark={mark().kind}>
      <Icon path={looks[mark().kind].icon} small class={looks[mark().kind].colour} />
      <span class="step-what">
        {label(props.row, props.name)} <span class="sr-only">{text(`test.mark.${mark().kind}`)}</span>
        <Show when={note() !== ""}>
          <span class="step-note">{note()}</span>
        </Show>
        <Show when={failed()}>
          {(why) => (
            <>
              <span class="step-note is-danger">{why().message}</span>
              <Show when={why().advice !== ""}>
                <span class="step-note">{why().advice}</span>
              </Show>
            </>
          )}
        </Show>
      </span>
      <span class="when">
        <Show when={since()} fallback={took()}>
          {(began) => <Running since={began()} />}
        </Show>
      </span>
    </li>
  );
}

function Running(props: { since: number }) {
  const now = createSecondClock();
  return <span>{runningClock(now() - props.since)}</span>;
}

const label = (row: TestStepRow, name: string): string => text(`test.step.${row.step}`, { name });

const hasFailed = (test: ConnectionTest): boolean => test.steps.some(({ mark }) => mark.kind === "failed");

/** How it ended. A test that was stopped has steps that nobody tried, and none that failed. */
function outcome(test: ConnectionTest): string {
  if (test.usable) return text(hasFailed(test) ? "test.usable" : "test.passed");
  return text(hasFailed(test) ? "test.failed" : "test.stopped");
}

/** What a screen reader hears: the step that runs, or how it ended and why. */
function summary(test: ConnectionTest, name: string): string {
  const at = test.steps.findIndex(({ mark }) => mark.kind === "running");
  const running = test.steps[at];
  if (test.running && running) return text("test.running", { at: at + 1, all: test.steps.length, step: label(running, name) });
  if (test.running) return "";
  const why = test.steps.flatMap(({ mark }) => (mark.kind === "failed" ? [mark.message, mark.advice] : []));
  return [outcome(test), ...why].filter((words) => words !== "").join(" ");
}
