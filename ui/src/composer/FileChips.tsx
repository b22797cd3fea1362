import { For, Show } from "solid-js";
import type { AttachmentView, ModelChoice } from "../backend";
import { Icon } from "../design/Icon";
import { IconButton } from "../design/IconButton";
import { circleAlert, fileText, x } from "../design/icons";
import { composerText as text } from "../strings/composer";
import { byteSize } from "../strings/format";
import type { Files } from "./parts";
import "./composer.css";

/** What is attached, what is on its way, and what was not attached with what to do about it. */
export function FileChips(props: { files: Files; /** The chosen model. */ model: ModelChoice | undefined; disabled: boolean; onRemoved(): void }) {
  const remove = (attachment: string) => {
    void props.files.remove(attachment);
    // What was pressed goes with its file.
    props.onRemoved();
  };
  /** It is known of the model that it reads none; of many nobody says. */
  const blind = () => props.model?.images === false;
  const pictures = () => props.files.attached().filter(({ mediaType }) => mediaType.startsWith("image/")).length;
  return (
    <>
      <Show when={props.files.attached().length > 0 || props.files.adding() > 0}>
        <ul class="composer-files" aria-label={text("files.label")} data-testid="attachments">
          <For each={props.files.attached()}>{(file) => <FileItem file={file} disabled={props.disabled} onRemove={() => remove(file.id)} />}</For>
          <Show when={props.files.adding() > 0}>
            <li class="chip subtle" role="status">
              {text("files.adding", { count: props.files.adding() })}
            </li>
          </Show>
        </ul>
      </Show>
      <Show when={blind() && pictures() > 0}>
        <p class="composer-refused composer-warning small muted" role="status" data-testid="no-pictures">
          <Icon path={circleAlert} small class="is-warn" />
          <span>{text("files.noPictures", { count: pictures(), model: props.model?.name ?? "" })}</span>
        </p>
      </Show>
      <Show when={props.files.refused().length > 0}>
        <div class="composer-refused" role="alert" data-testid="refused-files">
          <For each={props.files.refused()}>{({ name, reason }) => <p class="error-text">{text(`refused.${reason}`, { name })}</p>}</For>
        </div>
      </Show>
    </>
  );
}

function FileItem(props: { file: AttachmentView; disabled: boolean; onRemove(): void }) {
  return (
    <li class="chip file-chip" data-testid="attachment">
      <Show when={props.file.thumbnail} fallback={<Icon path={fileText} small />}>
        {(address) => <img class="file-thumbnail" src={address()} alt="" />}
      </Show>
      <span class="truncate" title={props.file.name}>
        {props.file.name}
      </span>
      <span class="subtle tnum">
        {byteSize(props.file.bytes)}
        <Show when={props.file.scaled}>, {text("files.scaled")}</Show>
      </span>
      <IconButton label={text("files.remove", { name: props.file.name })} icon={x} disabled={props.disabled} onClick={() => props.onRemove()} />
    </li>
  );
}
