import { createMemo, createSignal, For, onMount, Show, type JSX } from "solid-js";
import { toApiError, type StorageReport } from "../backend";
import { Button } from "../design/Button";
import { ConfirmDialog } from "../design/Dialog";
import { Icon } from "../design/Icon";
import { refreshCw } from "../design/icons";
import { useApp } from "../state/app";
import { createIndexProgress } from "../state/indexProgress";
import { byteSize } from "../strings/format";
import { storageText as text, type storage } from "../strings/storage";
import { BeginAnew } from "./BeginAnew";
import { IndexLine } from "./IndexLine";
import { Retention } from "./Retention";
import { Setting } from "./Setting";

/** What is kept on the disk, how far the index is, and what can be given back. */
export function Storage() {
  const app = useApp();
  const [report, setReport] = createSignal<StorageReport>();
  const [failed, setFailed] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  const index = createIndexProgress(app.backend);
  const read = async () => {
    setBusy(true);
    try {
      setReport(await app.backend.commands.storageReport());
      setFailed(undefined);
    } catch (thrown) {
      setFailed(toApiError(thrown).message);
    } finally {
      setBusy(false);
    }
  };
  onMount(() => void read());
  /** Deletes something, and says how much that gave back. */
  const freeing = (remove: () => Promise<number>) => async () => {
    const bytes = await remove();
    await read();
    return text("storage.deleted", { size: byteSize(bytes) });
  };
  return (
    <>
      <section class="group first" aria-busy={busy()} data-testid="storage">
        <div class="group-head">
          <h2 class="group-title">{text("storage.parts")}</h2>
          <span class="grow" />
          <Button small disabled={busy()} data-testid="storage-refresh" onClick={() => void read()}>
            <Icon path={refreshCw} small />
            {text("storage.refresh")}
          </Button>
        </div>
        <Show when={failed()}>
          {(reason) => (
            <p class="error-text" role="alert">
              {text("storage.failed", { reason: reason() })}
            </p>
          )}
        </Show>
        <Show when={report()} fallback={<Show when={!failed()}><p class="muted" role="status">{text("storage.loading")}</p></Show>}>
          {(known) => <Parts report={known()} />}
        </Show>
      </section>
      <section class="group">
        <h2>{text("storage.indexTitle")}</h2>
        <div class="group-body">
          <p class="storage-index" data-testid="index-progress">
            <Show when={index.progress()} fallback={<span class="error-text">{index.error()}</span>}>
              {(progress) => <IndexLine progress={progress()} />}
            </Show>
          </p>
          <Action
            label={text("storage.rebuild")}
            body={text("storage.rebuildBody")}
            button={text("storage.rebuildDo")}
            doing={text("storage.rebuilding")}
            testid="index-rebuild"
            ask={{ title: text("storage.rebuildTitle"), body: text("storage.rebuildAsk") }}
            run={async () => {
              await app.backend.commands.indexRebuild();
              await index.ask();
              return undefined;
            }}
          />
        </div>
      </section>
      <Show when={report()}>
        {(known) => (
          <section class="group">
            <h2>{text("storage.actions")}</h2>
            <div class="group-body">
              <Action
                label={text("storage.logsDo")}
                body={known().oldLogs > 0 ? text("storage.logsBody", { size: byteSize(known().oldLogs), count: app.state.settings.logDays }) : text("storage.logsNone")}
                button={text("storage.delete")}
                doing={text("storage.deleting")}
                testid="logs-delete"
                nothing={known().oldLogs === 0}
                run={freeing(() => app.backend.commands.logsDeleteOld())}
              />
              <Action
                label={text("storage.attachmentsDo")}
                body={known().needlessAttachments > 0 ? text("storage.attachmentsBody", { size: byteSize(known().needlessAttachments) }) : text("storage.attachmentsNone")}
                button={text("storage.delete")}
                doing={text("storage.deleting")}
                testid="attachments-delete"
                nothing={known().needlessAttachments === 0}
                run={freeing(() => app.backend.commands.attachmentsDeleteNeedless())}
              />
              <Action
                label={text("storage.revertsDo")}
                body={known().needlessReverts > 0 ? text("storage.revertsBody", { size: byteSize(known().needlessReverts) }) : text("storage.revertsNone")}
                button={text("storage.delete")}
                doing={text("storage.deleting")}
                testid="reverts-delete"
                nothing={known().needlessReverts === 0}
                run={freeing(() => app.backend.commands.revertsDeleteNeedless())}
              />
              <Action
                label={text("storage.setAsideDo")}
                body={
                  known().setAsideCount > 0
                    ? text("storage.setAsideBody", { count: known().setAsideCount, size: byteSize(known().setAside) })
                    : text("storage.setAsideNone")
                }
                button={text("storage.delete")}
                doing={text("storage.deleting")}
                testid="set-aside-delete"
                nothing={known().setAsideCount === 0}
                danger
                ask={{ title: text("storage.setAsideTitle"), body: text("storage.setAsideAsk") }}
                run={freeing(() => app.backend.commands.setAsideDelete())}
              />
            </div>
          </section>
        )}
      </Show>
      <Retention journalLimit={report()?.journalLimit} />
      <BeginAnew />
    </>
  );
}

type PartKey = Extract<keyof typeof storage, "storage.engineHome" | "storage.index" | "storage.usage" | "storage.answered" | "storage.journal" | "storage.pairing" | "storage.other" | "storage.free" | "storage.boxHomes" | "storage.sandboxes" | "storage.logs" | "storage.setAside" | "storage.attachments" | "storage.keptReverts">;

/** Sizes by part, the largest first; the parts add up to the total. */
function Parts(props: { report: StorageReport }) {
  const parts = createMemo((): { name: PartKey; bytes: number }[] => {
    const { report } = props;
    const other = Math.max(0, report.database - report.index - report.usage - report.answered - report.journal - report.pairing - report.free);
    const all: { name: PartKey; bytes: number }[] = [
      { name: "storage.engineHome", bytes: report.engineHome },
      { name: "storage.index", bytes: report.index },
      { name: "storage.usage", bytes: report.usage },
      { name: "storage.answered", bytes: report.answered },
      { name: "storage.journal", bytes: report.journal },
      { name: "storage.pairing", bytes: report.pairing },
      { name: "storage.other", bytes: other },
      { name: "storage.free", bytes: report.free },
      { name: "storage.boxHomes", bytes: report.boxHomes },
      { name: "storage.sandboxes", bytes: report.sandboxes },
      { name: "storage.logs", bytes: report.logs },
      { name: "storage.setAside", bytes: report.setAside },
      { name: "storage.attachments", bytes: report.attachments },
      { name: "storage.keptReverts", bytes: report.keptReverts },
    ];
    return all.filter((part) => part.bytes > 0 || part.name === "storage.journal").toSorted((left, right) => right.bytes - left.bytes);
  });
  const total = () => parts().reduce((sum, part) => sum + part.bytes, 0);
  return (
    <>
      <dl class="group-body">
        <For each={parts()}>
          {(part) => (
            <Fact name={text(part.name)} body={part.name === "storage.journal" ? text("storage.journalBody", { count: props.report.journalDays, limit: byteSize(props.report.journalLimit) }) : undefined}>
              {byteSize(part.bytes)}
            </Fact>
          )}
        </For>
        <Fact name={text("storage.total")}>
          <strong>{byteSize(total())}</strong>
        </Fact>
      </dl>
      <Show when={props.report.cut}>
        <p class="small subtle">{text("storage.cut")}</p>
      </Show>
    </>
  );
}

function Fact(props: { name: string; body?: string | undefined; children: JSX.Element }) {
  return (
    <div class="fact">
      <dt>
        {props.name}
        <Show when={props.body}>
          <span class="small subtle fact-body">{props.body}</span>
        </Show>
      </dt>
      <dd class="tnum">{props.children}</dd>
    </div>
  );
}

/** One thing that can be done, with what becomes of it. */
function Action(props: {
  label: string;
  body: string;
  button: string;
  doing: string;
  testid: string;
  /** There is nothing to do it to. */
  nothing?: boolean;
  danger?: boolean;
  /** What is asked before. */
  ask?: { title: string; body: string };
  /** Does it; gives what to say of it. */
  run(): Promise<string | undefined>;
}) {
  const [asking, setAsking] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [said, setSaid] = createSignal("");
  const [error, setError] = createSignal<string>();
  const run = async () => {
    setAsking(false);
    setBusy(true);
    setSaid("");
    setError(undefined);
    try {
      setSaid((await props.run()) ?? "");
    } catch (thrown) {
      setError(toApiError(thrown).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="storage-action">
      <Setting label={props.label} body={props.body}>
        <Button
          aria-label={`${props.button}: ${props.label}`}
          disabled={busy() || (props.nothing ?? false)}
          data-testid={props.testid}
          onClick={() => (props.ask ? setAsking(true) : void run())}
        >
          {busy() ? props.doing : props.button}
        </Button>
      </Setting>
      <p class="small" role="status">
        {said()}
      </p>
      <Show when={error()}>
        <p class="error-text" role="alert">
          {error()}
        </p>
      </Show>
      <Show when={asking() && props.ask}>
        {(ask) => (
          <ConfirmDialog title={ask().title} confirm={props.button} danger={props.danger ?? false} testid={`${props.testid}-confirm`} onConfirm={() => void run()} onCancel={() => setAsking(false)}>
            <p>{ask().body}</p>
          </ConfirmDialog>
        )}
      </Show>
    </div>
  );
}
