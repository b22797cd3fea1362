import type { SessionRow } from "../backend";
import type { Ability } from "../backend/abilities";
import { Menu, type MenuEntry } from "../design/Menu";
import { useApp, type App } from "../state/app";
import { text } from "../strings";
import { threadTitle } from "./threadTitle";

/** What a thread's menu was opened on. */
export interface OpenMenu {
  row: SessionRow;
  anchor: DOMRect;
  trigger: HTMLElement;
}

/** Whether anything can be done with a thread of the list. */
export const hasThreadMenu = (app: App): boolean => app.can("rename") || app.can("tags") || app.can("delete");

/** What can be done with a thread of the list. */
export function ThreadMenu(props: { open: OpenMenu; onRename(): void; onTags(): void; onDelete(): void; onClose(): void }) {
  const app = useApp();
  const entries: [Ability, MenuEntry][] = [
    ["rename", { label: text("shell.rename"), meta: "F2", run: () => props.onRename() }],
    ["tags", { label: text("shell.tags"), run: () => props.onTags() }],
    ["delete", { label: text("shell.delete"), danger: true, run: () => props.onDelete() }],
  ];
  return (
    <Menu
      label={text("shell.threadActions", { title: threadTitle(props.open.row) })}
      anchor={props.open.anchor}
      trigger={props.open.trigger}
      entries={entries.flatMap(([ability, entry]) => (app.can(ability) ? [entry] : []))}
      onClose={() => props.onClose()}
    />
  );
}
