import { Show } from "solid-js";
import type { IndexProgress } from "../backend";
import { storageText as text } from "../strings/storage";

/** How far the index is, in a sentence that is read out only when its kind changes, not with every thread. */
export function indexWords(progress: IndexProgress): string {
  if (progress.threads === 0) return text("storage.indexNone");
  if (progress.state === "done") return text("storage.indexAll", { count: progress.threads });
  return text("storage.indexing", { done: progress.threads - progress.unread, count: progress.threads });
}

/** The same with why it stands where it stands. Figures change, nothing moves. */
export function IndexLine(props: { progress: IndexProgress }) {
  return (
    <>
      <span class="tnum">{indexWords(props.progress)}</span>
      <Show when={props.progress.state !== "done" && props.progress.threads > 0}>
        <span class="small subtle" role="status">
          {text(`storage.indexing.${props.progress.state}`)}
        </span>
      </Show>
    </>
  );
}
