import { createComputed, createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from "solid-js";
import type { InboxRow, RemoteProposal } from "../backend";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { folderOpen, globe, hand, messageCircleQuestionMark, pencil, radioTower, terminal, triangleAlert, type IconPath } from "../design/icons";
import { permissionTitle } from "../conversation/permissionWords";
import { useApp } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { askText } from "../strings/asks";
import { fullTime, shortAge } from "../strings/format";
import { InboxDetail } from "./InboxDetail";
import { itemKinds, itemsOf, kindOf, type InboxItem } from "./items";
import { ProposalDetail } from "./ProposalDetail";
import { answerWords, whoOf } from "./proposalWords";

/** For how long it is said that a request went away by itself. */
const goneFor = 6000;

/** How long the count of what waits has to stand before it is read out: several that come together are one piece of news. */
const settledAfter = 1000;

/** Everything that waits for the person, over all threads, to be gone through with the keyboard. */
export function Waiting(props: {
  /** The last one is gone, and the focus with it. */
  onNothingLeft(): void;
}) {
  const app = useApp();
  const rows = createMemo(() => itemsOf(app.state.inbox.rows, app.can("confirmRemote")));
  const [wanted, setWanted] = createSignal<string>();
  /** Figures answer nothing: somebody was writing to a request that went away, and they were meant for that. */
  const [held, setHeld] = createSignal(false);
  const [gone, setGone] = createSignal(false);
  const [news, setNews] = createSignal("");
  const answered = new Set<string>();
  let list: HTMLDivElement | undefined;
  let view: HTMLDivElement | undefined;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  let settling: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => (clearTimeout(leaving), clearTimeout(settling)));

  /** Where the one that is looked at stood last, so that the next one takes its place when it is gone. */
  let place = 0;
  const current = createMemo(() => {
    const at = rows().findIndex((row) => row.id === wanted());
    if (at >= 0) place = at;
    return rows()[at >= 0 ? at : Math.min(place, rows().length - 1)];
  });
  // What is looked at stays until it is gone: one that comes in stands before it in the list, and is not what keys are meant for.
  createComputed(() => setWanted(current()?.id));
  const detail = () => view?.querySelector<HTMLElement>("[data-testid='inbox-detail']") ?? undefined;
  const isFocused = () => list?.contains(document.activeElement) ?? false;
  const focusRow = (id: string | undefined) => {
    const options = [...(list?.querySelectorAll<HTMLElement>("[role='option']") ?? [])];
    options.find((option) => option.dataset["ask"] === id)?.focus();
  };
  const choose = (row: InboxItem | undefined) => {
    if (!row) return;
    setHeld(false);
    setWanted(row.id);
    focusRow(row.id);
  };
  const move = (by: number) => {
    const at = rows().findIndex((row) => row.id === current()?.id);
    choose(rows()[Math.max(0, Math.min(rows().length - 1, at + by))]);
  };
  const open = (item: InboxItem | undefined) => {
    if (item) app.openSession(item.row.thread);
  };

  const refocus = () => {
    if (rows().length === 0) props.onNothingLeft();
    // What is typed on goes nowhere there: neither to another request nor through the list.
    else if (held()) detail()?.focus();
    else focusRow(current()?.id);
  };

  const onKeyDown = (press: KeyboardEvent) => {
    if (press.ctrlKey || press.altKey || press.metaKey || isComposing(press)) return;
    const moves: Record<string, () => void> = {
      j: () => move(1),
      k: () => move(-1),
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Home: () => move(-rows().length),
      End: () => move(rows().length),
      Enter: () => open(current()),
    };
    const run = moves[press.key.length === 1 ? press.key.toLowerCase() : press.key];
    if (!run) return;
    press.preventDefault();
    run();
  };
  onMount(() => focusRow(current()?.id));

  // A row that moves, as others come in on both its sides, leaves the document for a moment and loses the focus.
  let hadFocus = false;
  createComputed(on(rows, () => (hadFocus = isFocused())));

  createEffect(
    on(
      () => rows().map((row) => row.id),
      (now, before) => {
        if (before === undefined) return;
        const lost = before.filter((id) => !now.includes(id));
        // The focus went with what it was in.
        if ((lost.length > 0 || hadFocus) && (document.activeElement === document.body || document.activeElement === null)) queueMicrotask(refocus);
        if (lost.some((id) => !answered.has(id))) {
          setGone(true);
          clearTimeout(leaving);
          leaving = setTimeout(() => setGone(false), goneFor);
        }
        for (const id of lost) answered.delete(id);
        clearTimeout(settling);
        if (now.some((id) => !before.includes(id))) settling = setTimeout(() => setNews(askText("inbox.waiting", { count: app.state.inbox.rows.length + app.state.inbox.more })), settledAfter);
      },
    ),
  );

  // Known before the core has taken it, since the request may be gone first.
  const onSending = (id: string, sending: boolean) => {
    if (sending) answered.add(id);
    else answered.delete(id);
  };
  // Who answers with the mouse, or from the card, goes on in the list.
  const onSent = () => {
    const { activeElement } = document;
    if (!isFocused() && (activeElement === document.body || view?.contains(activeElement))) queueMicrotask(refocus);
  };

  return (
    <>
      <div class="sr-only" role="status" data-testid="inbox-news">
        {news()}
      </div>
      <p class="inbox-gone small subtle" role="status" data-testid="inbox-gone">
        {gone() ? askText("inbox.gone") : ""}
      </p>
      <Show
        when={rows().length > 0}
        fallback={
          <div class="page empty" data-testid="inbox-empty">
            <h2 class="group-title">{askText("inbox.none")}</h2>
            <p>{askText("inbox.noneBody")}</p>
          </div>
        }
      >
        <div class="split-view" ref={(element) => (view = element)} onFocusIn={(focus) => focus.target !== detail() && setHeld(false)}>
          <section class="master" aria-label={askText("inbox.list")}>
            <div class="scroll">
              <div class="list" role="listbox" aria-label={askText("inbox.list")} ref={(element) => (list = element)} onKeyDown={onKeyDown}>
                <For each={itemKinds}>{(kind) => <Rows label={askText(`inbox.${kind}`)} rows={rows().filter((item) => kindOf(item) === kind)} current={current()?.id} onChoose={choose} onOpen={open} />}</For>
              </div>
              <Show when={app.state.inbox.more > 0}>
                <p class="inbox-more small subtle">{askText("inbox.more", { count: app.state.inbox.more })}</p>
              </Show>
            </div>
            <div class="list-foot small subtle">
              <span>
                <kbd class="key">J</kbd> <kbd class="key">K</kbd> {askText("inbox.move")}
              </span>
              <Show when={app.can("inboxAnswer")}>
                <span>
                  <kbd class="key">1–3</kbd> {askText("inbox.answer")}
                </span>
              </Show>
              <span>
                <kbd class="key">{"⏎"}</kbd> {askText("inbox.open")}
              </span>
            </div>
          </section>
          <Show when={current()?.id} keyed>
            {(id) => (
              <Show when={rows().find((item) => item.id === id)}>
                {(item) => (
                  <Show when={item().proposal} fallback={<InboxDetail row={item().row} held={held()} onSent={onSent} onSending={onSending} onMove={move} onCut={() => setHeld(true)} />}>
                    {(proposal) => <ProposalDetail id={id} row={item().row} proposal={proposal()} held={held()} onSent={onSent} onSending={onSending} onAsk={() => choose(rows().find((other) => other.id === item().row.id))} />}
                  </Show>
                )}
              </Show>
            )}
          </Show>
        </div>
      </Show>
    </>
  );
}

function Rows(props: { label: string; rows: InboxItem[]; current: string | undefined; onChoose(row: InboxItem): void; onOpen(row: InboxItem): void }) {
  return (
    <Show when={props.rows.length > 0}>
      <div role="group" aria-label={props.label}>
        <div class="section-label" aria-hidden="true">
          {props.label}
        </div>
        <For each={props.rows}>
          {(item) => (
            <Show when={item.proposal} fallback={<Row row={item.row} current={item.id === props.current} onChoose={() => props.onChoose(item)} onOpen={() => props.onOpen(item)} />}>
              {(proposal) => <ProposalRow id={item.id} row={item.row} proposal={proposal()} current={item.id === props.current} onChoose={() => props.onChoose(item)} onOpen={() => props.onOpen(item)} />}
            </Show>
          )}
        </For>
      </div>
    </Show>
  );
}

function Row(props: { row: InboxRow; current: boolean; onChoose(): void; onOpen(): void }) {
  const app = useApp();
  const now = createMinuteClock();
  const where = () => [props.row.title, app.folderOf(props.row.folder)?.label ?? ""].filter((part) => part !== "").join(" · ");
  return (
    <button
      type="button"
      class="item-row"
      role="option"
      aria-selected={props.current}
      tabindex={props.current ? 0 : -1}
      data-testid="inbox-row"
      data-ask={props.row.id}
      onClick={() => props.onChoose()}
      onDblClick={() => props.onOpen()}
    >
      <Icon path={sign(props.row)} class="is-warn" />
      <span class="name truncate">{props.row.subject === null ? props.row.about : permissionTitle(worded(props.row))}</span>
      <span class="when">
        <Show when={props.row.destructive}>
          <Icon path={triangleAlert} small class="is-danger" />
          <span class="sr-only">{askText("inbox.destructive")}</span>{" "}
        </Show>
        <time datetime={new Date(props.row.asked).toISOString()} aria-label={fullTime(props.row.asked)}>
          {shortAge(props.row.asked, now())}
        </time>
      </span>
      <span class="sub truncate">{where()}</span>
    </button>
  );
}

/** What somebody answered from afar: who and what come first, and a sign that no request of an agent has. */
function ProposalRow(props: { id: string; row: InboxRow; proposal: RemoteProposal; current: boolean; onChoose(): void; onOpen(): void }) {
  const now = createMinuteClock();
  return (
    <button
      type="button"
      class="item-row afar-row"
      role="option"
      aria-selected={props.current}
      tabindex={props.current ? 0 : -1}
      data-testid="inbox-row"
      data-ask={props.id}
      data-afar="true"
      onClick={() => props.onChoose()}
      onDblClick={() => props.onOpen()}
    >
      <Icon path={radioTower} class="is-warn" />
      <span class="name truncate">{askText("afar.row", { who: whoOf(props.proposal), answer: answerWords(props.proposal.answer) })}</span>
      <span class="when">
        <Show when={props.row.destructive}>
          <Icon path={triangleAlert} small class="is-danger" />
          <span class="sr-only">{askText("inbox.destructive")}</span>{" "}
        </Show>
        <time datetime={new Date(props.proposal.at).toISOString()} aria-label={fullTime(props.proposal.at)}>
          {shortAge(props.proposal.at, now())}
        </time>
      </span>
      <span class="sub truncate">{props.row.subject === null ? props.row.about : permissionTitle(worded(props.row))}</span>
      <span class="sub truncate">{[askText("afar.rowOver", { host: props.proposal.host }), props.row.title].filter((part) => part !== "").join(" · ")}</span>
    </button>
  );
}

/** A row in the words of its request. */
const worded = (row: InboxRow) => ({ subject: row.subject ?? ("shell" as const), path: row.about, patterns: [], tool: row.about, runs: row.runs });

/** The sign of what something is about; of a question where it is about no permission. */
export function sign(row: Pick<InboxRow, "subject">): IconPath {
  switch (row.subject) {
    case null:
      return messageCircleQuestionMark;
    case "shell":
      return terminal;
    case "edit":
      return pencil;
    case "externalFolder":
    case "read":
      return folderOpen;
    case "fetch":
    case "webSearch":
      return globe;
    default:
      return hand;
  }
}
