import { createEffect, createMemo, createSignal, on, Show, Match, Switch } from "solid-js";
import { toApiError, type HunkPlace, type OpenedGap, type ReviewFile, type ReviewPage, type ReviewRow } from "../backend";
import { Button } from "../design/Button";
import { arrowDown, arrowUp, arrowUpRight, ellipsis, undo2 } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { Menu } from "../design/Menu";
import { Pages } from "../conversation/Pages";
import { createAsked } from "../state/asked";
import { byteSize } from "../strings/format";
import { reviewText as text } from "../strings/review";
import { CommentForm } from "./CommentForm";
import { commentsOf } from "./comments";
import { statusWords } from "./FileList";
import { isSame, shapeOf } from "./hunks";
import { keepFocus } from "./keepFocus";
import { look } from "./look";
import { everyGap, lastQuoted, quotedLines } from "./quotes";
import type { Review } from "./review";
import { Rows, type RowDeeds } from "./Rows";
import { visiblePath } from "./visible";

/** The height of a line, in CSS pixels. */
const lineHeight = 20;

/** Rows of a page when it is full. */
const fullPage = 100;

/** Lines from which on a change is not shown before it is asked for. */
const large = 2_000;

/** Unchanged lines that are shown with one press. */
const step = 20;

/** What the parts of the window can have a file's view do. */
export interface FileDeeds {
  hunk(by: number): void;
  comment(): void;
  revertHunk(): void;
  copyHunk(): void;
}

/** A changed file: what became of it, and its lines. */
export function FileView(props: { review: Review; file: ReviewFile; deeds(offer: FileDeeds): void }) {
  const { review } = props;
  const { thread } = review;
  const [opened, setOpened] = createSignal<readonly OpenedGap[]>([]);
  const [shown, setShown] = createSignal(false);
  /** The change that is gone through just now. */
  const [chosen, setChosen] = createSignal<HunkPlace>();
  const [menu, setMenu] = createSignal<DOMRect>();
  /** What changed when gaps were opened: they are numbered, and a change more gives them other numbers. */
  let openedIn = "";
  /** How far down it was looked. */
  let seen = 0;
  let scroller: HTMLDivElement | undefined;
  let head: HTMLDivElement | undefined;
  let trigger: HTMLButtonElement | undefined;

  const path = () => props.file.path;
  const range = () => review.begun[path()];
  /** Other lines for the words that are being written, or for new ones; without lines there are no words. */
  const setRange = (lines?: { from: number; to: number }) => review.setBegun(path(), lines && { from: lines.from, to: lines.to, words: range()?.words ?? "" });
  createEffect(
    on(path, () => {
      // The same list where nothing was opened, so that the file is not asked for twice.
      setOpened((all) => (all.length > 0 ? [] : all));
      setShown(false);
      setChosen(undefined);
      seen = 0;
    }),
  );
  const wanted = () => ({ path: path(), look: look(), opened: opened(), reading: review.reading() });
  const ask = (page: number) => {
    const scope = review.wire();
    if (!scope) return Promise.reject(new Error(text("review.emptyTurn")));
    return thread.backend.commands.reviewPage({ session: thread.session(), scope, path: path(), look: { ...look(), opened: [...opened()] }, page });
  };
  const first = createAsked(wanted, async ({ path: asked }): Promise<{ path: string; page?: ReviewPage; error?: string }> => {
    try {
      const found = await ask(0);
      // Asked once more without them; this answer is an older one by then.
      if (asked === path() && opened().length > 0 && shapeOf(found) !== openedIn) setOpened([]);
      return { path: asked, page: found };
    } catch (thrown) {
      return { path: asked, error: toApiError(thrown).message };
    }
  });
  // Until those of this file are there, none are shown: lines of another one must not stand under its name.
  const answered = () => (first.value()?.path === path() ? first.value() : undefined);
  // What is the same as before stays in the document, with the focus and what is selected in it.
  const page = createMemo((before: ReviewPage | undefined) => {
    const now = answered()?.page;
    return before && now && JSON.stringify(before) === JSON.stringify(now) ? before : now;
  });
  /** The change that is gone through, where it is now: one more above it gives it another place. */
  const hunk = createMemo(() => {
    const known = chosen();
    const index = known ? (page()?.hunks ?? []).findIndex((place) => isSame(place, known)) : -1;
    return index < 0 ? undefined : index;
  });
  /** The change that a key is about: the one that is gone through, or the only one. */
  const meant = () => hunk() ?? (page()?.hunks.length === 1 ? 0 : undefined);
  const lines = () => (props.file.additions ?? 0) + (props.file.deletions ?? 0);
  const held = () => lines() > large && !shown();

  const comments = createMemo(() => commentsOf(thread.draft?.text() ?? "").filter((comment) => comment.path === path()));
  const revert = (index: number) => {
    const place = page()?.hunks[index];
    if (place) void review.ask(path(), place);
  };
  const copyHunk = (index: number) => {
    const place = page()?.hunks[index];
    if (place) void review.copy({ kind: "hunk", path: path(), hunk: place });
  };
  keepFocus(page, () => ({ scroller, list: head?.closest(".review")?.querySelector<HTMLElement>(".files") }));
  const withMeant = (run: (index: number) => void) => {
    const index = meant();
    if (index === undefined) review.tell.show(text("review.chooseHunk"));
    else run(index);
  };
  const open = (gap: number, which: "first" | "last" | "all") => {
    openedIn = shapeOf(page());
    setOpened((all) => {
      const known = all.find((other) => other.gap === gap) ?? { gap, first: 0, last: 0 };
      const more = which === "all" ? { ...known, first: 4_000_000 } : { ...known, [which]: known[which] + step };
      return [...all.filter((other) => other.gap !== gap), more];
    });
  };
  const goTo = (by: number) => {
    const hunks = page()?.hunks ?? [];
    if (hunks.length === 0 || !scroller) return;
    const at = hunk();
    const next = at === undefined ? (by > 0 ? 0 : hunks.length - 1) : Math.min(Math.max(at + by, 0), hunks.length - 1);
    setChosen(hunks[next]);
    // Where it is by the usual height of a line, and then where it was drawn.
    const find = () => scroller?.querySelector<HTMLElement>(`[data-hunk="${next}"]`);
    if (!find()) scroller.scrollTop = Math.max(0, ((hunks[next]?.row ?? 0) - 4) * lineHeight);
    requestAnimationFrame(() => find()?.scrollIntoView?.({ block: "center" }));
  };
  const comment = () => {
    const place = page()?.hunks[hunk() ?? 0];
    if (!thread.draft || !place) return;
    setRange({ from: place.newStart, to: Math.max(place.newStart, place.newStart + place.newLines - 1) });
  };
  props.deeds({ hunk: goTo, comment, revertHunk: () => withMeant(revert), copyHunk: () => withMeant(copyHunk) });

  const deeds: RowDeeds = {
    current: hunk,
    commented: (line) => {
      const begun = range();
      return (begun !== undefined && line >= begun.from && line <= begun.to) || comments().some((known) => line >= known.from && line <= known.to);
    },
    canRevert: () => page()?.canRevert === true && page()?.body === "whole",
    revert,
    copy: copyHunk,
    comment: (line, extend) => {
      if (!thread.draft) return;
      const begun = range();
      setRange(extend && begun ? { from: Math.min(begun.from, line), to: Math.max(begun.to, line) } : { from: line, to: line });
    },
    open,
  };
  /** The lines of a range that a quote is made of, where all of them are drawn. */
  const drawn = (from: number, to: number): string[] | undefined => {
    const found: string[] = [];
    for (let line = from; line <= lastQuoted(from, to); line += 1) {
      const row = scroller?.querySelector(`[data-line="${line}"]`)?.closest(".line");
      if (!row) return undefined;
      found.push(row.querySelector(".code")?.textContent ?? "");
    }
    return found;
  };
  /** The lines of a range; of one that was typed they may be anywhere in the file. */
  const quoted = async (about: string, from: number, to: number): Promise<string[]> => {
    const scope = review.wire();
    if (!scope) return [];
    const opens = everyGap(page()?.hunks.length ?? 0);
    const whole = { session: thread.session(), scope, path: about, look: { split: false, ignoreWhitespace: false, opened: opens } };
    return quotedLines((index) => thread.backend.commands.reviewPage({ ...whole, page: index }), from, to);
  };
  const [quoting, setQuoting] = createSignal(false);
  /** Puts words about lines into the prompt, with the lines. They stay where they were written until that is done. */
  const addComment = async ({ from, to }: { from: number; to: number }, words: string) => {
    if (quoting()) return;
    const about = path();
    let found = drawn(from, to);
    if (!found) {
      setQuoting(true);
      // Without its lines it still says which they are.
      found = await quoted(about, from, to).catch((): string[] => []);
      setQuoting(false);
      if (found.length <= lastQuoted(from, to) - from) review.tell.show(text("review.notQuoted"));
    }
    // What was written on while the lines were read goes along.
    thread.draft?.comment({ path: about, from, to, quoted: found, words: review.begun[about]?.words ?? words });
    review.setBegun(about, undefined);
    if (about === path()) scroller?.focus();
  };
  const firstLine = () => page()?.hunks[hunk() ?? 0]?.newStart ?? null;
  const sizes = () => {
    const [before, after] = [page()?.oldBytes ?? null, page()?.newBytes ?? null];
    if (before !== null && after !== null) return text("review.sizes", { before: byteSize(before), after: byteSize(after) });
    if (after !== null) return text("review.sizeNow", { size: byteSize(after) });
    return before === null ? "" : text("review.sizeBefore", { size: byteSize(before) });
  };

  return (
    <>
      <div class="diff-head" ref={(element) => (head = element)}>
        <span class="strong truncate" data-testid="file-path" title={visiblePath(path())}>
          {visiblePath(path())}
        </span>
        <span class="subtle truncate diff-status">{statusWords(props.file)}</span>
        <span class="grow" />
        <IconButton icon={arrowUp} label={text("review.previousHunk")} shortcut="P" onClick={() => goTo(-1)} />
        <IconButton icon={arrowDown} label={text("review.nextHunk")} shortcut="N" onClick={() => goTo(1)} />
        <Show when={page()?.canRevert && !review.list()?.more}>
          <IconButton icon={undo2} label={text("review.revertFile")} data-testid="revert-file" onClick={() => void review.ask(path(), null)} />
        </Show>
        <IconButton icon={arrowUpRight} label={text("review.open")} onClick={() => void review.open(path(), firstLine())} />
        <IconButton icon={ellipsis} label={text("review.fileMore", { path: visiblePath(path()) })} aria-haspopup="menu" ref={(element: HTMLButtonElement) => (trigger = element)} onClick={(press) => setMenu(press.currentTarget.getBoundingClientRect())} />
        <Show when={menu()}>
          {(anchor) => (
            <Menu
              label={text("review.fileMore", { path: visiblePath(path()) })}
              anchor={anchor()}
              trigger={trigger}
              onClose={() => setMenu(undefined)}
              entries={[
                { label: text("review.copyFile"), run: () => void review.copy({ kind: "file", path: path() }) },
                { label: text("review.copyPath"), run: () => void review.copyText(path(), text("review.copied")) },
                ...(thread.draft ? [{ label: text("review.comment"), meta: "C", run: comment }] : []),
              ]}
            />
          )}
        </Show>
      </div>
      <Switch>
        <Match when={answered()?.error}>
          {(reason) => (
            <div class="review-note empty" role="alert">
              <p>{text("review.failed", { reason: reason() })}</p>
              <Button small onClick={() => first.again()}>
                {text("review.again")}
              </Button>
            </div>
          )}
        </Match>
        <Match when={!page()}>
          <div class="review-note empty" role="status">
            <p>{text("review.loading")}</p>
          </div>
        </Match>
        <Match when={page()?.body === "binary" || page()?.body === "tooLarge" || page()?.body === "noLines"}>
          <div class="review-note empty" data-testid="review-no-lines">
            <p>{text(page()?.body === "binary" ? "review.binaryBody" : page()?.body === "tooLarge" ? "review.tooLarge" : "review.noLines")}</p>
            <p class="tnum">{sizes()}</p>
          </div>
        </Match>
        <Match when={held()}>
          <div class="review-note empty" data-testid="review-large">
            <p>{text("review.large", { count: lines() })}</p>
            <p class="tnum">{sizes()}</p>
            <Button small onClick={() => setShown(true)}>
              {text("review.showLarge")}
            </Button>
          </div>
        </Match>
        <Match when={page()}>
          <Show when={page()?.body === "parts"}>
            <p class="diff-note">{text("review.parts")}</p>
          </Show>
          <div class="diff" classList={{ "diff--split": look().split }} role="region" aria-label={text("review.lines", { path: path() })} tabindex="0" data-testid="diff" ref={(element) => (scroller = element)}>
            <div class="diff-table">
              <Show when={page()?.hunks.length !== 0} fallback={<p class="diff-note">{text(look().ignoreWhitespace && lines() > 0 ? "review.onlyWhitespace" : "review.noDifference")}</p>}>
                <Show when={page()} keyed>
                  {(known) => (
                    <Pages
                      scroller={() => scroller}
                      count={known.pages}
                      estimate={(index) => lineHeight * (index === known.pages - 1 ? Math.max(1, known.total - index * fullPage) : fullPage)}
                      known={(index) => (index === 0 ? known.rows : undefined)}
                      top={seen}
                      onScroll={(top) => (seen = top)}
                      load={async (index): Promise<ReviewRow[]> => (await ask(index)).rows}
                    >
                      {(rows, index) => <Rows rows={rows} split={look().split} before={hunkBefore(known, index)} deeds={deeds} />}
                    </Pages>
                  )}
                </Show>
              </Show>
            </div>
          </div>
          <Show when={range()}>
            {(begun) => (
              <CommentForm
                path={path()}
                from={begun().from}
                to={begun().to}
                words={begun().words}
                onWords={(words) => review.setBegun(path(), { from: begun().from, to: begun().to, words })}
                onRange={(from, to) => setRange({ from, to })}
                onCancel={() => (setRange(), scroller?.focus())}
                onAdd={(words) => void addComment({ from: begun().from, to: begun().to }, words)}
              />
            )}
          </Show>
        </Match>
      </Switch>
    </>
  );
}

/** The hunk that the rows before a page end in, so that its actions do not stand there twice. */
function hunkBefore(known: ReviewPage, page: number): number | null {
  const index = known.hunks.findLastIndex((place) => place.page < page);
  return index < 0 ? null : index;
}
