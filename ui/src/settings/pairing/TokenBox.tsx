import { createSignal, onCleanup, Show, createEffect, on } from "solid-js";
import { Button } from "../../design/Button";
import { Icon } from "../../design/Icon";
import { check, circleDot, copy, triangleAlert } from "../../design/icons";
import { useApp } from "../../state/app";
import { createSecondClock } from "../../state/clock";
import { runningClock } from "../../strings/format";
import { pairingText as text } from "../../strings/pairing";
import { QrCode } from "./QrCode";
import type { PairingToken } from "../../backend";

/** How far the server is with it. */
export type TokenStage = "waiting" | "paired" | "failed";

/** For how long a button says that it copied, in milliseconds. */
const saidFor = 2000;

/** A one-time token in its three forms, with the time it has left. It is in this window alone and gone with this box. */
export function TokenBox(props: {
  shown: PairingToken;
  stage: TokenStage;
  /** Why, where it failed. */
  reason?: string | undefined;
  /** What keeps the server from answering just now, while it is waited for. */
  trouble?: string | undefined;
  making: boolean;
  error?: string | undefined;
  onAnother(): void;
  onDone(): void;
}) {
  const app = useApp();
  const now = createSecondClock();
  const left = () => Math.max(0, props.shown.expires - now());
  const expired = () => left() === 0 && props.stage === "waiting";
  const [copied, setCopied] = createSignal<"token" | "url">();
  const [said, setSaid] = createSignal("");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let done: HTMLButtonElement | undefined;
  let box: HTMLElement | undefined;
  onCleanup(() => clearTimeout(timer));
  const take = async (what: "token" | "url") => {
    try {
      await navigator.clipboard.writeText(props.shown[what]);
      setCopied(what);
      clearTimeout(timer);
      timer = setTimeout(() => setCopied(undefined), saidFor);
    } catch {
      app.toasts.show(text("token.copyFailed"), true);
    }
  };
  // The clock is not read out each second; where a minute is left and where none is, it is.
  createEffect(
    on([() => left() <= 60_000 && left() > 0, expired], ([soon, over]) => {
      if (props.stage !== "waiting") setSaid("");
      else setSaid(over ? text("token.expired") : soon ? text("token.soon") : "");
    }),
  );
  // What had the focus goes with the token when the server has it.
  createEffect(
    on(
      () => props.stage,
      (stage) => {
        if (stage === "paired" && (box?.contains(document.activeElement) || document.activeElement === document.body)) queueMicrotask(() => done?.focus());
      },
      { defer: true },
    ),
  );
  return (
    <section class="pair-token" aria-labelledby="pair-token-title" ref={(element) => (box = element)} data-testid="pairing-token" data-stage={expired() ? "expired" : props.stage}>
      <h2 id="pair-token-title" class="group-title">
        {text("token.title")}
      </h2>
      <div class="sr-only" role="status">
        {said()}
      </div>
      <Show
        when={props.stage !== "paired"}
        fallback={
          <>
            <p class="pair-done" role="status">
              <Icon path={check} class="is-success" />
              <span class="label">{text("token.paired")}</span>
            </p>
            <p class="muted">{text("token.pairedBody")}</p>
            <div class="token-actions">
              <Button ref={(element: HTMLButtonElement) => (done = element)} data-testid="pairing-done" onClick={() => props.onDone()}>
                {text("token.done")}
              </Button>
            </div>
          </>
        }
      >
        <p class="muted">{text("token.body")}</p>
        <Show
          when={!expired()}
          fallback={
            <p class="pair-expired">
              <Icon path={triangleAlert} small class="is-warn" />
              <span>{text("token.expired")}</span>
            </p>
          }
        >
          <div class="pair-forms">
            <QrCode rows={props.shown.code} label={text("token.qr")} />
            <div class="pair-written">
              <div class="token">
                <code data-testid="pairing-token-text">{props.shown.token}</code>
              </div>
              <p class="hint small subtle tnum" data-testid="pairing-token-left">
                {text("token.left", { clock: runningClock(left()) })}
              </p>
              <p class="hint small subtle">{text("token.once")}</p>
              <dl class="pair-ids small">
                <dt>{text("token.pairing")}</dt>
                <dd class="mono">{props.shown.pairing.id}</dd>
                <dt>{text("token.device")}</dt>
                <dd class="mono">{props.shown.device}</dd>
              </dl>
            </div>
          </div>
        </Show>
        <Show when={props.stage === "waiting" && !expired() && props.trouble}>
          {(trouble) => (
            <p class="small subtle" role="status" data-testid="pairing-token-trouble">
              {text("token.trouble", { trouble: trouble() })}
            </p>
          )}
        </Show>
        <Show when={props.stage === "failed"}>
          <p class="error-text" role="alert">
            {text("token.failed", { reason: props.reason ?? "" })}
          </p>
        </Show>
        <Show when={props.error}>
          {(reason) => (
            <p class="error-text" role="alert">
              {text("token.notMade", { reason: reason() })}
            </p>
          )}
        </Show>
        <div class="token-actions">
          <Show when={!expired()}>
            <Button kind="primary" data-testid="pairing-copy-link" onClick={() => void take("url")}>
              <Icon path={copied() === "url" ? check : copy} small />
              <span aria-live="polite">{text(copied() === "url" ? "token.copied" : "token.copyLink")}</span>
            </Button>
            <Button data-testid="pairing-copy-token" onClick={() => void take("token")}>
              <span aria-live="polite">{text(copied() === "token" ? "token.copied" : "token.copy")}</span>
            </Button>
          </Show>
          <Button kind={expired() ? "primary" : "quiet"} disabled={props.making} data-testid="pairing-another" onClick={() => props.onAnother()}>
            {text(props.making ? "token.making" : "token.another")}
          </Button>
          <span class="grow" />
          <Show when={props.stage === "waiting" && !expired()}>
            <span class="small wait" role="status">
              <Icon path={circleDot} small class="is-live" />
              {text("token.waiting")}
            </span>
          </Show>
        </div>
      </Show>
    </section>
  );
}
