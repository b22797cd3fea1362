import { createComputed, createEffect, createMemo, createSignal, Match, on, onCleanup, onMount, Show, Switch } from "solid-js";
import type { Conversation, PermissionCard, QuestionCard } from "../backend";
import { useDeeds } from "../shell/deeds";
import { matchThreadKey } from "../shell/keys";
import { leaveWriting } from "../shell/panes";
import { askText } from "../strings/asks";
import { isWriting } from "./askGuard";
import { PermissionAsk } from "./PermissionAsk";
import { QuestionAsk } from "./QuestionAsk";
import { useThread } from "./thread";
import { isRunning } from "./TurnView";

type Ask = { id: string; permission: PermissionCard; question?: undefined } | { id: string; permission?: undefined; question: QuestionCard };

const placeOf = (ask: Ask | undefined) => ask?.permission?.place ?? ask?.question?.place ?? null;

/** How long it is said that a request went away by itself. */
const goneFor = 6000;

/** What waits for the person, one at a time, above the composer. It never takes the focus. */
export function Asks(props: { conversation: Conversation }) {
  const thread = useThread();
  const asks = createMemo((): Ask[] => [
    ...props.conversation.permissions.map((permission) => ({ id: permission.id, permission })),
    ...props.conversation.questions.map((question) => ({ id: question.id, question })),
  ]);
  const [current, setCurrent] = createSignal<string>();
  const [gone, setGone] = createSignal(false);
  const [title, setTitle] = createSignal("");
  /** Figures choose nothing: somebody was writing to a request that went away, and they were meant for that. */
  const [held, setHeld] = createSignal(false);
  let container: HTMLDivElement | undefined;
  const answered = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  const index = createMemo(() => Math.max(0, asks().findIndex((ask) => ask.id === current())));
  const shown = createMemo(() => asks()[index()]?.id);
  // What is looked at stays until it is answered or gone: one that comes in does not take its place under the hands of the person.
  createComputed(() => setCurrent(shown()));
  const move = (by: number) => setCurrent(asks()[(index() + by + asks().length) % asks().length]?.id);
  const place = {
    get index() {
      return index();
    },
    get count() {
      return asks().length;
    },
    onMove: move,
    get onShow() {
      const at = placeOf(asks()[index()]);
      return at === null ? undefined : () => thread.show?.(at);
    },
  };
  /** Whether the place of the ask that is looked at was shown already: then the next one is. */
  let seen: string | undefined;
  const showAsk = () => {
    if (seen === shown() && asks().length > 1) move(1);
    seen = shown();
    place.onShow?.();
    container?.querySelector<HTMLElement>(".ask")?.focus();
  };
  useDeeds({
    get showAsk() {
      return asks().length > 0 ? showAsk : undefined;
    },
  });
  const onKeyDown = (press: KeyboardEvent) => {
    if (matchThreadKey(press, thread.platform) !== "showAsk" || asks().length === 0) return;
    press.preventDefault();
    showAsk();
  };
  onMount(() => document.addEventListener("keydown", onKeyDown));
  onCleanup(() => document.removeEventListener("keydown", onKeyDown));
  // The title alone is read out, and how many there are; the rest is there to be read by whoever goes to it.
  createEffect(
    on([shown, () => asks().length], ([, count]) => {
      const words = container?.querySelector(".ask-head h2")?.textContent ?? "";
      setTitle(count > 1 ? `${words} ${askText("ask.pager", { place: index() + 1, all: count })}` : words);
    }),
  );

  /** What had the focus in the request that goes: a field, something else in it, or nothing. */
  let focused: "writing" | "inside" | undefined;
  const goes = () => {
    const { activeElement } = document;
    focused = container?.contains(activeElement) === true ? (isWriting(activeElement) ? "writing" : "inside") : undefined;
  };
  createEffect(
    on(shown, (now, before) => {
      const had = focused;
      focused = undefined;
      if (had === undefined || before === undefined || document.activeElement !== document.body) return;
      const mine = answered.has(before) || asks().some((ask) => ask.id === before);
      if (!mine && had === "writing") {
        // What is typed on goes nowhere: neither to another request nor into the prompt.
        setHeld(true);
        leaveWriting(container, false);
      } else if (now !== undefined) container?.querySelector<HTMLElement>(".ask")?.focus();
      else if (mine && thread.write) thread.write();
      else leaveWriting(container);
    }),
  );
  const release = () => held() && document.activeElement !== container?.closest("[data-pane]")?.querySelector(".transcript-place > .scroll") && setHeld(false);
  onMount(() => document.addEventListener("focusin", release));
  onCleanup(() => document.removeEventListener("focusin", release));
  // Told before it is sent: that it is gone may be heard before that it was taken.
  const sending = (id: string, is: boolean) => void (is ? answered.add(id) : answered.delete(id));

  createEffect(
    on(asks, (now, before) => {
      const lost = before?.some((ask) => !now.some((other) => other.id === ask.id) && !answered.has(ask.id));
      // A turn that was stopped takes its asks with it, and the person knows.
      if (!lost || props.conversation.status.state.kind === "stopping" || !isRunning(props.conversation.status)) return;
      setGone(true);
      clearTimeout(timer);
      timer = setTimeout(() => setGone(false), goneFor);
    }),
  );

  return (
    <>
      <Show when={gone()}>
        <p class="ask-gone subtle small" role="status">
          {askText("ask.gone")}
        </p>
      </Show>
      <div class="sr-only" role="status">
        {title()}
      </div>
      <div class="asks" ref={(element) => (container = element)}>
        <Show when={shown()} keyed>
          {(id) => {
            const ask = () => asks().find((other) => other.id === id);
            onCleanup(goes);
            return (
              <Switch>
                <Match when={ask()?.permission}>{(card) => <PermissionAsk card={card()} place={place} onSending={sending} />}</Match>
                <Match when={ask()?.question}>{(card) => <QuestionAsk card={card()} place={place} held={held()} onSending={sending} />}</Match>
              </Switch>
            );
          }}
        </Show>
      </div>
    </>
  );
}
