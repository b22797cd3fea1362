import { createSignal, For, Match, Show, Switch } from "solid-js";
import { toApiError, type RevertPreview, type TakenBack } from "../backend";
import { ConfirmDialog } from "../design/Dialog";
import { goingBackText as text } from "../strings/goingBack";
import { Counts } from "./Counts";
import type { AskedBack, GoingBack, Purpose } from "./goingBack";
import "./goingBack.css";

const words: Record<Purpose, { title: "back.titleRevert" | "back.titleEdit" | "back.titleRetry"; confirm: "back.revert" | "back.edit" | "back.retry" }> = {
  revert: { title: "back.titleRevert", confirm: "back.revert" },
  edit: { title: "back.titleEdit", confirm: "back.edit" },
  retry: { title: "back.titleRetry", confirm: "back.retry" },
};

/** Shows what going back takes back, before it does. */
export function GoingBackDialog(props: { asked: AskedBack; goingBack: GoingBack }) {
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const agree = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await props.goingBack.agree();
    } catch (thrown) {
      setError(toApiError(thrown).message);
      setBusy(false);
    }
  };
  const back = () => (props.asked.purpose === "undo" ? undefined : props.asked);
  return (
    <ConfirmDialog
      title={text(back() ? words[back()?.purpose ?? "revert"].title : "back.titleUndo")}
      confirm={text(back() ? words[back()?.purpose ?? "revert"].confirm : "back.undo")}
      danger={props.asked.purpose === "retry"}
      busy={busy()}
      error={error()}
      testid="going-back-confirm"
      onConfirm={() => void agree()}
      onCancel={() => props.goingBack.cancel()}
    >
      <Show when={back()} fallback={<p>{text("back.undoBody")}</p>}>
        {(asked) => (
          <>
            <Files preview={asked().preview} />
            <p>{text(asked().purpose === "retry" ? "back.replaced" : "back.messages", { count: asked().preview.prompts })}</p>
            <Show when={asked().preview.attachments}>
              <p>{text(asked().purpose === "retry" ? "back.attachmentsSent" : "back.attachments")}</p>
            </Show>
          </>
        )}
      </Show>
    </ConfirmDialog>
  );
}

function Files(props: { preview: RevertPreview }) {
  const { preview } = props;
  return (
    <>
      <Show when={preview.files.length > 0}>
        <p>{text("back.files", { count: preview.files.length })}</p>
        <FileList label={text("back.filesLabel")} files={preview.files} testid="going-back-files" />
      </Show>
      <Switch>
        <Match when={preview.left.length > 0}>
          <p>{text(preview.history ? "back.left" : "back.noHistory", { count: preview.left.length })}</p>
          <FileList label={text("back.leftLabel")} files={preview.left} testid="going-back-left" />
        </Match>
        <Match when={!preview.history}>
          <p data-testid="going-back-no-history">{text("back.noHistoryAtAll")}</p>
        </Match>
        <Match when={preview.files.length === 0}>
          <p>{text("back.noFiles")}</p>
        </Match>
      </Switch>
      <Show when={preview.more}>
        <p>{text("back.more")}</p>
      </Show>
    </>
  );
}

function FileList(props: { label: string; files: readonly TakenBack[]; testid: string }) {
  return (
    // It scrolls by the keyboard, too.
    <ul class="taken-back" aria-label={props.label} tabindex="0" data-testid={props.testid}>
      <For each={props.files}>
        {(file) => (
          <li>
            <span class="truncate" title={file.path}>
              {file.path}
            </span>
            <span class="grow" />
            <span class="stat">
              <Counts additions={file.additions} deletions={file.deletions} />
            </span>
          </li>
        )}
      </For>
    </ul>
  );
}
