import type { SessionRow } from "../backend";
import { Menu } from "../design/Menu";
import { text } from "../strings";
import { threadTitle } from "./threadTitle";

/** What a thread's menu was opened on. */
export interface OpenMenu {
  row: SessionRow;
  anchor: DOMRect;
  trigger: HTMLElement;
}

/** What can be done with a thread of the list. */
export function ThreadMenu(props: { open: OpenMenu; onRename(): void; onTags(): void; onDelete(): void; onClose(): void }) {
  return (
    <Menu
      label={text("shell.threadActions", { title: threadTitle(props.open.row) })}
      anchor={props.open.anchor}
      trigger={props.open.trigger}
      entries={[
        { label: text("shell.rename"), meta: "F2", run: () => props.onRename() },
        { label: text("shell.tags"), run: () => props.onTags() },
        { label: text("shell.delete"), danger: true, run: () => props.onDelete() },
      ]}
      onClose={() => props.onClose()}
    />
  );
}
