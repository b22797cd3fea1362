import { createMemo, For, Show } from "solid-js";
import type { Message } from "../backend";
import { Icon } from "../design/Icon";
import { fileText } from "../design/icons";
import { text } from "../strings";
import { readingText } from "../strings/reading";
import { MessageActions } from "./MessageActions";
import { createOpened } from "./openedRows";

/** A message longer than this is cut until it is opened: a pasted log must not push the answer out of sight. */
const longestShown = { lines: 24, characters: 4000 };

/** One with more lines is in a scroll box of its own once it is opened. */
const longestRow = 120;

/** What a person wrote. */
export function PersonMessage(props: { message: Message }) {
  const [whole, setWhole] = createOpened(`${props.message.id}/whole`);
  const written = createMemo(() => props.message.blocks.flatMap(({ content }) => (content.kind === "text" ? [content.plain] : [])).join("\n\n"));
  const files = createMemo(() => props.message.blocks.flatMap(({ content }) => (content.kind === "file" ? [content.file] : [])));
  const lines = createMemo(() => written().split("\n"));
  const long = () => lines().length > longestShown.lines || written().length > longestShown.characters;
  const shown = () =>
    long() && !whole() ? `${lines().slice(0, longestShown.lines).join("\n").slice(0, longestShown.characters)}…` : written();
  return (
    <div class="user-message" data-testid="message-person">
      <p class="written" classList={{ "is-long": lines().length > longestRow && whole() }} tabindex={lines().length > longestRow && whole() ? 0 : undefined}>
        {shown()}
      </p>
      <Show when={long()}>
        <button type="button" class="button button--quiet button--small show-whole" aria-expanded={whole()} onClick={() => setWhole(!whole())}>
          {whole() ? readingText("written.less") : text("conversation.showWhole", { count: lines().length })}
        </button>
      </Show>
      <Show when={files().length > 0}>
        <div class="attachments">
          <For each={files()}>{(file) => <FileChip name={file.name} mediaType={file.mediaType} />}</For>
        </div>
      </Show>
      <MessageActions prompt={props.message} />
    </div>
  );
}

/** An attached file. */
export function FileChip(props: { name: string; mediaType: string }) {
  return (
    <span class="chip">
      <Icon path={fileText} small />
      <span class="truncate">{props.name}</span>
      <span class="subtle">{props.mediaType}</span>
    </span>
  );
}
