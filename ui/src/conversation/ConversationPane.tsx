import { createComputed, createEffect, createMemo, createSignal, on, onCleanup, onMount, Show, Suspense } from "solid-js";
import type { AgentChoice, ApiError, Backend, BrandView, Conversation, EngineState, Folder, ModelChoice, SessionRow } from "../backend";
import type { ContextActions } from "../composer/ContextDetails";
import { Queue } from "../composer/lazy";
import { createParts, type Builtin } from "../composer/parts";
import { Button } from "../design/Button";
import { circleAlert } from "../design/icons";
import { useLayer } from "../design/layers";
import { LinkProvider } from "../design/SafeHtml";
import { useDeeds } from "../shell/deeds";
import { createMediaQuery } from "../shell/narrow";
import { Notice } from "../shell/Notice";
import { useSurroundings } from "../shell/surroundings";
import { useApp } from "../state/app";
import { isProving } from "../state/boxes";
import { effectiveAgent, effectiveChoice } from "../state/choice";
import type { OpenConversation } from "../state/conversation";
import { text } from "../strings";
import { composerText as builtinText } from "../strings/composer";
import { Asks } from "./Asks";
import { BoxNotes } from "./BoxNotes";
import { Composer, type OpenPicker } from "./Composer";
import { createDraft } from "./draft";
import { createGoingBack } from "./goingBack";
import { Header } from "./Header";
import { GoingBackDialog, ReviewPanel } from "./lazyParts";
import { copyAnswers } from "./MessageActions";
import { createNamedFiles } from "./namedFiles";
import { Notices } from "./Notices";
import { ThreadProvider, type Thread } from "./thread";
import { Transcript } from "./Transcript";
import { groupTurns } from "./turns";
import { isRunning } from "./TurnView";

/** Prompts that come back one after the other: as many as somebody walks through. */
const longestHistory = 100;

/** Below this width the review opens over the conversation instead of beside it. */
const narrowReview = "(max-width: 1099px)";

/** An open thread: what was said, what it asks, where to go on, and what it changed. One for each session. */
export function ConversationPane(props: {
  conversation: OpenConversation;
  row: SessionRow;
  folder: Folder | undefined;
  models: ModelChoice[];
  agents: AgentChoice[];
  backend: Backend;
  engine: EngineState;
  onOpenSession(session: string): void;
  onOpenHome(): void;
  brand: BrandView;
}) {
  const app = useApp();
  const around = useSurroundings();
  const { backend } = props;
  const session = props.row.id;
  const narrow = createMediaQuery(narrowReview);
  const [over, setOver] = createSignal(false);
  const [finding, setFinding] = createSignal(false);
  const [picker, setPicker] = createSignal<OpenPicker>(null);
  const [agent, setAgent] = createSignal<string>();
  const [model, setModel] = createSignal<string>();
  let place: HTMLElement | undefined;
  const draft = createDraft(backend, session, props.conversation);

  const conversation = (): Conversation | undefined => {
    const shown = props.conversation.state.conversation;
    return shown?.session === session ? shown : undefined;
  };
  const chosenAgent = () => effectiveAgent(app.state, agent() ?? props.row.agent);
  const chosenModel = () => {
    const wanted = model() ?? props.row.model;
    return effectiveChoice(app.state, wanted) ?? wanted;
  };
  const history = createMemo(() =>
    (conversation()?.messages ?? [])
      .flatMap((message) => (message.author === "person" ? message.blocks.flatMap(({ content }) => (content.kind === "text" && content.plain !== "" ? [content.plain] : [])) : []))
      .slice(-longestHistory),
  );
  const busy = () => {
    const shown = conversation();
    return shown !== undefined && isRunning(shown.status);
  };

  // What did not open without an engine opens when there is one, without a press.
  createEffect(
    on(
      () => props.engine.kind,
      (kind) => {
        const { error, conversation: shown, loading } = props.conversation.state;
        if (kind === "ready" && error !== null && engineCodes.has(error.code) && shown === null && !loading) void props.conversation.open(session);
      },
      { defer: true },
    ),
  );

  const notYet = () => (conversation() ? undefined : text("conversation.loading"));

  /** How often something was sent from here. */
  const [sent, setSent] = createSignal(0);
  const send = async (prompt: string, attachments: string[] = []) => {
    await backend.commands.promptSend({ session, text: prompt, agent: chosenAgent(), model: chosenModel(), ...(attachments.length > 0 ? { attachments } : {}) });
    setSent((count) => count + 1);
  };
  const focusDraft = () =>
    queueMicrotask(() => {
      const field = place?.querySelector<HTMLTextAreaElement>("[data-testid='composer-input']");
      field?.focus();
      field?.setSelectionRange(field.value.length, field.value.length);
    });
  const addToDraft = (written: string) => {
    draft.write([draft.draft().trimEnd(), written].filter((part) => part !== "").join("\n\n"));
    focusDraft();
  };
  const own = props.row.parent === null;
  /** A composer has parts beside its words where they can be kept. */
  const parted = own && app.can("attach");
  const goesBack = own && app.can("revert") && app.can("fork");
  const compact = async () => {
    await backend.commands.sessionCompact({ session, model: chosenModel() ?? null });
    setSent((count) => count + 1);
  };
  const context: ContextActions | undefined = own && app.can("compact")
    ? { fill: () => backend.commands.contextFill({ session }), compact, compacting: () => app.composers.of(session).compacting, busy, used: () => conversation()?.status.contextUsed ?? 0 }
    : undefined;
  const builtins = (): Builtin[] => {
    const able = goingBack?.able() === true;
    const last = able ? goingBack?.last() : undefined;
    /** Why one cannot be run; its name stays taken, so that it does not go to the model as words. */
    const unless = (when: boolean) => (when ? undefined : builtinText(busy() ? "builtin.afterTurn" : "builtin.nothing"));
    return [
      { name: "compact", description: builtinText("builtin.compact"), why: unless(history().length > 0 && !busy()), run: () => void compact().catch(app.tell) },
      { name: "new", description: builtinText("builtin.new"), run: () => props.onOpenHome() },
      { name: "fork", description: builtinText("builtin.fork"), why: unless(goingBack !== undefined), run: () => void goingBack?.fork(null) },
      { name: "undo", description: builtinText("builtin.undo"), why: unless(last !== undefined), run: () => last !== undefined && void goingBack?.begin("revert", last) },
      { name: "redo", description: builtinText("builtin.redo"), why: unless(able && goingBack?.reverted() === true), run: () => void goingBack?.undo() },
      { name: "retry", description: builtinText("builtin.retry"), why: unless(last !== undefined), run: () => last !== undefined && void goingBack?.begin("retry", last) },
      { name: "model", description: builtinText("builtin.model"), run: () => setPicker("model") },
      { name: "agent", description: builtinText("builtin.agent"), run: () => setPicker("agent") },
      { name: "attach", description: builtinText("builtin.attach"), run: () => void parts?.files.pick() },
    ];
  };
  const parts = parted
    ? createParts(app, session, () => props.folder?.id ?? null, {
        builtins,
        run: async (command, rest) => {
          const attachments = parts?.files.ids() ?? [];
          const written = draft.draft();
          await backend.commands.commandRun({ session, key: command.key, arguments: rest, agent: chosenAgent(), model: chosenModel(), ...(attachments.length > 0 ? { attachments } : {}) });
          setSent((count) => count + 1);
          draft.sent(written);
        },
        queue: async (prompt) => {
          const attachments = parts?.files.ids() ?? [];
          await backend.commands.queueAdd({ session, text: prompt, agent: chosenAgent(), model: chosenModel(), ...(attachments.length > 0 ? { attachments } : {}) });
          draft.sent(prompt);
        },
      })
    : undefined;
  const waiting = () => app.composers.of(session).queue;
  const goingBack = goesBack ? createGoingBack({ app, row: props.row, conversation, draft, focus: focusDraft, send, detach: (attachment) => parts?.files.remove(attachment) ?? Promise.resolve() }) : undefined;
  const thread: Thread = {
    backend,
    session: () => session,
    folder: () => props.folder,
    platform: app.state.platform,
    openSession: (id) => props.onOpenSession(id),
    send,
    stop: () => void backend.commands.turnStop({ session }).catch(app.tell),
    boxIsTried: () => props.folder !== undefined && isProving(app.state.safety, props.folder.id),
    snippets: app.snippets,
    find: () => setFinding(true),
    get home() {
      return around.phone?.() ? props.onOpenHome : undefined;
    },
    show: ({ message, block }) => void props.conversation.reach(message, block),
    write: own && app.can("compose") ? focusDraft : undefined,
    files: createNamedFiles(backend, session, (words) => app.toasts.show(words), app.tell),
    addToDraft: own ? addToDraft : undefined,
    draft: own
      ? {
          text: draft.draft,
          write: (written) => draft.write(written),
          comment: (comment) => void import("../review/comments").then(({ withComment }) => draft.write(withComment(draft.draft(), comment))),
        }
      : undefined,
    goingBack,
    tell: app.tell,
  };
  /** What the newest answer is made of. */
  const newest = () => groupTurns(conversation()?.messages ?? []).at(-1)?.value.answers ?? [];
  const copyAnswer = (markdown: boolean) => {
    const copied = copyAnswers(thread, newest(), markdown);
    copied.then(() => app.toasts.show(text("conversation.copied"))).catch(() => app.toasts.show(text("conversation.copyFailed"), true));
  };
  onCleanup(() => app.snippets.clear());
  const follow = (url: string) => void backend.commands.linkOpen({ url }).catch(app.tell);

  // A window of another width takes nothing away from somebody who is at work in the review.
  createComputed(on(narrow, () => setOver(Boolean(document.activeElement?.closest(".review"))), { defer: true }));
  const reviewOpen = () => app.can("review") && (over() || (!narrow() && app.state.settings.reviewOpen));
  const toggleReview = () => {
    const open = reviewOpen();
    setOver(narrow() && !open);
    if (!narrow() && app.state.settings.reviewOpen === open) void app.saveSettings({ reviewOpen: !open });
  };
  // In a narrow window the key opens the review for now, not for good.
  useDeeds({
    review: toggleReview,
    find: app.can("find") ? () => setFinding(true) : undefined,
    goingBack,
    get copyAnswer() {
      return newest().length > 0 && !busy() ? copyAnswer : undefined;
    },
    composer: parts && {
      attach: () => void parts.files.pick(),
      compact: () => void compact().catch(app.tell),
      mayCompact: () => history().length > 0 && !busy() && !app.composers.of(session).compacting,
      sendNext: () => {
        const next = waiting()[0];
        if (next) void backend.commands.queueSend({ session, prompt: next.id }).catch(app.tell);
      },
      waits: () => waiting().length > 0,
    },
    choice: own ? { agent: chosenAgent, model: () => chosenModel() ?? null, chooseAgent: (name) => setAgent(name), chooseModel: (id) => setModel(id) } : undefined,
  });
  onMount(() => document.addEventListener("auxclick", onAuxClick));
  onCleanup(() => document.removeEventListener("auxclick", onAuxClick));

  const failureActions = {
    openModels: () => app.openSettings("models"),
    chooseModel: () => setPicker("model"),
    chooseAgent: () => setPicker("agent"),
    newThread: () => props.onOpenHome(),
  };

  return (
    <ThreadProvider value={thread}>
      <LinkProvider value={follow}>
        <main class="main" data-pane ref={(element) => (place = element)} data-testid="conversation" aria-label={text("conversation.label")}>
          <Header
            row={props.row}
            folder={props.folder}
            conversation={conversation() ?? null}
            narrow={narrow()}
            reviewOpen={reviewOpen()}
            onReview={toggleReview}
            onRename={(title) => app.renameSession(session, title).catch(app.tell)}
          />
          <Show when={conversation()} fallback={<NotThere conversation={props.conversation} session={session} />}>
            {(shown) => <Transcript conversation={shown()} open={props.conversation} sent={sent()} finding={finding()} onFinding={setFinding} />}
          </Show>
          <div class="dock" data-foot>
            <div class="measure">
              <Show when={app.state.safety.notSaving}>
                {(reason) => (
                  <Notice
                    kind="danger"
                    icon={circleAlert}
                    lead={text("safety.notSavingWhy", { reason: reason() })}
                    testid="not-saving"
                    actions={
                      <Show when={app.can("health")}>
                        <Button small kind="quiet" onClick={() => app.go({ page: "health" })}>
                          {text("home.openHealth")}
                        </Button>
                      </Show>
                    }
                  />
                )}
              </Show>
              <Show when={conversation()}>
                {(shown) => (
                  <>
                    <Show when={props.conversation.state.error}>{(error) => <OutOfStep message={error().message} onOpen={() => void props.conversation.open(session)} />}</Show>
                    <Notices status={shown().status} engine={props.engine} folder={props.folder} actions={failureActions} />
                    <Asks conversation={shown()} />
                  </>
                )}
              </Show>
              <Show when={app.can("stopped") && props.folder}>{(folder) => <BoxNotes folder={folder()} />}</Show>
              {around.dock?.(session)}
              <Show when={props.row.parent === null} fallback={<p class="dock-note subtle small">{text("conversation.subagentNote")}</p>}>
                <Show when={app.can("compose")} fallback={around.silent?.()}>
                  <Show when={waiting().length > 0}>
                    <Suspense>
                      <Queue app={app} session={session} busy={busy()} onEmpty={focusDraft} onLost={addToDraft} />
                    </Suspense>
                  </Show>
                  <Composer
                    parts={parts}
                    context={context}
                    draft={draft.draft()}
                    onDraft={(typed) => draft.write(typed)}
                    onRecall={(prompt) => draft.show(prompt)}
                    onSend={async (prompt) => {
                      await send(prompt, parts?.files.ids());
                      draft.sent(prompt);
                    }}
                    busy={busy()}
                    stopping={conversation()?.status.state.kind === "stopping"}
                    {...(conversation()?.status.state.kind === "retrying" || !app.can("stop") ? {} : { onStop: thread.stop })}
                    agents={props.agents}
                    agent={chosenAgent()}
                    onAgent={(name) => setAgent(name)}
                    models={props.models}
                    model={chosenModel()}
                    onModel={(id) => setModel(id)}
                    placeholder={text(busy() ? "composer.addToTurn" : history().length > 0 ? "composer.hint" : "composer.first")}
                    autofocus={!around.phone?.()}
                    disabledReason={notYet()}
                    history={history()}
                    contextUsed={conversation()?.status.contextUsed ?? 0}
                    contextSize={conversation()?.status.contextSize ?? 0}
                    cost={conversation()?.status.usage.cost ?? 0}
                    picker={picker()}
                    onPicker={setPicker}
                    fixedModel={!app.can("chooseModel")}
                  />
                </Show>
              </Show>
            </div>
          </div>
        </main>
        <Show when={reviewOpen() && conversation()}>
          {(shown) => (
            <Suspense>
              <ReviewPlace conversation={shown()} over={narrow()} onClose={toggleReview} />
            </Suspense>
          )}
        </Show>
        <Show when={goingBack?.asked()} keyed>
          {(asked) => (
            <Suspense>
              <Show when={goingBack}>{(going) => <GoingBackDialog asked={asked} goingBack={going()} />}</Show>
            </Suspense>
          )}
        </Show>
      </LinkProvider>
    </ThreadProvider>
  );
}

/** A press on a link with another button than the first would open a window of its own. */
function onAuxClick(press: MouseEvent): void {
  if (press.target instanceof Element && press.target.closest("a")) press.preventDefault();
}

/** The review beside the conversation, or over it where there is no room; there Escape closes it and the focus goes back. */
function ReviewPlace(props: { conversation: Conversation; over: boolean; onClose(): void }) {
  const before = document.activeElement;
  createEffect(() => props.over && useLayer(() => props.onClose()));
  onCleanup(() => props.over && before instanceof HTMLElement && before.focus());
  return (
    <div class={props.over ? "review-scrim" : "review-beside"} onPointerDown={(press) => props.over && press.target === press.currentTarget && props.onClose()}>
      <ReviewPanel conversation={props.conversation} over={props.over} onClose={() => props.onClose()} />
    </div>
  );
}

function NotThere(props: { conversation: OpenConversation; session: string }) {
  const { state } = props.conversation;
  return (
    <div class="scroll">
      <div class="measure transcript">
        <Show
          when={state.error}
          fallback={
            <div class="thread-skeletons" role="status" aria-label={text("conversation.loading")}>
              <span class="skeleton sk-box" />
              <span class="skeleton sk-2" />
              <span class="skeleton sk-1" />
              <span class="skeleton sk-3" />
            </div>
          }
        >
          {(error) => (
            <div class="empty" role="alert" data-testid="open-failed">
              <h2 class="group-title">{text("conversation.openFailed")}</h2>
              <p>{openFailedWords(error())}</p>
              <Button onClick={() => void props.conversation.open(props.session)}>{text("conversation.openAgain")}</Button>
            </div>
          )}
        </Show>
      </div>
    </div>
  );
}

/** Codes of what fails because the engine is not there: the thread itself is kept by it, on this computer. */
const engineCodes = new Set<ApiError["code"]>(["engineNotReady", "outcomeUnknown"]);

/** Why a thread does not open, and what that means for it. Of one that is gone nothing more can be said. */
function openFailedWords({ code, message }: ApiError): string {
  if (code === "notFound") return message;
  return text(engineCodes.has(code) ? "conversation.openFailedEngine" : "conversation.openFailedBody", { reason: message });
}

/** What is shown may be behind: it could not be brought up to date. */
function OutOfStep(props: { message: string; onOpen(): void }) {
  return (
    <div class="notice notice--warn" role="alert" data-testid="out-of-step">
      <div class="notice-text">
        <p class="muted">{props.message}</p>
      </div>
      <div class="actions">
        <Button small onClick={() => props.onOpen()}>
          {text("conversation.openAgain")}
        </Button>
      </div>
    </div>
  );
}
