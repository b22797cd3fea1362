import { onMount } from "solid-js";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { reviewText as text } from "../strings/review";
import { visiblePath } from "./visible";

/** The number of a line that was typed, or the one of before. */
const number = (value: string, otherwise: number) => {
  const given = Number.parseInt(value, 10);
  return Number.isFinite(given) && given > 0 ? given : otherwise;
};

/** Words about lines of a file, on their way into the prompt. */
export function CommentForm(props: { path: string; from: number; to: number; words: string; onWords(words: string): void; onRange(from: number, to: number): void; onAdd(words: string): void; onCancel(): void }) {
  const words = () => props.words;
  let field: HTMLTextAreaElement | undefined;
  onMount(() => field?.focus());
  const add = () => {
    if (words().trim() !== "") props.onAdd(words());
  };
  return (
    <form
      class="comment-form"
      aria-label={text("review.commentTitle", { path: visiblePath(props.path) })}
      data-foot
      data-testid="comment-form"
      onSubmit={(submit) => (submit.preventDefault(), add())}
      onKeyDown={(press) => {
        press.stopPropagation();
        if (isComposing(press)) return;
        if (press.key === "Escape") props.onCancel();
        else if (press.key === "Enter" && (press.ctrlKey || press.metaKey)) add();
        else return;
        press.preventDefault();
      }}
    >
      <div class="comment-range">
        <span class="truncate">{visiblePath(props.path)}</span>
        <label>
          {text("review.commentFrom")} <input class="input" type="number" min="1" value={props.from} onChange={(change) => props.onRange(number(change.currentTarget.value, props.from), Math.max(number(change.currentTarget.value, props.from), props.to))} />
        </label>
        <label>
          {text("review.commentTo")} <input class="input" type="number" min="1" value={props.to} onChange={(change) => props.onRange(Math.min(props.from, number(change.currentTarget.value, props.to)), number(change.currentTarget.value, props.to))} />
        </label>
      </div>
      <textarea class="input input--text" rows="3" maxlength="4000" aria-label={text("review.commentWords")} placeholder={text("review.commentWords")} ref={(element) => (field = element)} value={props.words} onInput={(typed) => props.onWords(typed.currentTarget.value)} />
      <div class="actions">
        <Button small kind="quiet" onClick={() => props.onCancel()}>
          {text("review.commentCancel")}
        </Button>
        <Button small type="submit" disabled={words().trim() === ""} data-testid="comment-add">
          {text("review.commentAdd")}
        </Button>
      </div>
    </form>
  );
}
