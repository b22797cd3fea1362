import { createMemo, For, Show } from "solid-js";
import { unwrap } from "solid-js/store";
import type { ChangeSource, DiffLine, DiffPage, FileDiff } from "../backend";
import { SafeHtml } from "../design/SafeHtml";
import { text } from "../strings";
import { byteSize } from "../strings/format";
import type { SourcedChange } from "./changes";
import { Pages } from "./Pages";
import { useThread } from "./thread";

/** The height of a line, in CSS pixels. */
const lineHeight = 20;

/** Lines that a page of a change has when it is full. */
const fullPage = 100;

/** From so many bytes on the size of a change is said. */
const large = 64 * 1024;

const lineClass: Record<DiffLine["kind"], string> = { same: "line", added: "line add", removed: "line del", gap: "hunk" };
const sign: Record<DiffLine["kind"], string> = { same: " ", added: "+", removed: "−", gap: "" };

/** A page of one of the changes. */
interface Place {
  diff: FileDiff;
  source: ChangeSource;
  page: number;
}

const between: DiffLine = { kind: "gap", old: null, new: null, html: "" as DiffLine["html"], goesOn: false };

/** One or several changes of one file, line by line; of long ones the lines that are looked at. */
export function DiffView(props: { path: string; changes: SourcedChange[] }) {
  const thread = useThread();
  const places = createMemo(() =>
    props.changes.flatMap(({ diff, source }): Place[] => {
      // A diff does not change once it is there, so its lines need not be watched one by one.
      const own = unwrap(diff);
      return Array.from({ length: own.pages }, (_, page) => ({ diff: own, source, page }));
    }),
  );
  const more = () => props.changes.reduce((sum, { diff }) => sum + diff.more, 0);
  const bytes = () => props.changes.reduce((sum, { diff }) => sum + diff.bytes, 0);
  const empty = () => props.changes.every(({ diff }) => diff.lines.length === 0);
  let scroller: HTMLDivElement | undefined;

  const known = (index: number): DiffPage | undefined => {
    const place = places()[index];
    return place?.page === 0 ? { lines: place.diff.lines, pages: place.diff.pages } : undefined;
  };
  const load = (index: number): Promise<DiffPage> => {
    const place = places()[index];
    if (!place) return Promise.resolve({ lines: [], pages: 1 });
    return thread.backend.commands.changePage({ session: thread.session(), source: place.source, page: place.page });
  };
  const estimate = (index: number) => {
    const place = places()[index];
    if (!place) return lineHeight;
    const { lines, more: rest, pages } = place.diff;
    return lineHeight * (place.page === 0 ? lines.length : Math.min(rest / (pages - 1), fullPage));
  };
  const lines = (page: DiffPage, index: number): DiffLine[] => (index > 0 && places()[index]?.page === 0 ? [between, ...page.lines] : page.lines);

  return (
    <div class="diff" role="region" aria-label={text("diff.label", { path: props.path })} tabindex="0" data-testid="diff" ref={(element) => (scroller = element)}>
      <div class="diff-table">
        <Show when={!empty()} fallback={<p class="diff-note">{text("diff.empty")}</p>}>
          <Show when={places()} keyed>
            {(all) => (
              <Pages scroller={() => scroller} count={all.length} estimate={estimate} known={known} load={load}>
                {(page, index) => <For each={lines(page, index)}>{(line) => (line.kind === "gap" ? <Gap count={line.new} /> : <Line line={line} />)}</For>}
              </Pages>
            )}
          </Show>
        </Show>
      </div>
      <Show when={more() > 0 && bytes() > large}>
        <p class="diff-note">{text("diff.size", { size: byteSize(bytes()) })}</p>
      </Show>
    </div>
  );
}

function Line(props: { line: DiffLine }) {
  return (
    <div class={lineClass[props.line.kind]} classList={{ "goes-on": props.line.goesOn }}>
      <b aria-hidden="true">{props.line.old ?? ""}</b>
      <b aria-hidden="true">{props.line.new ?? ""}</b>
      <i>{props.line.old === null && props.line.new === null ? "" : sign[props.line.kind]}</i>
      <SafeHtml as="span" html={props.line.html} />
    </div>
  );
}

function Gap(props: { count: number | null }) {
  return <div class="hunk">{props.count === null ? text("diff.skipped") : text("diff.unchanged", { count: props.count })}</div>;
}
