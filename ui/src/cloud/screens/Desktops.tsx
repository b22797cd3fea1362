import { createMemo, For, Show } from "solid-js";
import { Button } from "../../design/Button";
import { Icon } from "../../design/Icon";
import { ellipsis, plus } from "../../design/icons";
import { createMinuteClock } from "../../state/clock";
import { cloudText as text } from "../../strings/cloud";
import { useAccount } from "../account";
import { stateOf, statusIcons, statusTime, statusWords } from "../desktopWords";
import { Page, Reading } from "../Page";
import { hashOf } from "../route";
import type { Desktop, DesktopStatus } from "../wire";

/** The desktops one may see, one's own first. */
export function Desktops() {
  const account = useAccount();
  const all = () => account.state.desktops;
  const me = () => account.state.me?.user.id;
  const mine = createMemo(() => (all() ?? []).filter(({ owner }) => owner === me()));
  const others = createMemo(() => (all() ?? []).filter(({ owner }) => owner !== me()));
  account.followDesktops();
  const addLink = () => (
    <Button kind="primary" data-testid="add-desktop" onClick={() => account.go({ at: "add" })}>
      <Icon path={plus} small />
      {text("cloud.addDesktop")}
    </Button>
  );
  return (
    <Page title={text("cloud.desktops")} body={text("cloud.desktopsBody")} actions={<Show when={account.may("addDesktop") && (all()?.length ?? 0) > 0}>{addLink()}</Show>}>
      <Show when={account.state.desktopsError}>
        {(reason) => (
          <div class="notice notice--danger" role="alert" data-testid="read-failed">
            <div class="notice-text">
              <p>{text("cloud.desktopsFailed", { reason: reason() })}</p>
            </div>
            <div class="actions">
              <Button small onClick={() => void account.listDesktops()}>
                {text("cloud.again")}
              </Button>
            </div>
          </div>
        )}
      </Show>
      <Show when={all()} fallback={<Show when={account.state.desktopsError === null}><Reading /></Show>}>
        <Show
          when={(all()?.length ?? 0) > 0}
          fallback={
            <div class="empty cloud-empty" data-testid="no-desktops">
              <h2>{text("cloud.noDesktops")}</h2>
              <p>{text(account.may("addDesktop") ? "cloud.noDesktopsBody" : "cloud.noDesktopsViewer")}</p>
              <Show when={account.may("addDesktop")}>{addLink()}</Show>
            </div>
          }
        >
          <Rows title={text("cloud.mine")} rows={mine()} own />
          <Rows title={text("cloud.ofOrganization")} rows={others()} />
        </Show>
      </Show>
    </Page>
  );
}

const colours: Partial<Record<DesktopStatus, string>> = { online: "is-success", revoked: "is-danger" };

function Rows(props: { title: string; rows: Desktop[]; own?: boolean }) {
  const account = useAccount();
  const now = createMinuteClock();
  const stands = (desktop: Desktop) => stateOf(desktop, now());
  const several = () => account.organizations().length > 1;
  const where = (desktop: Desktop) =>
    [props.own ? "" : text("cloud.ownedBy", { name: desktop.ownerName }), several() ? (account.organizations().find(({ id }) => id === desktop.organization)?.name ?? "") : ""].filter((part) => part !== "").join(" · ");
  return (
    <Show when={props.rows.length > 0}>
      <section class="group">
        <h2>{props.title}</h2>
        <ul class="cloud-rows">
          <For each={props.rows}>
            {(desktop) => (
              <li data-testid="desktop" data-status={stands(desktop).status}>
                <a
                  class="item-row"
                  href={hashOf(desktop.may.see ? { at: "workspace", desktop: desktop.id, session: null } : { at: "desktop", desktop: desktop.id })}
                >
                  <Icon path={statusIcons[stands(desktop).status]} class={colours[stands(desktop).status] ?? ""} />
                  <span class="name truncate">{desktop.label}</span>
                  <span class="sub" title={desktop.may.see ? statusTime(stands(desktop)) : undefined}>
                    {desktop.may.see ? statusWords(stands(desktop), now()) : text("cloud.visibilityOf")}
                    <Show when={stands(desktop).behind}> · {text("cloud.behind")}</Show>
                    <Show when={where(desktop) !== ""}> · {where(desktop)}</Show>
                  </span>
                </a>
                <a class="icon-button" href={hashOf({ at: "desktop", desktop: desktop.id })} aria-label={text("cloud.details", { name: desktop.label })} title={text("cloud.details", { name: desktop.label })}>
                  <Icon path={ellipsis} />
                </a>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
