import { createEffect, createMemo, createRenderEffect, Index, Match, Show, Switch, untrack } from "solid-js";
import type { HtmlBlock } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { play } from "../design/icons";
import { SafeHtml } from "../design/SafeHtml";
import { goesOn } from "../state/snippets";
import { text } from "../strings";
import { CopyButton } from "./CopyButton";
import { drawGradually } from "./gradually";
import { markMentions, mentionAt } from "./OpenFile";
import { textOfHtml } from "./rowText";
import { RunPanel } from "./lazyParts";
import type { Part } from "./rows";
import { useThread } from "./thread";

/**
 * Rendered markdown. Blocks and pieces are keyed by place, and a piece that is the same string stays untouched in the
 * document: what streams in costs the last piece.
 */
export function Prose(props: {
  html: HtmlBlock[];
  open: boolean;
  class?: string;
  testid?: string;
  /** Names it among all that is shown, once it is finished: then its code blocks can be run. */
  finished?: string | undefined;
  /** The blocks that are drawn here, when the others are drawn elsewhere. */
  part?: Part | undefined;
}) {
  const from = () => props.part?.from ?? 0;
  const blocks = () => (props.part ? props.html.slice(props.part.from, props.part.to) : props.html);
  const open = () => props.open && props.part?.to === undefined;
  const { files } = useThread();
  /** What names a file opens it, once nothing is added to it any more. */
  const mentions = (prose: HTMLElement) => {
    if (!files) return;
    createEffect(() => {
      if (props.finished === undefined || blocks().every(({ pieces }) => pieces.length === 0)) return;
      markMentions(prose, files.known);
    });
    const follow = (press: MouseEvent | KeyboardEvent) => {
      if (press instanceof KeyboardEvent && press.key !== "Enter") return;
      const file = mentionAt(press.target);
      if (!file) return;
      press.preventDefault();
      files.open(file);
    };
    prose.addEventListener("click", follow);
    prose.addEventListener("keydown", follow);
  };
  return (
    <div ref={mentions} class={props.class ?? "prose"} classList={{ "is-open": open(), "is-continued": from() > 0 }} data-testid={props.testid}>
      <Index each={blocks()}>{(block, index) => <ProseBlock block={block()} name={nameOf(props.finished, from() + index)} />}</Index>
    </div>
  );
}

/** What a block is called among all that is shown. */
const nameOf = (prose: string | undefined, index: number): string | undefined => (prose === undefined ? undefined : `${prose}/${index}`);

function ProseBlock(props: { block: HtmlBlock; name: string | undefined }) {
  return (
    <Switch>
      <Match when={props.block.frame.kind === "html"}>
        <div class="block">
          <Index each={props.block.pieces}>{(piece) => <SafeHtml as="div" class="piece" html={piece()} />}</Index>
        </div>
      </Match>
      <Match when={props.block.frame.kind === "code"}>
        <CodeBlock block={props.block} name={props.name} />
      </Match>
      <Match when={props.block.frame.kind === "table"}>
        <Table block={props.block} />
      </Match>
    </Switch>
  );
}

/** Blocks with more pieces than these have a scroll box of their own: 32 lines or rows are a piece. */
const longBlock = 5;

/** How wide a column of a long table is at least. Its columns are not fitted to what is in them, which would lay out all of it with each row. */
const columnWidth = 120;

function Table(props: { block: HtmlBlock }) {
  const count = () => props.block.pieces.length;
  const long = () => count() > longBlock;
  const drawn = drawGradually(count);
  const pieces = () => (drawn() < count() ? props.block.pieces.slice(0, drawn()) : props.block.pieces);
  const fit = (table: HTMLTableElement) =>
    createRenderEffect(() => {
      const columns = long() ? (props.block.pieces[0]?.split("<th").length ?? 2) - 2 : 0;
      table.style.minWidth = columns > 0 ? `${columns * columnWidth}px` : "";
    });
  return (
    <div class="block table-scroll" classList={{ "is-long": long() }} tabindex="0">
      <table ref={fit}>
        <Index each={pieces()}>{(piece, index) => <SafeHtml as={index === 0 ? "thead" : "tbody"} html={piece()} />}</Index>
      </table>
    </div>
  );
}

function CodeBlock(props: { block: HtmlBlock; name: string | undefined }) {
  let code: HTMLPreElement | undefined;
  let runButton: HTMLButtonElement | undefined;
  const { snippets } = useThread();
  const language = () => (props.block.frame.kind === "code" ? props.block.frame.language : null);
  const count = () => props.block.pieces.length;
  const long = () => count() > longBlock;
  const drawn = drawGradually(count);
  const pieces = () => (drawn() < count() ? props.block.pieces.slice(0, drawn()) : props.block.pieces);
  /** Each piece is whole lines, so that those off screen need not be laid out. */
  const lined = createMemo(() => long() && count() > 0 && untrack(() => props.block.pieces.slice(0, -1).every((piece) => piece.endsWith("\n"))));
  const written = () => (drawn() < count() ? props.block.pieces.map(textOfHtml).join("") : (code?.textContent ?? ""));
  /** The key of what can be run. */
  const runnable = () => (props.name !== undefined && snippets?.canRun(language()) ? props.name : undefined);
  const shown = () => {
    const run = props.name === undefined ? undefined : snippets?.of(props.name);
    return run && props.name !== undefined && snippets ? { run, snippets, name: props.name } : undefined;
  };
  const live = () => {
    const run = shown()?.run;
    return run !== undefined && goesOn(run);
  };
  const run = () => {
    const [name, word] = [props.name, language()];
    if (name !== undefined && word !== null && !live()) void snippets?.run(name, word, written());
  };
  return (
    <figure class="block code-block" classList={{ "is-long": long(), "is-lined": lined() }}>
      <figcaption class="code-head">
        <Show when={language()}>
          <span class="truncate">{language()}</span>
        </Show>
        <span class="grow" />
        <Show when={runnable()}>
          <Button small kind="quiet" ref={(element) => (runButton = element)} aria-disabled={live()} data-testid="run-block" onClick={run}>
            <Icon path={play} small />
            {text(live() ? "run.inSandbox" : "run.run")}
          </Button>
        </Show>
        <CopyButton source={() => written().replace(/\n$/, "")} />
      </figcaption>
      <pre class="code" tabindex="0" ref={(element) => (code = element)}>
        <code>
          <Index each={pieces()}>{(piece) => <SafeHtml as="span" html={piece()} />}</Index>
        </code>
      </pre>
      <Show when={shown()}>
        {(at) => (
          <RunPanel
            run={at().run}
            snippets={at().snippets}
            block={at().name}
            onAgain={run}
            onClose={() => {
              at().snippets.close(at().name);
              runButton?.focus();
            }}
          />
        )}
      </Show>
    </figure>
  );
}
