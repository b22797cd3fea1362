import { createSignal, createUniqueId, For, Show } from "solid-js";
import type { Folder, GrantView, NetworkMode } from "../backend";
import { Button } from "../design/Button";
import { Dialog } from "../design/Dialog";
import { Icon } from "../design/Icon";
import { circleCheck, circleDashed, circleDot, circleX, shieldAlert, shieldOff, x, type IconPath } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { Segmented } from "../design/Segmented";
import { useApp } from "../state/app";
import { folderBox, isHost, type CommandsBox } from "../state/boxes";
import { text } from "../strings";
import { createChanges, Section, type Changes } from "./folderBoxPart";
import { FolderLimits } from "./FolderLimits";
import "./folderBox.css";

/** What commands of a folder may reach beside it, and whether its box holds. Each change is saved as it is made. */
export function FolderBoxDialog(props: { folder: string; onClose(): void }) {
  const app = useApp();
  const folder = () => app.folderOf(props.folder);
  const changes = createChanges(folder);
  return (
    <Dialog
      wide
      title={text("reach.title", { name: folder()?.label ?? "" })}
      onClose={() => props.onClose()}
      actions={
        <Button autofocus data-testid="reach-close" onClick={() => props.onClose()}>
          {text("reach.done")}
        </Button>
      }
    >
      <Show when={folder()} fallback={<p role="alert">{text("reach.gone")}</p>}>
        {(shown) => (
          <div class="reach" data-testid="reach" aria-busy={changes.busy() !== undefined}>
            <p class="wrap-anywhere">{shown().path}</p>
            <BoxState folder={shown()} changes={changes} />
            <Network folder={shown()} changes={changes} />
            <Granted folder={shown()} changes={changes} />
            <FolderLimits folder={shown()} changes={changes} />
            <Unboxed folder={shown()} changes={changes} />
          </div>
        )}
      </Show>
    </Dialog>
  );
}

const boxLooks: Record<CommandsBox["kind"], { icon: IconPath; colour: string }> = {
  unknown: { icon: circleDashed, colour: "subtle" },
  proving: { icon: circleDot, colour: "is-live" },
  proven: { icon: circleCheck, colour: "is-success" },
  reduced: { icon: shieldAlert, colour: "" },
  failed: { icon: circleX, colour: "is-danger" },
};

function BoxState(props: { folder: Folder; changes: Changes }) {
  const app = useApp();
  const box = () => folderBox(app.state.safety, props.folder.id);
  return (
    <Section title={text("reach.box")} part="box" changes={props.changes}>
      <div class="reach-line" data-testid="reach-box" data-state={box().kind}>
        <Icon path={boxLooks[box().kind].icon} small class={boxLooks[box().kind].colour} />
        <div class="grow">
          <p>{text(`reach.box.${box().kind}`)}</p>
          <Show when={box().reason}>
            <p class="small subtle">{box().reason}</p>
          </Show>
        </div>
        <Show when={box().kind === "failed" || box().kind === "unknown"}>
          <Button
            small
            aria-disabled={props.changes.busy() !== undefined}
            data-testid="reach-prove"
            onClick={() => void props.changes.run("box", () => app.backend.commands.folderBoxProve({ folder: props.folder.id }))}
          >
            {text(box().kind === "failed" ? "box.tryAgain" : "box.try")}
          </Button>
        </Show>
      </div>
    </Section>
  );
}

const modes: NetworkMode[] = ["off", "listed", "open"];

function Network(props: { folder: Folder; changes: Changes }) {
  let group: HTMLDivElement | undefined;
  const mode = () => props.folder.box.network;
  const choose = (network: NetworkMode) => {
    if (network !== mode()) void props.changes.set("network", () => ({ network }));
  };
  // Arrows only move: to choose may open the system's dialog. A native handler, for the dialog keeps keys to itself.
  const onKeyDown = (press: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[press.key];
    if (by === undefined) return;
    press.preventDefault();
    const all = [...(group?.querySelectorAll<HTMLElement>("[role='radio']") ?? [])];
    const at = all.findIndex((each) => each === document.activeElement);
    all[(at + by + all.length) % all.length]?.focus();
  };
  return (
    <Section title={text("reach.network")} part={["network", "hosts"]} changes={props.changes}>
      <div class="options" role="radiogroup" aria-label={text("reach.network")} ref={(element) => (group = element)} on:keydown={onKeyDown}>
        <For each={modes}>
          {(each) => (
            <button
              type="button"
              class="option reach-option"
              role="radio"
              aria-checked={each === mode()}
              aria-disabled={props.changes.busy() !== undefined}
              aria-label={`${text(`reach.network.${each}`)}. ${text(`reach.network.${each}Body`)}`}
              tabindex={each === mode() ? 0 : -1}
              data-testid={`network-${each}`}
              onClick={() => choose(each)}
            >
              <span class="radio" aria-checked={each === mode()} aria-hidden="true" />
              <span>
                <span class="what">{text(`reach.network.${each}`)}</span>
                <span class="why">{text(`reach.network.${each}Body`)}</span>
              </span>
            </button>
          )}
        </For>
      </div>
      <Show when={mode() === "listed"}>
        <Hosts folder={props.folder} changes={props.changes} />
      </Show>
      <p class="small subtle">{text("reach.network.never")}</p>
    </Section>
  );
}

function Hosts(props: { folder: Folder; changes: Changes }) {
  const field = createUniqueId();
  const hint = createUniqueId();
  const [written, setWritten] = createSignal("");
  let input: HTMLInputElement | undefined;
  let list: HTMLUListElement | undefined;
  const hosts = () => props.folder.box.hosts;
  const wrong = () => props.changes.said()?.part === "hosts" && (props.changes.said()?.danger ?? false);
  const add = async () => {
    const host = written().trim().toLowerCase();
    if (host === "" || props.changes.busy()) return;
    if (!isHost(host)) {
      props.changes.say("hosts", text("reach.notAHost", { host }));
      return;
    }
    if (hosts().includes(host)) {
      props.changes.say("hosts", text("reach.hostKnown", { host }));
      return;
    }
    if (await props.changes.set("hosts", (box) => ({ hosts: [...box.hosts, host] }))) setWritten("");
    input?.focus();
  };
  const remove = async (host: string, at: number) => {
    if (await props.changes.set("hosts", (box) => ({ hosts: box.hosts.filter((each) => each !== host) }))) focusNear(list, at, input);
  };
  return (
    <div class="reach-hosts">
      <Show when={hosts().length > 0} fallback={<p class="small subtle">{text("reach.hostsNone")}</p>}>
        <ul class="reach-list" aria-label={text("reach.hosts")} ref={(element) => (list = element)}>
          <For each={hosts()}>
            {(host, index) => (
              <li class="reach-row" data-testid="reach-host">
                <span class="grow">
                  <code>{host}</code>
                  <Show when={host.startsWith(".")}>
                    {" "}
                    <span class="small subtle">{text("reach.hostBelow")}</span>
                  </Show>
                </span>
                <IconButton icon={x} label={text("reach.removeHost", { host })} aria-disabled={props.changes.busy() !== undefined} data-testid="reach-remove" onClick={() => void remove(host, index())} />
              </li>
            )}
          </For>
        </ul>
      </Show>
      <form
        class="reach-add"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void add();
        }}
      >
        <label class="sr-only" for={field}>
          {text("reach.hostLabel")}
        </label>
        <input
          id={field}
          class="input input--mono"
          ref={(element) => (input = element)}
          value={written()}
          placeholder={text("reach.hostPlaceholder")}
          autocomplete="off"
          spellcheck={false}
          aria-invalid={wrong()}
          aria-describedby={hint}
          data-testid="reach-host-input"
          onInput={(typed) => {
            setWritten(typed.currentTarget.value);
            if (wrong()) props.changes.hush();
          }}
        />
        <Button type="submit" aria-disabled={written().trim() === "" || props.changes.busy() !== undefined} data-testid="reach-host-add">
          {text("reach.addHost")}
        </Button>
      </form>
      <p class="small subtle" id={hint}>
        {text("reach.hostHint")} <Show when={hosts().length > 0}>{text("reach.hostsForgotten")}</Show>
      </p>
    </div>
  );
}

function Granted(props: { folder: Folder; changes: Changes }) {
  const app = useApp();
  let list: HTMLUListElement | undefined;
  let first: HTMLButtonElement | undefined;
  const granted = () => props.folder.box.granted;
  const set = (grant: GrantView, writable: boolean) => {
    if (grant.writable === writable) return;
    void props.changes.set("granted", (box) => ({ granted: box.granted.map((each) => (each.path === grant.path ? { ...each, writable } : each)) }));
  };
  const remove = async (path: string, at: number) => {
    if (await props.changes.set("granted", (box) => ({ granted: box.granted.filter((each) => each.path !== path) }))) focusNear(list, at, first);
  };
  const add = (writable: boolean) => void props.changes.run("granted", () => app.backend.commands.folderBoxGrant({ folder: props.folder.id, writable }));
  return (
    <Section title={text("reach.granted")} part="granted" changes={props.changes}>
      <Show when={granted().length > 0} fallback={<p class="small subtle">{text("reach.grantedNone")}</p>}>
        <ul class="reach-list" aria-label={text("reach.granted")} ref={(element) => (list = element)}>
          <For each={granted()}>
            {(grant, index) => (
              <li class="reach-row" data-testid="reach-grant" data-writable={grant.writable}>
                <span class="grow wrap-anywhere mono">{grant.path}</span>
                <Segmented
                  label={text("reach.accessLabel", { path: grant.path })}
                  value={grant.writable ? "change" : "read"}
                  choices={[
                    { value: "read", label: text("reach.read") },
                    { value: "change", label: text("reach.changes") },
                  ]}
                  onChoose={(chosen) => set(grant, chosen === "change")}
                />
                <IconButton icon={x} label={text("reach.removeGrant", { path: grant.path })} aria-disabled={props.changes.busy() !== undefined} data-testid="reach-remove" onClick={() => void remove(grant.path, index())} />
              </li>
            )}
          </For>
        </ul>
      </Show>
      <div class="reach-buttons">
        <Button small ref={(element) => (first = element)} aria-disabled={props.changes.busy() !== undefined} data-testid="reach-grant-read" onClick={() => add(false)}>
          {text("reach.addRead")}
        </Button>
        <Button small aria-disabled={props.changes.busy() !== undefined} data-testid="reach-grant-change" onClick={() => add(true)}>
          {text("reach.addChange")}
        </Button>
      </div>
    </Section>
  );
}

/** Where no box can be had, commands are allowed only after the system's own dialog asked. */
function Unboxed(props: { folder: Folder; changes: Changes }) {
  const app = useApp();
  const allowed = () => props.folder.unboxedAllowed;
  const offered = () => allowed() || folderBox(app.state.safety, props.folder.id).kind === "failed";
  return (
    <Show when={offered()}>
      <Section title={text("reach.unboxed")} part="unboxed" changes={props.changes}>
        <div class="reach-line">
          <Icon path={shieldOff} small class={allowed() ? "is-warn" : "subtle"} />
          <div class="grow">
            <p>{text(allowed() ? "folders.unboxedBody" : "folders.boxedBody")}</p>
            <Show when={!allowed()}>
              <p class="small subtle">{text("reach.unboxedWarning")}</p>
            </Show>
          </div>
          <Button
            small
            {...(allowed() ? {} : { kind: "danger" as const })}
            aria-disabled={props.changes.busy() !== undefined}
            aria-label={text(allowed() ? "folders.boxLabel" : "folders.unboxLabel", { name: props.folder.label })}
            data-testid="folder-unbox"
            data-folder={props.folder.id}
            data-allowed={allowed()}
            onClick={() => void props.changes.run("unboxed", () => app.backend.commands.folderUnbox({ folder: props.folder.id, allowed: !allowed() }))}
          >
            {text(allowed() ? "folders.box" : "folders.unbox")}
          </Button>
        </div>
      </Section>
    </Show>
  );
}

/** The row that was pressed is gone; the focus goes on to the one in its place, or to where rows are added. */
function focusNear(list: HTMLElement | undefined, at: number, otherwise: HTMLElement | undefined): void {
  const buttons = list?.isConnected ? [...list.querySelectorAll<HTMLElement>("[data-testid='reach-remove']")] : [];
  (buttons[Math.min(at, buttons.length - 1)] ?? otherwise)?.focus();
}
