import { For, Show } from "solid-js";
import { Icon } from "./Icon";
import type { IconPath } from "./icons";

/** One of a few choices, all in sight. One stop for the Tab key; arrows choose. */
export function Segmented<Value extends string>(props: {
  label: string;
  value: Value;
  choices: ReadonlyArray<{ value: Value; label: string; icon?: IconPath }>;
  /** Arrows only move, and a press chooses: for what asks before it is so. */
  pressed?: boolean;
  /** It can be read and not changed just now. */
  off?: boolean;
  testid?: string;
  onChoose(value: Value): void;
}) {
  let group: HTMLSpanElement | undefined;
  const step = (by: number) => {
    const buttons = [...(group?.querySelectorAll("button") ?? [])];
    const at = props.pressed ? buttons.findIndex((button) => button === document.activeElement) : props.choices.findIndex((choice) => choice.value === props.value);
    const next = (at + by + props.choices.length) % props.choices.length;
    const choice = props.choices[next];
    if (!choice) return;
    if (!props.pressed && !props.off) props.onChoose(choice.value);
    if (props.pressed || !props.off) buttons[next]?.focus();
  };
  return (
    <span
      class="segmented"
      role="radiogroup"
      aria-label={props.label}
      aria-disabled={props.off ? true : undefined}
      data-testid={props.testid}
      ref={(element) => (group = element)}
      // A native handler: a dialog around it keeps keys to itself.
      on:keydown={(press) => {
        const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[press.key];
        if (by === undefined) return;
        press.preventDefault();
        step(by);
      }}
    >
      <For each={props.choices}>
        {(choice) => (
          <button
            type="button"
            role="radio"
            aria-checked={choice.value === props.value}
            aria-disabled={props.off ? true : undefined}
            data-value={choice.value}
            tabindex={choice.value === props.value ? 0 : -1}
            onClick={() => !props.off && props.onChoose(choice.value)}
          >
            <Show when={choice.icon}>{(icon) => <Icon path={icon()} small />}</Show>
            {choice.label}
          </button>
        )}
      </For>
    </span>
  );
}
