import { createMemo, createSignal, createUniqueId, For, onCleanup, Show, createEffect, on } from "solid-js";
import { toApiError, type SessionRow } from "../../backend";
import { Icon } from "../../design/Icon";
import { folder as folderIcon, messageSquare, search as searchIcon } from "../../design/icons";
import { fold } from "../../palette/fuzzy";
import { threadTitle } from "../../shell/threadTitle";
import { useApp } from "../../state/app";
import { byName } from "../../strings/format";
import { pairingText as text } from "../../strings/pairing";

/** Threads that are listed at once; who looks for another one types. */
const mostThreads = 30;
/** Threads that are listed before anything is typed: the newest, and those that are shared. */
const newestThreads = 8;
/** How long typing rests before the core is asked, in milliseconds. */
const rest = 120;

/** A thread that is shared by itself. */
export interface ChosenThread {
  session: string;
  title: string;
}

/** Which folders and threads a server is told of. Nothing is chosen by itself. */
export function ShareChoice(props: {
  folders: readonly string[];
  threads: readonly ChosenThread[];
  /** More threads are shared than are named here. */
  more?: number;
  /** What is being changed, a folder or a thread; everything waits for it. */
  busy?: string | undefined;
  failed?: { id: string; reason: string } | undefined;
  fixed?: boolean;
  onFolder(folder: string, shared: boolean): void;
  onThread(thread: ChosenThread, shared: boolean): void;
}) {
  const app = useApp();
  const [typed, setTyped] = createSignal("");
  const [found, setFound] = createSignal<SessionRow[]>([]);
  const [error, setError] = createSignal<string>();
  const [searched, setSearched] = createSignal("");
  const names = createUniqueId();
  const held = () => props.busy !== undefined || (props.fixed ?? false);
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => {
    asked += 1;
    clearTimeout(timer);
  });
  createEffect(
    on(typed, (wanted) => {
      asked += 1;
      const own = asked;
      clearTimeout(timer);
      setError(undefined);
      if (wanted.trim() === "") {
        setFound([]);
        setSearched("");
        return;
      }
      timer = setTimeout(async () => {
        try {
          const answer = await app.backend.commands.search({ query: wanted, facets: { folder: null, agent: null, model: null, withinDays: null, hasChanges: false, needsYou: false, tag: null }, offset: 0 });
          if (own !== asked) return;
          setFound(answer.wantsWord ? [] : answer.hits.map(({ session }) => session).filter((row) => row.parent === null));
        } catch (thrown) {
          if (own === asked) setError(toApiError(thrown).message);
        }
        if (own === asked) setSearched(wanted);
      }, rest);
    }),
  );

  const fits = (name: string) => fold(name).includes(fold(typed().trim()));
  const folders = createMemo(() =>
    app.state.folders
      .filter((each) => (each.kind === "project" || props.folders.includes(each.id)) && fits(each.label))
      .toSorted((left, right) => byName(left.label, right.label)),
  );
  const isShared = (session: string) => props.threads.some((each) => each.session === session);
  const threads = createMemo(() => {
    const rows = new Map<string, ChosenThread & { folder: string | undefined }>();
    const put = (session: string, title: string, inFolder: string | undefined) => void (rows.has(session) || rows.set(session, { session, title, folder: inFolder }));
    for (const each of props.threads) if (fits(each.title)) put(each.session, app.rowOf(each.session) ? threadTitle(app.rowOf(each.session) as SessionRow) : each.title, app.rowOf(each.session)?.folder);
    const own = app.state.sessions.filter((row) => row.parent === null && fits(threadTitle(row)));
    for (const row of typed() === "" ? own.slice(0, newestThreads) : own) put(row.id, threadTitle(row), row.folder);
    if (typed() !== "") for (const row of found()) put(row.id, threadTitle(row), row.folder);
    return [...rows.values()];
  });
  const shown = () => threads().slice(0, mostThreads);
  const nothing = () => folders().length === 0 && threads().length === 0;
  const failed = (id: string) => (
    <Show when={props.failed?.id === id && props.failed}>
      {(failure) => (
        <span class="pair-share-failed is-danger" role="alert">
          {failure().reason}
        </span>
      )}
    </Show>
  );
  return (
    <div class="pair-share" data-testid="pairing-share">
      <div class="pair-share-search" role="search">
        <Icon path={searchIcon} small />
        <input
          class="input"
          type="text"
          autocomplete="off"
          spellcheck={false}
          aria-label={text("share.search")}
          placeholder={text("share.search")}
          value={typed()}
          data-testid="pairing-share-search"
          onInput={(press) => setTyped(press.currentTarget.value)}
          // Escape clears what is typed before it leaves the settings.
          onKeyDown={(press) => {
            if (press.key !== "Escape" || typed() === "") return;
            press.preventDefault();
            press.stopPropagation();
            setTyped("");
          }}
        />
      </div>
      <Show when={error()}>
        {(reason) => (
          <p class="error-text" role="alert">
            {text("share.searchFailed", { reason: reason() })}
          </p>
        )}
      </Show>
      <Show when={folders().length > 0}>
        <h4 class="section-label" id={`${names}-folders`}>
          {text("share.folders")}
        </h4>
        <ul class="pair-share-list" aria-labelledby={`${names}-folders`}>
          <For each={folders()}>
            {(each) => (
              <li>
                <label class="pair-share-row">
                  <input
                    type="checkbox"
                    class="checkbox"
                    checked={props.folders.includes(each.id)}
                    aria-disabled={held()}
                    data-testid="pairing-share-folder"
                    data-id={each.id}
                    onClick={(press) => {
                      // What is drawn follows what the core says, never the box by itself.
                      press.preventDefault();
                      if (!held()) props.onFolder(each.id, !props.folders.includes(each.id));
                    }}
                  />
                  <Icon path={folderIcon} small class="subtle" />
                  <span class="grow wrap-anywhere">
                    {each.label} <span class="small subtle">{text("share.folderAll")}</span>
                  </span>
                </label>
                {failed(each.id)}
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={shown().length > 0}>
        <h4 class="section-label" id={`${names}-threads`}>
          {text("share.threads")}
        </h4>
        <ul class="pair-share-list" aria-labelledby={`${names}-threads`}>
          <For each={shown()}>
            {(each) => {
              const byFolder = () => each.folder !== undefined && props.folders.includes(each.folder);
              return (
                <li>
                  <label class="pair-share-row">
                    <input
                      type="checkbox"
                      class="checkbox"
                      checked={isShared(each.session) || byFolder()}
                      aria-disabled={held() || byFolder()}
                      data-testid="pairing-share-thread"
                      data-id={each.session}
                      onClick={(press) => {
                        press.preventDefault();
                        if (!held() && !byFolder()) props.onThread({ session: each.session, title: each.title }, !isShared(each.session));
                      }}
                    />
                    <Icon path={messageSquare} small class="subtle" />
                    <span class="grow wrap-anywhere">
                      {each.title}{" "}
                      <span class="small subtle">
                        <Show when={byFolder()} fallback={app.folderOf(each.folder ?? "")?.label ?? ""}>
                          {text("share.byFolder", { folder: app.folderOf(each.folder ?? "")?.label ?? "" })}
                        </Show>
                      </span>
                    </span>
                  </label>
                  {failed(each.session)}
                </li>
              );
            }}
          </For>
        </ul>
      </Show>
      <Show when={threads().length > mostThreads}>
        <p class="small subtle">{text("share.moreFound", { count: threads().length - mostThreads })}</p>
      </Show>
      <Show when={(props.more ?? 0) > 0}>
        <p class="small subtle">{text("share.moreShared", { count: props.more ?? 0 })}</p>
      </Show>
      <Show when={nothing()}>
        <p class="muted" role="status" data-testid="pairing-share-none">
          {typed() === "" ? text("share.nothing") : searched() === typed() || error() !== undefined ? text("share.none", { query: typed() }) : text("share.searching")}
        </p>
      </Show>
      <p class="small subtle">{text("share.afar")}</p>
    </div>
  );
}
