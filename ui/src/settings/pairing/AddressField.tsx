import { createUniqueId, Match, Show, Switch, type JSX } from "solid-js";
import { Button } from "../../design/Button";
import { Icon } from "../../design/Icon";
import { check, circleX, triangleAlert } from "../../design/icons";
import { Switch as Toggle } from "../../design/Switch";
import { createSecondClock } from "../../state/clock";
import { runningClock } from "../../strings/format";
import { pairingText as text } from "../../strings/pairing";
import type { AddressCheck } from "./addressCheck";
import type { PairingAddress } from "../../backend";

/** The longest address that is taken, in characters. */
const longest = 2048;

/** The server's address, judged as it is written. */
export function AddressField(props: { value: string; check: AddressCheck; pastProxy: boolean; readonly: boolean; onInput(value: string): void; onPastProxy(past: boolean): void }) {
  const field = createUniqueId();
  const hint = createUniqueId();
  const found = () => props.check.found();
  const refused = () => found()?.kind === "refused";
  // Going past the proxy again and back is offered for as long as either matters.
  const proxied = () => {
    const now = found();
    return props.pastProxy || (now !== undefined && now.kind !== "refused" && now.behindProxy);
  };
  return (
    <div class="field">
      <label for={field}>{text("address.label")}</label>
      <input
        id={field}
        class="input input--mono"
        type="url"
        inputmode="url"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        maxlength={longest}
        placeholder={text("address.example")}
        value={props.value}
        readonly={props.readonly}
        aria-invalid={refused()}
        aria-describedby={hint}
        data-testid="pairing-address"
        onInput={(typed) => props.onInput(typed.currentTarget.value)}
      />
      <div id={hint} class="pair-verdict" role="status" data-testid="pairing-verdict" data-kind={props.check.busy() ? "judging" : (found()?.kind ?? "none")}>
        <Switch fallback={<p class="hint">{text("address.hint")}</p>}>
          <Match when={props.readonly}>
            <p class="hint">{text("address.kept")}</p>
          </Match>
          <Match when={props.check.busy()}>
            <p class="hint">
              {text("address.judging")}
              <Show when={props.check.slowSince()}>{(since) => <Elapsed since={since()} />}</Show>
            </p>
          </Match>
          <Match when={props.check.error()}>
            {(reason) => (
              <p class="error-text">
                <span>{text("address.unjudged", { reason: reason() })}</span>
                <Button small onClick={() => props.check.again()}>
                  {text("address.again")}
                </Button>
              </p>
            )}
          </Match>
          <Match when={found()}>{(verdict) => <Verdict verdict={verdict()} check={props.check} />}</Match>
        </Switch>
      </div>
      <Show when={proxied() && !props.readonly}>
        <div class="pair-proxy" data-testid="pairing-proxy">
          <p class="hint">
            <Icon path={triangleAlert} small class={props.pastProxy ? "subtle" : "is-warn"} />
            <span>{text(props.pastProxy ? "address.past" : "address.proxied")}</span>
          </p>
          <div class="pair-proxy-switch">
            <Toggle label={text("address.pastProxy")} on={props.pastProxy} testid="pairing-past-proxy" onChange={(on) => props.onPastProxy(on)} />
            <span aria-hidden="true">{text("address.pastProxy")}</span>
          </div>
        </div>
      </Show>
    </div>
  );
}

function Verdict(props: { verdict: PairingAddress; check: AddressCheck }): JSX.Element {
  const again = () => (
    <Button small kind="quiet" data-testid="pairing-check-again" onClick={() => props.check.again()}>
      {text("address.again")}
    </Button>
  );
  const answers = () => (props.verdict.kind === "answers" ? props.verdict : undefined);
  return (
    <Switch>
      <Match when={props.verdict.kind === "refused" && props.verdict}>
        {(refused) => (
          <p class="error-text">
            <Icon path={circleX} small />
            <span class="wrap-anywhere">{text("address.refused", { reason: refused().reason })}</span>
          </p>
        )}
      </Match>
      <Match when={props.verdict.kind === "silent" && props.verdict}>
        {(silent) => (
          <p class="hint">
            <Icon path={triangleAlert} small class="is-warn" />
            <span class="wrap-anywhere">{text("address.silent", { reason: silent().reason })}</span>
            {again()}
          </p>
        )}
      </Match>
      <Match when={answers()?.known && answers()}>
        {(good) => (
          <p class="hint">
            <Icon path={check} small class="is-success" />
            <span>
              {text(good().reach === "loopback" ? "address.goodHere" : good().behindProxy ? "address.goodProxy" : "address.good")}
              <Checked check={props.check} />
            </span>
          </p>
        )}
      </Match>
      <Match when={answers()}>
        {(other) => (
          <p class="hint">
            <Icon path={triangleAlert} small class="is-warn" />
            <span class="wrap-anywhere">{text("address.unknown", { host: other().host })}</span>
            {again()}
          </p>
        )}
      </Match>
    </Switch>
  );
}

/** How long ago it was found; it counts in sight alone, and is not read out each second. */
function Checked(props: { check: AddressCheck }) {
  const now = createSecondClock();
  const seconds = () => Math.max(0, Math.floor((now() - props.check.at()) / 1000));
  return <span aria-hidden="true">{seconds() < 60 ? text("address.checked", { seconds: seconds() }) : text("address.checkedLong")}</span>;
}

function Elapsed(props: { since: number }) {
  const now = createSecondClock();
  return (
    <span class="tnum" aria-hidden="true">
      {" "}
      {runningClock(now() - props.since)}
    </span>
  );
}
