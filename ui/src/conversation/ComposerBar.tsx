import { onCleanup, Show } from "solid-js";
import type { AgentChoice } from "../backend";
import { Button } from "../design/Button";
import { hammer, type IconPath } from "../design/icons";
import { Picker, type Choice } from "../design/Picker";
import { text } from "../strings";
import { cost, shortCount } from "../strings/format";

/** From this share on the context meter warns. */
export const nearlyFull = 0.8;

/** When the turn has ended it is gone; the focus that is on it goes where the next prompt is written. */
export function StopButton(props: { stopping: boolean; onStop(): void; onGone(): void }) {
  let button: HTMLButtonElement | undefined;
  onCleanup(() => button !== undefined && document.activeElement === button && queueMicrotask(props.onGone));
  return (
    <Button small class="stop" data-testid="composer-stop" disabled={props.stopping} ref={(element) => (button = element)} onClick={() => props.onStop()}>
      <svg class="stop-glyph" viewBox="0 0 10 10" aria-hidden="true">
        <rect width="10" height="10" rx="2" fill="currentColor" />
      </svg>
      {text(props.stopping ? "composer.stopping" : "composer.stop")} <kbd>{text("composer.stopKey")}</kbd>
    </Button>
  );
}

const agentIcon: IconPath = hammer;

/** Which agent answers. */
export function AgentPicker(props: { agents: AgentChoice[]; agent: string | null; open: boolean; onOpen(open: boolean): void; onAgent(name: string): void }) {
  const choices = (): Choice[] => props.agents.map(({ name, description }) => ({ id: name, label: name, more: description || undefined }));
  const missing = () => props.agent !== null && props.agents.length > 0 && !props.agents.some((agent) => agent.name === props.agent);
  return (
    <Picker
      label={props.agent === null ? text("composer.agentNone") : text("composer.agent", { agent: props.agent })}
      listLabel={text("composer.agents")}
      choices={choices()}
      chosen={props.agent}
      empty={text("composer.noAgents")}
      testid="agent-picker"
      icon={agentIcon}
      open={props.open}
      onOpen={props.onOpen}
      onChoose={props.onAgent}
    >
      <span class="agent-name">{props.agent ?? text("composer.agentNone")}</span>
      <Show when={missing()}>
        <span class="picker-note is-danger"> {text("composer.missing")}</span>
      </Show>
    </Picker>
  );
}

/** Length of the meter's ring: its radius is 6.25. */
const ring = 39.3;

/** How much of the context is used, and what it cost. */
export function ContextMeter(props: { used: number; size: number; cost: number; open?: boolean; onOpen?(): void; ref?(element: HTMLButtonElement): void }) {
  const share = () => Math.min(1, props.used / props.size);
  const percent = () => Math.round(share() * 100);
  const words = () => text("composer.context", { used: shortCount(props.used), size: shortCount(props.size) });
  const drawn = () => (
    <>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle class="track" cx="8" cy="8" r="6.25" fill="none" stroke-width="2" />
        <circle class="value" cx="8" cy="8" r="6.25" fill="none" stroke-width="2" stroke-dasharray={`${(share() * ring).toFixed(1)} ${ring}`} transform="rotate(-90 8 8)" />
      </svg>
      <span class="meter-words">{words()}</span>
      <Show when={props.cost > 0}>
        <span class="subtle">{cost(props.cost)}</span>
      </Show>
    </>
  );
  return (
    <Show when={props.size > 0 && props.used > 0}>
      <Show
        when={props.onOpen}
        fallback={
          <span class="meter tnum" classList={{ "is-warn": share() >= nearlyFull }} role="img" aria-label={text("composer.contextLabel", { percent: percent() })}>
            {drawn()}
          </span>
        }
      >
        <button
          type="button"
          class="picker meter tnum"
          classList={{ "is-warn": share() >= nearlyFull }}
          ref={(element) => props.ref?.(element)}
          aria-haspopup="dialog"
          aria-expanded={props.open ?? false}
          aria-label={`${words()}. ${text("composer.contextOpen", { percent: percent() })}`}
          data-testid="context-meter"
          onClick={() => props.onOpen?.()}
        >
          {drawn()}
        </button>
      </Show>
    </Show>
  );
}
