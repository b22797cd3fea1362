import { createEffect, createMemo, createSignal, For, on, onCleanup, Show } from "solid-js";
import { toApiError } from "../../backend";
import { Button } from "../../design/Button";
import { eye } from "../../design/icons";
import { Picker, type Choice } from "../../design/Picker";
import { CopyButton } from "../../health/CopyButton";
import { threadTitle } from "../../shell/threadTitle";
import { useApp } from "../../state/app";
import { byteSize, wholeNumber } from "../../strings/format";
import { pairingText as text } from "../../strings/pairing";
import { piecesOf, readable } from "./sentText";
import type { ChosenThread } from "./ShareChoice";
import type { PairingPolicy, PairingPreview } from "../../backend";

/** Characters of one event that are drawn at first; one may hold a whole file. */
const shownOfEvent = 4_000;
const copyWords = () => ({ copy: text("preview.copy"), copied: text("token.copied"), failed: text("token.copyFailed") });

/** Exactly what would be sent of a thread, page by page, with what was taken out of it marked. */
export function Preview(props: {
  /** None before there is a pairing. */
  pairing: string | null;
  /** Looked at in the place of the pairing's. */
  policy?: PairingPolicy;
  threads: readonly ChosenThread[];
}) {
  const app = useApp();
  const [session, setSession] = createSignal<string | null>(null);
  const [page, setPage] = createSignal(0);
  const [open, setOpen] = createSignal(false);
  const [seen, setSeen] = createSignal<PairingPreview>();
  const [error, setError] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  let asked = 0;
  onCleanup(() => (asked += 1));
  const choices = createMemo((): Choice[] => {
    const rows = new Map<string, Choice>();
    for (const each of props.threads) rows.set(each.session, { id: each.session, label: each.title, heading: text("preview.shared") });
    for (const row of app.state.sessions) if (!rows.has(row.id)) rows.set(row.id, { id: row.id, label: threadTitle(row), meta: app.folderOf(row.folder)?.label ?? "", heading: text("preview.others") });
    return [...rows.values()];
  });
  const title = () => choices().find(({ id }) => id === session())?.label;
  const read = async () => {
    const wanted = session();
    asked += 1;
    const own = asked;
    if (wanted === null) return;
    setBusy(true);
    try {
      const answer = await app.backend.commands.pairingPreview({ pairing: props.pairing, policy: props.policy ? { ...props.policy } : null, session: wanted, page: page() });
      if (own !== asked) return;
      setSeen(answer);
      setError(undefined);
    } catch (thrown) {
      if (own !== asked) return;
      setError(toApiError(thrown).message);
    }
    setBusy(false);
  };
  // What is let out decides what would be sent.
  createEffect(on([session, page, () => JSON.stringify(props.policy ?? null)], () => void read(), { defer: true }));
  const choose = (wanted: string) => {
    if (wanted !== session()) {
      setSeen(undefined);
      setPage(0);
    }
    setSession(wanted);
  };
  return (
    <section class="group" data-testid="pairing-preview" aria-busy={busy()}>
      <h3 class="group-title">{text("preview.title")}</h3>
      <p class="muted">{text("preview.body")}</p>
      <div class="pair-preview-bar">
        <Show when={choices().length > 0} fallback={<p class="muted">{text("preview.noThreads")}</p>}>
          <Picker
            label={text("preview.thread")}
            listLabel={text("preview.thread")}
            choices={choices()}
            chosen={session()}
            empty={text("preview.noThreads")}
            testid="pairing-preview-thread"
            icon={eye}
            class="select"
            open={open()}
            onOpen={setOpen}
            onChoose={choose}
          >
            <span class="truncate">{title() ?? text("preview.choose")}</span>
          </Picker>
        </Show>
        <span class="grow" />
        <Show when={seen() && (seen()?.events.length ?? 0) > 0}>
          <CopyButton written={() => (seen()?.events ?? []).join("\n")} words={copyWords()} testid="pairing-preview-copy" />
        </Show>
      </div>
      <Show when={error()}>
        {(reason) => (
          <p class="error-text" role="alert">
            <span>{text("preview.failed", { reason: reason() })}</span>
            <Button small onClick={() => void read()}>
              {text("preview.again")}
            </Button>
          </p>
        )}
      </Show>
      <Show when={busy() && !seen() && !error()}>
        <p class="muted" role="status">
          {text("preview.reading")}
        </p>
      </Show>
      <Show when={seen()}>
        {(found) => (
          <>
            <p class="small subtle" role="status" data-testid="pairing-preview-facts">
              {[
                text(found().shared ? "preview.isShared" : "preview.notShared"),
                text("preview.events", { count: found().count }),
                byteSize(found().bytes),
                text("preview.taken", { count: found().redactions }),
                ...(found().cut ? [text("preview.cut")] : []),
              ].join(" · ")}
            </p>
            <Show when={found().events.length > 0} fallback={<p class="muted">{text("preview.empty")}</p>}>
              <ol class="pair-events" aria-label={text("preview.list")} tabindex={0}>
                <For each={found().events}>{(event) => <SentEvent written={event} />}</For>
              </ol>
            </Show>
            <Show when={found().pages > 1}>
              <div class="page-actions">
                <Button small disabled={busy() || page() === 0} data-testid="pairing-preview-before" onClick={() => setPage(page() - 1)}>
                  {text("preview.before")}
                </Button>
                <span class="small subtle tnum">{text("preview.page", { page: wholeNumber(found().page + 1), pages: wholeNumber(found().pages) })}</span>
                <Button small disabled={busy() || page() >= found().pages - 1} data-testid="pairing-preview-after" onClick={() => setPage(page() + 1)}>
                  {text("preview.after")}
                </Button>
              </div>
            </Show>
          </>
        )}
      </Show>
    </section>
  );
}

/** One event, set apart to be read. What was taken out is marked, also for who cannot see colours. */
function SentEvent(props: { written: string }) {
  const [all, setAll] = createSignal(false);
  const whole = createMemo(() => readable(props.written));
  const long = () => whole().length > shownOfEvent;
  const pieces = createMemo(() => piecesOf(all() || !long() ? whole() : whole().slice(0, shownOfEvent)));
  return (
    <li class="pair-event">
      <pre class="mono">
        <For each={pieces()}>{(piece) => (piece.taken ? <mark title={text("preview.mark")}>{piece.text}</mark> : piece.text)}</For>
      </pre>
      <Show when={long()}>
        <Button small kind="quiet" aria-expanded={all()} data-testid="pairing-preview-all" onClick={() => setAll(!all())}>
          {text(all() ? "preview.less" : "preview.all", { size: byteSize(whole().length) })}
        </Button>
      </Show>
    </li>
  );
}
