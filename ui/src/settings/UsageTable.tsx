import { For, Show, type JSX } from "solid-js";
import type { ModelUsage } from "../backend";
import { useApp } from "../state/app";
import { readTokens } from "../state/usage";
import { cost, shortCount, wholeNumber } from "../strings/format";
import { usageText as text } from "../strings/usage";
import "./usage.css";

/** A line of the table. */
export interface UsageLine {
  key: string;
  name: JSX.Element;
  usage: ModelUsage;
}

/** Figures in columns, with their sum in the last line. Where the window is narrow the table scrolls by itself. */
export function UsageTable(props: { label: string; first: string; lines: UsageLine[]; total?: ModelUsage; testid?: string }) {
  return (
    <div class="usage-scroll" role="region" aria-label={props.label} tabindex={0}>
      <table class="usage-table" data-testid={props.testid}>
        <thead>
          <tr>
            <th scope="col">{props.first}</th>
            <th scope="col">{text("usage.answers")}</th>
            <th scope="col">{text("usage.input")}</th>
            <th scope="col">{text("usage.cached")}</th>
            <th scope="col">{text("usage.output")}</th>
            <th scope="col">{text("usage.cost")}</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.lines}>
            {(line) => (
              <tr>
                <th scope="row">{line.name}</th>
                <Figures usage={line.usage} />
              </tr>
            )}
          </For>
        </tbody>
        <Show when={props.total}>
          {(total) => (
            <tfoot>
              <tr>
                <th scope="row">{text("usage.total")}</th>
                <Figures usage={total()} />
              </tr>
            </tfoot>
          )}
        </Show>
      </table>
    </div>
  );
}

/** In few characters, and in full for who points at it. */
const figure = (count: number) => <td title={text("usage.tokens", { figure: wholeNumber(count) })}>{shortCount(count)}</td>;

function Figures(props: { usage: ModelUsage }) {
  return (
    <>
      <td>{wholeNumber(props.usage.answers)}</td>
      {figure(readTokens(props.usage))}
      {figure(props.usage.cacheRead)}
      <td title={text("usage.written", { figure: wholeNumber(props.usage.output), reasoning: wholeNumber(props.usage.reasoning) })}>{shortCount(props.usage.output)}</td>
      <td>{props.usage.scripted ? "–" : cost(props.usage.cost)}</td>
    </>
  );
}

/** A model's name, and its whole reference for who wants to know. */
export function ModelName(props: { model: string | null; scripted: boolean }) {
  const app = useApp();
  const name = () => app.state.models.find((model) => model.id === props.model)?.name ?? props.model ?? text("usage.unknownModel");
  return (
    <span class="usage-model" title={props.model ?? undefined}>
      <span class="truncate">{name()}</span>
      <Show when={props.scripted}>
        <span class="usage-demo">{text("usage.demo")}</span>
      </Show>
    </span>
  );
}
