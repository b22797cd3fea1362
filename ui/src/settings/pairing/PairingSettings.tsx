import { createEffect, createResource, createSignal, For, on, Show } from "solid-js";
import { toApiError, type PairingToken } from "../../backend";
import { Button } from "../../design/Button";
import { Icon } from "../../design/Icon";
import { plus } from "../../design/icons";
import { useApp } from "../../state/app";
import { isOver } from "../../state/sharing";
import { pairingText as text } from "../../strings/pairing";
import { AuditLog } from "./AuditLog";
import { NewPairing } from "./NewPairing";
import { PairingLine } from "./PairingLine";
import "../settings.css";
import "../usage.css";
import "./pairing.css";

/** The servers this desktop can be driven from, a way to pair with one more, and what was done over them. */
export function PairingSettings() {
  const app = useApp();
  const [making, setMaking] = createSignal(false);
  // It is in this window alone, and gone when the page is left: nothing shows it again.
  const [token, setToken] = createSignal<PairingToken>();
  const [book, { refetch }] = createResource(() =>
    app.backend.commands.pairingList().then(
      ({ audit }) => ({ audit, error: undefined }),
      (thrown: unknown) => ({ audit: undefined, error: toApiError(thrown).message }),
    ),
  );
  let begin: HTMLButtonElement | undefined;
  let heading: HTMLHeadingElement | undefined;
  const pairings = () => app.state.pairings;
  const rows = () => pairings().rows;
  const full = () => rows().filter((row) => !isOver(row)).length >= pairings().limit;
  const open = () => making() || token() !== undefined;
  const close = () => {
    setMaking(false);
    setToken(undefined);
    queueMicrotask(() => (begin ?? heading)?.focus());
  };
  const take = (made: PairingToken) => {
    setMaking(true);
    setToken(made);
  };
  // A token whose pairing is gone leads nowhere.
  createEffect(
    on(
      () => rows().some((row) => row.id === token()?.pairing.id && !isOver(row)),
      (there) => token() !== undefined && !there && setToken(undefined),
      { defer: true },
    ),
  );
  return (
    <div data-testid="pairing-page">
      <Show when={book.latest?.error}>
        {(reason) => (
          <p class="error-text" role="alert">
            <span>{text("page.failed", { reason: reason() })}</span>
            <Button small onClick={() => void refetch()}>
              {text("page.again")}
            </Button>
          </p>
        )}
      </Show>
      <Show when={pairings().forbidden}>
        <p class="muted" data-testid="pairing-forbidden">
          {text("page.forbidden")}
        </p>
      </Show>
      <section aria-labelledby="pairing-list-title">
        <h2 id="pairing-list-title" class="sr-only" tabindex={-1} ref={(element) => (heading = element)} data-setting="pairings">
          {text("find.pairings")}
        </h2>
        <Show when={rows().length > 0} fallback={<Nothing />}>
          <ul class="pair-list">
            <For each={rows()}>{(row) => <PairingLine row={row} managed={pairings().remoteAnswersForbidden} onToken={take} onGone={() => heading?.focus()} />}</For>
          </ul>
        </Show>
      </section>
      <Show
        when={open()}
        fallback={
          <div class="page-actions" data-setting="pairNew">
            <Button
              ref={(element: HTMLButtonElement) => (begin = element)}
              {...(rows().length === 0 ? { kind: "primary" as const } : {})}
              disabled={full() || pairings().forbidden}
              class="label"
              data-testid="pairing-begin"
              onClick={() => setMaking(true)}
            >
              <Icon path={plus} small />
              {text("new.begin")}
            </Button>
            <Show when={full() && rows().length > 0}>
              <span class="small subtle">{text("new.full", { count: pairings().limit })}</span>
            </Show>
          </div>
        }
      >
        <NewPairing token={token()} managed={pairings().remoteAnswersForbidden} onToken={take} onClose={close} />
      </Show>
      <Show when={rows().length > 0 || (book.latest?.audit?.count ?? 0) > 0}>
        <Show when={book.latest?.audit} fallback={<Show when={book.loading}><p class="muted" role="status">{text("audit.reading")}</p></Show>}>
          {(audit) => <AuditLog rows={rows()} head={audit()} />}
        </Show>
      </Show>
    </div>
  );
}

/** Says what pairing is, and what it is not, where there is none. */
function Nothing() {
  return (
    <div class="empty pair-empty" data-testid="pairing-empty">
      <h2>{text("empty.title")}</h2>
      <p>{text("empty.what")}</p>
      <dl class="facts">
        <dt>{text("empty.port")}</dt>
        <dd>{text("empty.portBody")}</dd>
        <dt>{text("empty.leaves")}</dt>
        <dd>{text("empty.leavesBody")}</dd>
        <dt>{text("empty.never")}</dt>
        <dd>{text("empty.neverBody")}</dd>
        <dt>{text("empty.counts")}</dt>
        <dd>{text("empty.countsBody")}</dd>
      </dl>
    </div>
  );
}
