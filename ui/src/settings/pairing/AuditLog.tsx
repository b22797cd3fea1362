import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from "solid-js";
import { toApiError } from "../../backend";
import { Button } from "../../design/Button";
import { Icon } from "../../design/Icon";
import { download } from "../../design/icons";
import { Picker } from "../../design/Picker";
import { Segmented } from "../../design/Segmented";
import { useApp } from "../../state/app";
import { createMinuteClock } from "../../state/clock";
import { fullTime } from "../../strings/format";
import { pairingText as text } from "../../strings/pairing";
import { actionColour, actionWords, auditKinds, fitsKind, type AuditKind } from "./auditWords";
import { momentWords } from "./pairingWords";
import type { PairingAudit, PairingAuditRow, PairingRow } from "../../backend";

/** Rows that are drawn at first, and as many more each time; the log has thousands. */
const step = 50;
/** After this long a change of a pairing is written down, and the head is read again. Milliseconds. */
const writtenAfter = 1000;

/** What was done with pairings and over them, the newest first. */
export function AuditLog(props: { rows: readonly PairingRow[]; head: PairingAudit | undefined }) {
  const app = useApp();
  const now = createMinuteClock();
  const [kind, setKind] = createSignal<AuditKind>("all");
  const [pairing, setPairing] = createSignal<string | null>(null);
  const [choosing, setChoosing] = createSignal(false);
  const [known, setKnown] = createSignal<PairingAuditRow[]>(props.head?.rows ?? []);
  const [count, setCount] = createSignal(props.head?.count ?? 0);
  const [more, setMore] = createSignal(props.head?.more ?? false);
  const [wanted, setWanted] = createSignal(step);
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const [exporting, setExporting] = createSignal(false);
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => {
    asked += 1;
    clearTimeout(timer);
  });
  const fitting = createMemo(() => known().filter((row) => fitsKind(kind(), row)));
  const shown = createMemo(() => fitting().slice(0, wanted()));

  const page = (before: number | null) => app.backend.commands.pairingAudit({ pairing: pairing(), before });
  /** Reads on until there is enough of what is wanted, or nothing older. */
  const fill = async (anew: boolean) => {
    asked += 1;
    const own = asked;
    setBusy(true);
    try {
      if (anew) {
        const head = await page(null);
        if (own !== asked) return;
        setKnown(head.rows);
        setMore(head.more);
        setCount(head.count);
      }
      while (more() && fitting().length < wanted()) {
        const last = known().at(-1);
        const older = await page(last?.number ?? null);
        if (own !== asked) return;
        setKnown((rows) => [...rows, ...older.rows]);
        setMore(older.more && older.rows.length > 0);
      }
      setError(undefined);
    } catch (thrown) {
      if (own !== asked) return;
      setError(toApiError(thrown).message);
    }
    setBusy(false);
  };
  /** What came since, in front of what is there; nothing that is read goes. */
  const refresh = async () => {
    if (busy()) return;
    const own = asked;
    try {
      const head = await page(null);
      if (own !== asked) return;
      const newest = known()[0]?.number ?? 0;
      const fresh = head.rows.filter((row) => row.number > newest);
      // More came than a page holds: what lies between is not known, so it is read anew.
      if (fresh.length === head.rows.length && known().length > 0) void fill(true);
      else {
        if (known().length === 0) setMore(head.more);
        setKnown((rows) => [...fresh, ...rows]);
        setCount(head.count);
      }
    } catch {
      // Nobody asked for it; what is shown stays, and reading on says what is wrong.
    }
  };
  onMount(() => {
    if (!props.head) void fill(true);
  });
  createEffect(
    on([pairing], () => {
      setWanted(step);
      void fill(true);
    }, { defer: true }),
  );
  createEffect(
    on([kind], () => {
      setWanted(step);
      void fill(false);
    }, { defer: true }),
  );
  createEffect(
    on(
      () => JSON.stringify(app.state.pairings.rows.map(({ id, state, lastCommand }) => [id, state, lastCommand])),
      () => {
        clearTimeout(timer);
        timer = setTimeout(() => void refresh(), writtenAfter);
      },
      { defer: true },
    ),
  );
  const exportAll = async () => {
    setExporting(true);
    try {
      const name = await app.backend.commands.pairingAuditExport();
      if (name !== null) app.toasts.show(text("audit.exported", { name }));
    } catch (thrown) {
      app.toasts.show(text("audit.notExported", { reason: toApiError(thrown).message }), true);
    } finally {
      setExporting(false);
    }
  };
  const labelOf = (id: string | null) => props.rows.find((row) => row.id === id)?.label;
  return (
    <section class="group" data-testid="pairing-audit" aria-busy={busy()}>
      <div class="group-head">
        <h2 class="group-title">{text("audit.title")}</h2>
        <span class="count">{text("audit.kept", { count: count() })}</span>
        <span class="grow" />
        <Button kind="quiet" small disabled={exporting() || count() === 0} data-testid="pairing-audit-export" onClick={() => void exportAll()}>
          <Icon path={download} small />
          {text(exporting() ? "audit.exporting" : "audit.export")}
        </Button>
      </div>
      <Show when={count() > 0 || known().length > 0}>
        <div class="pair-audit-bar">
          <Segmented label={text("audit.filter")} value={kind()} choices={auditKinds.map((value) => ({ value, label: text(`audit.kind.${value}`) }))} testid="pairing-audit-kind" onChoose={setKind} />
          <Show when={props.rows.length > 1}>
            <Picker
              label={text("audit.pairing")}
              listLabel={text("audit.pairing")}
              choices={[{ id: "", label: text("audit.allPairings") }, ...props.rows.map((row) => ({ id: row.id, label: row.label, meta: row.host }))]}
              chosen={pairing() ?? ""}
              empty={text("audit.allPairings")}
              testid="pairing-audit-pairing"
              class="select"
              open={choosing()}
              onOpen={setChoosing}
              onChoose={(id) => setPairing(id === "" ? null : id)}
            >
              <span class="truncate">{labelOf(pairing()) ?? text("audit.allPairings")}</span>
            </Picker>
          </Show>
        </div>
      </Show>
      <Show when={error()}>
        {(reason) => (
          <p class="error-text" role="alert">
            <span>{text("audit.failed", { reason: reason() })}</span>
            <Button small onClick={() => void fill(known().length === 0)}>
              {text("audit.again")}
            </Button>
          </p>
        )}
      </Show>
      <Show
        when={shown().length > 0}
        fallback={
          <Show when={!error()}>
            <p class="muted" role="status" data-testid="pairing-audit-none">
              {text(busy() ? "audit.reading" : known().length > 0 ? "audit.noneOfKind" : "audit.none")}
            </p>
          </Show>
        }
      >
        <div class="usage-scroll" role="region" aria-label={text("audit.title")} tabindex={0}>
          <table class="pair-audit">
            <thead>
              <tr>
                <th scope="col">{text("audit.when")}</th>
                <th scope="col">{text("audit.who")}</th>
                <th scope="col">{text("audit.what")}</th>
                <th scope="col">{text("audit.where")}</th>
              </tr>
            </thead>
            <tbody>
              <For each={shown()}>
                {(row) => (
                  <tr data-testid="pairing-audit-row" data-action={row.action}>
                    <td class="tnum">
                      <time datetime={new Date(row.at).toISOString()} title={fullTime(row.at)} aria-label={fullTime(row.at)}>
                        {momentWords(row.at, now())}
                      </time>
                    </td>
                    <td class="wrap-anywhere">{row.who ?? text("audit.here")}</td>
                    <td class="wrap-anywhere">
                      <span class={actionColour(row.action)}>{actionWords(row.action)}</span>
                      <Show when={row.detail !== ""}>
                        <span class="pair-audit-detail small subtle">{row.detail}</span>
                      </Show>
                    </td>
                    <td class="wrap-anywhere">{row.label}</td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
      <Show when={more() || fitting().length > shown().length}>
        <div class="page-actions">
          <Button
            small
            disabled={busy()}
            data-testid="pairing-audit-more"
            onClick={() => {
              setWanted(wanted() + step);
              void fill(false);
            }}
          >
            {text(busy() ? "audit.reading" : "audit.more")}
          </Button>
        </div>
      </Show>
    </section>
  );
}
