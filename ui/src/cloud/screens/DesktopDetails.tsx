import { createEffect, createSignal, on, Show, type JSX } from "solid-js";
import { Button } from "../../design/Button";
import { ConfirmDialog } from "../../design/Dialog";
import { createMinuteClock } from "../../state/clock";
import { cloudText as text } from "../../strings/cloud";
import { fullTime } from "../../strings/format";
import { useAccount } from "../account";
import { stateOf, statusTime, statusWords } from "../desktopWords";
import { createDoing } from "../doing";
import { readEnrolment } from "../enrolment";
import { createField, Field, needed } from "../fields";
import { Failure, Page, Reading } from "../Page";
import { hashOf } from "../route";
import type { Desktop } from "../wire";
import { VisibilityChoice } from "./AddDesktop";

/** One desktop: what it is called, who sees it, its token, and the end of it. */
export function DesktopDetails(props: { desktop: string; onRevoked(name: string): void }) {
  const account = useAccount();
  account.followDesktops();
  const found = () => account.state.desktops?.find(({ id }) => id === props.desktop);
  return (
    <Show
      when={account.state.desktops}
      fallback={
        <Page title={text("cloud.desktops")}>
          <Failure words={account.state.desktopsError ?? undefined} />
          <Show when={account.state.desktopsError === null}>
            <Reading />
          </Show>
        </Page>
      }
    >
      <Show when={found()} fallback={<Page title={text("cloud.desktops")} body={text("cloud.gone")}>{null}</Page>}>
        {(desktop) => <Details desktop={desktop()} onRevoked={props.onRevoked} />}
      </Show>
    </Show>
  );
}

function Details(props: { desktop: Desktop; onRevoked(name: string): void }) {
  const account = useAccount();
  const now = createMinuteClock();
  const path = () => `/api/organizations/${encodeURIComponent(props.desktop.organization)}/desktops/${encodeURIComponent(props.desktop.id)}`;
  const organization = () => account.organizations().find(({ id }) => id === props.desktop.organization)?.name ?? "";
  const own = () => props.desktop.owner === account.state.me?.user.id;
  const stands = () => stateOf(props.desktop, now());
  const ended = () => stands().status === "revoked";
  return (
    <Page
      title={props.desktop.label}
      body={text("cloud.detailsBody")}
      actions={
        <Show when={props.desktop.may.see}>
          <a class="button" href={hashOf({ at: "workspace", desktop: props.desktop.id, session: null })}>
            {text("cloud.openThreads")}
          </a>
        </Show>
      }
    >
      <dl class="cloud-facts">
        <Show when={props.desktop.may.see}>
          <Fact name={text("cloud.stands")}>
            <span title={statusTime(stands())}>{statusWords(stands(), now())}</span>
            <Show when={stands().behind}> · {text("cloud.behindLong")}</Show>
          </Fact>
        </Show>
        <Fact name={text("cloud.owner")}>{props.desktop.ownerName}</Fact>
        <Show when={props.desktop.version}>{(version) => <Fact name={text("cloud.version")}>{version()}</Fact>}</Show>
        <Fact name={text("cloud.added.since")}>{fullTime(props.desktop.created)}</Fact>
        <Fact name={text("cloud.pairingId")}>
          <code>{props.desktop.id}</code>
        </Fact>
      </dl>
      <Show when={props.desktop.may.change && !ended()}>
        <Naming desktop={props.desktop} path={path()} own={own()} organization={organization()} />
        <Rotating desktop={props.desktop} path={path()} />
      </Show>
      <Show when={props.desktop.may.revoke && !ended()}>
        <Revoking desktop={props.desktop} path={path()} onRevoked={props.onRevoked} />
      </Show>
    </Page>
  );
}

function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <div class="fact">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Naming(props: { desktop: Desktop; path: string; own: boolean; organization: string }) {
  const account = useAccount();
  const doing = createDoing();
  const label = createField(needed, props.desktop.label);
  const [visibility, setVisibility] = createSignal(props.desktop.visibility);
  const [saved, setSaved] = createSignal(false);
  // What somebody else changed is what is changed from here on, but not under somebody who writes.
  createEffect(on(() => props.desktop.label, (now, before) => before !== undefined && label.value() === before && label.set(now)));
  createEffect(on(() => props.desktop.visibility, (now, before) => before !== undefined && visibility() === before && setVisibility(now)));
  const changed = () => label.value().trim() !== props.desktop.label || visibility() !== props.desktop.visibility;
  const save = () => {
    if (!label.holds()) return;
    setSaved(false);
    void doing.run(async () => {
      await account.http.patch(props.path, { label: label.value().trim(), visibility: visibility() });
      await account.listDesktops();
      setSaved(true);
    });
  };
  return (
    <form
      class="cloud-form"
      noValidate
      onSubmit={(submitted) => {
        submitted.preventDefault();
        save();
      }}
    >
      <Field field={label} label={text("cloud.label")} longest={80} testid="label" />
      <VisibilityChoice value={visibility()} organization={props.organization} others={!props.own} onChoose={setVisibility} />
      <Failure words={doing.error()} />
      <div class="actions">
        <Button type="submit" disabled={doing.busy() || !changed()} data-testid="save">
          {text("cloud.save")}
        </Button>
        <span class="muted small" role="status">
          {saved() && !changed() ? text("cloud.saved") : ""}
        </span>
      </div>
    </form>
  );
}

function Rotating(props: { desktop: Desktop; path: string }) {
  const account = useAccount();
  const doing = createDoing();
  const [done, setDone] = createSignal(false);
  const link = createField((value) => {
    const found = readEnrolment(value);
    if (!found) return needed(value) ?? text("cloud.pairWrong");
    return found.pairingId === props.desktop.id ? undefined : text("cloud.rotateOther");
  });
  const replace = () => {
    const found = readEnrolment(link.value());
    if (!link.holds() || !found) return void document.getElementById(link.id)?.focus();
    setDone(false);
    void doing.run(async () => {
      await account.http.post(`${props.path}/token`, { token: found.token });
      link.clear();
      setDone(true);
    });
  };
  return (
    <section class="group">
      <h2>{text("cloud.rotate")}</h2>
      <p>{text("cloud.rotateBody")}</p>
      <form
        class="cloud-form"
        noValidate
        onSubmit={(submitted) => {
          submitted.preventDefault();
          replace();
        }}
      >
        <Field field={link} label={text("cloud.pairLink")} mono longest={4096} testid="rotate-link" />
        <Failure words={doing.error()} />
        <div class="actions">
          <Button type="submit" disabled={doing.busy()} data-testid="rotate">
            {text("cloud.rotateDo")}
          </Button>
          <span class="muted small" role="status">
            {done() ? text("cloud.rotated") : ""}
          </span>
        </div>
      </form>
    </section>
  );
}

function Revoking(props: { desktop: Desktop; path: string; onRevoked(name: string): void }) {
  const account = useAccount();
  const doing = createDoing();
  const [asks, setAsks] = createSignal(false);
  const revoke = () =>
    void doing.run(async () => {
      const { label } = props.desktop;
      await account.http.remove(props.path);
      setAsks(false);
      await account.listDesktops();
      props.onRevoked(label);
    });
  return (
    <section class="group">
      <h2>{text("cloud.revoke")}</h2>
      <p>{text("cloud.revokeBody")}</p>
      <div class="actions">
        <Button kind="danger" data-testid="revoke" onClick={() => setAsks(true)}>
          {text("cloud.revoke")}
        </Button>
      </div>
      <Show when={asks()}>
        <ConfirmDialog title={text("cloud.revokeTitle", { name: props.desktop.label })} confirm={text("cloud.revoke")} danger busy={doing.busy()} error={doing.error()} testid="revoke-sure" onConfirm={revoke} onCancel={() => setAsks(false)}>
          <p>{text("cloud.revokeSure")}</p>
        </ConfirmDialog>
      </Show>
    </section>
  );
}
