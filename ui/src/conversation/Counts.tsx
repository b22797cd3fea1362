import { Show } from "solid-js";
import { text } from "../strings";

/** Lines added and removed; a count of none is left out. */
export function Counts(props: { additions: number; deletions: number }) {
  return (
    <>
      <Show when={props.additions > 0}>
        <span class="added tnum">
          {text("diff.plus", { count: props.additions })}
          <span class="sr-only"> {text("diff.added")}</span>
        </span>
      </Show>
      <Show when={props.deletions > 0}>
        <span class="removed tnum">
          {text("diff.minus", { count: props.deletions })}
          <span class="sr-only"> {text("diff.removed")}</span>
        </span>
      </Show>
    </>
  );
}
