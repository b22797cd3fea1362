import { createMemo, createSignal, createUniqueId, For, onCleanup, Show, createEffect, on, untrack } from "solid-js";
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
  // A thread that is chosen stays where it is in the list; those that were shared from the beginning stand first.
  const first = untrack(() => props.threads.map(({ session }) => session));
  const threads = createMemo(() => {
    const rows = new Map<string, ChosenThread & { folder: string | undefined }>();
    const put = (session: string, title: string, inFolder: string | undefined) => void (rows.has(session) || rows.set(session, { session, title, folder: inFolder }));
    const putShared = (each: ChosenThread) => {
      const row = app.rowOf(each.session);
      if (fits(each.title)) put(each.session, row ? threadTitle(row) : each.title, row?.folder);
    };
    for (const each of props.threads) if (first.includes(each.session)) putShared(each);
    const own = app.state.sessions.filter((row) => row.parent === null && fits(threadTitle(row)));
    for (const row of typed() === "" ? own.slice(0, newestThreads) : own) put(row.id, threadTitle(row), row.folder);
    for (const each of props.threads) putShared(each);
    if (typed() !== "") for (const row of found()) put(row.id, threadTitle(row), row.folder);
    return rows;
  });
  // By name, so that a row that did not go keeps the focus in it.
  const shown = createMemo(() => [...threads().keys()].slice(0, mostThreads));
  const nothing = () => folders().length === 0 && threads().size === 0;
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
      <div class="pair-share-search">
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
                    onChange={(press) => {
                      // What is drawn follows what is shared, never the box by itself.
                      const shared = props.folders.includes(each.id);
                      press.currentTarget.checked = shared;
                      if (!held()) props.onFolder(each.id, !shared);
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
            {(id) => {
              const each = () => threads().get(id);
              const inFolder = () => each()?.folder ?? "";
              const byFolder = () => props.folders.includes(inFolder());
              return (
                <li>
                  <label class="pair-share-row">
                    <input
                      type="checkbox"
                      class="checkbox"
                      checked={isShared(id) || byFolder()}
                      aria-disabled={held() || byFolder()}
                      data-testid="pairing-share-thread"
                      data-id={id}
                      onChange={(press) => {
                        const shared = isShared(id);
                        press.currentTarget.checked = shared || byFolder();
                        if (!held() && !byFolder()) props.onThread({ session: id, title: each()?.title ?? "" }, !shared);
                      }}
                    />
                    <Icon path={messageSquare} small class="subtle" />
                    <span class="grow wrap-anywhere">
                      {each()?.title}{" "}
                      <span class="small subtle">
                        <Show when={byFolder()} fallback={app.folderOf(inFolder())?.label ?? ""}>
                          {text("share.byFolder", { folder: app.folderOf(inFolder())?.label ?? "" })}
                        </Show>
                      </span>
                    </span>
                  </label>
                  {failed(id)}
                </li>
              );
            }}
          </For>
        </ul>
      </Show>
      <Show when={threads().size > mostThreads}>
        <p class="small subtle">{text("share.moreFound", { count: threads().size - mostThreads })}</p>
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
