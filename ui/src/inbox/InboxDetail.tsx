import { createResource, Match, onCleanup, Switch } from "solid-js";
import { toApiError, type InboxAsk, type InboxRow } from "../backend";
import { isWriting } from "../conversation/askGuard";
import { PermissionAsk } from "../conversation/PermissionAsk";
import { QuestionAsk } from "../conversation/QuestionAsk";
import { ThreadProvider, type Thread } from "../conversation/thread";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { askRich, askText } from "../strings/asks";
import { fullTime } from "../strings/format";

/** All of one request, answered as it is in its thread. */
export function InboxDetail(props: {
  row: InboxRow;
  /** Figures alone do not answer it. */
  held: boolean;
  onSent(id: string): void;
  onSending(id: string, sending: boolean): void;
  onMove(by: number): void;
  /** It went away under somebody who was writing in it. */
  onCut(): void;
}) {
  const app = useApp();
  // One request for its whole life: another one has a component, and a first half second, of its own.
  const { id, thread } = props.row;
  let section: HTMLElement | undefined;
  onCleanup(() => section?.contains(document.activeElement) && isWriting(document.activeElement) && props.onCut());
  const [asked, { refetch }] = createResource(
    (): Promise<{ ask?: InboxAsk; error?: string }> =>
      app.backend.commands.inboxAsk({ thread, ask: id }).then(
        (ask) => ({ ask }),
        (thrown: unknown) => ({ error: toApiError(thrown).message }),
      ),
  );
  const around: Thread = {
    backend: app.backend,
    session: () => thread,
    folder: () => app.folderOf(props.row.folder),
    platform: app.state.platform,
    get plainFigures() {
      return !props.held;
    },
    openSession: app.openSession,
    send: () => Promise.resolve(),
    stop: () => undefined,
    tell: app.tell,
  };
  const place = { index: 0, count: 1, onMove: (by: number) => props.onMove(by), onShow: undefined };
  const title = () => (props.row.title === "" ? askText("inbox.untitled") : props.row.title);
  return (
    <section class="detail" aria-label={askText("inbox.detail")} tabindex={-1} data-testid="inbox-detail" ref={(element) => (section = element)}>
      <p class="inbox-where muted">
        {askRich("inbox.waits", {
          agent: <span class="strong">{props.row.agent === "" ? askText("inbox.anAgent") : props.row.agent}</span>,
          thread: (
            <button type="button" class="link" data-testid="inbox-open" onClick={() => app.openSession(thread)}>
              {title()}
            </button>
          ),
          time: fullTime(props.row.asked),
        })}
      </p>
      <ThreadProvider value={around}>
        <Switch>
          <Match when={asked.latest?.ask?.permission}>{(card) => <PermissionAsk card={card()} place={place} onSent={props.onSent} onSending={props.onSending} />}</Match>
          <Match when={asked.latest?.ask?.question}>{(card) => <QuestionAsk card={card()} place={place} held={props.held} onSent={props.onSent} onSending={props.onSending} />}</Match>
          <Match when={asked.latest?.error}>
            {(error) => (
              <div class="inbox-note">
                <p class="error-text" role="alert">
                  {error()}
                </p>
                <Button onClick={() => void refetch()}>{askText("inbox.again")}</Button>
              </div>
            )}
          </Match>
          <Match when={asked.latest?.ask}>
            <div class="inbox-note" data-testid="inbox-lost">
              <p>{askText("inbox.gone")}</p>
              <p class="muted">{askText("inbox.goneBody")}</p>
            </div>
          </Match>
          <Match when={asked.loading}>
            <p class="inbox-note muted">{askText("inbox.reading")}</p>
          </Match>
        </Switch>
      </ThreadProvider>
    </section>
  );
}
