import { createMemo, createSignal, For, Show } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { folder as folderIcon, folderX } from "../design/icons";
import { FolderNote } from "../shell/FolderNote";
import { useApp } from "../state/app";
import { text } from "../strings";

/** The folders agents may work in. */
export function Folders() {
  const app = useApp();
  const [error, setError] = createSignal<string>();
  const folders = createMemo(() => app.state.folders.filter((folder) => folder.kind === "project"));
  const run = async (action: () => Promise<void>) => {
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
              <li class="setting">
                <Icon path={folder.available ? folderIcon : folderX} class={folder.available ? "subtle" : "is-danger"} />
                <div class="text">
                  <div class="label">{folder.label}</div>
                  <p class="wrap-anywhere">{folder.path}</p>
                  <Show when={!folder.available}>
                    <p class="is-danger">{text("folders.unavailable")}</p>
                  </Show>
                  <Show when={folder.available}>
                    <FolderNote folder={folder} />
                  </Show>
                </div>
                <div class="control">
                  <Button
                    aria-label={text("folders.forgetLabel", { name: folder.label })}
                    onClick={() => void run(() => app.backend.commands.folderForget({ folder: folder.id }))}
                  >
                    {text("folders.forget")}
                  </Button>
                </div>
              </li>
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
