import { Show } from "solid-js";
import type { ToolView } from "../backend";
import { text } from "../strings";
import { DiffView } from "./DiffView";
import { fileOfTool, OpenFile } from "./OpenFile";
import { OutputBox } from "./OutputBox";
import { Tail } from "./Tail";
import { target } from "./toolWords";
import type { Entry } from "./turns";

/** What an opened call did. */
export function ToolDetail(props: { entry: Entry; tool: ToolView }) {
  const bare = () => !props.tool.change && props.tool.error === null && props.tool.output.bytes === 0 && props.tool.arguments === null;
  const live = () => props.tool.mark === "running";
  return (
    <>
      <Show
        when={props.tool.command}
        fallback={
          <Show when={props.tool.shape === "shell" && props.tool.target}>
            <div class="output-box">
              <pre class="output output--command" tabindex="0">
                <span class="dim">$ </span>
                {props.tool.target}
              </pre>
            </div>
          </Show>
        }
      >
        {(command) => <OutputBox entry={props.entry} which="command" view={command()} label={text("tool.command")} />}
      </Show>
      <Show when={props.tool.description && props.tool.description !== target(props.tool)}>
        <p class="tool-note muted">{props.tool.description}</p>
      </Show>
      <Show when={props.tool.change}>
        {(change) => (
          <>
            <OpenFile file={fileOfTool(props.tool)} />
            <div class="diff-card">
              <DiffView path={change().path} changes={[{ diff: change(), source: { kind: "tool", message: props.entry.message.id, block: props.entry.block.id } }]} />
            </div>
          </>
        )}
      </Show>
      <Show when={props.tool.arguments}>
        {(given) => <OutputBox entry={props.entry} which="arguments" view={given()} label={text("tool.arguments")} />}
      </Show>
      <Show when={props.tool.error}>
        {(error) => <OutputBox entry={props.entry} which="error" view={error()} label={text("tool.error")} danger />}
      </Show>
      <Show when={live()} fallback={<Show when={props.tool.output.bytes > 0}><OutputBox entry={props.entry} which="output" view={props.tool.output} label={text("tool.output")} shortened={props.tool.shortened} /></Show>}>
        <Tail tool={props.tool} />
      </Show>
      <Show when={bare() && props.tool.mark === "done"}>
        <p class="tool-note muted">{text("tool.noOutput")}</p>
      </Show>
    </>
  );
}
