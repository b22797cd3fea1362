import { Show } from "solid-js";
import type { Folder } from "../backend";
import { Icon } from "../design/Icon";
import { chevronDown, chevronRight, flaskConical, folder as folderIcon, folderX } from "../design/icons";
import { useApp } from "../state/app";
import { isGone } from "../state/folders";
import type { ThreadGroup } from "../state/threads";
import { text } from "../strings";
import { shortCount } from "../strings/format";
import { groupKey } from "./threadLayout";

/** The heading of a folder's threads; folds them away and shows them again. */
export function GroupHeading(props: {
  group: ThreadGroup;
  /** None for all throw-away folders, and for one that is not known any more. */
  folder: Folder | undefined;
  count: number;
  place: number;
  groups: number;
  folded: boolean;
  reachable: boolean;
  onFold(fold: boolean): void;
  onFocus(): void;
}) {
  const app = useApp();
  const throwAway = () => props.group.id === "";
  const gone = () => isGone(app.backend, props.folder);
  const label = () => props.folder?.label ?? (props.group.label || text("shell.throwAway"));
  return (
    <button
      type="button"
      class="thread-group"
      role="treeitem"
      data-part={groupKey(props.group.id)}
      data-testid="thread-group"
      aria-level={1}
      aria-expanded={!props.folded}
      aria-setsize={props.groups}
      aria-posinset={props.place + 1}
      tabindex={props.reachable ? 0 : -1}
      onClick={() => props.onFold(!props.folded)}
      onFocus={() => props.onFocus()}
    >
      <Icon path={gone() ? folderX : throwAway() ? flaskConical : folderIcon} small class={gone() ? "is-danger" : ""} />
      <span class="truncate" title={label()}>
        {label()}
      </span>
      <Show when={gone()}>
        <span class="sr-only">{text("shell.folderGone")}</span>
      </Show>
      <Icon path={props.folded ? chevronRight : chevronDown} small class="thread-fold" />
      <span class="meta push" aria-hidden="true">
        {shortCount(props.count)}
      </span>
      <span class="sr-only">{text("shell.threadCount", { count: props.count })}</span>
    </button>
  );
}
