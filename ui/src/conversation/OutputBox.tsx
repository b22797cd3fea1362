import { createEffect, createSignal, on, onCleanup, Show } from "solid-js";
import { toApiError, type OutputPage, type OutputView, type ToolText } from "../backend";
import { text } from "../strings";
import { byteSize } from "../strings/format";
import { CopyButton } from "./CopyButton";
import { createWhole, rememberScrolled, scrolledTo } from "./openedRows";
import { Pages } from "./Pages";
import { fillWithSpans, textOfSpans } from "./Spans";
import { useThread } from "./thread";
import type { Entry } from "./turns";

/** What a page of an output is taken to be high by, before one was drawn. CSS pixels, and characters that fit a line. */
const lineHeight = 20;
const usualColumns = 95;

/** Pages that are shown before all are asked for: 64 KB, or less of what has many lines or colours. */
const beginning = 4;

/** From this on a text gets a line that says how long it is. What is shorter can be seen whole. */
const fewLines = 6;

/**
 * A text of a call: the beginning that came with the conversation at once, the first pages in its place as soon as they
 * are there, and all pages when that is asked for.
 */
export function OutputBox(props: { entry: Entry; which: ToolText; view: OutputView; label: string; shortened?: boolean; danger?: boolean }) {
  const thread = useThread();
  const key = `${props.which} ${props.entry.block.id}`;
  const [whole, setWhole] = createWhole(key);
  const [first, setFirst] = createSignal<OutputPage>();
  const [error, setError] = createSignal<string>();
  let scroller: HTMLDivElement | undefined;
  /** Only what was asked for last is shown: an output that grows is asked for again, and an earlier answer may come later. */
  let asked = 0;
  onCleanup(() => (asked = -1));

  const more = () => props.view.cut || props.shortened === true;
  const reference = () => ({ session: thread.session(), message: props.entry.message.id, block: props.entry.block.id, text: props.which });
  const load = (page: number) => thread.backend.commands.toolOutput({ ...reference(), page });
  const loadFirst = async () => {
    const mine = ++asked;
    setError(undefined);
    try {
      const page = await load(0);
      if (mine === asked) setFirst(page);
    } catch (thrown) {
      if (mine === asked) setError(toApiError(thrown).message);
    }
  };
  createEffect(
    on([more, () => props.view.bytes], ([wanted]) => {
      if (wanted) void loadFirst();
    }),
  );

  const spans = () => first()?.spans ?? props.view.spans;
  const pages = () => first()?.pages ?? 1;
  const shownPages = () => (whole() ? pages() : Math.min(pages(), beginning));
  const bytes = () => first()?.bytes ?? props.view.bytes;
  const lines = () => first()?.lines ?? props.view.lines;
  const shortened = () => first()?.shortened ?? false;
  const copy = () => (more() ? thread.backend.commands.toolText(reference()) : textOfSpans(props.view.spans));
  const estimate = () => (lineHeight * Math.max(lines(), bytes() / usualColumns)) / pages();

  return (
    <div class="output-box">
      <Show
        when={shownPages() > 1}
        fallback={<pre class="output" classList={{ "is-danger": props.danger === true }} tabindex="0" aria-label={props.label} ref={(element) => fillWithSpans(element, spans)} />}
      >
        <div
          class="output output--pages"
          classList={{ "is-danger": props.danger === true, "output--long": whole() }}
          tabindex="0"
          role="region"
          aria-label={props.label}
          data-testid="output-pages"
          ref={(element) => (scroller = element)}
        >
          <Pages
            scroller={() => scroller}
            count={shownPages()}
            estimate={estimate}
            known={(index) => (index === 0 ? first() : undefined)}
            load={load}
            top={scrolledTo(key)}
            onScroll={(top) => rememberScrolled(key, top)}
          >
            {(page) => <pre ref={(element) => fillWithSpans(element, () => page.spans)} />}
          </Pages>
          <Show when={whole() && (first()?.leftOut ?? 0) > 0}>
            <p class="output-note">{text("tool.leftOut", { count: first()?.leftOut ?? 0 })}</p>
          </Show>
        </div>
      </Show>
      <Show when={more() || lines() > fewLines || error()}>
        <div class="output-foot">
          <Show
            when={error()}
            fallback={
              <span class="tnum truncate" data-testid="output-size">
                {text("tool.lines", { count: lines(), size: byteSize(bytes()) })}
                <Show when={shortened()}> · {text("tool.shortened")}</Show>
              </span>
            }
          >
            {(reason) => (
              <span class="is-danger truncate" role="alert">
                {reason()}
              </span>
            )}
          </Show>
          <span class="grow" />
          <Show when={error()}>
            <button type="button" class="button button--quiet button--small" onClick={() => void loadFirst()}>
              {text("pages.again")}
            </button>
          </Show>
          <Show when={pages() > beginning}>
            <button type="button" class="button button--quiet button--small" data-testid="output-all" onClick={() => setWhole(!whole())}>
              {whole() ? text("tool.showLess") : text("tool.showAll", { count: lines() })}
            </button>
          </Show>
          <CopyButton source={copy} label={text("tool.copyAll")} />
        </div>
      </Show>
    </div>
  );
}
