import type { SessionRow } from "../backend";
import type { Ability } from "../backend/abilities";
import { Menu, type MenuEntry } from "../design/Menu";
import { useApp, type App } from "../state/app";
import { sharingOf, stopSharing } from "../state/sharing";
import { text } from "../strings";
import { deed } from "./deeds";
import { threadTitle } from "./threadTitle";

/** What a thread's menu was opened on. */
export interface OpenMenu {
  row: SessionRow;
  anchor: DOMRect;
  trigger: HTMLElement;
}

/** Whether anything can be done with a thread of the list. */
export const hasThreadMenu = (app: App): boolean => app.can("rename") || app.can("tags") || app.can("share") || app.can("delete");

/** What can be done about sharing a thread, pairing by pairing; nothing where there is none. */
function sharingEntries(app: App, row: SessionRow): MenuEntry[] {
  return sharingOf(app.state.pairings, row).map((sharing): MenuEntry => {
    const { server, how, pairing } = sharing;
    if (how === "byFolder") return { label: text("shell.sharedByFolder", { server }), disabled: true, run: () => undefined };
    if (how === "alone") return { label: text("shell.unshare", { server }), run: () => void stopSharing(app, row.id, sharing) };
    return { label: text("shell.share", { server }), run: () => deed("overlay")?.({ kind: "share", row: { ...row }, pairing: pairing.id }) };
  });
}

/** What can be done with a thread of the list. */
export function ThreadMenu(props: { open: OpenMenu; onRename(): void; onTags(): void; onDelete(): void; onClose(): void }) {
  const app = useApp();
  const entries: [Ability, MenuEntry][] = [
    ["rename", { label: text("shell.rename"), meta: "F2", run: () => props.onRename() }],
    ["tags", { label: text("shell.tags"), run: () => props.onTags() }],
    ...sharingEntries(app, props.open.row).map((entry): [Ability, MenuEntry] => ["share", entry]),
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
