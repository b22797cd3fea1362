import { createUniqueId, For, Show } from "solid-js";
import type { Message } from "../backend";
import { Button } from "../design/Button";
import { chevronDown, chevronRight, chevronsUpDown } from "../design/icons";
import { Icon } from "../design/Icon";
import { text } from "../strings";
import { shortCount } from "../strings/format";
import { readingText } from "../strings/reading";
import { createOpened } from "./openedRows";
import { Prose } from "./Prose";
import type { Entry } from "./turns";

/** How many tokens were in the context before older messages became a summary, and after the first answer since. */
export function contextAround(messages: readonly Message[], entries: readonly Entry[]): { before: number; after: number } {
  const own = new Set(entries.map(({ message }) => message.id));
  const counted = messages.filter((message) => message.author === "agent" && message.usage.tokens > 0 && !own.has(message.id));
  const place = new Map(messages.map((message, index) => [message, index]));
  const here = messages.findIndex(({ id }) => own.has(id));
  const isAfter = (message: Message) => (place.get(message) ?? 0) > here;
  return {
    before: counted.findLast((message) => !isAfter(message))?.usage.tokens ?? 0,
    after: counted.find(isAfter)?.usage.tokens ?? 0,
  };
}

/**
 * Where older messages became a summary in the model's context. It opens to what was summed up, and to how full the
 * context was and is.
 */
export function CompactionMarker(props: { entries: readonly Entry[]; messages: readonly Message[]; running: boolean }) {
  const [open, setOpen] = createOpened(props.entries[0]?.block.id ?? "");
  const body = createUniqueId();
  /** What the model says after the summary is not a part of it. */
  const running = () => props.running && texts().every(({ content }) => content.open);
  const texts = () => props.entries.flatMap(({ block }) => (block.content.kind === "text" ? [{ id: block.id, content: block.content }] : []));
  const standing = () => {
    const { before, after } = contextAround(props.messages, props.entries);
    if (before === 0) return undefined;
    return after === 0 ? readingText("compaction.before", { before: shortCount(before) }) : readingText("compaction.around", { before: shortCount(before), after: shortCount(after) });
  };
  return (
    <div data-testid="compaction">
      <div class="marker">
        <Icon path={chevronsUpDown} />
        <span class="marker-words">{running() ? readingText("compaction.running") : text("conversation.shortened")}</span>
        <Show when={texts().length > 0}>
          <span class="actions">
            <Button small kind="quiet" aria-expanded={open()} aria-controls={body} data-testid="show-summary" onClick={() => setOpen(!open())}>
              <Icon path={open() ? chevronDown : chevronRight} small />
              {open() ? readingText("compaction.hide") : readingText("compaction.show")}
            </Button>
          </span>
        </Show>
      </div>
      <Show when={open() && texts().length > 0}>
        <div id={body}>
          <For each={texts()}>
            {({ id, content }) => (
              <div data-block={id}>
                <Prose class="reasoning-text prose" html={content.html} open={content.open} testid="summary" />
              </div>
            )}
          </For>
          <Show when={!running() && standing()}>{(words) => <p class="marker-note subtle small">{words()}</p>}</Show>
        </div>
      </Show>
    </div>
  );
}
