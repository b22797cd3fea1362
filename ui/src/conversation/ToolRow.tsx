import { createEffect, createSignal, createUniqueId, For, on, Show } from "solid-js";
import { toApiError, type ToolView } from "../backend";
import { Icon } from "../design/Icon";
import { chevronDown, chevronRight } from "../design/icons";
import { text } from "../strings";
import { byteSize, duration } from "../strings/format";
import { Clock } from "./Clock";
import { Counts } from "./Counts";
import { DiffView } from "./DiffView";
import { keyedList } from "./keyedList";
import { createOpened } from "./openedRows";
import { useThread } from "./thread";
import { summary, target, timeTaken, toolIcons, verb } from "./toolWords";
import { foldTools, sameEntries, type Entry, type ToolRun } from "./turns";

/** Calls that follow each other. */
export function Tools(props: { entries: Entry[] }) {
  const runs = keyedList(
    () => foldTools(props.entries),
    (left, right) => left.folded === right.folded && sameEntries(left.entries, right.entries),
  );
  return (
    <div class="tools">
      <For each={runs()}>
        {(run) => (
          <Show when={run.value().folded} fallback={<For each={run.value().entries}>{(entry) => <ToolRow entry={entry} />}</For>}>
            <ToolGroup run={run.value()} />
          </Show>
        )}
      </For>
    </div>
  );
}

function ToolGroup(props: { run: ToolRun }) {
  const [open, setOpen] = createOpened(`group ${props.run.entries[0]?.block.id ?? ""}`);
  const body = createUniqueId();
  const taken = () => timeTaken(props.run.entries);
  return (
    <div data-testid="tool-group">
      <button type="button" class="disclosure" aria-expanded={open()} aria-controls={body} onClick={() => setOpen(!open())}>
        <Icon path={open() ? chevronDown : chevronRight} />
        <span class="lead truncate">{summary(props.run.entries)}</span>
        <Show when={taken() !== null}>
          <span class="meta">{duration(taken() ?? 0)}</span>
        </Show>
      </button>
      <Show when={open()}>
        <div class="nested" id={body}>
          <For each={props.run.entries}>{(entry) => <ToolRow entry={entry} />}</For>
        </div>
      </Show>
    </div>
  );
}

/** One call. Opens to what it did. */
export function ToolRow(props: { entry: Entry }) {
  const tool = (): ToolView | undefined => {
    const { content } = props.entry.block;
    return content.kind === "tool" ? content.tool : undefined;
  };
  return <Show when={tool()}>{(shown) => <Row entry={props.entry} tool={shown()} />}</Show>;
}

function Row(props: { entry: Entry; tool: ToolView }) {
  const [open, setOpen] = createOpened(props.entry.block.id);
  const body = createUniqueId();
  const live = () => props.tool.mark === "running";
  const troubled = () => props.tool.mark === "failed" || props.tool.mark === "denied" || props.tool.mark === "interrupted";
  const tail = () => live() && props.tool.output.text !== "";
  return (
    <div data-testid="tool" data-mark={props.tool.mark} data-shape={props.tool.shape}>
      <button type="button" class="tool" aria-expanded={open()} aria-controls={body} onClick={() => setOpen(!open())}>
        <Icon path={toolIcons[props.tool.shape]} class={live() ? "is-live" : props.tool.mark === "waiting" ? "is-warn" : ""} />
        <span class="verb">{verb(props.tool)}</span>
        <Show when={target(props.tool)}>
          <span class="target">{target(props.tool)}</span>
        </Show>
        <Show when={props.tool.change}>
          {(change) => (
            <span class="detail">
              <Counts additions={change().additions} deletions={change().deletions} />
            </span>
          )}
        </Show>
        <span class="meta">
          <Show when={(props.tool.exit ?? 0) !== 0}>
            <span class="is-danger">{text("tool.exit", { status: String(props.tool.exit) })}</span>
          </Show>
          <Show when={troubled() || props.tool.mark === "waiting" || props.tool.mark === "queued"}>
            <span classList={{ "is-danger": props.tool.mark === "failed", "is-warn": props.tool.mark === "waiting" }}>{text(`tool.mark.${props.tool.mark}`)}</span>
          </Show>
          <Show when={props.tool.mark === "running" || props.tool.ended !== null}>
            <Clock started={props.tool.started} ended={props.tool.ended} />
          </Show>
        </span>
      </button>
      <Show when={!open() && props.tool.mark === "failed" && props.tool.error}>
        <p class="tool-error error-text truncate">{props.tool.error}</p>
      </Show>
      <Show when={open() || tail()}>
        <div class="tool-body" id={body}>
          <Show when={open()} fallback={<OutputBox entry={props.entry} tool={props.tool} />}>
            <Detail entry={props.entry} tool={props.tool} />
          </Show>
        </div>
      </Show>
    </div>
  );
}

function Detail(props: { entry: Entry; tool: ToolView }) {
  const bare = () => !props.tool.change && props.tool.error === null && props.tool.output.text === "" && props.tool.arguments === null;
  return (
    <>
      <Show when={props.tool.shape === "shell" && props.tool.target}>
        <div class="output-box">
          <pre class="output output--command" tabindex="0">
            <span class="dim">$ </span>
            {props.tool.target}
          </pre>
        </div>
      </Show>
      <Show when={props.tool.description && props.tool.description !== target(props.tool)}>
        <p class="tool-note muted">{props.tool.description}</p>
      </Show>
      <Show when={props.tool.change}>
        {(change) => (
          <div class="diff-card">
            <DiffView path={change().path} changes={[change()]} />
          </div>
        )}
      </Show>
      <Show when={props.tool.arguments}>
        <div class="output-box">
          <pre class="output" tabindex="0" aria-label={text("tool.arguments")}>
            {props.tool.arguments}
          </pre>
        </div>
      </Show>
      <Show when={props.tool.error}>
        <div class="output-box">
          <pre class="output is-danger" tabindex="0" aria-label={text("tool.error")}>
            {props.tool.error}
          </pre>
        </div>
      </Show>
      <Show when={props.tool.output.text !== "" || props.tool.mark === "running"}>
        <OutputBox entry={props.entry} tool={props.tool} />
      </Show>
      <Show when={bare() && props.tool.mark === "done"}>
        <p class="tool-note muted">{text("tool.noOutput")}</p>
      </Show>
    </>
  );
}

/** What a call printed: its live end while it runs, its beginning afterwards, and all of it on demand. */
function OutputBox(props: { entry: Entry; tool: ToolView }) {
  const thread = useThread();
  const [pages, setPages] = createSignal<string[]>([]);
  const [next, setNext] = createSignal<number | null>(0);
  const [state, setState] = createSignal<"rest" | "loading">("rest");
  const [error, setError] = createSignal<string>();
  const live = () => props.tool.mark === "running";
  const output = () => props.tool.output;
  const shownLines = () => output().text.replace(/\n$/, "").split("\n").length;

  // What was fetched of a call that still ran is not all of it.
  createEffect(
    on(live, () => {
      setPages([]);
      setNext(0);
    }, { defer: true }),
  );

  const more = async () => {
    const offset = next();
    if (offset === null || state() === "loading") return;
    setState("loading");
    setError(undefined);
    try {
      const { message, block } = props.entry;
      const page = await thread.backend.commands.toolOutput({ session: thread.session(), message: message.id, block: block.id, offset });
      setPages((known) => [...known, page.text]);
      setNext(page.next);
    } catch (thrown) {
      setError(toApiError(thrown).message);
    }
    setState("rest");
  };

  return (
    <div class="output-box">
      <pre class="output" classList={{ "output--long": pages().length > 0 }} tabindex="0" aria-label={text("tool.output")}>
        <Show when={pages().length > 0} fallback={output().text}>
          <For each={pages()}>{(page) => page}</For>
        </Show>
      </pre>
      <Show when={live() || output().cut || error()}>
        <div class="output-foot">
          <Show when={error()} fallback={<span class="tnum">{live() ? text("tool.lastLines", { count: shownLines() }) : text("tool.lines", { count: output().lines, size: byteSize(output().bytes) })}</span>}>
            <span class="is-danger truncate" role="alert">
              {error()}
            </span>
          </Show>
          <span class="grow" />
          <Show when={!live() && output().cut && next() !== null}>
            <button type="button" class="button button--quiet button--small" onClick={() => void more()}>
              {state() === "loading" ? text("tool.loadingOutput") : pages().length > 0 ? text("tool.showMore") : text("tool.showAll", { count: output().lines })}
            </button>
          </Show>
          <Show when={live()}>
            <button type="button" class="button button--quiet button--small" onClick={() => thread.stop()}>
              {text("tool.stop")}
            </button>
          </Show>
        </div>
      </Show>
    </div>
  );
}
