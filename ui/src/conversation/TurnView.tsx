import { createMemo, Match, Show, Suspense, Switch } from "solid-js";
import type { BlockContent, ConversationStatus, Message, TodoItem } from "../backend";
import { Icon } from "../design/Icon";
import { chevronDown, circleAlert, circlePause } from "../design/icons";
import { text } from "../strings";
import { readingText } from "../strings/reading";
import { cost, duration, runningClock, shortCount, timeOfDay } from "../strings/format";
import { createSecondClock } from "../state/clock";
import { Lanes } from "./Lanes";
import { CompactionMarker, RepeatedMarker } from "./lazyParts";
import { Marker } from "./Marker";
import { MessageActions } from "./MessageActions";
import { FileChip, PersonMessage } from "./PersonMessage";
import { Plan } from "./Plan";
import { Prose } from "./Prose";
import { Reasoning } from "./Reasoning";
import { foldText } from "./openedRows";
import type { Part, PlacedRow, Row } from "./rows";
import { Tools } from "./ToolRow";
import { isCompaction, type Item, type Turn } from "./turns";

/** One row of a turn: its prompt, something of its answer, or its end. */
export function RowView(props: { row: PlacedRow; last: boolean; status: ConversationStatus; todos: TodoItem[]; messages: readonly Message[] }) {
  const row = () => props.row.value();
  return (
    <Switch>
      <Match when={row().kind === "prompt" && props.row.turn.value().prompt}>
        {(prompt) => (
          <>
            <h2 class="sr-only">{text("conversation.you")}</h2>
            <PersonMessage message={prompt()} />
          </>
        )}
      </Match>
      <Match when={row().kind === "item" && row().item}>
        {(item) => (
          <>
            <Lead row={row()} />
            <ItemView item={item()} part={row().part} todos={props.todos} messages={props.messages} summing={props.last && isRunning(props.status)} />
            <Show when={row().hidden > 0}>
              <ShowAnswer block={item().entries[0]?.block.id ?? ""} />
            </Show>
          </>
        )}
      </Match>
      <Match when={row().kind === "end"}>
        <Lead row={row()} />
        <TurnEnd turn={props.row.turn.value()} last={props.last} status={props.status} />
      </Match>
    </Switch>
  );
}

/** Below the beginning of a long answer that was folded. */
function ShowAnswer(props: { block: string }) {
  const show = (press: MouseEvent & { currentTarget: HTMLElement }) => {
    // The button goes; the keys go on scrolling what is read.
    press.currentTarget.closest<HTMLElement>(".scroll")?.focus({ preventScroll: true });
    foldText(props.block, false);
  };
  return (
    <button type="button" class="button button--quiet button--small show-whole" aria-expanded="false" data-testid="show-answer" onClick={show}>
      <Icon path={chevronDown} small />
      {readingText("answer.showAll")}
    </button>
  );
}

/** Where an answer begins, for whoever goes from heading to heading. */
function Lead(props: { row: Row }) {
  return (
    <Show when={props.row.leads}>
      <h2 class="sr-only">{text("conversation.answer")}</h2>
    </Show>
  );
}

/** How a turn ended, what it took, and what can be done with it. */
function TurnEnd(props: { turn: Turn; last: boolean; status: ConversationStatus }) {
  const running = () => props.last && isRunning(props.status);
  const interrupted = () => [props.turn.prompt, ...props.turn.answers].some((message) => message?.interrupted);
  const broken = createMemo(() => props.turn.answers.findLast((message) => message.failure !== null)?.failure ?? null);
  // The dock says more about the newest failure; here only older ones are told.
  const failure = () => (props.last && props.status.failure ? null : broken());
  /** The prompt of a turn that ended early, when nothing came after it. */
  const again = () => {
    const { prompt } = props.turn;
    return props.last && prompt && !isCompaction(prompt) ? prompt.id : undefined;
  };
  return (
    <div class="turn-end">
      <Show when={interrupted() || (props.last && props.status.state.kind === "interrupted")}>
        <Marker
          icon={circlePause}
          words={interruptedWords(props.turn.answers)}
          resume={props.last && !isRunning(props.status)}
          again={again()}
          testid="interrupted"
        />
      </Show>
      <Show when={failure()}>
        {(failed) => (
          <Show when={failed().kind === "stopped"} fallback={<Marker icon={circleAlert} danger words={text("conversation.failed", { reason: failed().message })} />}>
            <Marker icon={circlePause} words={text("conversation.stopped")} again={again()} testid="stopped" />
          </Show>
        )}
      </Show>
      <Show when={running() && props.status.state.kind === "working" && props.status.repeated}>{(repeated) => (
          <Suspense>
            <RepeatedMarker repeated={repeated()} />
          </Suspense>
        )}
      </Show>
      <TurnMeta turn={props.turn} running={running()} status={props.status} />
    </div>
  );
}

/** Whether a turn goes on. */
export function isRunning({ state }: ConversationStatus): boolean {
  return state.kind === "working" || state.kind === "retrying" || state.kind === "stopping";
}

function interruptedWords(answers: readonly Message[]): string {
  const at = answers.findLast((message) => message.interrupted)?.completed ?? null;
  return at === null ? text("conversation.interruptedNow") : text("conversation.interruptedAt", { time: timeOfDay(at) });
}

function ItemView(props: { item: Item; part: Part | undefined; todos: TodoItem[]; messages: readonly Message[]; summing: boolean }) {
  const content = () => props.item.entries[0]?.block.content;
  const as = <Kind extends BlockContent["kind"]>(kind: Kind) => {
    const found = content();
    return found?.kind === kind ? (found as Extract<BlockContent, { kind: Kind }>) : undefined;
  };
  /** What a message that is complete is called in the window; code in it can be run. */
  const finished = (open: boolean) => {
    const entry = props.item.entries[0];
    const { message, block } = entry ?? {};
    const complete = message !== undefined && !open && (message.completed !== null || message.interrupted || message.failure !== null);
    return complete && block ? `${message.id}/${block.id}` : undefined;
  };
  return (
    <Switch>
      <Match when={props.item.kind === "text" && as("text")}>{(shown) => <Prose html={shown().html} open={shown().open} part={props.part} testid="prose" finished={finished(shown().open)} />}</Match>
      <Match when={props.item.kind === "reasoning" && as("reasoning")}>{(shown) => <Reasoning id={props.item.entries[0]?.block.id ?? ""} content={shown()} />}</Match>
      <Match when={props.item.kind === "tools"}>
        <Tools entries={props.item.entries} />
      </Match>
      <Match when={props.item.kind === "lanes"}>
        <Lanes entries={props.item.entries} />
      </Match>
      <Match when={props.item.kind === "plan"}>
        <Plan id={props.item.entries[0]?.block.id ?? ""} todos={props.todos} />
      </Match>
      <Match when={props.item.kind === "file" && as("file")}>
        {(shown) => (
          <div>
            <FileChip name={shown().file.name} mediaType={shown().file.mediaType} />
          </div>
        )}
      </Match>
      <Match when={props.item.kind === "compaction"}>
        <Suspense>
          <CompactionMarker entries={props.item.entries} messages={props.messages} running={props.summing} />
        </Suspense>
      </Match>
    </Switch>
  );
}

function TurnMeta(props: { turn: Turn; running: boolean; status: ConversationStatus }) {
  const tokens = () => props.turn.answers.reduce((sum, message) => sum + message.usage.tokens, 0);
  const spent = () => props.turn.answers.reduce((sum, message) => sum + message.usage.cost, 0);
  const scripted = () => props.turn.answers.some((message) => message.scripted);
  const began = () => props.turn.prompt?.created ?? props.turn.answers[0]?.created ?? null;
  const ended = () => props.turn.answers.at(-1)?.completed ?? null;
  /** The prompt, where a person wrote it: nothing is gone back to or sent again that nobody did. */
  const written = () => {
    const { prompt } = props.turn;
    return prompt && prompt.blocks.length > 0 && !isCompaction(prompt) ? prompt : undefined;
  };
  /** A turn shorter than this took no time worth a word. Milliseconds. */
  const took = () => {
    const [from, to] = [began(), ended()];
    return from !== null && to !== null && to - from >= 1000 ? to - from : undefined;
  };
  return (
    <div class="turn-meta">
      <Show when={props.running}>
        <span>
          <Show when={props.status.state.kind !== "stopping"} fallback={text("conversation.stoppingNow")}>
            <WorkingClock since={props.status.since ?? began() ?? Date.now()} />
          </Show>
        </span>
      </Show>
      <Show when={!props.running && took()}>{(time) => <span>{duration(time())}</span>}</Show>
      <Show when={tokens() > 0}>
        <span>{text("conversation.tokens", { count: tokens(), figure: shortCount(tokens()) })}</span>
      </Show>
      <Show when={spent() > 0}>
        <span>{cost(spent())}</span>
      </Show>
      <Show when={scripted()}>
        <span data-testid="scripted">{text("conversation.scripted")}</span>
      </Show>
      <Show when={!props.running && props.turn.answers.length > 0}>
        <MessageActions prompt={written()} answers={props.turn.answers} />
      </Show>
    </div>
  );
}

function WorkingClock(props: { since: number }) {
  const now = createSecondClock();
  return <>{text("conversation.workingFor", { clock: runningClock(now() - props.since) })}</>;
}
