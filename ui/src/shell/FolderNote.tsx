import { createSignal, createUniqueId, For, onCleanup, Show } from "solid-js";
import { Portal } from "solid-js/web";
import type { Folder } from "../backend";
import { Icon } from "../design/Icon";
import { info, triangleAlert } from "../design/icons";
import { useLayer } from "../design/layers";
import { place } from "../design/place";
import { useApp } from "../state/app";
import { isGone } from "../state/folders";
import { text } from "../strings";

/** Tells that a folder cannot be read, or that it brings agents and commands of its own that are not loaded. */
export function FolderNote(props: { folder: Folder | undefined; compact?: boolean }) {
  const app = useApp();
  return (
    <Show when={props.folder}>
      {(folder) => (
        <Show
          when={!isGone(app.backend, folder())}
          fallback={
            <span class="folder-note small" role="note">
              <Icon path={triangleAlert} small class="is-danger" />
              <span>{props.compact ? text("folder.gone") : text("folder.goneLong", { path: folder().path })}</span>
            </span>
          }
        >
          <Show when={folder().ignored.length > 0}>
            <IgnoredNote names={folder().ignored} compact={props.compact ?? false} />
          </Show>
        </Show>
      )}
    </Show>
  );
}

function IgnoredNote(props: { names: string[]; compact: boolean }) {
  const [open, setOpen] = createSignal(false);
  let trigger: HTMLButtonElement | undefined;
  return (
    <>
      <Show
        when={props.compact}
        fallback={
          <span class="folder-note small" role="note">
            <Icon path={info} small />
            <span>{text("folder.ignored")}</span>
            <button type="button" class="text-button" aria-expanded={open()} ref={(element) => (trigger = element)} onClick={() => setOpen(!open())}>
              {text("folder.ignoredNames")}
            </button>
          </span>
        }
      >
        <button
          type="button"
          class="icon-button"
          aria-label={text("folder.ignored")}
          aria-expanded={open()}
          ref={(element) => (trigger = element)}
          onClick={() => setOpen(!open())}
        >
          <Icon path={info} small />
        </button>
      </Show>
      <Show when={open()}>
        <NamesBox names={props.names} trigger={trigger} onClose={() => setOpen(false)} />
      </Show>
    </>
  );
}

function NamesBox(props: { names: string[]; trigger: HTMLElement | undefined; onClose(): void }) {
  const title = createUniqueId();
  let box: HTMLDivElement | undefined;
  useLayer(() => props.onClose());
  const outside = (press: PointerEvent) => {
    if (!(press.target instanceof Node) || box?.contains(press.target) || props.trigger?.contains(press.target)) return;
    props.onClose();
  };
  document.addEventListener("pointerdown", outside, true);
  onCleanup(() => document.removeEventListener("pointerdown", outside, true));
  return (
    <Portal>
      <div
        class="popover"
        role="region"
        aria-labelledby={title}
        ref={(element) => {
          box = element;
          queueMicrotask(() => {
            if (props.trigger) place(element, props.trigger.getBoundingClientRect(), "below");
          });
        }}
      >
        <p id={title}>{text("folder.ignored")}</p>
        <ul class="muted small">
          <For each={props.names}>{(name) => <li>{name}</li>}</For>
        </ul>
        <p class="subtle small">{text("folder.ignoredWhy")}</p>
      </div>
    </Portal>
  );
}
