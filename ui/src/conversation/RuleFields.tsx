import { createUniqueId, For, Index, Show } from "solid-js";
import type { PermissionCard } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { check, circleX } from "../design/icons";
import { Segmented } from "../design/Segmented";
import { askText } from "../strings/asks";
import { leaveField } from "./askGuard";
import type { Rules } from "./rules";
import { useThread } from "./thread";

/** The exact rules that "always" would save: for how long, for whom, and what they allow, to be changed before. */
export function RuleFields(props: { card: PermissionCard; rules: Rules; disabled: boolean }) {
  const thread = useThread();
  const where = () => {
    const agent = props.card.agent;
    if (props.rules.scope() === "thread") return askText("rule.inThread", { agent });
    const folder = thread.folder()?.label;
    return folder === undefined ? askText("rule.inThisFolder", { agent }) : askText("rule.inFolder", { agent, folder });
  };
  return (
    <div class="rule-fields" data-testid="rule-fields">
      <div class="rule-line">
        <Show when={!props.rules.editing()}>
          <span class="rule-patterns">
            <For each={props.rules.patterns()}>
              {(pattern) => (
                <code class="wrap-anywhere" data-testid="rule-pattern">
                  {props.card.permission} {pattern}
                </code>
              )}
            </For>
          </span>
        </Show>
        <span class="muted">{where()}</span>
      </div>
      <Show when={props.rules.editing()}>
        <RulePatterns card={props.card} rules={props.rules} disabled={props.disabled} />
      </Show>
      <div class="rule-line">
        <Segmented
          label={askText("rule.scope")}
          value={props.rules.scope()}
          choices={[
            { value: "thread", label: askText("rule.thread") },
            { value: "folder", label: askText("rule.folder") },
          ]}
          onChoose={(scope) => props.rules.setScope(scope)}
        />
        <Show when={!props.rules.editing()}>
          <Button kind="quiet" small data-testid="rule-edit" onClick={() => props.rules.setEditing(true)}>
            {askText("rule.edit")}
          </Button>
        </Show>
      </div>
    </div>
  );
}

/** A field for each rule, what could stand there instead, and what it would come to. */
function RulePatterns(props: { card: PermissionCard; rules: Rules; disabled: boolean }) {
  const status = createUniqueId();
  const name = (place: number) => {
    const all = props.rules.patterns().length;
    if (all > 1) return askText("rule.patternOf", { place: place + 1, all });
    return askText("rule.pattern");
  };
  const choices = (place: number) => (props.card.always[place]?.choices ?? []).filter((choice) => choice !== props.rules.patterns()[place]);
  const refusal = (place: number) => props.rules.check()?.refused[place] ?? null;
  const covers = () => {
    const yes = props.rules.check()?.covers === true;
    if (props.card.subject === "shell") return askText(yes ? "rule.covers" : "rule.coversNot");
    return askText(yes ? "rule.coversAsk" : "rule.coversAskNot");
  };
  return (
    <>
      <Index each={props.rules.patterns()}>
        {(pattern, place) => (
          <div class="rule-edit">
            <div class="rule-line">
              <code>{props.card.permission}</code>
              <input
                class="input grow mono"
                data-testid="rule-input"
                aria-label={name(place)}
                aria-describedby={status}
                aria-invalid={refusal(place) !== null}
                value={pattern()}
                readonly={props.disabled}
                spellcheck={false}
                autocomplete="off"
                ref={(field) => place === 0 && queueMicrotask(() => field.focus())}
                onInput={(typed) => props.rules.write(place, typed.currentTarget.value, "typing")}
                onKeyDown={(press) => {
                  leaveField(press);
                  // The form around it would deny.
                  if (press.key === "Enter") press.preventDefault();
                }}
              />
            </div>
            <Show when={choices(place).length > 0}>
              <div class="rule-line small">
                <span class="subtle">{askText("rule.choose")}</span>
                <For each={choices(place)}>
                  {(choice) => (
                    <Button small class="mono rule-choice" data-testid="rule-choice" onClick={() => props.rules.write(place, choice, "once")}>
                      <span class="truncate">{choice}</span>
                    </Button>
                  )}
                </For>
              </div>
            </Show>
            <Show when={refusal(place)}>{(why) => <p class="error-text small">{askText(`rule.refused.${why()}`)}</p>}</Show>
          </div>
        )}
      </Index>
      <p class="small rule-covers" id={status} role="status" data-testid="rule-covers" data-covers={props.rules.check()?.covers}>
        <Show when={props.rules.check()} fallback={<span class="subtle">{askText("rule.hint")}</span>}>
          <Icon path={props.rules.check()?.covers ? check : circleX} small class={props.rules.check()?.covers ? "is-success" : "is-danger"} />
          <span>{covers()}</span> <span class="subtle">{askText("rule.hint")}</span>
        </Show>
      </p>
    </>
  );
}
