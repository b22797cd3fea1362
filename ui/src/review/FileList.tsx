import { createEffect, createMemo, createSignal, createUniqueId, For, on, onCleanup, onMount, Show } from "solid-js";
import type { FileStatus, ReviewFile } from "../backend";
import { Counts } from "../conversation/Counts";
import { reviewText as text } from "../strings/review";
import { visiblePath } from "./visible";

/** The height of a row, in CSS pixels. Fixed, so that ten thousand of them need not be in the document. */
const rowHeight = 28;

/** Rows drawn beyond what is seen. */
const overscan = 8;

const letters: Record<FileStatus, string> = { added: "A", modified: "M", deleted: "D", renamed: "R", conflicted: "!" };

/** What became of a file, in words. */
export function statusWords(file: ReviewFile): string {
  const words = [text(`review.${file.status}`)];
  if (file.oldPath !== null) words.push(file.similarity === null ? text("review.from", { path: visiblePath(file.oldPath) }) : text("review.fromAlike", { path: visiblePath(file.oldPath), percent: file.similarity }));
  if (file.binary) words.push(text("review.binary"));
  if (file.mode !== null) words.push(text("review.mode", { mode: file.mode }));
  if (file.untracked) words.push(text("review.untracked"));
  return words.join(" · ");
}

/** The changed files, of which those near what is seen are in the document. */
export function FileList(props: { files: readonly ReviewFile[]; chosen: string; commits: boolean; onChoose(path: string): void; onStage(file: ReviewFile, staged: boolean): void }) {
  const id = createUniqueId();
  const [top, setTop] = createSignal(0);
  const [height, setHeight] = createSignal(240);
  let place: HTMLDivElement | undefined;
  const at = () => props.files.findIndex((file) => file.path === props.chosen);
  const first = createMemo(() => Math.max(0, Math.floor(top() / rowHeight) - overscan));
  const end = createMemo(() => Math.min(props.files.length, Math.ceil((top() + height()) / rowHeight) + overscan));
  const drawn = createMemo(() => props.files.slice(first(), end()));

  onMount(() => {
    const seen = new ResizeObserver(() => setHeight(place?.clientHeight || 240));
    if (place) seen.observe(place);
    onCleanup(() => seen.disconnect());
  });
  createEffect(
    on(at, (index) => {
      if (!place || index < 0) return;
      const [from, to] = [index * rowHeight, (index + 1) * rowHeight];
      if (from < place.scrollTop) place.scrollTop = from;
      else if (to > place.scrollTop + height()) place.scrollTop = to - height();
      setTop(place.scrollTop);
    }),
  );
  const move = (to: number) => {
    const file = props.files[Math.min(Math.max(to, 0), props.files.length - 1)];
    if (file) props.onChoose(file.path);
  };
  const onKeyDown = (press: KeyboardEvent) => {
    if (press.ctrlKey || press.altKey || press.metaKey) return;
    const page = Math.max(1, Math.floor(height() / rowHeight) - 1);
    const to: Record<string, number> = { ArrowDown: at() + 1, ArrowUp: at() - 1, Home: 0, End: props.files.length - 1, PageDown: at() + page, PageUp: at() - page };
    const next = to[press.key];
    const file = props.files[at()];
    if (next !== undefined) move(next);
    else if (press.key === " " && props.commits && file) props.onStage(file, file.staged !== "all");
    else return;
    press.preventDefault();
  };

  const onClick = (press: MouseEvent) => {
    const target = press.target instanceof Element ? press.target : undefined;
    const file = props.files[Number(target?.closest("[data-index]")?.getAttribute("data-index") ?? -1)];
    if (!file) return;
    if (target?.closest(".stage-mark")) props.onStage(file, file.staged !== "all");
    else props.onChoose(file.path);
  };

  return (
    <div
      class="files"
      role="listbox"
      tabindex="0"
      aria-label={text("review.list")}
      aria-activedescendant={at() >= 0 ? `${id}-${at()}` : undefined}
      data-testid="review-files"
      ref={(element) => {
        place = element;
        // No higher than what is in it, so that its room is the lines'.
        createEffect(() => element.style.setProperty("--files-height", `${props.files.length * rowHeight + 1}px`));
      }}
      onScroll={(scroll) => setTop(scroll.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <div class="files-room" ref={(element) => createEffect(() => (element.style.height = `${props.files.length * rowHeight}px`))}>
        <div class="files-drawn" ref={(element) => createEffect(() => (element.style.transform = `translateY(${first() * rowHeight}px)`))}>
          <For each={drawn()}>
            {(file) => {
              const index = () => props.files.indexOf(file);
              const path = visiblePath(file.path);
              const cut = path.lastIndexOf("/") + 1;
              return (
                <div
                  class="file"
                  role="option"
                  id={`${id}-${index()}`}
                  aria-selected={file.path === props.chosen}
                  aria-checked={props.commits ? file.staged !== "none" : undefined}
                  aria-posinset={index() + 1}
                  aria-setsize={props.files.length}
                  title={`${path}\n${statusWords(file)}`}
                  data-index={index()}
                >
                  <span class="letter" classList={{ added: file.status === "added", removed: file.status === "deleted", "is-danger": file.status === "conflicted" }} aria-hidden="true">
                    {letters[file.status]}
                  </span>
                  <span class="path">
                    <span class="dir">{path.slice(0, cut)}</span>
                    {path.slice(cut)}
                    <span class="sr-only">, {statusWords(file)}</span>
                  </span>
                  <span class="stat">
                    <Show when={!file.binary} fallback={<span class="subtle">{text("review.binary")}</span>}>
                      <Counts additions={file.additions ?? 0} deletions={file.deletions ?? 0} />
                    </Show>
                  </span>
                  <Show when={props.commits}>
                    <span
                      class="stage-mark"
                      classList={{ "stage-mark--all": file.staged === "all", "stage-mark--part": file.staged === "part" }}
                      aria-hidden="true"
                      title={text(file.staged === "all" ? "review.unstage" : "review.stage")}
                    />
                    <Show when={file.staged !== "none"}>
                      <span class="sr-only">, {text(file.staged === "all" ? "review.staged" : "review.partStaged")}</span>
                    </Show>
                  </Show>
                </div>
              );
            }}
          </For>
        </div>
      </div>
    </div>
  );
}
