import { For, Show } from "solid-js";
import type { ReviewRow } from "../backend";
import { Icon } from "../design/Icon";
import { chevronsUpDown, copy, undo2 } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { SafeHtml } from "../design/SafeHtml";
import { reviewText as text } from "../strings/review";

/** What can be done in the rows of a file. */
export interface RowDeeds {
  /** The hunk that is gone through just now. */
  current(): number | undefined;
  /** Lines that a comment in the draft is about, or is being written about. */
  commented(line: number): boolean;
  canRevert(): boolean;
  revert(hunk: number): void;
  copy(hunk: number): void;
  /** Begins a comment on a line; `extend` takes the lines up to it along. */
  comment(line: number, extend: boolean): void;
  open(gap: number, which: "first" | "last" | "all"): void;
}

/** Rows of a page, one below the other or side by side. */
export function Rows(props: { rows: readonly ReviewRow[]; split: boolean; before: number | null; deeds: RowDeeds }) {
  const begins = (row: ReviewRow, index: number) => row.hunk !== null && row.hunk !== (index === 0 ? props.before : (props.rows[index - 1]?.hunk ?? null));
  return (
    <For each={props.rows}>
      {(row, index) =>
        row.kind === "gap" ? (
          <Gap row={row} deeds={props.deeds} />
        ) : (
          <div class="row-of" classList={{ "row-of--current": row.hunk !== null && row.hunk === props.deeds.current() }} data-hunk={begins(row, index()) ? row.hunk : undefined}>
            <Show when={begins(row, index()) && row.hunk !== null}>
              <span class="hunk-actions">
                <IconButton icon={copy} label={text("review.copyHunk")} onClick={() => props.deeds.copy(row.hunk ?? 0)} />
                <Show when={props.deeds.canRevert()}>
                  <IconButton icon={undo2} label={text("review.revertHunk")} data-testid="revert-hunk" onClick={() => props.deeds.revert(row.hunk ?? 0)} />
                </Show>
              </span>
            </Show>
            <Show when={props.split} fallback={<Unified row={row} deeds={props.deeds} />}>
              <Split row={row} deeds={props.deeds} />
            </Show>
          </div>
        )
      }
    </For>
  );
}

/** The number of a line, which begins a comment on it where it is a line of now. For the pointer; the key for it is C. */
function Num(props: { line: number | null; now?: boolean; deeds: RowDeeds }) {
  return (
    <Show when={props.line !== null && props.now} fallback={<b aria-hidden="true">{props.line ?? ""}</b>}>
      <b
        class="numbered"
        classList={{ "numbered--commented": props.deeds.commented(props.line ?? 0) }}
        title={text("review.commentOn", { line: String(props.line) })}
        data-line={props.line}
        on:click={(press) => props.deeds.comment(props.line ?? 0, press.shiftKey)}
      >
        {props.line}
      </b>
    </Show>
  );
}

function Notes(props: { row: ReviewRow }) {
  return (
    <>
      <Show when={props.row.cut}>
        <em class="row-note" title={text("review.cut")}>
          …<span class="sr-only">{text("review.cut")}</span>
        </em>
      </Show>
      <Show when={props.row.noNewline}>
        <em class="row-note" title={text("review.noNewline")}>
          ⊘<span class="sr-only">{text("review.noNewline")}</span>
        </em>
      </Show>
    </>
  );
}

function Unified(props: { row: ReviewRow; deeds: RowDeeds }) {
  const kind = () => (props.row.kind === "same" ? "line" : props.row.new === null ? "line del" : "line add");
  const sign = () => (props.row.kind === "same" ? " " : props.row.new === null ? "−" : "+");
  return (
    <div class={kind()}>
      <Num line={props.row.old} deeds={props.deeds} />
      <Num line={props.row.new} now deeds={props.deeds} />
      <i>{sign()}</i>
      <span>
        <Show when={props.row.right ?? props.row.left}>{(html) => <SafeHtml as="span" class="code" html={html()} />}</Show>
        <Notes row={props.row} />
      </span>
    </div>
  );
}

function Split(props: { row: ReviewRow; deeds: RowDeeds }) {
  const changed = () => props.row.kind === "changed";
  return (
    <div class="sides">
      <div class="line side" classList={{ del: changed() && props.row.left !== null, "side--none": changed() && props.row.left === null }}>
        <Num line={props.row.old} deeds={props.deeds} />
        <i>{changed() && props.row.left !== null ? "−" : " "}</i>
        <span>
          <Show when={changed() ? props.row.left : props.row.right}>{(html) => <SafeHtml as="span" html={html()} />}</Show>
        </span>
      </div>
      <div class="line side" classList={{ add: changed() && props.row.right !== null, "side--none": changed() && props.row.right === null }}>
        <Num line={props.row.new} now deeds={props.deeds} />
        <i>{changed() && props.row.right !== null ? "+" : " "}</i>
        <span>
          <Show when={props.row.right}>{(html) => <SafeHtml as="span" class="code" html={html()} />}</Show>
          <Notes row={props.row} />
        </span>
      </div>
    </div>
  );
}

function Gap(props: { row: ReviewRow; deeds: RowDeeds }) {
  const words = () => (props.row.count === null ? text("review.gapUnknown") : text("review.gap", { count: props.row.count }));
  return (
    <Show when={props.row.gap !== null} fallback={<div class="hunk">{words()}</div>}>
      <div class="hunk gap" data-gap={props.row.gap}>
        <button type="button" class="gap-more" aria-label={text("review.gapUp")} title={text("review.gapUp")} onClick={() => props.deeds.open(props.row.gap ?? 0, "first")}>
          ↓
        </button>
        <button type="button" class="gap-more" aria-label={text("review.gapDown")} title={text("review.gapDown")} onClick={() => props.deeds.open(props.row.gap ?? 0, "last")}>
          ↑
        </button>
        <button type="button" class="gap-all" aria-label={text("review.gapAll", { count: props.row.count ?? 0 })} onClick={() => props.deeds.open(props.row.gap ?? 0, "all")}>
          <Icon path={chevronsUpDown} small />
          {words()}
        </button>
      </div>
    </Show>
  );
}
