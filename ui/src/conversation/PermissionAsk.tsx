import { createSignal, createUniqueId, onCleanup, onMount, Show } from "solid-js";
import { toApiError, type PermissionCard, type PermissionDecision, type RuleScope } from "../backend";
import { may, type Ability } from "../backend/abilities";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { clock, hand } from "../design/icons";
import { useDeeds } from "../shell/deeds";
import { askRich, askText } from "../strings/asks";
import { answerKey, answerKeyLabel, createAskGuard, leaveField, plainFigure } from "./askGuard";
import { AskedFor, LeadsTo } from "./AskedFor";
import { AskPager, type AskPlace } from "./AskPager";
import { followFate } from "./fate";
import { permissionReason, permissionTitle } from "./permissionWords";
import { RuleFields } from "./RuleFields";
import { createRules, type Rules } from "./rules";
import { useThread } from "./thread";
import { keepUnsentAnswer, unsentAnswer } from "./unsentAnswers";

/** Asks for a permission. */
export function PermissionAsk(props: { card: PermissionCard; place: AskPlace; onSent?(id: string): void; onSending?(id: string, sending: boolean): void }) {
  const thread = useThread();
  const ready = createAskGuard();
  const title = createUniqueId();
  const [feedback, setFeedback] = createSignal(unsentAnswer(thread.backend, props.card.id)?.feedback ?? "");
  const [sending, setSending] = createSignal<PermissionDecision>();
  const [error, setError] = createSignal<string>();
  const rules = createRules(() => props.card, thread);
  let section: HTMLElement | undefined;
  const { id } = props.card;
  onCleanup(() => keepUnsentAnswer(thread.backend, id, feedback().trim() === "" ? undefined : { feedback: feedback() }));
  const can = (deed: Ability) => may(thread.backend, deed);
  const pending = followFate(id, (why) => {
    if (!sending()) return;
    props.onSending?.(id, false);
    setSending(undefined);
    setError(why);
  });
  // Also where it was given before this view was drawn.
  const shut = () => sending() !== undefined || pending() !== undefined;
  // It is sent once somebody has it, and then waits for whoever does it or says yes to it.
  const underway = () => askText(pending() ? "ask.waits" : "ask.sending");
  const always = () => can("allowAlways") && !props.card.destructive && props.card.always.length > 0;

  const proving = () => props.card.subject === "shell" && (thread.boxIsTried?.() ?? false);

  const answer = async (decision: PermissionDecision) => {
    if (!ready() || shut() || !can("allowOnce") || (decision === "always" && !(always() && rules.hold()))) return;
    setSending(decision);
    setError(undefined);
    const note = feedback().trim();
    props.onSending?.(props.card.id, true);
    try {
      await thread.backend.commands.permissionAnswer({
        session: props.card.session,
        permission: props.card.id,
        decision,
        feedback: decision === "reject" && note !== "" ? note : null,
        rules: decision === "always" ? { scope: rules.scope(), patterns: rules.patterns() } : null,
      });
      props.onSent?.(props.card.id);
    } catch (thrown) {
      props.onSending?.(props.card.id, false);
      setError(toApiError(thrown).message);
      setSending(undefined);
    }
  };

  const onKeyDown = (press: KeyboardEvent) => {
    const place = answerKey(press, thread.platform) ?? (thread.plainFigures ? plainFigure(press, section) : null);
    if (place === null || place > 3) return;
    // Taken even while it answers nothing, so that the key does nothing else either.
    press.preventDefault();
    void answer(place === 1 ? "once" : place === 2 ? "always" : "reject");
  };
  onMount(() => document.addEventListener("keydown", onKeyDown));
  onCleanup(() => document.removeEventListener("keydown", onKeyDown));
  useDeeds({
    get answerAsk() {
      if (!can("allowOnce")) return undefined;
      return {
        id,
        once: () => void answer("once"),
        deny: () => void answer("reject"),
        always: always() ? (scope: RuleScope) => (rules.setScope(scope), void answer("always")) : undefined,
        editRule: always() ? () => rules.setEditing(true) : undefined,
      };
    },
  });

  return (
    <section
      class="ask"
      aria-labelledby={title}
      tabindex={-1}
      data-testid="permission"
      data-ready={ready()}
      data-ask={props.card.id}
      data-subject={props.card.subject}
      ref={(element) => (section = element)}
    >
      <div class="ask-head">
        <Icon path={hand} />
        <h2 id={title}>{permissionTitle(props.card)}</h2>
        <Show when={props.card.subagent}>{(agent) => <span class="subtle small truncate">{askText("ask.subagentAsks", { agent: agent() })}</span>}</Show>
        <AskPager place={props.place} />
      </div>
      <div class="ask-body">
        <AskedFor card={props.card} />
        <Show when={proving()}>
          <p class="ask-box subtle small" role="status" data-testid="box-proving">
            <Icon path={clock} small />
            {askText("permission.boxTried")}
          </p>
        </Show>
        <dl class="facts">
          <dt>{askText("permission.why")}</dt>
          <dd>
            {permissionReason(props.card, thread.folder())} <Show when={props.card.rule}>{(rule) => <>{askRich("ask.rule", { rule: <code>{`${rule().permission} ${rule().pattern}`}</code> })}</>}</Show>{" "}
            {askText(props.card.overruled ? "ask.overruled" : "ask.noRule")}
          </dd>
          <LeadsTo card={props.card} />
          <Show when={always()}>
            <dt>{askText("rule.saves")}</dt>
            <dd>
              <RuleFields card={props.card} rules={rules} disabled={shut()} />
            </dd>
          </Show>
          <Show when={can("deny")}>
            <dt>{askText("permission.deny")}</dt>
            <dd>{askText(can("denyWithNote") ? "permission.denyBody" : "permission.denyPlain")}</dd>
          </Show>
        </dl>
      </div>
      <div class="ask-foot">
        <Show when={can("allowOnce")} fallback={<p class="muted small">{askText("ask.elsewhere")}</p>}>
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
              aria-disabled={!ready() || shut()}
              onClick={() => void answer("once")}
            >
              {sending() === "once" ? underway() : askText("permission.allowOnce")} <kbd>{answerKeyLabel(1, thread.platform)}</kbd>
            </Button>
            <Show when={always()}>
              <Button data-testid="allow-always" class={rules.hold() ? "" : "is-disabled"} aria-disabled={!ready() || shut() || !rules.hold()} onClick={() => void answer("always")}>
                {sending() === "always" ? underway() : <AlwaysLabel rules={rules} />} <kbd>{answerKeyLabel(2, thread.platform)}</kbd>
              </Button>
            </Show>
            <span class="deny">
              <Show when={can("denyWithNote")}>
                <input
                  class="input"
                  data-testid="deny-feedback"
                  aria-label={askText("permission.feedback")}
                  placeholder={askText("permission.feedbackHint")}
                  value={feedback()}
                  readonly={shut()}
                  onInput={(typed) => setFeedback(typed.currentTarget.value)}
                  onKeyDown={leaveField}
                />
              </Show>
              <Button type="submit" data-testid="deny" aria-disabled={!ready() || shut()}>
                {sending() === "reject" ? underway() : askText("permission.denyButton")} <kbd>{answerKeyLabel(3, thread.platform)}</kbd>
              </Button>
            </span>
          </form>
        </Show>
        <Show when={pending()}>
          {(now) => (
            <p class="muted small" role="status" data-testid="ask-fate">
              {now().words}
            </p>
          )}
        </Show>
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

function AlwaysLabel(props: { rules: Rules }) {
  const only = () => props.rules.patterns()[0] ?? "";
  const short = () => props.rules.patterns().length === 1 && only().length <= shortPattern && only().trim() !== "";
  const inThread = () => props.rules.scope() === "thread";
  return (
    <Show when={short()} fallback={askText(inThread() ? "rule.allowAllThread" : "rule.allowAll", { count: props.rules.patterns().length })}>
      <span>{askRich(inThread() ? "rule.allowForThread" : "rule.allowFor", { pattern: <code>{only()}</code> })}</span>
    </Show>
  );
}
