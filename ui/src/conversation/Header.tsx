import { createMemo, createSignal, Show, type JSX } from "solid-js";
import type { Conversation, Folder, SessionRow } from "../backend";
import { may, type Ability } from "../backend/abilities";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { chevronLeft, fileDiff, flaskConical, folder as folderIcon, gitFork, panelRight, pencil, search } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { FolderNote } from "../shell/FolderNote";
import { useDeeds } from "../shell/deeds";
import { ReachButton } from "../shell/ReachButton";
import { shortcutLabel, threadKeyLabel } from "../shell/keys";
import { threadTitle } from "../shell/threadTitle";
import { text } from "../strings";
import { changesOf, totals } from "./changes";
import { Counts } from "./Counts";
import { useThread } from "./thread";

/** The thread's title, its folder and the way to what it changed. */
export function Header(props: {
  row: SessionRow;
  folder: Folder | undefined;
  conversation: Conversation | null;
  narrow: boolean;
  reviewOpen: boolean;
  onReview(): void;
  onRename(title: string): Promise<void>;
}) {
  const thread = useThread();
  const sums = createMemo(() => totals(changesOf(props.conversation?.messages ?? []).map(({ diff }) => diff)));
  const can = (deed: Ability) => may(thread.backend, deed);
  const label = () => text(props.reviewOpen ? "conversation.hideReview" : "conversation.showReview");
  return (
    <header class="pane-header">
      <Show when={props.row.parent === null && thread.home}>{(home) => <IconButton class="to-home" icon={chevronLeft} label={text("session.goHome")} data-testid="to-home" onClick={() => home()()} />}</Show>
      <Show when={props.row.parent}>
        {(parent) => (
          <Button small kind="quiet" class="back" data-testid="back-to-parent" onClick={() => thread.openSession(parent())}>
            <Icon path={chevronLeft} small />
            {text("conversation.backToParent")}
          </Button>
        )}
      </Show>
      <Title title={threadTitle(props.row)} written={props.row.title} fixed={props.row.parent !== null || !can("rename")} onRename={props.onRename}>
        <Show when={props.folder}>
          {(folder) => (
            <div class="crumbs">
              <span title={folder().path}>
                <Icon path={folder().kind === "sandbox" ? flaskConical : folderIcon} small />
                <span class="truncate">{folder().label}</span>
              </span>
              <FolderNote folder={folder()} compact />
              <ReachButton folder={folder()} sign />
            </div>
          )}
        </Show>
      </Title>
      <span class="grow" />
      <Show when={thread.goingBack}>{(going) => <IconButton icon={gitFork} label={text("conversation.forkThread")} data-testid="fork" onClick={() => void going().fork(null)} />}</Show>
      <Show when={can("find")}>
        <IconButton icon={search} label={text("find.open")} shortcut={threadKeyLabel("find", thread.platform)} data-testid="find-open" onClick={() => thread.find?.()} />
      </Show>
      <Show when={can("review")}>
        <Show
          when={props.narrow}
          fallback={
            <IconButton
              icon={panelRight}
              label={label()}
              shortcut={shortcutLabel("review", thread.platform)}
              aria-pressed={props.reviewOpen}
              data-testid="review-toggle"
              onClick={() => props.onReview()}
            />
          }
        >
          <Button small aria-expanded={props.reviewOpen} data-testid="review-toggle" onClick={() => props.onReview()}>
            <Icon path={fileDiff} small />
            {text("conversation.review")}
            <Counts additions={sums().additions} deletions={sums().deletions} />
          </Button>
        </Show>
      </Show>
    </header>
  );
}

function Title(props: { title: string; written: string; fixed: boolean; children: JSX.Element; onRename(title: string): Promise<void> }) {
  const [writing, setWriting] = createSignal<string>();
  let settled = false;
  const begin = () => {
    settled = false;
    setWriting(props.written);
  };
  useDeeds({
    get rename() {
      return props.fixed ? undefined : begin;
    },
  });
  const end = (save: boolean) => {
    const wanted = writing()?.trim();
    // Leaving the field by Enter or Escape also blurs it; the first one counts.
    if (settled || wanted === undefined) return;
    settled = true;
    setWriting(undefined);
    if (save && wanted !== "" && wanted !== props.written) void props.onRename(wanted);
  };
  return (
    <Show
      when={writing() !== undefined}
      fallback={
        <>
          <h1 class="pane-title truncate" title={props.title} onDblClick={() => !props.fixed && begin()}>
            {props.title}
          </h1>
          {props.children}
          <Show when={!props.fixed}>
            <IconButton class="rename" icon={pencil} label={text("conversation.rename")} data-testid="rename" onClick={begin} />
          </Show>
        </>
      }
    >
      <input
        class="input title-input"
        aria-label={text("conversation.titleLabel")}
        maxlength="200"
        value={writing()}
        data-testid="title-input"
        ref={(element) =>
          queueMicrotask(() => {
            element.focus();
            element.select();
          })
        }
        onInput={(typed) => setWriting(typed.currentTarget.value)}
        onBlur={() => end(true)}
        onKeyDown={(press) => {
          if (isComposing(press) || (press.key !== "Enter" && press.key !== "Escape")) return;
          press.preventDefault();
          end(press.key === "Enter");
        }}
      />
    </Show>
  );
}
