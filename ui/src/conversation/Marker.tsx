import { createSignal, Show } from "solid-js";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { play, type IconPath } from "../design/icons";
import { text } from "../strings";
import { useThread } from "./thread";

/** A line across the transcript that says what happened between what is above and below. */
export function Marker(props: { icon: IconPath; words: string; danger?: boolean; resume?: boolean; testid?: string }) {
  const thread = useThread();
  const [sending, setSending] = createSignal(false);
  const resume = async () => {
    setSending(true);
    try {
      await thread.send(text("conversation.continuePrompt"));
    } catch (thrown) {
      thread.tell(thrown);
    }
    setSending(false);
  };
  return (
    <div class="marker" data-testid={props.testid}>
      <Icon path={props.icon} class={props.danger ? "is-danger" : ""} />
      <span class="marker-words">{props.words}</span>
      <Show when={props.resume}>
        <span class="actions">
          <Button small disabled={sending()} onClick={() => void resume()}>
            <Icon path={play} small />
            {text("conversation.continue")}
          </Button>
        </span>
      </Show>
    </div>
  );
}
