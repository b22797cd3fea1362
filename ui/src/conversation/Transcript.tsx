import { createEffect, createMemo, createSignal, For, on, Show, untrack } from "solid-js";
import type { Conversation } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { arrowDown } from "../design/icons";
import type { OpenConversation } from "../state/conversation";
import { text } from "../strings";
import { keyedList, sameItems, type Keyed } from "./keyedList";
import { Plan } from "./Plan";
import { createRows, estimateRow, isOf, placeOf } from "./rows";
import { stickToEnd } from "./stick";
import { groupTurns, planTurn, type Turn } from "./turns";
import { isRunning, RowView } from "./TurnView";
import { createVirtualRows } from "./virtualRows";

/** How near to an end of what is held the next page is asked for, in screens: it is there before that end is seen. */
const nearEnd = 2;

/** All that was said, newest at the end. */
export function Transcript(props: { conversation: Conversation; open: OpenConversation }) {
  let scroller: HTMLDivElement | undefined;
  let inner: HTMLDivElement | undefined;
  const [finished, setFinished] = createSignal("");
  /** The turn the pointer is over: what can be done with its answer is shown at its end. */
  const [near, setNear] = createSignal<string>();
  const { atEnd, toEnd, leaveEnd } = stickToEnd(
    () => scroller,
    () => inner,
  );
  const latest = () => {
    void props.open.turn({ kind: "latest" });
    toEnd();
  };
  const turns = keyedList(
    () => groupTurns(props.conversation.messages),
    (left, right) => left.prompt === right.prompt && sameItems(left.answers, right.answers),
  );
  const plan = createMemo(() => planTurn(turns().map((turn) => turn.value()), props.conversation.todos));

  const last = (turn: Keyed<Turn>) => turn === turns().at(-1) && props.conversation.after === 0;
  const list = createRows(turns, {
    planned: (turn) => turn === turns()[plan()],
    running: (turn) => last(turn) && isRunning(props.conversation.status),
  });
  const rows = createVirtualRows({
    scroller: () => scroller,
    keys: createMemo(() => list().map((row) => row.key)),
    estimate: (place) => {
      const row = list()[place];
      return row ? estimateRow(row) : 0;
    },
    find: (key) => placeOf(list(), key),
    following: atEnd,
  });
  const shown = createMemo(() => rows.drawn().flatMap((place) => list()[place] ?? []));
  // What was looked for is brought to the top of the screen, and nothing is followed until the person goes to the end.
  createEffect(() => {
    const { target } = props.open.state;
    if (target === null) return;
    const found = list()[placeOf(list(), target.block ?? target.message)] ?? list().find((row) => isOf(row, target.message));
    // It comes with the page that was asked for.
    if (!found) return;
    untrack(() => {
      props.open.reached();
      leaveEnd();
      requestAnimationFrame(() => rows.show(found.key));
    });
  });
  // Pages come before their end is seen. Who is at the end of what is held, with newer messages beyond, is not at the end.
  createEffect(() => {
    const { before, moreBefore, after } = props.conversation;
    rows.drawn();
    if ((before > 0 || moreBefore) && rows.nearStart(nearEnd)) void props.open.turn({ kind: "older" });
    else if (after > 0 && rows.nearEnd(nearEnd)) void props.open.turn({ kind: "newer" });
  });

  // What a person sends is always followed, wherever they had scrolled to.
  createEffect(
    on(
      () => props.conversation.messages.findLast((message) => message.author === "person")?.id,
      () => latest(),
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

  return (
    <div class="transcript-place">
      <div class="scroll" ref={(element) => (scroller = element)} role="region" aria-label={text("conversation.messages")} tabindex="0">
        <div class="measure transcript" ref={(element) => (inner = element)}>
          <Show when={props.conversation.before > 0 || props.conversation.moreBefore}>
            <div>
              <Button small onClick={() => void props.open.turn({ kind: "older" })}>
                {props.conversation.moreBefore ? text("conversation.earlierMore") : text("conversation.earlier", { count: props.conversation.before })}
              </Button>
            </div>
          </Show>
          <Show when={turns().length > 0} fallback={<EmptyTranscript />}>
            <div class="rows" ref={(element) => rows.container(element)} onPointerOver={(over) => setNear(turnAt(over.target))} onPointerLeave={() => setNear(undefined)}>
              <For each={shown()}>
                {(row) => (
                  <div
                    class="turn-row"
                    classList={{ "is-near": near() === row.turn.key, "is-continued": row.value().continues }}
                    data-row={row.key}
                    data-turn={row.turn.key}
                    data-gap={row.value().gap}
                    data-testid={row.value().kind === "prompt" ? undefined : "message-agent"}
                    ref={(element) => rows.row(element, row.key)}
                  >
                    <RowView row={row} last={last(row.turn)} status={props.conversation.status} todos={props.conversation.todos} />
                  </div>
                )}
              </For>
            </div>
          </Show>
          <Show when={plan() < 0 && props.conversation.todos.length > 0}>
            <Plan id={props.conversation.session} todos={props.conversation.todos} />
          </Show>
        </div>
      </div>
      <Show when={!atEnd() || props.conversation.after > 0}>
        <div class="to-latest">
          <Button small class="floating" onClick={latest} data-testid="jump-to-latest">
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

/** The turn that something in the document is of. */
const turnAt = (target: EventTarget | null): string | undefined => (target instanceof Element ? target.closest<HTMLElement>("[data-turn]")?.dataset["turn"] : undefined);

function EmptyTranscript() {
  return (
    <div class="empty">
      <h2 class="group-title">{text("conversation.emptyTitle")}</h2>
      <p>{text("conversation.empty")}</p>
    </div>
  );
}
