import { createMemo, createResource, For, Match, Show, Switch } from "solid-js";
import { createStore, produce, reconcile } from "solid-js/store";
import { toApiError, type AllowanceRow } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { text } from "../strings";
import { fullTime, shortAge } from "../strings/format";

/** The rules of "always allow", by folder, each with a way to take it back. */
export function Permissions() {
  const app = useApp();
  const [rules, setRules] = createStore<{ list: AllowanceRow[] }>({ list: [] });
  const [errors, setErrors] = createStore<Record<number, string | undefined>>({});
  let place: HTMLDivElement | undefined;
  const [asked, { refetch }] = createResource(() =>
    app.backend.commands.allowanceList().then(
      (list) => {
        setRules("list", reconcile(list, { key: "id" }));
        return { error: undefined };
      },
      (thrown: unknown) => ({ error: toApiError(thrown).message }),
    ),
  );
  // Paths, so that a folder whose rules change stays where it is, with the focus in it.
  const folders = createMemo(() => [...new Set(rules.list.map((rule) => rule.folder))]);
  const rulesOf = (path: string) => rules.list.filter((rule) => rule.folder === path);
  const labelOf = (path: string) => app.state.folders.find((folder) => folder.path === path)?.label ?? lastComponent(path);

  // The row goes at once; the button that was pressed goes with it, so the focus moves to the next one.
  const revoke = async (rule: AllowanceRow, button: HTMLElement) => {
    const at = rules.list.indexOf(rule);
    const order = [...(place?.querySelectorAll<HTMLElement>("[data-testid='allowance-revoke']") ?? [])].indexOf(button);
    const kept = { ...rule };
    setErrors(rule.id, undefined);
    setRules("list", (list) => list.filter((known) => known.id !== kept.id));
    focusNear(order);
    try {
      await app.backend.commands.allowanceRevoke({ allowance: kept.id });
    } catch (thrown) {
      const { code, message } = toApiError(thrown);
      // Taken back elsewhere already.
      if (code === "notFound") return;
      setErrors(kept.id, text("permissions.notRevoked", { reason: message }));
      setRules(
        produce((draft) => {
          if (!draft.list.some((known) => known.id === kept.id)) draft.list.splice(at, 0, kept);
        }),
      );
    }
  };
  const focusNear = (order: number) => {
    const buttons = place?.querySelectorAll<HTMLElement>("[data-testid='allowance-revoke']") ?? [];
    (buttons[Math.min(order, buttons.length - 1)] ?? place)?.focus();
  };

  return (
    <div tabindex={-1} ref={(element) => (place = element)}>
      <Switch
        fallback={
          <div class="empty">
            <h2 class="group-title">{text("permissions.none")}</h2>
            <p>{text("permissions.noneBody")}</p>
          </div>
        }
      >
        <Match when={folders().length > 0}>
          <For each={folders()}>
            {(path, index) => (
              <section class="group" classList={{ first: index() === 0 }}>
                <h2>{labelOf(path)}</h2>
                <p class="wrap-anywhere">{path}</p>
                <ul class="group-body">
                  <For each={rulesOf(path)}>{(rule) => <Rule rule={rule} folder={labelOf(path)} error={errors[rule.id]} onRevoke={(button) => void revoke(rule, button)} />}</For>
                </ul>
              </section>
            )}
          </For>
        </Match>
        <Match when={asked.loading}>
          <p class="muted">{text("permissions.loading")}</p>
        </Match>
        <Match when={asked.latest?.error}>
          <p class="error-text" role="alert">
            {asked.latest?.error}
          </p>
          <div class="page-actions">
            <Button onClick={() => void refetch()}>{text("permissions.again")}</Button>
          </div>
        </Match>
      </Switch>
    </div>
  );
}

function Rule(props: { rule: AllowanceRow; folder: string; error: string | undefined; onRevoke(button: HTMLElement): void }) {
  const now = createMinuteClock();
  return (
    <li class="setting" data-testid="allowance" data-permission={props.rule.permission}>
      <div class="text">
        <div class="label wrap-anywhere mono">
          {props.rule.permission} {props.rule.pattern}
        </div>
        <p class="wrap-anywhere">
          {text("permissions.agent", { agent: props.rule.agent })}
          {" · "}
          {text("permissions.origin", { origin: props.rule.origin })}
          {" · "}
          <time datetime={new Date(props.rule.created).toISOString()} aria-label={fullTime(props.rule.created)}>
            {shortAge(props.rule.created, now())}
          </time>
        </p>
        <Show when={props.error}>
          <p class="is-danger" role="alert">
            {props.error}
          </p>
        </Show>
      </div>
      <div class="control">
        <Button
          aria-label={text("permissions.revokeLabel", { permission: props.rule.permission, pattern: props.rule.pattern, folder: props.folder })}
          data-testid="allowance-revoke"
          onClick={(press) => props.onRevoke(press.currentTarget)}
        >
          {text("permissions.revoke")}
        </Button>
      </div>
    </li>
  );
}

/** What a folder that is not on the list is called. */
const lastComponent = (path: string): string => path.split(/[/\\]/).findLast((part) => part !== "") ?? path;
