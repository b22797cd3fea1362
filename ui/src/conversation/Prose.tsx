import { Index, Match, Show, Switch } from "solid-js";
import type { HtmlBlock } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { play } from "../design/icons";
import { SafeHtml } from "../design/SafeHtml";
import { goesOn } from "../state/snippets";
import { text } from "../strings";
import { CopyButton } from "./CopyButton";
import { RunPanel } from "./lazyParts";
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
}) {
  return (
    <div class={props.class ?? "prose"} classList={{ "is-open": props.open }} data-testid={props.testid}>
      <Index each={props.html}>{(block, index) => <ProseBlock block={block()} name={nameOf(props.finished, index)} />}</Index>
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
        <div class="block table-scroll" tabindex="0">
          <table>
            <Index each={props.block.pieces}>{(piece, index) => <SafeHtml as={index === 0 ? "thead" : "tbody"} html={piece()} />}</Index>
          </table>
        </div>
      </Match>
    </Switch>
  );
}

function CodeBlock(props: { block: HtmlBlock; name: string | undefined }) {
  let code: HTMLPreElement | undefined;
  let runButton: HTMLButtonElement | undefined;
  const { snippets } = useThread();
  const language = () => (props.block.frame.kind === "code" ? props.block.frame.language : null);
  const written = () => code?.textContent ?? "";
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
    <figure class="block code-block">
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
          <Index each={props.block.pieces}>{(piece) => <SafeHtml as="span" html={piece()} />}</Index>
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
