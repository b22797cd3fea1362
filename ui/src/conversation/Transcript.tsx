import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show, Suspense, untrack } from "solid-js";
import type { Conversation } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { IconButton } from "../design/IconButton";
import { arrowDown, arrowUp } from "../design/icons";
import { useDeeds } from "../shell/deeds";
import { may } from "../backend/abilities";
import { matchThreadKey, threadKeyLabel } from "../shell/keys";
import type { OpenConversation } from "../state/conversation";
import { text } from "../strings";
import { createJumps } from "./jumps";
import { keyedList, sameItems, type Keyed } from "./keyedList";
import { FindBar } from "./lazyParts";
import { RevertedMarker } from "./Marker";
import { foldAll, leaveFolding } from "./openedRows";
import { Plan } from "./Plan";
import { createRows, estimateRow, isOf, placeOf } from "./rows";
import { createCopying, type Copying } from "./selection";
import { stickToEnd } from "./stick";
import { useThread } from "./thread";
import { groupTurns, planTurn, type Turn } from "./turns";
import { isRunning, RowView } from "./TurnView";
import { createVirtualRows } from "./virtualRows";

/** How near to an end of what is held the next page is asked for, in screens: it is there before that end is seen. */
const nearEnd = 2;

/** All that was said, newest at the end. */
export function Transcript(props: { conversation: Conversation; open: OpenConversation; sent: number; finding: boolean; onFinding(finding: boolean): void }) {
  const thread = useThread();
  let scroller: HTMLDivElement | undefined;
  let inner: HTMLDivElement | undefined;
  const [container, setContainer] = createSignal<HTMLElement>();
  /** What is read out: that the answer is complete, or where one jumped. */
  const [finished, setFinished] = createSignal("");
  /** The turn the pointer is over: what can be done with its answer is shown at its end. */
  const [near, setNear] = createSignal<string>();
  const { atEnd, toEnd, leaveEnd, shortened } = stickToEnd(
    () => scroller,
    () => inner,
    // With newer messages beyond, the end of what is held is not the end.
    () => props.conversation.after === 0,
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

  createEffect(on(() => props.conversation.before, shortened, { defer: true }));

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
    following: () => atEnd() && props.conversation.after === 0,
  });
  const parts = { thread, open: props.open, conversation: () => props.conversation, list, rows, scroller: () => scroller, container, leaveEnd };
  const { jump } = createJumps({ ...parts, latest, say: setFinished });
  const { copying } = createCopying(parts);
  useDeeds({ jump: (back) => void jump(back), latest, fold: foldAll });
  onCleanup(leaveFolding);
  let focusFind: (() => void) | undefined;
  const onKeyDown = (press: KeyboardEvent) => {
    const key = matchThreadKey(press, thread.platform);
    // In a field these keys select.
    if ((key === "unfoldAll" || key === "foldAll") && !isWritten(press.target) && !document.querySelector("dialog[open]")) {
      press.preventDefault();
      foldAll(key === "unfoldAll");
      return;
    }
    if ((key !== "find" && (key !== "findNext" || props.finding)) || !may(thread.backend, "find") || document.querySelector("dialog[open]")) return;
    press.preventDefault();
    if (props.finding) focusFind?.();
    else props.onFinding(true);
  };
  onMount(() => document.addEventListener("keydown", onKeyDown));
  onCleanup(() => document.removeEventListener("keydown", onKeyDown));
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
      requestAnimationFrame(() => {
        rows.show(found.key);
        // A call among others is one line with them until that opens.
        const hidden = target.block !== null && found.value().item?.kind === "tools" ? target.block : undefined;
        if (hidden !== undefined) void import("./unfold").then(({ showIn }) => requestAnimationFrame(() => showIn(rows.element(found.key), hidden)));
      });
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
  createEffect(on(() => props.sent, () => latest(), { defer: true }));
  createEffect(
    on(
      () => isRunning(props.conversation.status),
      (running, before) => {
        const ended = before === true && !running;
        setFinished(ended ? text("conversation.finished") : "");
        // Who follows looks at no older message: those are let go of, or a window that is followed for hours would hold
        // all that was said meanwhile.
        if (ended && atEnd()) void props.open.settle();
      },
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
          <Show when={turns().length > 0} fallback={<Show when={props.conversation.reverted === null}><EmptyTranscript /></Show>}>
            <div class="rows" ref={(element) => { rows.container(element); setContainer(element); }} onPointerOver={(over) => setNear(turnAt(over.target))} onPointerLeave={() => setNear(undefined)}>
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
                    <RowView row={row} last={last(row.turn)} status={props.conversation.status} todos={props.conversation.todos} messages={props.conversation.messages} />
                  </div>
                )}
              </For>
            </div>
          </Show>
          <Show when={props.conversation.after === 0 && props.conversation.reverted}>{(back) => <RevertedMarker prompts={back().prompts} files={back().files} />}</Show>
          <Show when={plan() < 0 && props.conversation.todos.length > 0}>
            <Plan id={props.conversation.session} todos={props.conversation.todos} />
          </Show>
        </div>
      </div>
      <Show when={props.finding}>
        <Suspense>
          <FindBar searched={parts} onClose={() => props.onFinding(false)} ref={(focus) => (focusFind = focus)} />
        </Suspense>
      </Show>
      <Show when={copying()}>
        {(now) => (
          <p class="copy-note small" role="status" data-testid="copy-note">
            {copyWords(now())}
          </p>
        )}
      </Show>
      <Show when={!atEnd() || props.conversation.after > 0}>
        <div class="to-latest">
          <IconButton class="floating" icon={arrowUp} label={text("conversation.previousPrompt")} shortcut={threadKeyLabel("previousPrompt", thread.platform)} onClick={() => void jump(true)} data-testid="previous-prompt" />
          <IconButton class="floating" icon={arrowDown} label={text("conversation.nextPrompt")} shortcut={threadKeyLabel("nextPrompt", thread.platform)} onClick={() => void jump(false)} data-testid="next-prompt" />
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

const isWritten = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));

/** The turn that something in the document is of. */
const turnAt = (target: EventTarget | null): string | undefined => (target instanceof Element ? target.closest<HTMLElement>("[data-turn]")?.dataset["turn"] : undefined);

function copyWords({ what, state }: Copying): string {
  const all = what === "all";
  if (state === "selected") return text("conversation.allSelected");
  if (state === "copying") return text(all ? "conversation.allCopying" : "conversation.partCopying");
  if (state === "copied") return text(all ? "conversation.allCopied" : "conversation.partCopied");
  if (state === "short") return text("conversation.partShort");
  if (state === "cut") return text(all ? "conversation.allCut" : "conversation.partCut");
  return text(all ? "conversation.allNotCopied" : "conversation.partNotCopied");
}

function EmptyTranscript() {
  return (
    <div class="empty">
      <h2 class="group-title">{text("conversation.emptyTitle")}</h2>
      <p>{text("conversation.empty")}</p>
    </div>
  );
}
