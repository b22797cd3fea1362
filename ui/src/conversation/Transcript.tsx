import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import type { Conversation } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { arrowDown } from "../design/icons";
import type { OpenConversation } from "../state/conversation";
import { text } from "../strings";
import { keyedList, sameItems } from "./keyedList";
import { Plan } from "./Plan";
import { stickToEnd } from "./stick";
import { groupTurns, planTurn } from "./turns";
import { isRunning, TurnView } from "./TurnView";

/** All that was said, newest at the end. */
export function Transcript(props: { conversation: Conversation; open: OpenConversation }) {
  let scroller: HTMLDivElement | undefined;
  let inner: HTMLDivElement | undefined;
  const [fetching, setFetching] = createSignal(false);
  const [finished, setFinished] = createSignal("");
  const { atEnd, toEnd } = stickToEnd(
    () => scroller,
    () => inner,
  );
  const turns = keyedList(
    () => groupTurns(props.conversation.messages),
    (left, right) => left.prompt === right.prompt && sameItems(left.answers, right.answers),
  );
  const plan = createMemo(() => planTurn(turns().map((turn) => turn.value()), props.conversation.todos));

  // What a person sends is always followed, wherever they had scrolled to.
  createEffect(
    on(
      () => props.conversation.messages.findLast((message) => message.author === "person")?.id,
      () => toEnd(),
      { defer: true },
    ),
  );
  createEffect(
    on(
      () => isRunning(props.conversation.status),
      (running, before) => setFinished(before && !running ? text("conversation.finished") : ""),
      { defer: true },
    ),
  );

  const showEarlier = async () => {
    const before = scroller ? scroller.scrollHeight - scroller.scrollTop : 0;
    setFetching(true);
    await props.open.showEarlier();
    setFetching(false);
    // What was on the screen stays on the screen; the older messages come in above it.
    if (scroller) scroller.scrollTop = scroller.scrollHeight - before;
  };

  return (
    <div class="transcript-place">
      <div class="scroll" ref={(element) => (scroller = element)} role="region" aria-label={text("conversation.messages")} tabindex="0">
        <div class="measure transcript" ref={(element) => (inner = element)}>
          <Show when={props.conversation.omitted > 0}>
            <div>
              <Button small disabled={fetching()} onClick={() => void showEarlier()}>
                {text("conversation.earlier", { count: props.conversation.omitted })}
              </Button>
            </div>
          </Show>
          <Show when={turns().length > 0} fallback={<EmptyTranscript />}>
            <For each={turns()}>
              {(turn, index) => (
                <TurnView
                  turn={turn.value()}
                  last={index() === turns().length - 1}
                  status={props.conversation.status}
                  plan={index() === plan() ? props.conversation.todos : null}
                />
              )}
            </For>
          </Show>
          <Show when={plan() < 0 && props.conversation.todos.length > 0}>
            <Plan todos={props.conversation.todos} />
          </Show>
        </div>
      </div>
      <Show when={!atEnd()}>
        <div class="to-latest">
          <Button small class="floating" onClick={toEnd} data-testid="jump-to-latest">
            <Icon path={arrowDown} small />
            {text("conversation.latest")}
          </Button>
        </div>
      </Show>
      <div class="sr-only" role="status">
        {finished()}
      </div>
    </div>
  );
}

function EmptyTranscript() {
  return (
    <div class="empty">
      <h2 class="group-title">{text("conversation.emptyTitle")}</h2>
      <p>{text("conversation.empty")}</p>
    </div>
  );
}
