import { createMemo, createSignal, createUniqueId, Match, onCleanup, Show, Switch } from "solid-js";
import { Button } from "../../design/Button";
import { ConfirmDialog } from "../../design/Dialog";
import { Icon } from "../../design/Icon";
import { chevronDown, chevronRight } from "../../design/icons";
import { useApp } from "../../state/app";
import { createMinuteClock, createSecondClock } from "../../state/clock";
import { isOver } from "../../state/sharing";
import { runningClock, timeOfDay } from "../../strings/format";
import { pairingText as text } from "../../strings/pairing";
import { createDeeds } from "./deeds";
import { PairingDetails } from "./PairingDetails";
import { commandWords, looks, momentWords, repairOf, troubleWords, type Repair } from "./pairingWords";
import type { PairingRow, PairingToken } from "../../backend";

type Deed = "pause" | "sync" | "revoke" | "remove" | Repair;

/** One pairing: how it stands, what can be done with it, and all of it when it is opened. */
export function PairingLine(props: { row: PairingRow; managed: boolean; onToken(token: PairingToken): void; onGone(): void }) {
  const app = useApp();
  const now = createMinuteClock();
  const deeds = createDeeds<Deed>();
  const [open, setOpen] = createSignal(false);
  const [revoking, setRevoking] = createSignal(false);
  const names = createUniqueId();
  const { id } = props.row;
  const over = createMemo(() => isOver(props.row));
  const repair = createMemo(() => repairOf(props.row));
  const commands = app.backend.commands;
  /** What was never paired, and what the server ended, is only taken off the list. */
  const removable = () => props.row.state === "expired" || props.row.state === "revoked";
  let item: HTMLLIElement | undefined;
  let toggle: HTMLButtonElement | undefined;
  // It goes once the server was told that it is over, with the focus in it.
  onCleanup(() => item?.contains(document.activeElement) && queueMicrotask(() => props.onGone()));

  const state = () => {
    const { row } = props;
    const since = momentWords(row.since, now());
    switch (row.state) {
      case "waiting":
        return text("state.waiting");
      case "online":
        return text("state.online");
      case "offline":
        return text("state.offline", { since });
      case "paused":
        return text("state.paused", { since });
      case "revoked":
        return text(row.trouble === "revokedThere" ? "state.revokedThere" : "state.revoked", { since });
      default:
        return text(`state.${row.state}`);
    }
  };
  const last = () => {
    const { lastCommand } = props.row;
    if (!lastCommand) return undefined;
    const values = { what: commandWords(lastCommand.kind), time: momentWords(lastCommand.at, now()) };
    return lastCommand.who === null ? text("line.last", values) : text("line.lastOf", { ...values, who: lastCommand.who });
  };
  const mend = (how: Repair) => {
    const works: Record<Repair, () => Promise<unknown>> = {
      renew: async () => props.onToken(await commands.pairingRenew({ pairing: id })),
      sync: () => commands.pairingSync({ pairing: id }),
      pastProxy: () => {
        const { label, policy, folders } = props.row;
        return commands.pairingUpdate({ pairing: id, label, policy: { ...policy }, folders: folders.map(({ folder }) => folder), pastProxy: true });
      },
      storage: async () => app.openSettings("storage"),
    };
    void deeds.run(how, works[how]);
  };
  const revoke = async () => {
    const done = await deeds.run("revoke", () => commands.pairingRevoke({ pairing: id }));
    if (!done) return;
    setRevoking(false);
    queueMicrotask(() => (toggle?.isConnected ? toggle.focus() : props.onGone()));
  };
  return (
    <li class="pair-line" ref={(element) => (item = element)} data-testid="pairing" data-id={id} data-state={props.row.state}>
      <div class="paired">
        <button
          type="button"
          class="pair-toggle"
          ref={(element) => (toggle = element)}
          aria-expanded={open()}
          aria-controls={`${names}-details`}
          data-testid="pairing-open"
          onClick={() => setOpen(!open())}
        >
          <Icon path={open() ? chevronDown : chevronRight} small class="subtle" />
          <Icon path={looks[props.row.state].icon} class={looks[props.row.state].colour} />
          <span class="label wrap-anywhere">{props.row.label}</span>
          <span class="muted mono wrap-anywhere">{props.row.host}</span>
        </button>
        <div class="pair-state small subtle" data-testid="pairing-state">
          <span role="status">{state()}</span>
          <Show when={last()}>{(words) => <span class="pair-last wrap-anywhere">{words()}</span>}</Show>
          <Show when={props.row.waiting > 0 && !over()}>
            <span>{text("line.events", { count: props.row.waiting })}</span>
          </Show>
        </div>
        <div class="pair-deeds">
          <Show when={!over()}>
            <Show when={props.row.state === "online"}>
              <Button small disabled={deeds.busy() !== undefined} data-testid="pairing-sync" onClick={() => void deeds.run("sync", () => commands.pairingSync({ pairing: id }))}>
                {text(deeds.busy() === "sync" ? "line.syncing" : "line.sync")}
              </Button>
            </Show>
            <Show when={props.row.state !== "waiting" && props.row.state !== "expired"}>
              <Button
                small
                disabled={deeds.busy() !== undefined}
                aria-label={text(props.row.state === "paused" ? "line.resumeOf" : "line.pauseOf", { name: props.row.label })}
                data-testid="pairing-pause"
                onClick={() => void deeds.run("pause", () => (props.row.state === "paused" ? commands.pairingResume({ pairing: id }) : commands.pairingPause({ pairing: id })))}
              >
                {text(props.row.state === "paused" ? "line.resume" : "line.pause")}
              </Button>
            </Show>
            <Show when={props.row.state === "waiting"}>
              <Button small disabled={deeds.busy() !== undefined} data-testid="pairing-renew" onClick={() => mend("renew")}>
                {text("repair.renew")}
              </Button>
            </Show>
            <Show when={!removable()}>
              <Button small kind="danger" disabled={deeds.busy() !== undefined} aria-label={text("line.revokeOf", { name: props.row.label })} data-testid="pairing-revoke" onClick={() => setRevoking(true)}>
                {text("line.revoke")}
              </Button>
            </Show>
          </Show>
          <Show when={removable()}>
            <Button
              small
              disabled={deeds.busy() !== undefined}
              aria-label={text("line.removeOf", { name: props.row.label })}
              data-testid="pairing-remove"
              onClick={() => void deeds.run("remove", () => commands.pairingRevoke({ pairing: id }))}
            >
              {text("line.remove")}
            </Button>
          </Show>
        </div>
      </div>
      <Show when={(props.row.trouble !== null && props.row.state !== "online") || repair() !== undefined || over() || props.row.state === "paused" || props.row.state === "waiting"}>
        <div class="pair-trouble small" data-testid="pairing-trouble">
          <p>
            <Switch fallback={troubleWords(props.row)}>
              <Match when={props.row.state === "waiting"}>
                {text("state.waitingBody", { time: props.row.expires === null ? "" : timeOfDay(props.row.expires) })} {troubleWords(props.row)}
              </Match>
              <Match when={props.row.state === "expired"}>{text("state.expiredBody")}</Match>
              <Match when={props.row.state === "paused"}>{text("state.pausedBody")}</Match>
              <Match when={props.row.state === "revoking"}>{text("state.revokingBody")}</Match>
              <Match when={props.row.state === "revoked"}>{text(props.row.trouble === "revokedThere" ? "state.revokedThereBody" : "state.revokedBody")}</Match>
            </Switch>{" "}
            <Show when={props.row.state === "offline"}>{text("state.offlineBody")} </Show>
            <Show when={props.row.nextTry}>{(next) => <NextTry at={next()} />}</Show>
          </p>
          <Show when={props.row.detail !== ""}>
            <details class="pair-detail">
              <summary>{text("line.details")}</summary>
              <p class="mono wrap-anywhere">{props.row.detail}</p>
            </details>
          </Show>
          <Show when={repair()}>
            {(how) => (
              <Button small disabled={deeds.busy() !== undefined} data-testid="pairing-repair" data-repair={how()} onClick={() => mend(how())}>
                {text(deeds.busy() === how() ? `repairing.${how()}` : `repair.${how()}`)}
              </Button>
            )}
          </Show>
        </div>
      </Show>
      <Show when={props.row.behindProxy && !props.row.pastProxy && !over() && repair() !== "pastProxy"}>
        <p class="pair-trouble small subtle">{text("line.proxied")}</p>
      </Show>
      <Show when={deeds.failed() && deeds.failed()?.name !== "revoke" && deeds.failed()}>
        {(failed) => (
          <p class="error-text pair-trouble" role="alert">
            {text("line.failed", { reason: failed().reason })}
          </p>
        )}
      </Show>
      <div id={`${names}-details`} hidden={!open()}>
        <Show when={open()}>
          <PairingDetails row={props.row} managed={props.managed} onToken={(token) => props.onToken(token)} />
        </Show>
      </div>
      <Show when={revoking()}>
        <ConfirmDialog
          title={text("revoke.title", { host: props.row.host })}
          confirm={text("revoke.confirm")}
          danger
          busy={deeds.busy() === "revoke"}
          error={deeds.failed()?.name === "revoke" ? deeds.failed()?.reason : undefined}
          testid="pairing-revoke-confirm"
          onConfirm={() => void revoke()}
          onCancel={() => setRevoking(false)}
        >
          <p>{text("revoke.body", { host: props.row.host })}</p>
          <p>{text(props.row.state === "online" ? "revoke.told" : "revoke.offline", { host: props.row.host })}</p>
          <p>{text("revoke.kept")}</p>
        </ConfirmDialog>
      </Show>
    </li>
  );
}

/** When the server is tried again; it counts in sight alone, and is not read out each second. */
function NextTry(props: { at: number }) {
  const now = createSecondClock();
  const left = () => props.at - now();
  return (
    <span class="tnum" aria-hidden="true" data-testid="pairing-next-try">
      {left() >= 1000 ? text("line.nextTry", { clock: runningClock(left()) }) : text("line.triesNow")}
    </span>
  );
}
