import { createMemo, createUniqueId, For, Show, Suspense } from "solid-js";
import type { ToolView } from "../backend";
import { Icon } from "../design/Icon";
import { chevronDown, chevronRight } from "../design/icons";
import { text } from "../strings";
import { duration } from "../strings/format";
import { Clock } from "./Clock";
import { Counts } from "./Counts";
import { keyedList } from "./keyedList";
import { ToolDetail } from "./lazyParts";
import { openLabel } from "./namedFiles";
import { fileOfTool } from "./OpenFile";
import { createOpened } from "./openedRows";
import { textOfSpans } from "./Spans";
import { Tail } from "./Tail";
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
  const thread = useThread();
  const body = createUniqueId();
  const live = () => props.tool.mark === "running";
  const troubled = () => props.tool.mark === "failed" || props.tool.mark === "denied" || props.tool.mark === "interrupted";
  /** The file it worked on, where that is one of the folder and can be opened. */
  const file = createMemo(() => {
    const named = fileOfTool(props.tool);
    return named && thread.files?.known(named.path) ? named : undefined;
  });
  const [lead, title, meta] = [createUniqueId(), createUniqueId(), createUniqueId()];
  /** All of the line opens the row, but for the name of a file, which opens the file. */
  const onPress = (press: MouseEvent) => {
    const named = file();
    if (named && press.target instanceof Element && press.target.closest("[role='link']")) thread.files?.open(named);
    else setOpen(!open());
  };
  const onKey = (press: KeyboardEvent) => {
    const named = press.key === "Enter" ? file() : undefined;
    if (!named) return;
    press.preventDefault();
    thread.files?.open(named);
  };
  const tail = () => live() && props.tool.output.bytes > 0;
  return (
    <div data-testid="tool" data-block={props.entry.block.id} data-mark={props.tool.mark} data-shape={props.tool.shape}>
      {/* The button covers the line, below the name of a file; what is pressed in the line comes here either way. */}
      <div class="tool" ref={(line) => line.addEventListener("click", onPress)}>
        <button type="button" class="tool-toggle" aria-expanded={open()} aria-controls={body} aria-labelledby={`${lead} ${title} ${meta}`}>
          <Icon path={toolIcons[props.tool.shape]} class={live() ? "is-live" : props.tool.mark === "waiting" ? "is-warn" : ""} />
          <span class="verb" id={lead}>
            {verb(props.tool)}
          </span>
        </button>
        <Show when={target(props.tool)}>
          {(shown) => (
            <Show
              when={file()}
              fallback={
                <span class="target" id={title}>
                  {shown()}
                </span>
              }
            >
              {(named) => (
                <span class="target file-mention" id={title} role="link" tabindex="0" title={openLabel(named())} data-testid="tool-file" onKeyDown={onKey}>
                  {shown()}
                </span>
              )}
            </Show>
          )}
        </Show>
        <Show when={props.tool.change}>
          {(change) => (
            <span class="detail">
              <Counts additions={change().additions} deletions={change().deletions} />
            </span>
          )}
        </Show>
        <span class="meta" id={meta}>
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
      </div>
      <Show when={!open() && props.tool.mark === "failed" && props.tool.error}>
        {(error) => <p class="tool-error error-text truncate">{textOfSpans(error().spans)}</p>}
      </Show>
      <Show when={open() || tail()}>
        <div class="tool-body" id={body}>
          <Show when={open()} fallback={<Tail tool={props.tool} />}>
            <Suspense>
              <ToolDetail entry={props.entry} tool={props.tool} />
            </Suspense>
          </Show>
        </div>
      </Show>
    </div>
  );
}
