import { createUniqueId, Show } from "solid-js";
import type { BlockContent } from "../backend";
import { Icon } from "../design/Icon";
import { chevronDown, chevronRight } from "../design/icons";
import { text } from "../strings";
import { duration } from "../strings/format";
import { Running } from "./Clock";
import { createOpened } from "./openedRows";
import { Prose } from "./Prose";

/** Thinking is told in whole seconds; parts of them say nothing. Milliseconds. */
const wholeSeconds = (time: number) => (time < 60_000 ? text("conversation.seconds", { count: Math.max(1, Math.round(time / 1000)) }) : duration(time));

/** What the model thought: folded to its first line, with how long it took. */
export function Reasoning(props: { id: string; content: Extract<BlockContent, { kind: "reasoning" }> }) {
  const [open, setOpen] = createOpened(props.id);
  const body = createUniqueId();
  const lead = () => {
    const { started, ended } = props.content;
    if (props.content.open) return text("conversation.thinking");
    return started !== null && ended !== null ? text("conversation.thoughtFor", { duration: wholeSeconds(ended - started) }) : text("conversation.thought");
  };
  return (
    <div data-testid="reasoning">
      <button type="button" class="disclosure" aria-expanded={open()} aria-controls={body} onClick={() => setOpen(!open())}>
        <Icon path={open() ? chevronDown : chevronRight} />
        <span class="lead">{lead()}</span>
        <Show when={!open()}>
          <span class="truncate">{props.content.firstLine}</span>
        </Show>
        <Show when={props.content.open && props.content.started}>
          {(since) => (
            <span class="meta">
              <Running since={since()} />
            </span>
          )}
        </Show>
      </button>
      <Show when={open()}>
        <div id={body}>
          <Prose class="reasoning-text prose" html={props.content.html} open={props.content.open} />
        </div>
      </Show>
    </div>
  );
}
