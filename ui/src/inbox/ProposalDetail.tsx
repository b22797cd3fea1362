import { createEffect, createResource, createSignal, createUniqueId, For, Match, onCleanup, onMount, Show, Switch } from "solid-js";
import { toApiError, type InboxAsk, type InboxRow, type PermissionCard, type QuestionCard, type RemoteProposal } from "../backend";
import { AskedFor, LeadsTo } from "../conversation/AskedFor";
import { answerKey, answerKeyLabel, createAskGuard, guardTime, plainFigure } from "../conversation/askGuard";
import { permissionReason, permissionTitle } from "../conversation/permissionWords";
import { ThreadProvider, type Thread } from "../conversation/thread";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { radioTower } from "../design/icons";
import { useApp } from "../state/app";
import { askRich, askText } from "../strings/asks";
import { fullTime } from "../strings/format";
import { answerWords, whoOf } from "./proposalWords";

/**
 * What somebody answered from afar, to what, and whether it counts. It looks like no request of an agent: it has a head of
 * its own that says where it comes from, and its buttons say whose answer they take.
 */
export function ProposalDetail(props: {
  row: InboxRow;
  proposal: RemoteProposal;
  /** Names it in the list. */
  id: string;
  held: boolean;
  onSent(id: string): void;
  onSending(id: string, sending: boolean): void;
  /** Goes to the request itself. */
  onAsk(): void;
}) {
  const app = useApp();
  const ready = createAskGuard();
  const title = createUniqueId();
  // One answer for its whole life: another one has a component, and a first half second, of its own.
  const { id } = props;
  const { thread, id: ask } = props.row;
  const [sending, setSending] = createSignal<"accept" | "refuse">();
  const [error, setError] = createSignal<string>();
  let section: HTMLElement | undefined;
  const [asked, { refetch }] = createResource(
    (): Promise<{ ask?: InboxAsk; error?: string }> =>
      app.backend.commands.inboxAsk({ thread, ask }).then(
        (found) => ({ ask: found }),
        (thrown: unknown) => ({ error: toApiError(thrown).message }),
      ),
  );
  /** What it is about has to be in sight before it can count. */
  const seen = () => {
    const found = asked.latest?.ask;
    return found !== undefined && (found.permission !== null || found.question !== null);
  };
  // It may come late: what a key on its way would say yes to has been in sight for as long as any request.
  const [wasSeen, setWasSeen] = createSignal(false);
  createEffect(() => {
    if (!seen()) return;
    const timer = setTimeout(() => setWasSeen(true), guardTime);
    onCleanup(() => clearTimeout(timer));
  });
  const may = (accept: boolean) => ready() && sending() === undefined && (!accept || (seen() && wasSeen()));
  const answer = async (accept: boolean) => {
    if (!may(accept)) return;
    setSending(accept ? "accept" : "refuse");
    setError(undefined);
    props.onSending(id, true);
    // With the answer the request goes too, and neither went away by itself.
    if (accept) props.onSending(ask, true);
    try {
      await app.backend.commands.remoteAskAnswer({ proposal: props.proposal.id, accept });
      props.onSent(id);
    } catch (thrown) {
      props.onSending(id, false);
      if (accept) props.onSending(ask, false);
      setError(toApiError(thrown).message);
      setSending(undefined);
    }
  };
  const onKeyDown = (press: KeyboardEvent) => {
    const place = answerKey(press, app.state.platform) ?? (props.held ? null : plainFigure(press, section));
    if (place === null || place > 2) return;
    // Taken even while it answers nothing, so that the key does nothing else either.
    press.preventDefault();
    void answer(place === 1);
  };
  onMount(() => document.addEventListener("keydown", onKeyDown));
  onCleanup(() => document.removeEventListener("keydown", onKeyDown));
  const around: Thread = {
    backend: app.backend,
    session: () => thread,
    folder: () => app.folderOf(props.row.folder),
    platform: app.state.platform,
    openSession: app.openSession,
    send: () => Promise.resolve(),
    stop: () => undefined,
    tell: app.tell,
  };
  const who = () => whoOf(props.proposal);
  const words = () => answerWords(props.proposal.answer);
  return (
    <section class="detail" aria-labelledby={title} tabindex={-1} data-testid="inbox-detail" data-afar="true" data-ready={ready()} ref={(element) => (section = element)}>
      <div class="afar-head">
        <Icon path={radioTower} />
        <div>
          <h2 id={title} class="group-title wrap-anywhere">
            {askText("afar.title", { who: who(), answer: words() })}
          </h2>
          <p class="muted wrap-anywhere">{askText("afar.from", { host: props.proposal.host, label: props.proposal.label, time: fullTime(props.proposal.at) })}</p>
          <p class="small subtle">{askText("afar.unproven", { host: props.proposal.host })}</p>
        </div>
      </div>
      <div class="scroll afar-body">
        <p class="muted wrap-anywhere">
          {askRich("afar.to", {
            agent: <span class="strong">{props.row.agent === "" ? askText("inbox.anAgent") : props.row.agent}</span>,
            thread: (
              <button type="button" class="link" data-testid="inbox-open" onClick={() => app.openSession(thread)}>
                {props.row.title === "" ? askText("inbox.untitled") : props.row.title}
              </button>
            ),
          })}
        </p>
        <ThreadProvider value={around}>
          <Switch>
            <Match when={asked.latest?.ask?.permission}>{(card) => <Permission card={card()} row={props.row} />}</Match>
            <Match when={asked.latest?.ask?.question}>{(card) => <Questions card={card()} proposal={props.proposal} />}</Match>
            <Match when={asked.latest?.error}>
              {(reason) => (
                <div>
                  <p class="error-text" role="alert">
                    {reason()}
                  </p>
                  <Button onClick={() => void refetch()}>{askText("inbox.again")}</Button>
                </div>
              )}
            </Match>
            <Match when={asked.latest?.ask}>
              <p data-testid="inbox-lost">{askText("inbox.gone")}</p>
            </Match>
            <Match when={asked.loading}>
              <p class="muted" role="status">
                {askText("inbox.reading")}
              </p>
            </Match>
          </Switch>
        </ThreadProvider>
        <button type="button" class="link" data-testid="afar-own" onClick={() => props.onAsk()}>
          {askText("afar.own")}
        </button>
      </div>
      <div class="afar-foot">
        <Show when={error()}>
          {(reason) => (
            <p class="error-text" role="alert">
              {reason()}
            </p>
          )}
        </Show>
        <div class="ask-actions">
          <Button
            {...(props.row.destructive ? {} : { kind: "primary" as const })}
            class={seen() ? "" : "is-disabled"}
            data-testid="afar-accept"
            aria-disabled={!may(true)}
            onClick={() => void answer(true)}
          >
            {sending() === "accept" ? askText("ask.sending") : askText(`afar.accept.${props.proposal.answer.kind}`)} <kbd>{answerKeyLabel(1, app.state.platform)}</kbd>
          </Button>
          <Button data-testid="afar-refuse" aria-disabled={!may(false)} onClick={() => void answer(false)}>
            {sending() === "refuse" ? askText("ask.sending") : askText("afar.refuse")} <kbd>{answerKeyLabel(2, app.state.platform)}</kbd>
          </Button>
          <span class="small subtle afar-means">{askText("afar.means")}</span>
        </div>
      </div>
    </section>
  );
}

/** What the agent asks to do, to be read. */
function Permission(props: { card: PermissionCard; row: InboxRow }) {
  const app = useApp();
  return (
    <div class="ask afar-ask" data-testid="afar-permission">
      <h3 class="afar-asked wrap-anywhere">{permissionTitle(props.card)}</h3>
      <AskedFor card={props.card} />
      <dl class="facts">
        <dt>{askText("permission.why")}</dt>
        <dd>{permissionReason(props.card, app.folderOf(props.row.folder))}</dd>
        <LeadsTo card={props.card} />
      </dl>
    </div>
  );
}

/** What the agent wants to know, with what was chosen from afar. */
function Questions(props: { card: QuestionCard; proposal: RemoteProposal }) {
  const given = (index: number) => (props.proposal.answer.kind === "answers" ? (props.proposal.answer.answers[index] ?? []) : []);
  return (
    <ol class="afar-questions" data-testid="afar-questions">
      <For each={props.card.questions}>
        {(item, index) => (
          <li>
            <h3 class="afar-asked wrap-anywhere">{item.text}</h3>
            <Show when={given(index()).length > 0} fallback={<p class="muted">{askText(props.proposal.answer.kind === "turnDown" ? "afar.turnedDown" : "afar.noAnswer")}</p>}>
              <ul>
                <For each={given(index())}>
                  {(chosen) => (
                    <li class="wrap-anywhere">
                      <span class="strong">{chosen}</span>{" "}
                      <Show when={!item.choices.some(({ label }) => label === chosen)}>
                        <span class="small subtle">{askText("afar.ownWords")}</span>
                      </Show>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </li>
        )}
      </For>
    </ol>
  );
}
