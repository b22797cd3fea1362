import { createMemo, createSignal, For, Show } from "solid-js";
import { toApiError, type Folder } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { folder as folderIcon, folderX } from "../design/icons";
import { FolderNote } from "../shell/FolderNote";
import { useApp } from "../state/app";
import { whyRefused } from "../state/engine";
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

/** A folder. Where no box can be had, commands in it are allowed only after the system's own dialog asked. */
function FolderLine(props: { folder: Folder; onForget(): void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const unboxed = () => app.state.safety.boxed.kind === "unboxed";
  const allowed = () => props.folder.unboxedAllowed;
  const change = async () => {
    if (busy()) return;
    setBusy(true);
    setError(undefined);
    try {
      await app.backend.commands.folderUnbox({ folder: props.folder.id, allowed: !allowed() });
    } catch (thrown) {
      setError(whyRefused(thrown));
    }
    setBusy(false);
  };
  return (
    <li class="setting">
      <Icon path={props.folder.available ? folderIcon : folderX} class={props.folder.available ? "subtle" : "is-danger"} />
      <div class="text">
        <div class="label">{props.folder.label}</div>
        <p class="wrap-anywhere">{props.folder.path}</p>
        <Show when={props.folder.available} fallback={<p class="is-danger">{text("folders.unavailable")}</p>}>
          <FolderNote folder={props.folder} />
        </Show>
        <Show when={unboxed()}>
          <p>{text(allowed() ? "folders.unboxedBody" : "folders.boxedBody")}</p>
        </Show>
        <Show when={error()}>
          <p class="is-danger" role="alert">
            {error()}
          </p>
        </Show>
      </div>
      <div class="control">
        <Show when={unboxed()}>
          <Button
            aria-disabled={busy()}
            aria-label={text(allowed() ? "folders.boxLabel" : "folders.unboxLabel", { name: props.folder.label })}
            data-testid="folder-unbox"
            data-folder={props.folder.id}
            data-allowed={allowed()}
            onClick={() => void change()}
          >
            {text(allowed() ? "folders.box" : "folders.unbox")}
          </Button>
        </Show>
        <Button aria-label={text("folders.forgetLabel", { name: props.folder.label })} onClick={() => props.onForget()}>
          {text("folders.forget")}
        </Button>
      </div>
    </li>
  );
}
