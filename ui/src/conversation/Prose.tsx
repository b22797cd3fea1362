import { Index, Match, Show, Switch } from "solid-js";
import type { HtmlBlock } from "../backend";
import { SafeHtml } from "../design/SafeHtml";
import { CopyButton } from "./CopyButton";

/**
 * Rendered markdown. Blocks and pieces are keyed by place, and a piece that is the same string stays untouched in the
 * document: what streams in costs the last piece.
 */
export function Prose(props: { html: HtmlBlock[]; open: boolean; class?: string; testid?: string }) {
  return (
    <div class={props.class ?? "prose"} classList={{ "is-open": props.open }} data-testid={props.testid}>
      <Index each={props.html}>{(block) => <ProseBlock block={block()} />}</Index>
    </div>
  );
}

function ProseBlock(props: { block: HtmlBlock }) {
  return (
    <Switch>
      <Match when={props.block.frame.kind === "html"}>
        <div class="block">
          <Index each={props.block.pieces}>{(piece) => <SafeHtml as="div" class="piece" html={piece()} />}</Index>
        </div>
      </Match>
      <Match when={props.block.frame.kind === "code"}>
        <CodeBlock block={props.block} />
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

function CodeBlock(props: { block: HtmlBlock }) {
  let code: HTMLPreElement | undefined;
  const language = () => (props.block.frame.kind === "code" ? props.block.frame.language : null);
  return (
    <figure class="block code-block">
      <figcaption class="code-head">
        <Show when={language()}>
          <span class="truncate">{language()}</span>
        </Show>
        <span class="grow" />
        <CopyButton source={() => (code?.textContent ?? "").replace(/\n$/, "")} />
      </figcaption>
      <pre class="code" tabindex="0" ref={(element) => (code = element)}>
        <code>
          <Index each={props.block.pieces}>{(piece) => <SafeHtml as="span" html={piece()} />}</Index>
        </code>
      </pre>
    </figure>
  );
}
