import { createMemo, createResource, createSignal, For, Match, Show, Switch } from "solid-js";
import { createStore, produce, reconcile } from "solid-js/store";
import { toApiError, type AllowanceRow, type PermissionSubject } from "../backend";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { text } from "../strings";
import { askText } from "../strings/asks";
import { fullTime, shortAge } from "../strings/format";
import { TrustedCommands } from "./TrustedCommands";

/** From so many rules on there is a field to filter them by: fewer are all in sight. */
const worthFiltering = 2;

/** Rules that are drawn at once; of years of work there may be thousands. */
const pageOfRules = 50;

/** The rules of "always allow", by folder: what each allows, where it is from, what it was used for, and a way to take it back. */
export function Permissions() {
  const app = useApp();
  const [rules, setRules] = createStore<{ list: AllowanceRow[] }>({ list: [] });
  const [errors, setErrors] = createStore<Record<number, string | undefined>>({});
  const [wanted, setWanted] = createSignal("");
  let place: HTMLDivElement | undefined;
  const read = () =>
    app.backend.commands.allowanceList().then(
      (list) => {
        setRules("list", reconcile(list, { key: "id" }));
        return { error: undefined };
      },
      (thrown: unknown) => ({ error: toApiError(thrown).message }),
    );
  const [asked, { refetch }] = createResource(read);
  const labelOf = (path: string) => app.state.folders.find((folder) => folder.path === path)?.label ?? lastComponent(path);
  const words = createMemo(() => wanted().toLowerCase().split(/\s+/).filter((word) => word !== ""));
  const worded = createMemo(() => rules.list.filter((rule) => words().every((word) => searched(rule, labelOf(rule.folder)).includes(word))));
  const [wantedKind, setKind] = createSignal<RuleKind>();
  // In the order of the words, with those that have rules.
  const kinds = createMemo(() => ruleKinds.filter((kind) => rules.list.some((rule) => kindOf(rule) === kind)));
  // A kind whose last rule was revoked is none to filter by.
  const kind = () => kinds().find((known) => known === wantedKind());
  const found = createMemo(() => worded().filter((rule) => kind() === undefined || kindOf(rule) === kind()));
  const chooseKind = (chosen: RuleKind | undefined) => {
    setKind(chosen);
    setMost(pageOfRules);
  };
  // Paths, so that a folder whose rules change stays where it is, with the focus in it.
  const folders = createMemo(() => [...new Set(found().map((rule) => rule.folder))]);
  const [most, setMost] = createSignal(pageOfRules);
  // Folder by folder, so that what comes with the next page stands behind what is there.
  const shown = createMemo(() => folders().flatMap((path) => found().filter((rule) => rule.folder === path)).slice(0, most()));
  const shownFolders = createMemo(() => folders().slice(0, new Set(shown().map((rule) => rule.folder)).size));
  const rulesOf = (path: string) => shown().filter((rule) => rule.folder === path);
  const left = () => found().length - shown().length;
  const showMore = () => {
    const before = shown().length;
    setMost(before + pageOfRules);
    // The button may be gone; the first of the new ones is what is read next.
    queueMicrotask(() => place?.querySelectorAll<HTMLElement>("[data-testid='allowance-revoke']")[before]?.focus());
  };

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
      app.toasts.show(askText("rules.revoked", { permission: kept.permission, pattern: kept.pattern }), false, { label: askText("rules.undo"), run: () => void restore(kept, at) });
    } catch (thrown) {
      const { code, message } = toApiError(thrown);
      // Taken back elsewhere already.
      if (code === "notFound") return;
      setErrors(kept.id, text("permissions.notRevoked", { reason: message }));
      putBack(kept, at);
    }
  };
  const putBack = (rule: AllowanceRow, at: number) =>
    setRules(
      produce((draft) => {
        if (!draft.list.some((known) => known.id === rule.id)) draft.list.splice(at, 0, rule);
      }),
    );
  /** Brings a rule back as it was; what it allowed is not asked for again. */
  const restore = async (rule: AllowanceRow, at: number) => {
    try {
      await app.backend.commands.allowanceRestore({ allowance: rule.id });
      putBack(rule, at);
      queueMicrotask(() => place?.querySelector<HTMLElement>(`[data-rule="${rule.id}"] [data-testid='allowance-revoke']`)?.focus());
    } catch (thrown) {
      app.toasts.show(askText("rules.notRestored", { reason: toApiError(thrown).message }), true);
    }
  };
  const focusNear = (order: number) => {
    const buttons = place?.querySelectorAll<HTMLElement>("[data-testid='allowance-revoke']") ?? [];
    (buttons[Math.min(order, buttons.length - 1)] ?? place)?.focus();
  };

  return (
    <div tabindex={-1} ref={(element) => (place = element)}>
      <Show when={rules.list.length >= worthFiltering || wanted() !== ""}>
        <div class="rules-filter">
          <input
            class="input"
            type="search"
            data-testid="rules-filter"
            aria-label={askText("rules.filter")}
            placeholder={askText("rules.filter")}
            value={wanted()}
            onInput={(typed) => {
              setWanted(typed.currentTarget.value);
              setMost(pageOfRules);
            }}
          />
          <Show when={kinds().length > 1}>
            <div class="rule-kinds" role="group" aria-label={askText("rules.kinds")}>
              <For each={[undefined, ...kinds()]}>
                {(each) => (
                  <Button kind="quiet" small aria-pressed={kind() === each} data-testid={`rules-kind-${each ?? "all"}`} onClick={() => chooseKind(each)}>
                    {askText(`rules.kind.${each ?? "all"}`)}
                    <span class="tnum subtle">{each === undefined ? worded().length : worded().filter((rule) => kindOf(rule) === each).length}</span>
                  </Button>
                )}
              </For>
            </div>
          </Show>
          <p class="small subtle" role="status" data-testid="rules-found">
            {words().length === 0 && kind() === undefined ? "" : found().length === 0 ? askText("rules.noMatch") : askText("rules.found", { count: found().length })}
          </p>
        </div>
      </Show>
      <Switch
        fallback={
          <Show when={rules.list.length === 0}>
            <div class="empty">
              <h2 class="group-title">{text("permissions.none")}</h2>
              <p>{text("permissions.noneBody")}</p>
            </div>
          </Show>
        }
      >
        <Match when={folders().length > 0}>
          <For each={shownFolders()}>
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
          <Show when={left() > 0}>
            <div class="page-actions">
              <Button data-testid="rules-more" onClick={showMore}>
                {askText("rules.more", { count: left() })}
              </Button>
            </div>
          </Show>
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
      <TrustedCommands />
    </div>
  );
}

/** The kinds of rules, as they are named on the wire of asks; all other tools are one. */
const kindsByName = { bash: "shell", edit: "edit", read: "read", external_directory: "externalFolder", webfetch: "fetch", websearch: "webSearch", task: "task", skill: "skill", doom_loop: "repeatedCall" } as const satisfies Record<string, PermissionSubject>;
const ruleKinds = [...Object.values(kindsByName), "tool"] as const;
type RuleKind = (typeof ruleKinds)[number];

const isNamedKind = (name: string): name is keyof typeof kindsByName => Object.hasOwn(kindsByName, name);
const kindOf = (rule: AllowanceRow): RuleKind => (isNamedKind(rule.permission) ? kindsByName[rule.permission] : "tool");

/** What of a rule the filter looks through. */
const searched = (rule: AllowanceRow, folder: string): string => [rule.permission, rule.pattern, rule.agent, rule.origin, rule.threadTitle, rule.folder, folder].join("\n").toLowerCase();

function Rule(props: { rule: AllowanceRow; folder: string; error: string | undefined; onRevoke(button: HTMLElement): void }) {
  const app = useApp();
  const now = createMinuteClock();
  const used = () => {
    const at = props.rule.lastUsed;
    return at === null ? askText("rules.unused") : askText("rules.used", { count: props.rule.uses, time: shortAge(at, now()) });
  };
  const thread = () => (props.rule.threadTitle === "" ? undefined : askText("rules.thread", { thread: props.rule.threadTitle }));
  return (
    <li class="setting" data-testid="allowance" data-rule={props.rule.id} data-permission={props.rule.permission}>
      <div class="text">
        <div class="label wrap-anywhere mono">
          {props.rule.permission} {props.rule.pattern}
        </div>
        <p class="wrap-anywhere">
          {text("permissions.agent", { agent: props.rule.agent })}
          {" · "}
          {askText(props.rule.threadOnly ? "rules.threadOnly" : "rules.folderAll")}
          {" · "}
          <span data-testid="allowance-used">{used()}</span>
        </p>
        <p class="wrap-anywhere" data-testid="allowance-origin">
          {askText(props.rule.edited ? "rules.byYouEdited" : "rules.byYou")}{" "}
          <time datetime={new Date(props.rule.created).toISOString()} aria-label={fullTime(props.rule.created)}>
            {shortAge(props.rule.created, now())}
          </time>
          {" · "}
          {text("permissions.origin", { origin: props.rule.origin })}
          <Show when={thread()}>
            {(name) => (
              <>
                {" · "}
                <Show when={props.rule.thread} fallback={name()}>
                  {(session) => (
                    <button type="button" class="link" data-testid="allowance-thread" onClick={() => app.openSession(session())}>
                      {name()}
                    </button>
                  )}
                </Show>
              </>
            )}
          </Show>
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
