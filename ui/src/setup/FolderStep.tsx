import { createMemo, createSignal, For, onMount, Show } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { folder as folderIcon } from "../design/icons";
import { useApp } from "../state/app";
import { text } from "../strings";

/** Where the agent works: a folder of the person's own, or a throw-away one for now. Either leads to the first prompt. */
export function FolderStep(props: { onBack(): void; onContinue(): void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  let heading: HTMLHeadingElement | undefined;
  onMount(() => heading?.focus());
  const known = createMemo(() => app.state.folders.filter((row) => row.kind === "project" && row.available));
  const take = (folder: string | null) => {
    app.setHome({ folder });
    props.onContinue();
  };
  const pick = async () => {
    if (busy()) return;
    setBusy(true);
    setError(undefined);
    try {
      if (await app.pickFolder()) props.onContinue();
    } catch (thrown) {
      setError(toApiError(thrown).message);
    }
    setBusy(false);
  };
  return (
    <section class="setup-detail" aria-label={text("setup.folder")} data-testid="setup-folder">
      <div class="setup-form">
        <h1 tabindex={-1} ref={(element) => (heading = element)}>
          {text("setup.folder")}
        </h1>
        <p class="muted">{text("setup.folderMore")}</p>
        <div>
          <Button kind="primary" data-testid="setup-pick-folder" aria-disabled={busy()} onClick={() => void pick()}>
            {text("folders.choose")}
          </Button>
        </div>
        <Show when={error()}>
          <p class="error-text" role="alert">
            {error()}
          </p>
        </Show>
        <Show when={known().length > 0}>
          <div>
            <div class="section-label flush">{text("setup.folderKnown")}</div>
            <ul>
              <For each={known()}>
                {(row) => (
                  <li>
                    <button type="button" class="item-row starter" onClick={() => take(row.id)}>
                      <Icon path={folderIcon} />
                      <span class="name wrap-anywhere">{row.label}</span>
                      <span />
                      <span class="sub wrap-anywhere">{row.path}</span>
                    </button>
                  </li>
                )}
              </For>
            </ul>
          </div>
        </Show>
      </div>
      <footer class="setup-foot">
        <div class="foot-inner">
          <Button kind="quiet" onClick={() => props.onBack()}>
            {text("setup.back")}
          </Button>
          <span class="grow" />
          <Button data-testid="setup-throw-away" onClick={() => take(null)}>
            {text("setup.throwAway")}
          </Button>
        </div>
      </footer>
    </section>
  );
}
