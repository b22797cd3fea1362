import { createSignal, For, Show } from "solid-js";
import { toApiError } from "../backend";
import { ConfirmDialog } from "../design/Dialog";
import { byteSize } from "../strings/format";
import { reviewText as text } from "../strings/review";
import type { Lines } from "./putBack";
import type { AskedRevert, Review } from "./review";
import { visiblePath } from "./visible";

/** Says what putting a file or a change back takes away, before it does. */
export function RevertDialog(props: { asked: AskedRevert; review: Review }) {
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const loss = () => props.asked.loss;
  const agree = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await props.review.agree();
    } catch (thrown) {
      setError(toApiError(thrown).message);
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog
      title={text(props.asked.hunk ? "review.revertHunkTitle" : "review.revertTitle", { path: visiblePath(props.asked.path) })}
      confirm={text("review.revert")}
      busy={busy()}
      error={error()}
      testid="revert-confirm"
      onConfirm={() => void agree()}
      onCancel={() => props.review.cancel()}
    >
      <Show when={loss().linesLost > 0}>
        <p>{text("review.lost", { count: loss().linesLost })}</p>
      </Show>
      <Show when={props.asked.lines?.gone}>{(lines) => <PutBackLines lines={lines()} label={text("review.goneLines")} kind="del" />}</Show>
      <Show when={loss().linesBack > 0}>
        <p>{text("review.back", { count: loss().linesBack })}</p>
      </Show>
      <Show when={props.asked.lines?.back}>{(lines) => <PutBackLines lines={lines()} label={text("review.backLines")} kind="add" />}</Show>
      <Show when={loss().restoresFile}>
        <p>{text("review.restores")}</p>
      </Show>
      <Show when={loss().oldPath}>{(path) => <p>{text("review.renamesBack", { path: visiblePath(path()) })}</p>}</Show>
      <Show when={loss().removesFile}>
        <p>{text("review.removes")}</p>
      </Show>
      <Show when={loss().bytes > 0}>
        <p>{text("review.bytesLost", { size: byteSize(loss().bytes) })}</p>
      </Show>
      <p>{text("review.isKept")}</p>
    </ConfirmDialog>
  );
}

/** The lines themselves, so that nobody puts another change back than they mean to. */
function PutBackLines(props: { lines: Lines; label: string; kind: "add" | "del" }) {
  return (
    <Show when={props.lines.shown.length > 0}>
      <ul class="put-back" classList={{ [`put-back--${props.kind}`]: true }} aria-label={props.label} tabindex="0" data-testid={`put-back-${props.kind}`}>
        <For each={props.lines.shown}>{(line) => <li>{line}</li>}</For>
        <Show when={props.lines.more > 0}>
          <li class="put-back-more">{text("review.moreLines", { count: props.lines.more })}</li>
        </Show>
      </ul>
    </Show>
  );
}
