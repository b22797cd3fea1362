import { createEffect, createResource, createSignal, For, Match, onCleanup, Show, Switch } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { toApiError, type AnsweredList, type AnsweredRow } from "../backend";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { check, messageCircleQuestionMark, x, type IconPath } from "../design/icons";
import { useApp } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { askRich, askText } from "../strings/asks";
import { fullTime, shortAge } from "../strings/format";

/** How long after something may have been answered the list is read again, and how far apart two readings are. Milliseconds: the core writes an answer down after it was given. */
const pause = 1000;

/** What was answered lately: what, where, by whom and by what. It is read again each minute and when something may have been answered. */
export function Answered() {
  const app = useApp();
  const now = createMinuteClock();
  const [asked, { refetch }] = createResource(() =>
    app.backend.commands.inboxAnswered().then(
      (list) => ({ list, error: undefined }),
      (thrown: unknown) => ({ list: undefined, error: toApiError(thrown).message }),
    ),
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  let more = false;
  const soon = () => {
    more = timer !== undefined;
    timer ??= setTimeout(() => {
      timer = undefined;
      void refetch();
      // What changed meanwhile may not have been written down yet.
      if (more) soon();
    }, pause);
  };
  // Rules and the policy answer without a row in the inbox: of that only the thread tells, which goes on. When this opens, the last answer may be on its way.
  createEffect(() => {
    now();
    for (const row of app.state.inbox.rows) void row.id;
    for (const row of app.state.sessions) void [row.mark, row.updated];
    soon();
  });
  window.addEventListener("focus", soon);
  onCleanup(() => {
    window.removeEventListener("focus", soon);
    clearTimeout(timer);
  });
  // What was read stays when reading it again fails, and a row that did not change keeps the focus.
  const [known, setKnown] = createStore<{ list: AnsweredList | undefined }>({ list: undefined });
  createEffect(() => {
    const list = asked.latest?.list;
    if (list) setKnown("list", reconcile(list, { key: "id" }));
  });
  const rows = () => known.list?.rows ?? [];
  const [wanted, setWanted] = createSignal<string>();
  const current = () => (rows().some((row) => row.id === wanted()) ? wanted() : rows()[0]?.id);
  let list: HTMLUListElement | undefined;
  const go = (place: number) => {
    const row = rows()[Math.max(0, Math.min(rows().length - 1, place))];
    if (!row) return;
    setWanted(row.id);
    [...(list?.querySelectorAll<HTMLElement>("button") ?? [])].find((button) => button.dataset["ask"] === row.id)?.focus();
  };
  const onKeyDown = (press: KeyboardEvent) => {
    if (press.ctrlKey || press.altKey || press.metaKey || isComposing(press)) return;
    const at = rows().findIndex((row) => row.id === current());
    const moves: Record<string, number> = { j: at + 1, ArrowDown: at + 1, k: at - 1, ArrowUp: at - 1, Home: 0, End: rows().length - 1 };
    const place = moves[press.key.length === 1 ? press.key.toLowerCase() : press.key];
    if (place === undefined) return;
    press.preventDefault();
    go(place);
  };
  return (
    <div class="scroll" aria-busy={asked.loading} data-testid="answered">
      <Show when={asked.latest?.error}>
        {(reason) => (
          <div class="inbox-note">
            <p class="error-text" role="alert">
              {askText("answered.failed", { reason: reason() })}
            </p>
            <Button onClick={() => void refetch()}>{askText("inbox.again")}</Button>
          </div>
        )}
      </Show>
      <Switch>
        <Match when={rows().length > 0}>
          <ul class="list answered" aria-label={askText("answered.list")} ref={(element) => (list = element)} onKeyDown={onKeyDown}>
            <For each={rows()}>{(row) => <Row row={row} now={now()} current={row.id === current()} onFocus={() => setWanted(row.id)} />}</For>
          </ul>
          <p class="inbox-more small subtle">
            <Show when={(known.list?.more ?? 0) > 0}>{askText("answered.more", { count: known.list?.more ?? 0 })} </Show>
            {askText("answered.kept", { count: known.list?.days ?? 0 })}{" "}
            <button type="button" class="link" data-testid="answered-days" onClick={() => app.openSettings("storage")}>
              {askText("answered.change")}
            </button>
          </p>
        </Match>
        <Match when={known.list}>
          <div class="page empty" data-testid="answered-none">
            <h2 class="group-title">{askText("answered.none")}</h2>
            <p>{askText("answered.noneBody")}</p>
          </div>
        </Match>
        <Match when={asked.loading}>
          <p class="inbox-note muted" role="status">
            {askText("answered.reading")}
          </p>
        </Match>
      </Switch>
    </div>
  );
}

/** One answer. It leads to its thread, where that is still there. */
function Row(props: { row: AnsweredRow; now: number; current: boolean; onFocus(): void }) {
  const app = useApp();
  const where = () => [props.row.title === "" ? askText("inbox.untitled") : props.row.title, props.row.folder, props.row.agent].filter((part) => part !== "").join(" · ");
  return (
    <li>
      <button
        type="button"
        class="item-row answered-row"
        data-testid="answered-row"
        data-ask={props.row.id}
        data-by={props.row.by}
        data-answer={props.row.answer}
        tabindex={props.current ? 0 : -1}
        aria-disabled={props.row.thread === null}
        title={props.row.thread === null ? askText("answered.gone") : undefined}
        onFocus={() => props.onFocus()}
        onClick={() => props.row.thread !== null && app.openSession(props.row.thread)}
      >
        <Icon path={sign(props.row)} class={props.row.answer === "denied" ? "is-danger" : ""} />
        <span class="name wrap-anywhere">{what(props.row)}</span>
        <time class="when" datetime={new Date(props.row.at).toISOString()} aria-label={fullTime(props.row.at)}>
          {shortAge(props.row.at, props.now)}
        </time>
        <span class="sub wrap-anywhere" data-testid="answered-verdict">
          {verdict(props.row)}
        </span>
        <span class="sub truncate">{where()}</span>
      </button>
    </li>
  );
}

function sign(row: AnsweredRow): IconPath {
  if (row.answer === "denied" || row.answer === "skipped") return x;
  return row.subject === null ? messageCircleQuestionMark : check;
}

/** What was asked: a question as it stood, all else by its kind and what it was about. */
function what(row: AnsweredRow) {
  if (row.subject === null) return row.about;
  const kind = askText(`kind.${row.subject}`);
  return row.about === "" ? kind : <>{kind} <code>{row.about}</code></>;
}

/** What was said to it, and by whom. */
function verdict(row: AnsweredRow) {
  const because = <span class="mono">{row.because}</span>;
  if (row.by === "rule") return row.because === "" ? askText("answered.rule") : askRich("answered.rulePattern", { rule: because });
  if (row.by === "policy") return askText("answered.policy", { reason: row.because });
  if (row.by === "afar") return afar(row);
  switch (row.answer) {
    case "once":
      return askText("answered.once");
    case "always":
      return askRich("answered.always", { rule: because });
    case "denied":
      return row.because === "" ? askText("answered.denied") : askText("answered.deniedWith", { words: row.because });
    case "answered":
      return askText("answered.answered", { words: row.because });
    case "skipped":
      return askText("answered.skipped");
  }
}

/** The same where it was given from afar, and counted without a word here. */
function afar(row: AnsweredRow) {
  switch (row.answer) {
    case "once":
    case "always":
      return askText("answered.afarOnce");
    case "denied":
      return row.because === "" ? askText("answered.afarDenied") : askText("answered.afarDeniedWith", { words: row.because });
    case "answered":
      return askText("answered.afarAnswered", { words: row.because });
    case "skipped":
      return askText("answered.afarSkipped");
  }
}
