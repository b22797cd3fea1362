import { createSignal, createUniqueId, Match, Show, Switch } from "solid-js";
import type { SignInView } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { arrowUpRight, circleAlert, circleCheck } from "../design/icons";
import { CopyButton } from "../health/CopyButton";
import { useApp } from "../state/app";
import { createSecondClock } from "../state/clock";
import { text } from "../strings";
import { runningClock } from "../strings/format";
import { keptBy, whyNot } from "./words";

/** A sign-in, from the page to open to its end. */
export function SignInPanel(props: { view: SignInView; name: string; onAgain(): void; onClose(): void }) {
  const title = createUniqueId();
  const failed = () => (props.view.state.kind === "failed" ? props.view.state : undefined);
  return (
    <section class="sign-in" aria-labelledby={title} data-testid="sign-in-panel" data-state={props.view.state.kind}>
      <h3 class="group-title" id={title}>
        {text("signIn.title", { name: props.name })}
      </h3>
      <Switch>
        <Match when={props.view.state.kind === "waiting"}>
          <Waiting view={props.view} />
        </Match>
        <Match when={props.view.state.kind === "done"}>
          <p class="sign-in-end" role="status">
            <Icon path={circleCheck} class="is-success" />
            <span>
              {text("signIn.done")} <span class="muted">{keptBy(props.view.keeper)}</span>
            </span>
          </p>
        </Match>
        <Match when={failed()}>
          {(why) => (
            <>
              <p class="sign-in-end" role="alert" data-testid="sign-in-failed">
                <Icon path={circleAlert} class="is-danger" />
                <span>
                  {text("signIn.failed")} <span class="muted">{why().message}</span>
                </span>
              </p>
              <div class="page-actions">
                <Button data-testid="sign-in-again" onClick={() => props.onAgain()}>
                  {text("signIn.again")}
                </Button>
                <Button kind="quiet" onClick={() => props.onClose()}>
                  {text("signIn.close")}
                </Button>
              </div>
            </>
          )}
        </Match>
      </Switch>
    </section>
  );
}

function Waiting(props: { view: SignInView }) {
  const app = useApp();
  const stop = () => void app.backend.commands.signInStop().catch(app.tell);
  return (
    <>
      <Show when={props.view.instructions !== ""}>
        <p class="muted wrap-anywhere">{props.view.instructions}</p>
      </Show>
      <Show when={props.view.code !== ""}>
        <div class="field">
          <span class="label">{text("signIn.code")}</span>
          <div class="sign-in-line">
            <output class="sign-in-code" data-testid="sign-in-code">
              {props.view.code}
            </output>
            <CopyButton written={() => props.view.code} />
          </div>
        </div>
      </Show>
      <div class="field">
        <span class="label">{text("signIn.page")}</span>
        <code class="sign-in-url">{props.view.url}</code>
        <div class="sign-in-line">
          <Button kind="primary" data-testid="sign-in-open" onClick={() => void app.backend.commands.linkOpen({ url: props.view.url }).catch(app.tell)}>
            {text("signIn.open")}
            <Icon path={arrowUpRight} small />
          </Button>
          <CopyButton written={() => props.view.url} />
        </div>
      </div>
      <Show when={props.view.pasteBack}>
        <PasteBack />
      </Show>
      <div class="sign-in-wait">
        <span role="status">{text("signIn.waiting")}</span>
        <Show when={props.view.expires > 0}>
          <Countdown expires={props.view.expires} />
        </Show>
        <span class="grow" />
        <Button kind="quiet" small data-testid="sign-in-stop" onClick={stop}>
          {text("signIn.stop")}
        </Button>
      </div>
    </>
  );
}

function Countdown(props: { expires: number }) {
  const now = createSecondClock();
  const left = () => props.expires - now();
  return (
    <span class="subtle tnum" data-testid="sign-in-countdown">
      {left() > 0 ? text("signIn.expires", { clock: runningClock(left()) }) : text("signIn.expired")}
    </span>
  );
}

/** What the page shows at the end is as good as a key: the field alone holds it, and handing it over empties the field. */
function PasteBack() {
  const app = useApp();
  const id = createUniqueId();
  const [filled, setFilled] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  let field: HTMLInputElement | undefined;
  const hand = async () => {
    const written = (field?.value ?? "").trim();
    if (written === "" || busy()) return;
    if (field) field.value = "";
    setFilled(false);
    setBusy(true);
    setError(undefined);
    try {
      await app.backend.commands.signInPaste({ text: written });
    } catch (thrown) {
      setError(whyNot(thrown));
    }
    setBusy(false);
  };
  return (
    <form
      class="field"
      onSubmit={(submit) => {
        submit.preventDefault();
        void hand();
      }}
    >
      <label for={id}>{text("signIn.paste")}</label>
      <div class="field-line">
        <input
          id={id}
          ref={(element) => (field = element)}
          class="input input--mono"
          type="password"
          autocomplete="off"
          spellcheck={false}
          aria-describedby={`${id}-hint`}
          data-testid="sign-in-paste"
          onInput={() => setFilled((field?.value ?? "").trim() !== "")}
        />
        <Button type="submit" data-testid="sign-in-hand" disabled={!filled() || busy()}>
          {text("signIn.hand")}
        </Button>
      </div>
      <p class="hint" id={`${id}-hint`}>
        {text("signIn.pasteHint")}
      </p>
      <Show when={error()}>
        <p class="error-text" role="alert">
          {error()}
        </p>
      </Show>
    </form>
  );
}
