import { createComputed, createEffect, createUniqueId, For, Index, on, Show } from "solid-js";
import type { SnippetEnd } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleCheck, circlePause, circleX, clock, play, plus, x, circleDot, type IconPath } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { goesOn, mostOutput, writtenBy, type BlockRun, type RunPart, type Snippets } from "../state/snippets";
import { text } from "../strings";
import { duration } from "../strings/format";
import { Running } from "./Clock";
import { CopyButton } from "./CopyButton";
import { useThread } from "./thread";

/** Of what is put into a message only the end is taken when it is longer. Characters. */
const mostInMessage = 20_000;

/** A limit, in the whole units it was set in. */
function limit(bytes: number): string {
  const units = ["KB", "MB", "GB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Math.round(value)} ${units[unit] ?? ""}`;
}

function endWords(how: SnippetEnd, elapsed: number): string {
  switch (how.kind) {
    case "finished":
      return how.code === 0 ? text("run.finished", { time: duration(elapsed) }) : text("run.exit", { code: String(how.code), time: duration(elapsed) });
    case "notCompiled":
      return text("run.notCompiled");
    case "signalled":
      return text("run.signalled", { signal: String(how.signal) });
    case "timedOut":
      return text("run.timedOut", { seconds: how.seconds });
    case "stopped":
      return text("run.stopped");
    case "outputLimit":
      return text("run.outputLimit", { size: limit(how.bytes) });
    case "memoryLimit":
      return text("run.memoryLimit", { size: limit(how.bytes) });
    case "diskLimit":
      return text("run.diskLimit", { size: limit(how.bytes) });
    case "processLimit":
      return text("run.processLimit", { count: how.processes });
    case "notStarted":
      return text("run.notStarted");
  }
}

/** What a run is at, as a sentence. */
export function runWords(run: BlockRun): string {
  const { state } = run;
  if (run.error !== null) return text("run.notBegun");
  if (state?.kind === "ended") return endWords(state.how, state.elapsed);
  if (run.stopping) return text("run.stoppingNow");
  if (state === null) return text("run.starting");
  if (state.kind === "waiting") return state.before === 0 ? text("run.waitingNext") : text("run.waiting", { count: state.before });
  return text(`run.${state.kind}`);
}

function look(run: BlockRun): { icon: IconPath; colour: string } {
  const { state } = run;
  if (run.error !== null) return { icon: circleX, colour: "is-danger" };
  if (state?.kind !== "ended") return state?.kind === "compiling" || state?.kind === "running" ? { icon: circleDot, colour: "is-live" } : { icon: clock, colour: "" };
  if (state.how.kind === "stopped") return { icon: circlePause, colour: "" };
  return state.how.kind === "finished" && state.how.code === 0 ? { icon: circleCheck, colour: "is-success" } : { icon: circleX, colour: "is-danger" };
}

/** A fence longer than any in the text. */
const fenceOf = (written: string) => "`".repeat(Math.max(3, ...(written.match(/`+/g) ?? []).map((row) => row.length + 1)));

/** What came out of a run, as it is put into a message. */
export function runMessage(run: BlockRun): string {
  const written = writtenBy(run).replace(/\n$/, "");
  const long = written.length > mostInMessage;
  const shown = long ? written.slice(-mostInMessage) : written;
  const lead = [text("run.message", { language: run.language, state: runWords(run) })];
  if (shown === "") return `${[...lead, text("run.nothing")].join(" ")}\n`;
  if (long) lead.push(text("run.messageCut", { count: mostInMessage }));
  const fence = fenceOf(shown);
  return `${lead.join(" ")}\n\n${fence}text\n${shown}\n${fence}\n`;
}

/** What came out of a code block that was run, below it. */
export function RunPanel(props: { run: BlockRun; snippets: Snippets; block: string; onAgain(): void; onClose(): void }) {
  const thread = useThread();
  const title = createUniqueId();
  let panel: HTMLDivElement | undefined;
  let again: HTMLButtonElement | undefined;
  const live = () => goesOn(props.run);
  const ended = () => {
    const { state } = props.run;
    return state?.kind === "ended" ? state : undefined;
  };
  const advice = () => {
    const how = ended()?.how;
    return props.run.error ?? (how?.kind === "notStarted" ? how.advice : undefined);
  };

  // The button that stops goes when there is nothing left to stop; who stood on it goes on from here.
  let held = false;
  createComputed(on(live, () => (held = panel?.contains(document.activeElement) ?? false)));
  createEffect(
    on(live, (runs) => {
      if (!runs && held && !panel?.contains(document.activeElement)) again?.focus();
    }),
  );

  return (
    <div class="run" role="group" aria-labelledby={title} ref={(element) => (panel = element)} data-testid="run" data-state={props.run.error === null ? (ended()?.how.kind ?? props.run.state?.kind ?? "starting") : "refused"}>
      <div class="run-head">
        <Icon path={look(props.run).icon} small class={look(props.run).colour} />
        <p class="run-state" id={title} role="status">
          {runWords(props.run)}
        </p>
        <Show when={live() && props.run.since}>
          {(since) => (
            <span class="run-meta tnum">
              <Running since={since()} />
            </span>
          )}
        </Show>
        <Show when={ended()?.fromCache}>
          <span class="run-meta">{text("run.fromCache")}</span>
        </Show>
        <span class="grow" />
        <Show
          when={live()}
          fallback={
            <span class="run-actions">
              <Show when={props.run.parts.length > 0}>
                <CopyButton source={() => writtenBy(props.run)} label={text("run.copy")} />
              </Show>
              <Show when={ended() && thread.addToDraft}>
                {(add) => (
                  <Button small kind="quiet" data-testid="run-add" onClick={() => add()(runMessage(props.run))}>
                    <Icon path={plus} small />
                    {text("run.add")}
                  </Button>
                )}
              </Show>
              <Button small kind="quiet" ref={(element) => (again = element)} data-testid="run-again" onClick={() => props.onAgain()}>
                <Icon path={play} small />
                {text("run.again")}
              </Button>
              <IconButton icon={x} label={text("run.close")} data-testid="run-close" onClick={() => props.onClose()} />
            </span>
          }
        >
          <Button
            small
            aria-disabled={props.run.stopping || props.run.run === null}
            data-testid="run-stop"
            onClick={() => {
              if (!props.run.stopping) props.snippets.stop(props.block).catch(thread.tell);
            }}
          >
            <svg class="stop-glyph" viewBox="0 0 10 10" aria-hidden="true">
              <rect width="10" height="10" rx="2" fill="currentColor" />
            </svg>
            {text(props.run.stopping ? "run.stopping" : "run.stop")}
          </Button>
        </Show>
      </div>
      <Show when={advice()}>
        <p class="run-note">{advice()}</p>
      </Show>
      <Show when={props.run.parts.length > 0}>
        <div class="run-output" tabindex="0" role="group" aria-label={text("run.output")} data-testid="run-output">
          <For each={props.run.parts}>{(part) => <Part part={part} />}</For>
        </div>
      </Show>
      <Show when={props.run.cut}>
        <p class="run-note">{text("run.cut", { size: limit(mostOutput) })}</p>
      </Show>
      <Show when={ended() && props.run.parts.length === 0 && advice() === undefined}>
        <p class="run-note">{text("run.nothing")}</p>
      </Show>
    </div>
  );
}

/** Output of one kind. What is no plain output says so in a word and stands apart. */
function Part(props: { part: RunPart }) {
  return (
    <div class="run-part" data-kind={props.part.kind}>
      <Show when={props.part.kind === "output" ? undefined : props.part.kind}>{(kind) => <span class="run-kind">{text(`run.kind.${kind()}`)}</span>}</Show>
      <pre class="run-text">
        <Index each={props.part.pieces}>{(piece) => <>{piece()}</>}</Index>
      </pre>
    </div>
  );
}
