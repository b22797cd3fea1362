import { createEffect, createMemo, createSignal, createUniqueId, on, onMount, Show, type Accessor, type JSX } from "solid-js";
import { toApiError, type AgentChoice, type ModelChoice } from "../backend";
import { Icon } from "../design/Icon";
import { arrowUp, hammer, type IconPath } from "../design/icons";
import { Picker, type Choice } from "../design/Picker";
import { Tooltip } from "../design/Tooltip";
import { text } from "../strings";
import { cost, shortCount } from "../strings/format";
import { ModelPicker, VariantPicker } from "./ModelPicker";

/** From this share on the context meter warns. */
const nearlyFull = 0.8;

/** Height from which the field scrolls instead of growing, in pixels. */
const tallest = 280;

/** Which of the composer's choices is open. */
export type OpenPicker = "agent" | "model" | "variant" | null;

/**
 * Where a prompt is written. What is sent is never lost: the text stays until the send is confirmed, and with the
 * reason when it was not.
 */
export function Composer(props: {
  draft: string;
  onDraft(text: string): void;
  /** Rejects when the prompt was not taken. */
  onSend(text: string): Promise<void>;
  /** A turn runs; what is sent joins it. */
  busy: boolean;
  onStop?(): void;
  stopping?: boolean;
  agents: AgentChoice[];
  agent: string | null;
  onAgent(name: string): void;
  models: ModelChoice[];
  model: string | null;
  onModel(id: string): void;
  placeholder: string;
  autofocus: boolean;
  /** Why nothing can be sent now. */
  disabledReason?: string | undefined;
  /** A notice that says so with what mends it. It then stands in the place of the composer's own line. */
  notice?: ((unsent: Accessor<boolean>) => JSX.Element) | undefined;
  /** What was sent before, oldest first. */
  history: string[];
  contextUsed?: number;
  contextSize?: number;
  /** US dollars. */
  cost?: number;
  /** Opens a picker from outside. */
  picker?: OpenPicker;
  onPicker?(open: OpenPicker): void;
}) {
  const [sending, setSending] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const [ownPicker, setOwnPicker] = createSignal<OpenPicker>(null);
  const [recalled, setRecalled] = createSignal<number>();
  const problem = createUniqueId();
  let field: HTMLTextAreaElement | undefined;

  const picker = () => (props.onPicker ? (props.picker ?? null) : ownPicker());
  const setPicker = (open: OpenPicker) => (props.onPicker ? props.onPicker(open) : setOwnPicker(open));
  const blank = () => props.draft.trim() === "";
  const blocked = () => blank() || sending() || props.disabledReason !== undefined;

  // The length goes through the object model: the content security policy refuses style attributes.
  const grow = () => {
    if (!field) return;
    field.style.setProperty("height", "auto");
    field.style.setProperty("height", `${Math.min(field.scrollHeight, tallest)}px`);
    field.style.setProperty("overflow-y", field.scrollHeight > tallest ? "auto" : "hidden");
  };
  createEffect(on(() => props.draft, grow));
  onMount(() => {
    if (props.autofocus) field?.focus();
  });

  // What stood in the way is gone: what was said about it does not hold any more.
  const noticed = createMemo(() => props.notice !== undefined);
  createEffect(on(noticed, (now) => !now && setError(undefined), { defer: true }));

  const send = async () => {
    if (blank() || sending()) return;
    if (props.disabledReason !== undefined) {
      setError(props.disabledReason);
      return;
    }
    const written = props.draft;
    setSending(true);
    setError(undefined);
    try {
      await props.onSend(written);
      setRecalled(undefined);
      if (props.draft === written) props.onDraft("");
    } catch (thrown) {
      const { code, message } = toApiError(thrown);
      // Nobody knows whether it arrived; to say that it did not would have it sent twice.
      setError(code === "outcomeUnknown" ? message : text("composer.notSent", { reason: message || text("composer.failed") }));
    }
    setSending(false);
  };

  const recall = (by: -1 | 1): boolean => {
    const at = recalled();
    const next = at === undefined ? (by < 0 ? props.history.length - 1 : undefined) : at + by;
    if (next === undefined || next < 0) return false;
    setRecalled(next < props.history.length ? next : undefined);
    props.onDraft(props.history[next] ?? "");
    queueMicrotask(() => field?.setSelectionRange(field.value.length, field.value.length));
    return true;
  };
  const unchanged = () => {
    const at = recalled();
    return at !== undefined && props.history[at] === props.draft;
  };

  const onKeyDown = (press: KeyboardEvent) => {
    // 229 is what an input method sends while it composes; Enter then ends the composition.
    if (press.isComposing || press.keyCode === 229) return;
    if (press.key === "Enter" && !press.shiftKey && !press.altKey && !press.metaKey) {
      press.preventDefault();
      void send();
      return;
    }
    const plain = !press.shiftKey && !press.altKey && !press.ctrlKey && !press.metaKey;
    if (plain && press.key === "ArrowUp" && (props.draft === "" || unchanged()) && recall(-1)) press.preventDefault();
    if (plain && press.key === "ArrowDown" && unchanged() && recall(1)) press.preventDefault();
  };

  const sendLabel = () => text(sending() ? "composer.sending" : props.busy ? "composer.join" : "composer.send");
  const sendHint = () => props.disabledReason ?? (blank() ? text("composer.empty") : sendLabel());

  return (
    <div class="composer-place">
      <Show
        when={props.notice}
        fallback={
          <Show when={error()}>
            <p class="composer-error error-text" id={problem} role="alert" data-testid="composer-error">
              {error()}
            </p>
          </Show>
        }
      >
        {(notice) => notice()(() => error() !== undefined)}
      </Show>
      <form
        class="composer"
        classList={{ "is-sending": sending() }}
        aria-busy={sending()}
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void send();
        }}
      >
        <textarea
          ref={(element) => (field = element)}
          rows="1"
          aria-label={text("composer.label")}
          aria-describedby={error() && !noticed() ? problem : undefined}
          placeholder={props.placeholder}
          value={props.draft}
          readonly={sending()}
          spellcheck={true}
          data-testid="composer-input"
          onInput={(typed) => {
            setRecalled(undefined);
            setError(undefined);
            props.onDraft(typed.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
        />
        <div class="composer-bar">
          <AgentPicker agents={props.agents} agent={props.agent} open={picker() === "agent"} onOpen={(open) => setPicker(open ? "agent" : null)} onAgent={props.onAgent} />
          <ModelPicker models={props.models} model={props.model} open={picker() === "model"} onOpen={(open) => setPicker(open ? "model" : null)} onModel={props.onModel} />
          <VariantPicker models={props.models} model={props.model} open={picker() === "variant"} onOpen={(open) => setPicker(open ? "variant" : null)} onModel={props.onModel} />
          <span class="grow" />
          <Show when={sending()}>
            <span class="sending small subtle" role="status">
              {text("composer.sending")}
            </span>
          </Show>
          <ContextMeter used={props.contextUsed ?? 0} size={props.contextSize ?? 0} cost={props.cost ?? 0} />
          <Show when={props.busy && props.onStop}>
            <button type="button" class="button button--small stop" data-testid="composer-stop" disabled={props.stopping ?? false} onClick={() => props.onStop?.()}>
              <svg class="stop-glyph" viewBox="0 0 10 10" aria-hidden="true">
                <rect width="10" height="10" rx="2" fill="currentColor" />
              </svg>
              {text(props.stopping ? "composer.stopping" : "composer.stop")} <kbd>{text("composer.stopKey")}</kbd>
            </button>
          </Show>
          <Tooltip text={sendHint()} shortcut={blocked() ? undefined : text("composer.sendKey")}>
            <button type="submit" class="send" aria-label={sendLabel()} aria-disabled={blocked()} data-testid="composer-send">
              <Icon path={arrowUp} />
            </button>
          </Tooltip>
        </div>
      </form>
    </div>
  );
}

const agentIcon: IconPath = hammer;

function AgentPicker(props: { agents: AgentChoice[]; agent: string | null; open: boolean; onOpen(open: boolean): void; onAgent(name: string): void }) {
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

function ContextMeter(props: { used: number; size: number; cost: number }) {
  const share = () => Math.min(1, props.used / props.size);
  return (
    <Show when={props.size > 0 && props.used > 0}>
      <span
        class="meter tnum"
        classList={{ "is-warn": share() >= nearlyFull }}
        role="img"
        aria-label={text("composer.contextLabel", { percent: Math.round(share() * 100) })}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <circle class="track" cx="8" cy="8" r="6.25" fill="none" stroke-width="2" />
          <circle class="value" cx="8" cy="8" r="6.25" fill="none" stroke-width="2" stroke-dasharray={`${(share() * ring).toFixed(1)} ${ring}`} transform="rotate(-90 8 8)" />
        </svg>
        <span class="meter-words">{text("composer.context", { used: shortCount(props.used), size: shortCount(props.size) })}</span>
        <Show when={props.cost > 0}>
          <span class="subtle">{cost(props.cost)}</span>
        </Show>
      </span>
    </Show>
  );
}
