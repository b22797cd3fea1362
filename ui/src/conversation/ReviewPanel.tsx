import { createEffect, createMemo, createSignal, For, Match, on, Show, Suspense, Switch } from "solid-js";
import { toApiError, type Conversation } from "../backend";
import { Button } from "../design/Button";
import { IconButton } from "../design/IconButton";
import { x } from "../design/icons";
import { shortcutLabel } from "../shell/keys";
import { text } from "../strings";
import { byFile, changesOf, totals, type ChangedFile, type SourcedChange } from "./changes";
import { Counts } from "./Counts";
import { DiffView } from "./lazyParts";
import { useThread } from "./thread";
import { lastPrompt } from "./turns";
import { isRunning } from "./TurnView";

type Since = "turn" | "thread";

/** What the agent changed, file by file. */
export function ReviewPanel(props: { conversation: Conversation; over: boolean; onClose(): void }) {
  const thread = useThread();
  const [since, setSince] = createSignal<Since>("thread");
  const [turn, setTurn] = createSignal<SourcedChange[]>();
  const [error, setError] = createSignal<string>();
  const [wanted, setWanted] = createSignal<string>();

  const ofThread = createMemo(() => changesOf(props.conversation.messages));
  const files = createMemo(() => byFile(since() === "thread" ? ofThread() : (turn() ?? [])));
  const sums = createMemo(() => totals(files()));
  const file = createMemo(() => files().find((other) => other.path === wanted()) ?? files()[0]);

  let asked = 0;
  const readTurn = async () => {
    const prompt = lastPrompt(props.conversation);
    asked += 1;
    const mine = asked;
    setError(undefined);
    if (!prompt) {
      setTurn([]);
      return;
    }
    try {
      const changes = await thread.backend.commands.turnChanges({ session: thread.session(), message: prompt.id });
      if (mine === asked) setTurn(changes.map((diff, index): SourcedChange => ({ diff, source: { kind: "turn", message: prompt.id, index, path: diff.path, bytes: diff.bytes } })));
    } catch (thrown) {
      if (mine === asked) setError(toApiError(thrown).message);
    }
  };
  // Read anew whenever an edit was made or the turn ended, which is when it can have changed.
  createEffect(
    on([since, () => ofThread().length, () => isRunning(props.conversation.status), () => lastPrompt(props.conversation)?.id], ([chosen]) => {
      if (chosen === "turn") void readTurn();
    }),
  );

  return (
    <aside class="review" classList={{ "review--over": props.over }} aria-label={text("review.label")} data-pane data-testid="review">
      <header class="pane-header pane-header--tight">
        <h2 class="pane-title">{text("review.title")}</h2>
        <span class="grow" />
        <IconButton icon={x} label={text("review.close")} shortcut={shortcutLabel("review", thread.platform)} onClick={() => props.onClose()} />
      </header>
      <div class="review-bar">
        <span>{text("review.files", { count: files().length })}</span>
        <Counts additions={sums().additions} deletions={sums().deletions} />
        <span class="grow" />
        <span class="segmented segmented--quiet segmented--small" role="group" aria-label={text("review.since")}>
          <button type="button" aria-pressed={since() === "turn"} onClick={() => setSince("turn")}>
            {text("review.turn")}
          </button>
          <button type="button" aria-pressed={since() === "thread"} onClick={() => setSince("thread")}>
            {text("review.thread")}
          </button>
        </span>
      </div>
      <Switch>
        <Match when={since() === "turn" && error()}>
          {(reason) => (
            <div class="review-note empty" role="alert">
              <p>{text("review.failed", { reason: reason() })}</p>
              <Button small onClick={() => void readTurn()}>
                {text("review.again")}
              </Button>
            </div>
          )}
        </Match>
        <Match when={since() === "turn" && turn() === undefined}>
          <div class="review-note empty" role="status">
            <p>{text("review.loading")}</p>
          </div>
        </Match>
        <Match when={files().length === 0}>
          <div class="review-note empty">
            <h3>{text("review.emptyTitle")}</h3>
            <p>{text(since() === "turn" ? "review.emptyTurn" : "review.emptyThread")}</p>
          </div>
        </Match>
        <Match when={file()}>
          {(shown) => (
            <>
              <FileList files={files()} chosen={shown().path} onChoose={setWanted} />
              <div class="diff-head">
                <span class="strong truncate" title={shown().path}>
                  {shown().path}
                </span>
              </div>
              <Show when={shown()} keyed>
                {(diff) => (
                  <Suspense>
                    <DiffView path={diff.path} changes={diff.changes} />
                  </Suspense>
                )}
              </Show>
            </>
          )}
        </Match>
      </Switch>
    </aside>
  );
}

function FileList(props: { files: ChangedFile[]; chosen: string; onChoose(path: string): void }) {
  let list: HTMLDivElement | undefined;
  const move = (by: number) => {
    const at = props.files.findIndex((file) => file.path === props.chosen);
    const next = (at + by + props.files.length) % props.files.length;
    const path = props.files[next]?.path;
    if (path === undefined) return;
    props.onChoose(path);
    list?.querySelectorAll<HTMLElement>("[role='option']")[next]?.focus();
  };
  const onKeyDown = (press: KeyboardEvent) => {
    const keys: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
    const by = keys[press.key];
    if (by === undefined || press.ctrlKey || press.altKey || press.metaKey) return;
    press.preventDefault();
    move(by);
  };
  return (
    <div class="files" role="listbox" aria-label={text("review.list")} ref={(element) => (list = element)} onKeyDown={onKeyDown}>
      <For each={props.files}>
        {(file) => {
          const cut = file.path.lastIndexOf("/") + 1;
          return (
            <button
              type="button"
              class="file"
              role="option"
              aria-selected={file.path === props.chosen}
              tabindex={file.path === props.chosen ? 0 : -1}
              onClick={() => props.onChoose(file.path)}
            >
              <span class="path">
                <span class="dir">{file.path.slice(0, cut)}</span>
                {file.path.slice(cut)}
              </span>
              <span class="stat">
                <Counts additions={file.additions} deletions={file.deletions} />
              </span>
            </button>
          );
        }}
      </For>
    </div>
  );
}
