import { createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { Portal } from "solid-js/web";
import { toApiError, type ContextFill } from "../backend";
import { Button } from "../design/Button";
import { circleAlert } from "../design/icons";
import { Icon } from "../design/Icon";
import { useLayer } from "../design/layers";
import { place } from "../design/place";
import { Running } from "../conversation/Clock";
import { createAsked } from "../state/asked";
import { answerOf } from "./parts";
import { composerText as text } from "../strings/composer";
import { wholeNumber } from "../strings/format";
import "./composer.css";

/** What the context can be asked for. */
export interface ContextActions {
  fill(): Promise<ContextFill>;
  /** Has the thread summed up; rejects with why not. */
  compact(): Promise<void>;
  compacting(): boolean;
  busy(): boolean;
  /** Tokens in it at the last answer. */
  used(): number;
}

/** What there is of it, by kind. */
const rows = (known: ContextFill) =>
  [
    { name: text("context.input"), count: known.input },
    { name: text("context.cached"), count: known.cached },
    { name: text("context.output"), count: known.output },
    { name: text("context.reasoning"), count: known.reasoning },
    { name: text("context.free"), count: Math.max(0, known.size - known.used) },
  ].filter(({ count }) => count > 0);

/** What fills the model's context, and the way to make room in it. */
export function ContextDetails(props: { context: ContextActions; anchor: HTMLElement; onClose(): void }) {
  // Asked anew when an answer came, a turn ended or the thread was compacted: each of them fills it otherwise.
  const fill = createAsked(
    () => `${props.context.used()} ${props.context.busy()} ${props.context.compacting()}`,
    () => answerOf(props.context.fill()),
  );
  let popup: HTMLDivElement | undefined;
  useLayer(() => {
    props.onClose();
    props.anchor.focus();
  }, true);
  const settle = () => popup && place(popup, props.anchor.getBoundingClientRect(), "above", "end");
  onMount(() => {
    settle();
    popup?.focus();
    // What is in it comes later, and changes while it is open.
    const seen = new ResizeObserver(settle);
    if (popup) seen.observe(popup);
    onCleanup(() => seen.disconnect());
  });
  const outside = (press: PointerEvent) => {
    if (press.target instanceof Node && !popup?.contains(press.target) && !props.anchor.contains(press.target)) props.onClose();
  };
  document.addEventListener("pointerdown", outside, true);
  onCleanup(() => document.removeEventListener("pointerdown", outside, true));
  return (
    <Portal>
      <div class="menu menu--floating context-details" role="dialog" aria-label={text("context.title")} tabindex={-1} ref={(element) => (popup = element)} data-testid="context-details">
        <h2 class="group-title">{text("context.title")}</h2>
        <Show when={fill.value()?.reason}>{(reason) => <p class="error-text">{text("context.failed", { reason: reason() })}</p>}</Show>
        <Show when={fill.value()?.value}>
          {(known) => (
            <Show when={known().used > 0} fallback={<p class="muted">{text("context.none")}</p>}>
              <p class="muted tnum">{known().size > 0 ? text("context.used", { used: wholeNumber(known().used), size: wholeNumber(known().size) }) : text("context.usedOnly", { used: wholeNumber(known().used) })}</p>
              <dl class="context-rows">
                <For each={rows(known())}>
                  {({ name, count }) => (
                    <>
                      <dt>{name}</dt>
                      <dd class="tnum">{wholeNumber(count)}</dd>
                    </>
                  )}
                </For>
              </dl>
              <p class="subtle small">{text("context.unknown")}</p>
            </Show>
          )}
        </Show>
        <p class="subtle small">{text("context.compactBody")}</p>
        <CompactButton context={props.context} />
      </div>
    </Portal>
  );
}

/** Has the thread summed up, with a clock while that goes on. */
function CompactButton(props: { context: ContextActions }) {
  const [error, setError] = createSignal<string>();
  // Somebody may have begun it elsewhere: then it counts from when this was opened.
  const [since, setSince] = createSignal(Date.now());
  const compact = async () => {
    setError(undefined);
    setSince(Date.now());
    try {
      await props.context.compact();
    } catch (thrown) {
      setError(text("context.notCompacted", { reason: toApiError(thrown).message }));
    }
  };
  return (
    <>
      <div class="actions">
        <Button small disabled={props.context.compacting() || props.context.busy()} data-testid="compact" onClick={() => void compact()}>
          <Show when={props.context.compacting()} fallback={text("context.compact")}>
            {text("context.compacting")} <Running since={since()} />
          </Show>
        </Button>
      </div>
      <Show when={props.context.busy() && !props.context.compacting()}>
        <p class="subtle small">{text("context.busy")}</p>
      </Show>
      <Show when={error()}>
        <p class="error-text" role="alert">
          {error()}
        </p>
      </Show>
    </>
  );
}

/** Says that the context is nearly full, above what is written. */
export function NearlyFull(props: { percent: number; context: ContextActions }) {
  return (
    <div class="notice notice--warn" role="status" data-testid="nearly-full">
      <Icon path={circleAlert} />
      <div class="notice-text">
        <p class="muted">{text("context.nearlyFull", { percent: props.percent })}</p>
      </div>
      <CompactButton context={props.context} />
    </div>
  );
}
