import { createSignal, onMount, Show } from "solid-js";
import type { SessionRow } from "../backend";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { text } from "../strings";
import { fullTime, shortAge } from "../strings/format";
import { marks } from "./marks";
import { rowKey, threadsOf, type Part } from "./threadLayout";
import { threadTitle } from "./threadTitle";

/** One thread of the list. */
export function ThreadRow(props: {
  row: SessionRow;
  part: Part;
  now: number;
  current: boolean;
  reachable: boolean;
  renaming: boolean;
  onOpen(): void;
  onFocus(): void;
  onMenu(anchor: DOMRect, trigger: HTMLElement): void;
  onRename(title: string): void;
  onRenameEnd(): void;
}) {
  const look = () => marks[props.row.mark];
  return (
    <Show
      when={!props.renaming}
      fallback={
        <div role="treeitem" aria-level={2} aria-label={threadTitle(props.row)}>
          <TitleField title={props.row.title} onDone={(wanted) => props.onRename(wanted)} onEnd={() => props.onRenameEnd()} />
        </div>
      }
    >
      <button
        type="button"
        class="row"
        classList={{ "is-unread": look().unread }}
        role="treeitem"
        aria-level={2}
        aria-setsize={threadsOf(props.part.stretch.group)}
        aria-posinset={props.part.stretch.before + props.part.index + 1}
        data-part={rowKey(props.row.id)}
        data-testid="session-row"
        data-session={props.row.id}
        data-mark={props.row.mark}
        aria-current={props.current ? "page" : undefined}
        tabindex={props.reachable ? 0 : -1}
        onClick={() => props.onOpen()}
        onFocus={() => props.onFocus()}
        onContextMenu={(press) => {
          press.preventDefault();
          const target = press.currentTarget;
          const own = target.getBoundingClientRect();
          // The menu key reports no position; the menu then opens at the row.
          const pointed = press.clientX !== 0 || press.clientY !== 0;
          props.onMenu(pointed ? new DOMRect(press.clientX, press.clientY, 0, 0) : own, target);
        }}
      >
        <Show when={look().icon} fallback={<span class="slot" />}>
          {(icon) => <Icon path={icon()} small class={look().colour} />}
        </Show>
        <span class="title">{threadTitle(props.row)}</span>
        <span class="sr-only">{text(look().label)}</span>
        <time class="meta" datetime={new Date(props.row.updated).toISOString()} aria-label={fullTime(props.row.updated)}>
          {shortAge(props.row.updated, props.now)}
        </time>
      </button>
    </Show>
  );
}

/** The place of a thread whose row is being read: there, and to be reached, as the row will be. */
export function WaitingRow(props: { part: Part; reachable: boolean; onFocus(): void }) {
  return (
    <button
      type="button"
      class="row row--waiting"
      role="treeitem"
      aria-level={2}
      aria-setsize={threadsOf(props.part.stretch.group)}
      aria-posinset={props.part.stretch.before + props.part.index + 1}
      aria-busy="true"
      aria-disabled="true"
      data-part={props.part.key}
      data-testid="waiting-row"
      tabindex={props.reachable ? 0 : -1}
      onFocus={() => props.onFocus()}
    >
      <span class="slot" />
      <span class="bar" />
      <span class="sr-only">{text("shell.threadWaits")}</span>
    </button>
  );
}

function TitleField(props: { title: string; onDone(title: string): void; onEnd(): void }) {
  let field: HTMLInputElement | undefined;
  const [ended, setEnded] = createSignal(false);
  onMount(() => {
    field?.focus();
    field?.select();
  });
  const end = (keep: boolean) => {
    if (ended()) return;
    setEnded(true);
    const wanted = field?.value.trim() ?? "";
    if (keep && wanted !== "" && wanted !== props.title) props.onDone(wanted);
    props.onEnd();
  };
  return (
    <input
      ref={(element) => (field = element)}
      class="input row-field"
      aria-label={text("shell.renameLabel")}
      maxlength={200}
      value={props.title}
      onBlur={() => end(true)}
      onKeyDown={(press) => {
        press.stopPropagation();
        if (isComposing(press)) return;
        if (press.key === "Enter") end(true);
        if (press.key === "Escape") {
          press.preventDefault();
          end(false);
        }
      }}
    />
  );
}
