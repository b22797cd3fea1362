import { createMemo, createSignal, For, Show } from "solid-js";
import { unwrap } from "solid-js/store";
import type { DiffLine, FileDiff } from "../backend";
import { SafeHtml } from "../design/SafeHtml";
import { text } from "../strings";

/** How many lines are drawn before more are asked for: enough to read, few enough to lay out in one frame. */
const linesAtOnce = 400;

const lineClass: Record<DiffLine["kind"], string> = { same: "line", added: "line add", removed: "line del", gap: "hunk" };
const sign: Record<DiffLine["kind"], string> = { same: " ", added: "+", removed: "−", gap: "" };

/** One or several changes of one file, line by line. */
export function DiffView(props: { path: string; changes: FileDiff[] }) {
  const [most, setMost] = createSignal(linesAtOnce);
  const lines = createMemo(() =>
    props.changes.flatMap((change, index): DiffLine[] => {
      // A diff does not change once it is there, so its lines need not be watched one by one.
      const own = unwrap(change).lines;
      return index === 0 ? own : [{ kind: "gap", old: null, new: null, html: "" as DiffLine["html"] }, ...own];
    }),
  );
  const shown = createMemo(() => lines().slice(0, most()));
  const hidden = () => lines().length - shown().length;
  const cut = () => props.changes.reduce((sum, change) => sum + change.cut, 0);
  return (
    <div class="diff" role="region" aria-label={text("diff.label", { path: props.path })} tabindex="0" data-testid="diff">
      <div class="diff-table">
        <For each={shown()} fallback={<p class="diff-note">{text("diff.empty")}</p>}>
          {(line) => (line.kind === "gap" ? <Gap count={line.new} /> : <Line line={line} />)}
        </For>
      </div>
      <Show when={hidden() > 0}>
        <button type="button" class="fold" onClick={() => setMost(most() + linesAtOnce)}>
          {text("diff.more", { count: hidden() })}
        </button>
      </Show>
      <Show when={hidden() === 0 && cut() > 0}>
        <p class="diff-note">{text("diff.cut", { count: cut() })}</p>
      </Show>
    </div>
  );
}

function Line(props: { line: DiffLine }) {
  return (
    <div class={lineClass[props.line.kind]}>
      <b aria-hidden="true">{props.line.old ?? ""}</b>
      <b aria-hidden="true">{props.line.new ?? ""}</b>
      <i>{sign[props.line.kind]}</i>
      <SafeHtml as="span" html={props.line.html} />
    </div>
  );
}

function Gap(props: { count: number | null }) {
  return <div class="hunk">{props.count === null ? text("diff.skipped") : text("diff.unchanged", { count: props.count })}</div>;
}
