import { createSignal, Show, type JSX } from "solid-js";
import type { Folder } from "../backend";
import { Button } from "../design/Button";
import { IconButton } from "../design/IconButton";
import { shield } from "../design/icons";
import { useApp } from "../state/app";
import { text } from "../strings";
import { FolderBoxDialog } from "./lazyDialogs";

/** Opens what commands of a folder may reach: a labelled button, or a sign alone. */
export function ReachButton(props: { folder: Folder; sign?: boolean; small?: boolean; quiet?: boolean; children?: JSX.Element }) {
  const app = useApp();
  const [open, setOpen] = createSignal(false);
  const label = () => text("reach.openLabel", { name: props.folder.label });
  return (
    <Show when={app.can("reach")}>
      <Show
        when={props.sign}
        fallback={
          <Button {...(props.quiet ? { kind: "quiet" as const } : {})} small={props.small ?? false} aria-label={label()} aria-haspopup="dialog" data-testid="reach-open" data-folder={props.folder.id} onClick={() => setOpen(true)}>
            {props.children ?? text("reach.open")}
          </Button>
        }
      >
        <IconButton icon={shield} label={label()} aria-haspopup="dialog" data-testid="reach-open" data-folder={props.folder.id} onClick={() => setOpen(true)} />
      </Show>
      <Show when={open()}>
        <FolderBoxDialog folder={props.folder.id} onClose={() => setOpen(false)} />
      </Show>
    </Show>
  );
}
