import { createSignal, createUniqueId, For, onCleanup, onMount, Show, Suspense } from "solid-js";
import { toApiError, type PermissionCard, type PermissionDecision } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { clock, hand } from "../design/icons";
import { rich, text } from "../strings";
import { answerKey, answerKeyLabel, createAskGuard, leaveField } from "./askGuard";
import { AskPager, type AskPlace } from "./AskPager";
import { DiffView } from "./lazyParts";
import { permissionObjects, permissionReason, permissionTitle } from "./permissionWords";
import { useThread } from "./thread";

/** Asks for a permission. */
export function PermissionAsk(props: { card: PermissionCard; place: AskPlace; onSent(id: string): void }) {
  const thread = useThread();
  const ready = createAskGuard();
  const title = createUniqueId();
  const [feedback, setFeedback] = createSignal("");
  const [sending, setSending] = createSignal<PermissionDecision>();
  const [error, setError] = createSignal<string>();
  const always = () => !props.card.destructive && props.card.always.length > 0;

  const proving = () => props.card.subject === "shell" && (thread.boxIsTried?.() ?? false);

  const answer = async (decision: PermissionDecision) => {
    if (!ready() || sending() || (decision === "always" && !always())) return;
    setSending(decision);
    setError(undefined);
    const note = feedback().trim();
    try {
      await thread.backend.commands.permissionAnswer({
        session: props.card.session,
        permission: props.card.id,
        decision,
        feedback: decision === "reject" && note !== "" ? note : null,
      });
      props.onSent(props.card.id);
    } catch (thrown) {
      setError(toApiError(thrown).message);
      setSending(undefined);
    }
  };

  const onKeyDown = (press: KeyboardEvent) => {
    const place = answerKey(press, thread.platform);
    if (place === null || place > 3) return;
    // Taken even while it answers nothing, so that the key does nothing else either.
    press.preventDefault();
    void answer(place === 1 ? "once" : place === 2 ? "always" : "reject");
  };
  onMount(() => document.addEventListener("keydown", onKeyDown));
  onCleanup(() => document.removeEventListener("keydown", onKeyDown));

  return (
    <section
      class="ask"
      aria-labelledby={title}
      data-testid="permission"
      data-ready={ready()}
      data-ask={props.card.id}
      data-subject={props.card.subject}
    >
      <div class="ask-head">
        <Icon path={hand} />
        <h2 id={title}>{permissionTitle(props.card)}</h2>
        <Show when={props.card.subagent}>{(agent) => <span class="subtle small truncate">{text("ask.subagentAsks", { agent: agent() })}</span>}</Show>
        <AskPager place={props.place} />
      </div>
      <div class="ask-body">
        <Show when={props.card.command}>
          {(command) => (
            <div class="command" tabindex="0">
              <span class="prompt" aria-hidden="true">
                $
              </span>
              <span class="command-text">{command()}</span>
            </div>
          )}
        </Show>
        <Show when={props.card.change}>
          {(change) => (
            <div class="diff-card ask-diff">
              <Suspense>
                <DiffView path={change().path} changes={[{ diff: change(), source: { kind: "ask", permission: props.card.id } }]} />
              </Suspense>
            </div>
          )}
        </Show>
        <Show when={permissionObjects(props.card).length > 0}>
          <div class="command">
            <span class="command-text">{permissionObjects(props.card).join("\n")}</span>
          </div>
        </Show>
        <Show when={proving()}>
          <p class="ask-box subtle small" role="status" data-testid="box-proving">
            <Icon path={clock} small />
            {text("permission.boxTried")}
          </p>
        </Show>
        <dl class="facts">
          <dt>{text("permission.why")}</dt>
          <dd>{permissionReason(props.card, thread.folder())}</dd>
          <Show when={props.card.leadsTo}>
            {(place) => (
              <>
                <dt>{text("permission.leadsTo")}</dt>
                <dd>
                  <code>{place()}</code>
                </dd>
              </>
            )}
          </Show>
          <Show when={props.card.destructive}>
            <dt>{text("permission.destructive")}</dt>
            <dd>{text("permission.destructiveBody")}</dd>
          </Show>
          <Show when={always()}>
            <dt>{text("permission.always")}</dt>
            <dd>{rich("permission.alwaysBody", { pattern: <Patterns patterns={props.card.always} /> })}</dd>
          </Show>
          <dt>{text("permission.deny")}</dt>
          <dd>{text("permission.denyBody")}</dd>
        </dl>
        <form
          class="ask-actions"
          onSubmit={(submitted) => {
            submitted.preventDefault();
            void answer("reject");
          }}
        >
          <Button
            {...(props.card.destructive ? {} : { kind: "primary" as const })}
            data-testid="allow-once"
            aria-disabled={!ready() || sending() !== undefined}
            onClick={() => void answer("once")}
          >
            {sending() === "once" ? text("ask.sending") : text("permission.allowOnce")} <kbd>{answerKeyLabel(1, thread.platform)}</kbd>
          </Button>
          <Show when={always()}>
            <Button data-testid="allow-always" aria-disabled={!ready() || sending() !== undefined} onClick={() => void answer("always")}>
              {sending() === "always" ? text("ask.sending") : <AlwaysLabel patterns={props.card.always} />} <kbd>{answerKeyLabel(2, thread.platform)}</kbd>
            </Button>
          </Show>
          <span class="deny">
            <input
              class="input"
              data-testid="deny-feedback"
              aria-label={text("permission.feedback")}
              placeholder={text("permission.feedbackHint")}
              value={feedback()}
              disabled={sending() !== undefined}
              onInput={(typed) => setFeedback(typed.currentTarget.value)}
              onKeyDown={leaveField}
            />
            <Button type="submit" data-testid="deny" aria-disabled={!ready() || sending() !== undefined}>
              {sending() === "reject" ? text("ask.sending") : text("permission.denyButton")} <kbd>{answerKeyLabel(3, thread.platform)}</kbd>
            </Button>
          </span>
        </form>
        <Show when={error()}>
          <p class="error-text" role="alert">
            {error()}
          </p>
        </Show>
      </div>
    </section>
  );
}

/** A pattern that fits on a button; a longer one stands in the facts. */
const shortPattern = 28;

function AlwaysLabel(props: { patterns: string[] }) {
  const [only = ""] = props.patterns;
  return (
    <Show
      when={props.patterns.length === 1 && only.length <= shortPattern}
      fallback={text("permission.allowAlwaysAll", { count: props.patterns.length })}
    >
      <span>{rich("permission.allowAlways", { pattern: <code>{only}</code> })}</span>
    </Show>
  );
}

function Patterns(props: { patterns: string[] }) {
  return (
    <For each={props.patterns}>
      {(pattern, index) => (
        <>
          {index() > 0 ? ", " : ""}
          <code>{pattern}</code>
        </>
      )}
    </For>
  );
}
