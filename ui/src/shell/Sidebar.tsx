import { Show, type JSX } from "solid-js";
import { Brand } from "../design/Brand";
import { Icon } from "../design/Icon";
import { IconButton } from "../design/IconButton";
import { heartPulse, house, inbox, panelLeft, settings2, squarePen, type IconPath } from "../design/icons";
import { useApp } from "../state/app";
import { thingsToMend } from "../state/engine";
import { text } from "../strings";
import { deed } from "./deeds";
import { shortcutLabel, type Shortcut } from "./keys";
import { SearchableThreads } from "./SearchField";
import { useSurroundings } from "./surroundings";

/** Where to go: the pages and all threads. */
export function Sidebar(props: { onHide(): void; onWent(): void; hideLabel: string }) {
  const app = useApp();
  const around = useSurroundings();
  const page = () => app.state.route.page;
  const waiting = () => app.state.inbox.rows.length + app.state.inbox.more;
  const toMend = () => thingsToMend(app.state);
  const key = (shortcut: Shortcut) => shortcutLabel(shortcut, app.state.platform);
  const went = (go: () => void) => () => {
    go();
    props.onWent();
  };
  return (
    <>
      <div class="sidebar-head">
        <Show
          when={around.places}
          fallback={
            <div class="workspace">
              <Brand />
              <span class="truncate">{app.state.brand.shortName}</span>
            </div>
          }
        >
          {(places) => places()(() => props.onWent())}
        </Show>
        <IconButton class="push" label={props.hideLabel} icon={panelLeft} shortcut={key("sidebar")} onClick={() => props.onHide()} />
      </div>
      <div class="nav">
        <Show when={app.can("newThread")}>
          <PlaceRow icon={squarePen} label={text("shell.newThread")} shortcut={key("newThread")} onGo={went(() => deed("newThread")?.())} />
        </Show>
        <PlaceRow icon={house} label={text("shell.home")} current={page() === "home"} onGo={went(() => app.go({ page: "home" }))} />
        <Show when={app.can("inbox")}>
          <PlaceRow icon={inbox} label={text("shell.inbox")} shortcut={waiting() > 0 ? undefined : key("inbox")} current={page() === "inbox"} onGo={went(() => app.go({ page: "inbox" }))}>
            <Show when={waiting() > 0}>
              <span class="count count--attention tnum" data-testid="inbox-count">
                <span aria-hidden="true">{waiting()}</span>
                <span class="sr-only">{text("status.waiting", { count: waiting() })}</span>
              </span>
            </Show>
          </PlaceRow>
        </Show>
      </div>
      <SearchableThreads onOpened={() => props.onWent()} />
      <div class="sidebar-foot">
        <Show when={app.can("health")}>
          <PlaceRow icon={heartPulse} label={text("shell.health")} current={page() === "health"} onGo={went(() => app.go({ page: "health" }))}>
            <Show when={toMend() > 0}>
              <span class="meta is-warn">{text("shell.toFix", { count: toMend() })}</span>
            </Show>
          </PlaceRow>
        </Show>
        <PlaceRow icon={settings2} label={text("shell.settings")} shortcut={key("settings")} onGo={went(() => app.openSettings())} />
      </div>
    </>
  );
}

/** Puts the focus where a prompt is written, when there is such a place. */
export function focusComposer(): void {
  document.querySelector<HTMLElement>("[data-testid='composer-input']")?.focus();
}

/** A row of the sidebar that leads to a page. */
export function PlaceRow(props: {
  icon: IconPath;
  label: string;
  current?: boolean;
  shortcut?: string | undefined;
  onGo(): void;
  children?: JSX.Element;
}) {
  return (
    <button type="button" class="row place-row" aria-current={props.current ? "page" : undefined} onClick={() => props.onGo()}>
      <Icon path={props.icon} />
      <span class="title">{props.label}</span>
      {props.children}
      <Show when={props.shortcut}>
        <kbd aria-hidden="true">{props.shortcut}</kbd>
      </Show>
    </button>
  );
}
