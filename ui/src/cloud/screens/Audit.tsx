import { createEffect, createSignal, For, on, Show } from "solid-js";
import { Button } from "../../design/Button";
import { cloudText as text } from "../../strings/cloud";
import { fullTime } from "../../strings/format";
import { useAccount } from "../account";
import { createAsked } from "../asked";
import { createDoing } from "../doing";
import { Failure, Page, Read } from "../Page";
import type { AuditPage, AuditRow, Membership } from "../wire";

/** What was done in an organization. */
export function Audit() {
  const account = useAccount();
  return (
    <Page title={text("cloud.audit")} body={text("cloud.auditBody", { name: account.organization()?.name ?? "" })} organizations>
      <Show when={account.organization()} keyed>
        {(organization) => <AuditOf organization={organization} />}
      </Show>
    </Page>
  );
}

function AuditOf(props: { organization: Membership }) {
  const account = useAccount();
  const path = `/api/organizations/${encodeURIComponent(props.organization.id)}/audit`;
  const newest = createAsked(() => account.http.get<AuditPage>(path), "number");
  const [older, setOlder] = createSignal<AuditRow[]>([]);
  const [next, setNext] = createSignal<number | null>(null);
  const doing = createDoing();
  createEffect(on(() => newest.value()?.older, (at) => at !== undefined && older().length === 0 && setNext(at)));
  const more = () =>
    void doing.run(async () => {
      const page = await account.http.get<AuditPage>(`${path}?before=${next() ?? ""}`);
      setOlder((rows) => [...rows, ...page.rows]);
      setNext(page.older);
    });
  return (
    <Read asked={newest}>
      {(page) => (
        <Show when={page().rows.length > 0} fallback={<p class="muted">{text("cloud.noAudit")}</p>}>
          <ol class="cloud-rows">
            <For each={[...page().rows, ...older()]}>{(row) => <Row row={row} />}</For>
          </ol>
          <Failure words={doing.error()} />
          <Show when={next() !== null}>
            <div class="actions">
              <Button disabled={doing.busy()} data-testid="older" onClick={more}>
                {text("cloud.older")}
              </Button>
            </div>
          </Show>
        </Show>
      )}
    </Read>
  );
}

function Row(props: { row: AuditRow }) {
  const details = () => {
    const { details: of } = props.row;
    if (typeof of !== "object" || of === null) return "";
    return Object.entries(of)
      .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
      .join(", ");
  };
  return (
    <li class="cloud-row" data-testid="audit-row">
      <div class="cloud-row-text">
        <span class="name wrap-anywhere">
          <code>{props.row.action}</code> {props.row.about}
        </span>
        <span class="sub wrap-anywhere">
          {props.row.actor === "" ? text("cloud.server") : props.row.actor} · <time datetime={new Date(props.row.at).toISOString()}>{fullTime(props.row.at)}</time>
          <Show when={details() !== ""}> · {details()}</Show>
        </span>
      </div>
    </li>
  );
}
