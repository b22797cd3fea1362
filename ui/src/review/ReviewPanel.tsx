import { createMemo, createSignal, For, Match, onMount, Show, Switch } from "solid-js";
import type { Conversation, GitState } from "../backend";
import { Counts } from "../conversation/Counts";
import { useThread } from "../conversation/thread";
import { Button } from "../design/Button";
import { IconButton } from "../design/IconButton";
import { columns2, ellipsis, pilcrow, x } from "../design/icons";
import { Menu } from "../design/Menu";
import { useDeeds } from "../shell/deeds";
import { shortcutLabel } from "../shell/keys";
import { useApp } from "../state/app";
import { reviewText as text } from "../strings/review";
import { commentsOf, withoutComment } from "./comments";
import { FileList } from "./FileList";
import { FileView, type FileDeeds } from "./FileView";
import { BranchDialog, CommitDialog, GitBar } from "./GitBar";
import { keepInside } from "./keepFocus";
import { chooseLook, look } from "./look";
import type { ScopeName } from "./memory";
import { RevertDialog } from "./RevertDialog";
import { createReview } from "./review";
import "./panel.css";
import { visiblePath } from "./visible";

const scopes: readonly ScopeName[] = ["turn", "session", "tree"];

/** Files that can be staged at once. */
const mostStaged = 10_000;

/** What a turn, a thread or the folder changed, file by file and line by line, and what a person does about it. */
export function ReviewPanel(props: { conversation: Conversation; over: boolean; onClose(): void }) {
  const app = useApp();
  const thread = useThread();
  const review = createReview(thread, () => props.conversation, app.toasts);
  const { list, files, file, scope } = review;
  const [menu, setMenu] = createSignal<DOMRect>();
  const [asking, setAsking] = createSignal<"branch" | "commit">();
  let fileDeeds: FileDeeds | undefined;
  let trigger: HTMLButtonElement | undefined;
  let place: HTMLElement | undefined;
  // Over the conversation it is what is gone on with; beside it, it takes the focus from nothing.
  onMount(() => setTimeout(() => props.over && place?.querySelector<HTMLElement>("button")?.focus()));

  const repository = createMemo(() => {
    const git = list()?.git;
    return git?.kind === "repository" ? git : undefined;
  });
  const lacking = createMemo((): Exclude<GitState, { kind: "repository" }> | undefined => {
    const git = list()?.git;
    return git && git.kind !== "repository" ? git : undefined;
  });
  const comments = createMemo(() => commentsOf(thread.draft?.text() ?? ""));
  const remove = (comment: ReturnType<typeof comments>[number]) => thread.draft?.write(withoutComment(thread.draft.text(), comment));
  keepInside(
    () => [list(), review.kept(), comments()],
    () => place,
  );
  const stageAll = (staged: boolean) => void review.stage(files().filter((each) => (staged ? each.staged !== "all" : each.staged !== "none")).slice(0, mostStaged), staged);
  const commit = () => ((repository()?.staged ?? 0) > 0 ? setAsking("commit") : app.toasts.show(text("review.nothingStaged")));
  const path = () => file()?.path;
  const withPath = (run: (path: string) => void) => {
    const chosen = path();
    if (chosen !== undefined) run(chosen);
  };

  useDeeds({
    changes: {
      has: () => files().length > 0,
      repository: () => repository() !== undefined,
      scope: (name) => review.setScope(name),
      split: () => chooseLook({ split: !look().split }),
      whitespace: () => chooseLook({ ignoreWhitespace: !look().ignoreWhitespace }),
      file: (by) => review.step(by),
      hunk: (by) => fileDeeds?.hunk(by),
      comment: thread.draft && (() => fileDeeds?.comment()),
      revertFile: () => withPath((chosen) => void review.ask(chosen, null)),
      revertHunk: () => fileDeeds?.revertHunk(),
      undo: () => {
        const [newest] = review.kept();
        if (newest) void review.undo(newest);
      },
      undoable: () => review.kept().length > 0,
      copyAll: () => void review.copy({ kind: "all" }),
      copyFile: () => withPath((chosen) => void review.copy({ kind: "file", path: chosen })),
      copyHunk: () => fileDeeds?.copyHunk(),
      copyPath: () => withPath((chosen) => void review.copyText(chosen, text("review.copied"))),
      open: () => withPath((chosen) => void review.open(chosen, null)),
      stageAll: () => stageAll(true),
      commit,
      branch: () => setAsking("branch"),
    },
  });

  const onKeyDown = (press: KeyboardEvent) => {
    if (press.ctrlKey || press.altKey || press.metaKey || press.shiftKey) return;
    if (press.target instanceof HTMLElement && press.target.closest("input, textarea, [role='menu']")) return;
    const keys: Record<string, () => void> = {
      j: () => review.step(1),
      k: () => review.step(-1),
      n: () => fileDeeds?.hunk(1),
      p: () => fileDeeds?.hunk(-1),
      c: () => fileDeeds?.comment(),
    };
    const run = keys[press.key];
    if (!run) return;
    press.preventDefault();
    run();
  };

  return (
    <aside class="review" classList={{ "review--over": props.over, "review--split": look().split }} aria-label={text("review.label")} data-pane data-testid="review" ref={(element) => (place = element)} onKeyDown={onKeyDown}>
      <header class="pane-header pane-header--tight">
        <h2 class="pane-title">{text("review.title")}</h2>
        <span class="grow" />
        <IconButton icon={pilcrow} label={text("review.whitespace")} aria-pressed={look().ignoreWhitespace} data-testid="review-whitespace" onClick={() => chooseLook({ ignoreWhitespace: !look().ignoreWhitespace })} />
        <IconButton icon={columns2} label={text("review.split")} aria-pressed={look().split} data-testid="review-split" onClick={() => chooseLook({ split: !look().split })} />
        <IconButton icon={ellipsis} label={text("review.more")} aria-haspopup="menu" ref={(element: HTMLButtonElement) => (trigger = element)} onClick={(press) => setMenu(press.currentTarget.getBoundingClientRect())} />
        <IconButton icon={x} label={text("review.close")} shortcut={shortcutLabel("review", thread.platform)} onClick={() => props.onClose()} />
        <Show when={menu()}>
          {(anchor) => (
            <Menu
              label={text("review.more")}
              anchor={anchor()}
              trigger={trigger}
              onClose={() => setMenu(undefined)}
              entries={[
                { label: text("review.refresh"), run: () => void review.read() },
                { label: text("review.copyAll"), disabled: files().length === 0, run: () => void review.copy({ kind: "all" }) },
                ...(repository() ? [{ label: text("review.stageAll"), separated: true, run: () => stageAll(true) }, { label: text("review.unstageAll"), run: () => stageAll(false) }] : []),
              ]}
            />
          )}
        </Show>
      </header>
      <div class="review-bar">
        <span>{text("review.files", { count: list()?.total ?? 0 })}</span>
        <Counts additions={list()?.additions ?? 0} deletions={list()?.deletions ?? 0} />
        <span class="grow" />
        <span class="segmented segmented--quiet segmented--small" role="group" aria-label={text("review.since")}>
          <For each={scopes}>
            {(name) => (
              <button type="button" aria-pressed={scope() === name} data-testid={`review-${name}`} onClick={() => review.setScope(name)}>
                {text(`review.${name}`)}
              </button>
            )}
          </For>
        </span>
      </div>
      <Show when={repository()}>{(git) => <GitBar review={review} git={git()} onNewBranch={() => setAsking("branch")} />}</Show>
      {/* What was read before stays where reading anew failed. */}
      <Show when={list() !== undefined && review.error()}>
        {(reason) => (
          <div class="diff-note" role="alert" data-testid="review-stale">
            {text("review.failed", { reason: reason() })}{" "}
            <Button small onClick={() => void review.read()}>
              {text("review.again")}
            </Button>
          </div>
        )}
      </Show>
      <Switch>
        <Match when={list() === undefined && review.error()}>
          {(reason) => (
            <div class="review-note empty" role="alert">
              <p>{text("review.failed", { reason: reason() })}</p>
              <Button small onClick={() => void review.read()}>
                {text("review.again")}
              </Button>
            </div>
          )}
        </Match>
        <Match when={list() === undefined}>
          <div class="review-note empty" role="status">
            <p>{text("review.loading")}</p>
          </div>
        </Match>
        <Match when={lacking()}>{(git) => <Lacking git={git()} onAgain={() => void review.read()} />}</Match>
        <Match when={files().length === 0}>
          <div class="review-note empty">
            <h3>{text("review.emptyTitle")}</h3>
            <p>{text(scope() === "turn" ? "review.emptyTurn" : scope() === "tree" ? "review.emptyTree" : "review.emptySession")}</p>
            <Show when={list()?.more}>
              <p>{text("review.olderLeftOut")}</p>
            </Show>
          </div>
        </Match>
        <Match when={file()}>
          {(chosen) => (
            <>
              <FileList files={files()} chosen={chosen().path} commits={repository() !== undefined} onChoose={review.choose} onStage={(each, staged) => void review.stage([each], staged)} />
              <Show when={(list()?.total ?? 0) > files().length}>
                <p class="diff-note">{text("review.notAll", { shown: files().length })}</p>
              </Show>
              <Show when={list()?.origin === "tools"}>
                <p class="diff-note">{text("review.toolsOnly")}</p>
              </Show>
              <Show when={list()?.more}>
                <p class="diff-note" data-testid="review-older">
                  {text("review.olderLeftOut")}
                </p>
              </Show>
              <FileView review={review} file={chosen()} deeds={(offer) => (fileDeeds = offer)} />
            </>
          )}
        </Match>
      </Switch>
      <Show when={review.kept()[0]} keyed>
        {(newest) => (
          <div class="review-kept" data-foot role="group" aria-label={text("review.keptLabel")}>
            <span class="truncate" title={newest.path}>
              {text(newest.hunk ? "review.revertedHunk" : "review.reverted", { path: visiblePath(newest.path) })}
            </span>
            <Button small kind="quiet" data-testid="review-undo" onClick={() => void review.undo(newest)}>
              {text("review.undo")}
            </Button>
          </div>
        )}
      </Show>
      <Show when={comments().length > 0}>
        <details class="review-comments" data-foot data-testid="review-comments">
          <summary>{text("review.comments", { count: comments().length })}</summary>
          <ul>
            <For each={comments()}>
              {(comment) => (
                <li>
                  <span class="truncate">{comment.place}</span>
                  <IconButton icon={x} label={text("review.commentRemove", { place: comment.place })} onClick={() => remove(comment)} />
                </li>
              )}
            </For>
          </ul>
        </details>
      </Show>
      <Show when={files().length > 0}>
        <footer class="review-foot" data-foot>
          <Show when={repository()} fallback={<span class="subtle small truncate">{text("review.hint")}</span>}>
            {(git) => (
              <>
                <span class="subtle small tnum grow">{text("review.toCommit", { count: git().staged })}</span>
                <Button small data-testid="review-commit" onClick={commit}>
                  {text("review.commit")}
                </Button>
              </>
            )}
          </Show>
        </footer>
      </Show>
      <Show when={review.asked()} keyed>
        {(asked) => <RevertDialog asked={asked} review={review} />}
      </Show>
      <Show when={asking() === "branch"}>
        <BranchDialog review={review} onClose={() => setAsking(undefined)} />
      </Show>
      <Show when={asking() === "commit"}>
        <CommitDialog
          review={review}
          staged={repository()?.staged ?? 0}
          onClose={() => setAsking(undefined)}
          onDone={() => {
            setAsking(undefined);
            app.toasts.show(text("review.committed"));
          }}
        />
      </Show>
    </aside>
  );
}

/** Why git tells nothing of the folder. */
function Lacking(props: { git: Exclude<GitState, { kind: "repository" }>; onAgain(): void }) {
  const words = (): [string, string] => {
    const { git } = props;
    if (git.kind === "none") return [text("review.noGitTitle"), text("review.noGit")];
    if (git.kind === "elsewhere") return [text("review.elsewhereTitle"), text("review.elsewhere", { path: git.path })];
    if (git.kind === "noBox") return [text("review.noBoxTitle"), text("review.noBox", { reason: git.reason })];
    return [text("review.gitFailedTitle"), text("review.gitFailed", { reason: git.reason })];
  };
  return (
    <div class="review-note empty" data-testid="review-no-git">
      <h3>{words()[0]}</h3>
      <p>{words()[1]}</p>
      <Show when={props.git.kind === "failed" || props.git.kind === "noBox"}>
        <Button small onClick={() => props.onAgain()}>
          {text("review.again")}
        </Button>
      </Show>
    </div>
  );
}
