import { For, Show } from "solid-js";
import { Icon } from "./Icon";
import type { IconPath } from "./icons";

/** One of a few choices, all in sight. One stop for the Tab key; arrows choose. */
export function Segmented<Value extends string>(props: {
  label: string;
  value: Value;
  choices: ReadonlyArray<{ value: Value; label: string; icon?: IconPath }>;
  onChoose(value: Value): void;
}) {
  let group: HTMLSpanElement | undefined;
  const step = (by: number) => {
    const at = props.choices.findIndex((choice) => choice.value === props.value);
    const next = (at + by + props.choices.length) % props.choices.length;
    const choice = props.choices[next];
    if (!choice) return;
    props.onChoose(choice.value);
    group?.querySelectorAll("button")[next]?.focus();
  };
  return (
    <span
      class="segmented"
      role="radiogroup"
      aria-label={props.label}
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
            tabindex={choice.value === props.value ? 0 : -1}
            onClick={() => props.onChoose(choice.value)}
          >
            <Show when={choice.icon}>{(icon) => <Icon path={icon()} small />}</Show>
            {choice.label}
          </button>
        )}
      </For>
    </span>
  );
}
