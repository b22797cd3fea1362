import { Show } from "solid-js";
import type { RepeatedCall } from "../backend";
import { may } from "../backend/abilities";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { rotateCw } from "../design/icons";
import { readingText } from "../strings/reading";
import { useThread } from "./thread";

/** The running turn makes the same call again and again. It is told once for a turn, and goes with it. */
export function RepeatedMarker(props: { repeated: RepeatedCall }) {
  const thread = useThread();
  const what = () => readingText("repeat.what", { tool: props.repeated.tool, target: props.repeated.target ?? "" }).trim();
  const say = () => {
    thread.stop();
    thread.write?.();
  };
  return (
    <div class="marker marker--repeated" data-testid="repeated">
      <Icon path={rotateCw} class="is-warn" />
      <span class="marker-words">
        <span role="status">{readingText("repeat.lead", { count: props.repeated.times, seconds: props.repeated.seconds })}</span> <code class="truncate">{what()}</code> {readingText("repeat.more")}
      </span>
      <span class="actions">
        <Show when={thread.show}>
          {(show) => (
            <Button small kind="quiet" data-testid="repeated-show" onClick={() => show()(props.repeated.place)}>
              {readingText("repeat.show")}
            </Button>
          )}
        </Show>
        <Show when={thread.write && may(thread.backend, "stop")}>
          <Button small kind="quiet" data-testid="repeated-say" onClick={say}>
            {readingText("repeat.say")}
          </Button>
        </Show>
        <Show when={may(thread.backend, "stop")}>
          <Button small data-testid="repeated-stop" onClick={() => thread.stop()}>
            {readingText("repeat.stop")}
          </Button>
        </Show>
      </span>
    </div>
  );
}
