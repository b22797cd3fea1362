import { createSignal, createUniqueId, For, Match, Show, Switch } from "solid-js";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { bell } from "../design/icons";
import { useApp } from "../state/app";
import { askText } from "../strings/asks";
import { Answered } from "./Answered";
import { Waiting } from "./Waiting";
import "./inbox.css";

const tabs = ["waiting", "answered"] as const;
type Tab = (typeof tabs)[number];

/** What waits for the person, over all threads, and what was answered lately. */
export function InboxPage() {
  const app = useApp();
  const [tab, setTab] = createSignal<Tab>("waiting");
  const names = createUniqueId();
  let list: HTMLDivElement | undefined;
  const waiting = () => app.state.inbox.rows.length + app.state.inbox.more;
  const focusTab = () => list?.querySelector<HTMLElement>("[aria-selected='true']")?.focus();
  const step = (by: number) => {
    const next = tabs[(tabs.indexOf(tab()) + by + tabs.length) % tabs.length];
    if (next === undefined || (next === "answered" && !app.can("answered"))) return;
    setTab(next);
    focusTab();
  };
  const told = () => app.state.settings.notifyAsks;
  return (
    <main class="main inbox" data-pane data-testid="inbox">
      <header class="pane-header">
        <h1 class="pane-title">{askText("inbox.title")}</h1>
        <div
          class="tabs"
          role="tablist"
          aria-label={askText("inbox.tabs")}
          ref={(element) => (list = element)}
          onKeyDown={(press) => {
            const by = { ArrowRight: 1, ArrowLeft: -1 }[press.key];
            if (by === undefined) return;
            press.preventDefault();
            step(by);
          }}
        >
          <For each={tabs.filter((name) => name === "waiting" || app.can("answered"))}>
            {(name) => (
              <button
                type="button"
                role="tab"
                id={`${names}-${name}`}
                aria-selected={tab() === name}
                aria-controls={`${names}-panel`}
                tabindex={tab() === name ? 0 : -1}
                data-testid={`inbox-tab-${name}`}
                onClick={() => setTab(name)}
              >
                {askText(`inbox.tab.${name}`)}
                <Show when={name === "waiting" && waiting() > 0}>
                  <span class="small tnum subtle">{waiting()}</span>
                </Show>
              </button>
            )}
          </For>
        </div>
        <span class="grow" />
        <Show when={app.can("rules")}>
          <Button kind="quiet" small data-testid="inbox-rules" onClick={() => app.openSettings("permissions")}>
            {askText("inbox.rules")}
          </Button>
        </Show>
        <Show when={app.can("section.notifications")}>
          <Button
            kind="quiet"
            small
            aria-pressed={told()}
            title={askText(told() ? "inbox.notifyOn" : "inbox.notifyOff")}
            data-testid="inbox-notify"
            onClick={() => void app.saveSettings({ notifyAsks: !told() })}
          >
            <Icon path={bell} small />
            {askText("inbox.notify")}
          </Button>
        </Show>
      </header>
      <div class="inbox-panel" role="tabpanel" id={`${names}-panel`} aria-labelledby={`${names}-${tab()}`}>
        <Switch>
          <Match when={tab() === "waiting"}>
            <Waiting onNothingLeft={focusTab} />
          </Match>
          <Match when={tab() === "answered"}>
            <Answered />
          </Match>
        </Switch>
      </div>
    </main>
  );
}
