import { createMemo, createSignal, For, Show } from "solid-js";
import { toApiError, type Folder } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { folder as folderIcon, folderX, shieldOff } from "../design/icons";
import { FolderNote } from "../shell/FolderNote";
import { ReachButton } from "../shell/ReachButton";
import { useApp } from "../state/app";
import { text } from "../strings";

/** The folders agents may work in. */
export function Folders() {
  const app = useApp();
  const [error, setError] = createSignal<string>();
  const folders = createMemo(() => app.state.folders.filter((folder) => folder.kind === "project"));
  const run = async (action: () => Promise<unknown>) => {
    setError(undefined);
    try {
      await action();
    } catch (thrown) {
      setError(toApiError(thrown).message);
    }
  };
  return (
    <section class="group first">
      <Show
        when={folders().length > 0}
        fallback={
          <div class="empty">
            <h2 class="group-title">{text("folders.none")}</h2>
            <p>{text("folders.noneBody")}</p>
          </div>
        }
      >
        <ul class="group-body">
          <For each={folders()}>
            {(folder) => (
              <FolderLine folder={folder} onForget={() => void run(() => app.backend.commands.folderForget({ folder: folder.id }))} />
            )}
          </For>
        </ul>
      </Show>
      <div class="page-actions">
        <Button onClick={() => void run(app.pickFolder)}>{text("folders.choose")}</Button>
        <Show when={error()}>
          <p class="error-text" role="alert">
            {error()}
          </p>
        </Show>
      </div>
    </section>
  );
}

/** A folder, and what commands in it may reach. */
function FolderLine(props: { folder: Folder; onForget(): void }) {
  return (
    <li class="setting">
      <Icon path={props.folder.available ? folderIcon : folderX} class={props.folder.available ? "subtle" : "is-danger"} />
      <div class="text">
        <div class="label">{props.folder.label}</div>
        <p class="wrap-anywhere">{props.folder.path}</p>
        <Show when={props.folder.available} fallback={<p class="is-danger">{text("folders.unavailable")}</p>}>
          <FolderNote folder={props.folder} />
        </Show>
        <p data-testid="folder-reach">{reachWords(props.folder)}</p>
        <Show when={props.folder.unboxedAllowed}>
          <p class="folder-unboxed">
            <Icon path={shieldOff} small class="is-warn" />
            {text("folders.unboxedBody")}
          </p>
        </Show>
      </div>
      <div class="control">
        <ReachButton folder={props.folder} />
        <Button aria-label={text("folders.forgetLabel", { name: props.folder.label })} onClick={() => props.onForget()}>
          {text("folders.forget")}
        </Button>
      </div>
    </li>
  );
}

/** What commands may reach beside the folder, in a line. */
function reachWords({ box }: Folder): string {
  const hosts = box.network === "listed" && box.hosts.length > 0 ? text("reach.sum.hosts", { count: box.hosts.length }) : "";
  const granted = box.granted.length > 0 ? text("reach.sum.granted", { count: box.granted.length }) : "";
  return [text(`reach.sum.${box.network}`), hosts, granted].filter((part) => part !== "").join(" · ");
}
