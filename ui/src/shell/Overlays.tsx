import { Match, Show, Switch } from "solid-js";
import type { Overlay } from "./deeds";
import { DeleteThread } from "./DeleteThread";
import { FolderBoxDialog, Palette, ShareDialog, ShortcutsDialog, TagsDialog, ThreadUsageDialog } from "./lazyDialogs";

/** What stands over the window, one thing at a time: what was opened by a key, or from the palette. */
export function Overlays(props: { shown: Overlay | undefined; onClose(): void }) {
  const close = () => props.onClose();
  return (
    <Show when={props.shown} keyed>
      {(shown) => (
        <Switch>
          <Match when={shown.kind === "palette"}>
            <Palette onClose={close} />
          </Match>
          <Match when={shown.kind === "shortcuts"}>
            <ShortcutsDialog onClose={close} />
          </Match>
          <Match when={shown.kind === "tags" && shown}>{(of) => <TagsDialog row={of().row} onClose={close} />}</Match>
          <Match when={shown.kind === "delete" && shown}>{(of) => <DeleteThread row={of().row} onClose={close} />}</Match>
          <Match when={shown.kind === "share" && shown}>{(of) => <ShareDialog row={of().row} pairing={of().pairing} onClose={close} />}</Match>
          <Match when={shown.kind === "usage" && shown}>{(of) => <ThreadUsageDialog session={of().session} onClose={close} />}</Match>
          <Match when={shown.kind === "reach" && shown}>{(of) => <FolderBoxDialog folder={of().folder} onClose={close} />}</Match>
        </Switch>
      )}
    </Show>
  );
}
