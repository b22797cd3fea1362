import { Show } from "solid-js";
import { text } from "../strings";
import type { ToolView } from "../backend";
import { may } from "../backend/abilities";
import { fillWithSpans, textOfSpans } from "./Spans";
import { useThread } from "./thread";

/** The last lines of what a call prints while it runs. */
export function Tail(props: { tool: ToolView }) {
  const thread = useThread();
  const shownLines = () => textOfSpans(props.tool.output.spans).replace(/\n$/, "").split("\n").length;
  return (
    <div class="output-box">
      <pre class="output" tabindex="0" aria-label={text("tool.output")} ref={(element) => fillWithSpans(element, () => props.tool.output.spans)} />
      <div class="output-foot">
        <span class="tnum">{text("tool.lastLines", { count: shownLines() })}</span>
        <span class="grow" />
        <Show when={may(thread.backend, "stop")}>
          <button type="button" class="button button--quiet button--small" onClick={() => thread.stop()}>
            {text("tool.stop")}
          </button>
        </Show>
      </div>
    </div>
  );
}
