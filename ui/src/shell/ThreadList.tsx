import { createComputed, createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import type { SessionRow } from "../backend";
import { toApiError } from "../backend";
import { ConfirmDialog } from "../design/Dialog";
import { Icon } from "../design/Icon";
import { flaskConical, folder as folderIcon, folderX } from "../design/icons";
import { Menu } from "../design/Menu";
import { Tooltip } from "../design/Tooltip";
import { useApp } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { text } from "../strings";
import { ThreadRow } from "./ThreadRow";
import { groupThreads } from "./threadGroups";
import { threadTitle } from "./threadTitle";

const sameOrder = (left: readonly string[], right: readonly string[]) => left.length === right.length && left.every((id, at) => id === right[at]);

/** All threads by folder. One stop for the Tab key; arrows, J and K move inside. */
export function ThreadList(props: { onOpened?(): void }) {
  const app = useApp();
  const now = createMinuteClock();
  const groups = createMemo(() => groupThreads(app.state.sessions, app.state.folders));
  // Rows are drawn by the id of their group, which stays the same when the list changes: a group made anew would
  // take its rows, and the focus in them, out of the document.
  const groupIds = createMemo(() => groups().map((group) => group.id), [], { equals: sameOrder });
  const order = createMemo(() => groups().flatMap((group) => group.rows.map((row) => row.id)));
  const current = () => (app.state.route.page === "session" ? app.state.route.session : null);
  const [focused, setFocused] = createSignal<string | null>(null);
  const [renaming, setRenaming] = createSignal<string | null>(null);
  const [deleting, setDeleting] = createSignal<SessionRow | null>(null);
  const [menu, setMenu] = createSignal<{ row: SessionRow; anchor: DOMRect; trigger: HTMLElement } | null>(null);
  let list: HTMLDivElement | undefined;

  // A row that moves leaves the document for a moment and loses the focus. It is noted before rows are drawn and
  // given back after that.
  let held: Element | null = null;
  createComputed(on(order, () => (held = list?.contains(document.activeElement) ? document.activeElement : null)));
  createEffect(
    on(order, () => {
      if (held instanceof HTMLElement && held.isConnected && held !== document.activeElement) held.focus({ preventScroll: true });
      held = null;
    }),
  );

  const reachable = createMemo(() => {
    const all = order();
    const wanted = [focused(), current()].find((id) => id !== null && all.includes(id));
    return wanted ?? all[0];
  });
  const rowElement = (id: string | undefined) =>
    [...(list?.querySelectorAll<HTMLElement>("[data-session]") ?? [])].find((element) => element.dataset["session"] === id);
  const move = (to: number) => {
    const all = order();
    rowElement(all[Math.max(0, Math.min(to, all.length - 1))])?.focus();
  };
  const afterRename = (id: string) => {
    setRenaming(null);
    queueMicrotask(() => rowElement(id)?.focus());
  };

  const onKeyDown = (press: KeyboardEvent) => {
    const id = (press.target as HTMLElement).dataset["session"];
    if (id === undefined || press.ctrlKey || press.metaKey || press.altKey) return;
    const at = order().indexOf(id);
    const row = app.rowOf(id);
    const moves: Record<string, () => void> = {
      ArrowDown: () => move(at + 1),
      j: () => move(at + 1),
      ArrowUp: () => move(at - 1),
      k: () => move(at - 1),
      Home: () => move(0),
      End: () => move(order().length - 1),
      F2: () => setRenaming(id),
      Delete: () => setDeleting(row ?? null),
    };
    const run = moves[press.key.length === 1 ? press.key.toLowerCase() : press.key];
    if (!run) return;
    press.preventDefault();
    run();
  };

  return (
    <div class="scroll nav nav--threads" role="group" aria-label={text("shell.threads")} ref={(element) => (list = element)} onKeyDown={onKeyDown}>
      <For each={groupIds()} fallback={<p class="note small subtle">{text("shell.noThreads")}</p>}>
        {(id) => {
          const group = () => groups().find((candidate) => candidate.id === id);
          const label = () => group()?.folder?.label ?? text("shell.throwAway");
          return (
            <section class="thread-group" aria-label={label()}>
              <h2 class="section-label">
                <Show
                  when={group()?.folder?.available !== false}
                  fallback={
                    <Tooltip text={text("shell.folderGone")}>
                      <Icon path={folderX} small class="is-danger" />
                    </Tooltip>
                  }
                >
                  <Icon path={group()?.throwAway ? flaskConical : folderIcon} small />
                </Show>
                <span class="grow truncate">{label()}</span>
              </h2>
              <For each={group()?.rows ?? []}>
                {(row) => (
                  <ThreadRow
                    row={row}
                    now={now()}
                    current={row.id === current()}
                    reachable={row.id === reachable()}
                    renaming={row.id === renaming()}
                    onOpen={() => {
                      app.openSession(row.id);
                      props.onOpened?.();
                    }}
                    onFocus={() => setFocused(row.id)}
                    onMenu={(anchor, trigger) => setMenu({ row, anchor, trigger })}
                    onRename={(title) => void app.renameSession(row.id, title).catch(app.tell)}
                    onRenameEnd={() => afterRename(row.id)}
                  />
                )}
              </For>
            </section>
          );
        }}
      </For>
      <Show when={menu()} keyed>
        {(open) => (
          <Menu
            label={text("shell.threadActions", { title: threadTitle(open.row) })}
            anchor={open.anchor}
            trigger={open.trigger}
            entries={[
              { label: text("shell.rename"), meta: "F2", run: () => setRenaming(open.row.id) },
              { label: text("shell.delete"), danger: true, run: () => setDeleting(open.row) },
            ]}
            onClose={() => setMenu(null)}
          />
        )}
      </Show>
      <Show when={deleting()} keyed>
        {(row) => <DeleteDialog row={row} onClose={() => setDeleting(null)} />}
      </Show>
    </div>
  );
}

function DeleteDialog(props: { row: SessionRow; onClose(): void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const remove = async () => {
    setBusy(true);
    try {
      await app.deleteSession(props.row.id);
      props.onClose();
    } catch (thrown) {
      setError(toApiError(thrown).message);
      setBusy(false);
    }
  };
  return (
    <ConfirmDialog
      title={text("shell.deleteTitle")}
      confirm={text("shell.deleteConfirm")}
      danger
      busy={busy()}
      error={error()}
      onConfirm={() => void remove()}
      onCancel={() => props.onClose()}
    >
      <p>{text("shell.deleteBody", { title: threadTitle(props.row) })}</p>
    </ConfirmDialog>
  );
}
