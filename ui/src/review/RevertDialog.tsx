import { createSignal, Show } from "solid-js";
import { toApiError } from "../backend";
import { ConfirmDialog } from "../design/Dialog";
import { byteSize } from "../strings/format";
import { reviewText as text } from "../strings/review";
import type { AskedRevert, Review } from "./review";

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
      title={text(props.asked.hunk ? "review.revertHunkTitle" : "review.revertTitle", { path: props.asked.path })}
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
      <Show when={loss().linesBack > 0}>
        <p>{text("review.back", { count: loss().linesBack })}</p>
      </Show>
      <Show when={loss().restoresFile}>
        <p>{text("review.restores")}</p>
      </Show>
      <Show when={loss().oldPath}>{(path) => <p>{text("review.renamesBack", { path: path() })}</p>}</Show>
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
