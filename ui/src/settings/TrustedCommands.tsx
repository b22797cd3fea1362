import { createResource, createSignal, For, Match, Switch } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { toApiError, type TrustedCommandRow } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { askText } from "../strings/asks";
import { fullTime, shortAge } from "../strings/format";

/** The commands that a person read and trusts, with a way to trust them no longer. */
export function TrustedCommands() {
  const app = useApp();
  const now = createMinuteClock();
  const [commands, setCommands] = createStore<{ list: (TrustedCommandRow & { id: string })[] }>({ list: [] });
  const [failed, setFailed] = createSignal<{ id: string; reason: string }>();
  let place: HTMLElement | undefined;
  const read = () =>
    app.backend.commands.commandTrusted().then(
      (list) => {
        setCommands("list", reconcile(list.map((row) => ({ ...row, id: `${row.folder}\n${row.key}` })), { key: "id" }));
        return { error: undefined };
      },
      (thrown: unknown) => ({ error: toApiError(thrown).message }),
    );
  const [asked, { refetch }] = createResource(read);
  const labelOf = (path: string) => app.state.folders.find((folder) => folder.path === path)?.label ?? path;

  const distrust = async (row: TrustedCommandRow & { id: string }) => {
    const { id, folder, key, name } = row;
    const at = commands.list.findIndex((known) => known.id === id);
    setFailed(undefined);
    try {
      await app.backend.commands.commandDistrust({ folder, command: key });
    } catch (thrown) {
      const { code, message } = toApiError(thrown);
      // Where it was taken back elsewhere already there is nothing left to do.
      if (code !== "notFound") {
        setFailed({ id, reason: message });
        return;
      }
    }
    setCommands("list", (list) => list.filter((known) => known.id !== id));
    app.toasts.show(askText("trusted.revoked", { name }));
    // The button that was pressed is gone.
    const buttons = place?.querySelectorAll<HTMLElement>("[data-testid='trusted-revoke']") ?? [];
    (buttons[Math.min(at, buttons.length - 1)] ?? place)?.focus();
  };

  return (
    <section class="group" tabindex={-1} ref={(element) => (place = element)} data-testid="trusted-commands">
      <h2>{askText("trusted.title")}</h2>
      <p>{askText("trusted.body")}</p>
      <Switch fallback={<p class="muted">{askText("trusted.none")}</p>}>
        <Match when={commands.list.length > 0}>
          <ul class="group-body">
            <For each={commands.list}>
              {(row) => (
                <li class="setting" data-testid="trusted-command">
                  <div class="text">
                    <div class="label wrap-anywhere mono">/{row.name}</div>
                    <p class="wrap-anywhere" title={row.folder}>
                      {labelOf(row.folder)}
                      {" · "}
                      <time datetime={new Date(row.trusted).toISOString()} aria-label={fullTime(row.trusted)}>
                        {askText("trusted.since", { time: shortAge(row.trusted, now()) })}
                      </time>
                    </p>
                    <Switch>
                      <Match when={failed()?.id === row.id && failed()}>
                        {(failure) => (
                          <p class="is-danger" role="alert">
                            {askText("trusted.notRevoked", { reason: failure().reason })}
                          </p>
                        )}
                      </Match>
                    </Switch>
                  </div>
                  <div class="control">
                    <Button aria-label={askText("trusted.revokeLabel", { name: row.name, folder: labelOf(row.folder) })} data-testid="trusted-revoke" onClick={() => void distrust(row)}>
                      {askText("trusted.revoke")}
                    </Button>
                  </div>
                </li>
              )}
            </For>
          </ul>
        </Match>
        <Match when={asked.loading}>
          <p class="muted" role="status">
            {askText("trusted.loading")}
          </p>
        </Match>
        <Match when={asked.latest?.error}>
          {(reason) => (
            <>
              <p class="error-text" role="alert">
                {reason()}
              </p>
              <div class="page-actions">
                <Button onClick={() => void refetch()}>{askText("trusted.again")}</Button>
              </div>
            </>
          )}
        </Match>
      </Switch>
    </section>
  );
}
