import { createSignal, Show } from "solid-js";
import type { GitState } from "../backend";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { Dialog } from "../design/Dialog";
import { Icon } from "../design/Icon";
import { chevronDown, gitBranch } from "../design/icons";
import { Menu } from "../design/Menu";
import { offButton } from "../design/offButton";
import { reviewText as text } from "../strings/review";
import type { Review } from "./review";

type Repository = Extract<GitState, { kind: "repository" }>;

/** Where the repository stands: its branch, and what it is ahead and behind. */
export function GitBar(props: { review: Review; git: Repository; onNewBranch(): void }) {
  const [menu, setMenu] = createSignal<DOMRect>();
  let trigger: HTMLButtonElement | undefined;
  const off = offButton(
    () => props.review.busy(),
    (element) => (trigger = element),
  );
  const name = () => props.git.branch ?? text("review.detached", { commit: props.git.head ?? "–" });
  return (
    <div class="git-bar" data-testid="git-bar">
      <button
        type="button"
        class="button button--quiet button--small truncate"
        aria-haspopup="menu"
        aria-label={text("review.branch", { branch: name() })}
        data-testid="git-branch"
        {...off}
        onClick={(press) => setMenu(press.currentTarget.getBoundingClientRect())}
      >
        <Icon path={gitBranch} small />
        <span class="truncate">{name()}</span>
        <Icon path={chevronDown} small />
      </button>
      <Show when={props.git.ahead > 0}>
        <span class="subtle tnum">{text("review.ahead", { count: props.git.ahead })}</span>
      </Show>
      <Show when={props.git.behind > 0}>
        <span class="subtle tnum">{text("review.behind", { count: props.git.behind })}</span>
      </Show>
      <Show when={props.git.conflicts > 0}>
        <span class="is-danger tnum">{text("review.conflicts", { count: props.git.conflicts })}</span>
      </Show>
      <Show when={menu()}>
        {(anchor) => (
          <Menu
            label={text("review.branches")}
            anchor={anchor()}
            trigger={trigger}
            onClose={() => setMenu(undefined)}
            entries={[
              { label: text("review.newBranch"), run: () => props.onNewBranch() },
              ...props.git.branches.map((branch, index) => ({ label: branch, checked: branch === props.git.branch, separated: index === 0, run: () => void (branch !== props.git.branch && props.review.branch(branch, false)) })),
              ...(props.git.moreBranches ? [{ label: text("review.moreBranches"), disabled: true, separated: true, run: () => {} }] : []),
            ]}
          />
        )}
      </Show>
    </div>
  );
}

/** Asks for the name of a new branch. */
export function BranchDialog(props: { review: Review; onClose(): void }) {
  const [name, setName] = createSignal("");
  const make = async () => {
    if (name().trim() === "" || props.review.busy()) return;
    if (await props.review.branch(name().trim(), true)) props.onClose();
  };
  return (
    <Dialog
      title={text("review.newBranchTitle")}
      onClose={() => props.onClose()}
      actions={
        <>
          <Button onClick={() => props.onClose()}>{text("review.commentCancel")}</Button>
          <Button kind="primary" disabled={name().trim() === "" || props.review.busy()} data-testid="branch-make" onClick={() => void make()}>
            {text("review.makeBranch")}
          </Button>
        </>
      }
    >
      <label class="field">
        <span class="label">{text("review.branchName")}</span>
        <input class="input" autofocus maxlength="250" spellcheck={false} data-testid="branch-name" onInput={(typed) => setName(typed.currentTarget.value)} on:keydown={(press) => press.key === "Enter" && !isComposing(press) && void make()} />
      </label>
    </Dialog>
  );
}

/** Asks what a commit does, and says what git or a hook says when it is refused. */
export function CommitDialog(props: { review: Review; staged: number; onDone(): void; onClose(): void }) {
  const { message, setMessage } = props.review;
  const [said, setSaid] = createSignal<string>();
  /** Files of the same repository beside the folder: they are in none of its lists. */
  const elsewhere = () => {
    const files = props.review.files();
    return files.length < (props.review.list()?.total ?? 0) ? 0 : Math.max(0, props.staged - files.filter(({ staged }) => staged !== "none").length);
  };
  const commit = async () => {
    if (message().trim() === "" || props.review.busy()) return;
    setSaid(undefined);
    const done = await props.review.commit();
    if (done?.done) props.onDone();
    else if (done) setSaid(done.said);
  };
  return (
    <Dialog
      title={text("review.commitTitle")}
      onClose={() => props.onClose()}
      actions={
        <>
          <Button onClick={() => props.onClose()}>{text("review.commentCancel")}</Button>
          <Button kind="primary" disabled={message().trim() === "" || props.review.busy()} data-testid="commit-now" onClick={() => void commit()}>
            {text(props.review.busy() ? "review.committing" : "review.commitNow")}
          </Button>
        </>
      }
    >
      <p>{text("review.commitBody", { count: props.staged })}</p>
      <Show when={elsewhere() > 0}>
        <p data-testid="commit-elsewhere">{text("review.commitElsewhere", { count: elsewhere() })}</p>
      </Show>
      <textarea
        class="input input--text"
        rows="4"
        autofocus
        maxlength="60000"
        aria-label={text("review.commitMessage")}
        placeholder={text("review.commitMessage")}
        data-testid="commit-message"
        value={message()}
        onInput={(typed) => setMessage(typed.currentTarget.value)}
        on:keydown={(press) => press.key === "Enter" && (press.ctrlKey || press.metaKey) && !isComposing(press) && void commit()}
      />
      <Show when={said()}>
        {(words) => (
          <div role="alert">
            <p class="is-danger">{text("review.commitRefused")}</p>
            <pre class="git-said">{words()}</pre>
          </div>
        )}
      </Show>
    </Dialog>
  );
}
