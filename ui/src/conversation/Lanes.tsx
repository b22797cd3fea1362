import { For, Show } from "solid-js";
import type { Lane } from "../backend";
import { Icon } from "../design/Icon";
import { text } from "../strings";
import { shortCount } from "../strings/format";
import { Clock } from "./Clock";
import { useThread } from "./thread";
import { markLooks } from "./toolWords";
import type { Entry } from "./turns";

/** Sub-agents that work side by side. */
export function Lanes(props: { entries: Entry[] }) {
  return (
    <div class="lanes" role="group" aria-label={text("lane.group")}>
      <For each={props.entries}>{(entry) => <Show when={laneOf(entry)}>{(lane) => <LaneRow lane={lane()} block={entry.block.id} />}</Show>}</For>
    </div>
  );
}

function laneOf({ block }: Entry): Lane | undefined {
  return block.content.kind === "lane" ? block.content.lane : undefined;
}

/** A sub-agent, and below it those that it started itself. */
function LaneRow(props: { lane: Lane; block?: string }) {
  const thread = useThread();
  const look = () => markLooks[props.lane.mark];
  return (
    <>
      <div class="lane" data-testid="lane" data-block={props.block} data-mark={props.lane.mark}>
        <Icon path={look().icon} small class={look().colour} />
        <div class="head">
          <span class="agent">{props.lane.agent}</span>
          <span class="muted truncate">{props.lane.task}</span>
          <span class="sr-only">{text(`tool.mark.${props.lane.mark}`)}</span>
        </div>
        <div class="now truncate" classList={{ "is-danger": props.lane.error !== null }}>
          {props.lane.error ?? props.lane.activity}
        </div>
        <div class="side">
          <Clock started={props.lane.started} ended={props.lane.ended} />
          <Show when={props.lane.tokens > 0}>
            <span class="lane-tokens">{text("conversation.tokens", { count: props.lane.tokens, figure: shortCount(props.lane.tokens) })}</span>
          </Show>
          <Show when={props.lane.session}>
            {(session) => (
              <button
                type="button"
                class="button button--quiet button--small"
                aria-label={text("lane.openLabel", { agent: props.lane.agent, task: props.lane.task })}
                onClick={() => thread.openSession(session())}
              >
                {text("lane.open")}
              </button>
            )}
          </Show>
        </div>
      </div>
      <Show when={props.lane.lanes.length > 0}>
        <div class="lanes-below" role="group" aria-label={text("lane.below", { agent: props.lane.agent })}>
          <For each={props.lane.lanes}>{(below) => <LaneRow lane={below} />}</For>
        </div>
      </Show>
    </>
  );
}
