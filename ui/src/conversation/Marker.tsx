import { createSignal, onCleanup, Show } from "solid-js";
import { may } from "../backend/abilities";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { play, rotateCw, undo2, type IconPath } from "../design/icons";
import { text } from "../strings";
import { useThread } from "./thread";

/** A line across the transcript that says what happened between what is above and below. */
export function Marker(props: {
  icon: IconPath;
  words: string;
  danger?: boolean;
  resume?: boolean;
  /** The prompt that can be sent again. */
  again?: string | undefined;
  testid?: string;
}) {
  const thread = useThread();
  const again = () => (thread.goingBack?.able() ? props.again : undefined);
  const resumes = () => props.resume === true && may(thread.backend, "compose");
  return (
    <div class="marker" data-testid={props.testid}>
      <Icon path={props.icon} class={props.danger ? "is-danger" : ""} />
      <span class="marker-words">{props.words}</span>
      <Show when={resumes() || again()}>
        <span class="actions">
          <Show when={resumes()}>
            <ResumeButton />
          </Show>
          <Show when={again()}>
            {(prompt) => (
              <Button small kind="quiet" data-testid="retry" onClick={() => void thread.goingBack?.begin("retry", prompt())}>
                <Icon path={rotateCw} small />
                {text("conversation.retryPrompt")}
              </Button>
            )}
          </Show>
        </span>
      </Show>
    </div>
  );
}

/** Has the agent go on. When it does this is gone; the focus that is on it goes where the next prompt is written. */
function ResumeButton() {
  const thread = useThread();
  const [sending, setSending] = createSignal(false);
  let button: HTMLButtonElement | undefined;
  let resumed = false;
  onCleanup(() => resumed && button !== undefined && document.activeElement === button && thread.write?.());
  const resume = async () => {
    setSending(true);
    resumed = true;
    try {
      await thread.send(text("conversation.continuePrompt"));
    } catch (thrown) {
      resumed = false;
      thread.tell(thrown);
    }
    setSending(false);
  };
  return (
    <Button small disabled={sending()} ref={(element) => (button = element)} onClick={() => void resume()}>
      <Icon path={play} small />
      {text("conversation.continue")}
    </Button>
  );
}

/** The end of a thread that went back: what was taken out, and the way to have it again. */
export function RevertedMarker(props: { prompts: number; files: boolean }) {
  const thread = useThread();
  const words = () => `${text("conversation.reverted")} ${text(props.files ? "conversation.revertedFiles" : "conversation.revertedMessages", { count: props.prompts })}`;
  return (
    <div class="marker" role="status" data-testid="reverted">
      <Icon path={undo2} />
      <span class="marker-words">{words()}</span>
      <Show when={thread.goingBack}>
        {(going) => (
          <span class="actions">
            <Button small disabled={!going().able()} data-testid="undo-revert" onClick={() => void going().undo()}>
              {text("conversation.undoRevert")}
            </Button>
          </span>
        )}
      </Show>
    </div>
  );
}
