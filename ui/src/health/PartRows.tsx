import { createSignal, For, onCleanup, Show } from "solid-js";
import { toApiError, type HealthMark } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleCheck, circleDashed, circleX, triangleAlert, type IconPath } from "../design/icons";
import { useApp } from "../state/app";
import { createSecondClock } from "../state/clock";
import { runningClock } from "../strings/format";
import { healthText as text } from "../strings/health";
import { fixOf, isBad, nameOf, wordsOf, type Fix, type KnownRow, type Parts } from "./parts";

const looks: Record<HealthMark, { icon: IconPath; colour: string }> = {
  needsYou: { icon: circleX, colour: "is-danger" },
  degraded: { icon: triangleAlert, colour: "is-warn" },
  working: { icon: circleCheck, colour: "subtle" },
  off: { icon: circleDashed, colour: "subtle" },
  unknown: { icon: circleDashed, colour: "subtle" },
};

/** The parts that are not as they should be, before all others. */
export function PartsToFix(props: { parts: Parts }) {
  const bad = () => props.parts.rows().filter(isBad);
  return (
    <Show when={bad().length > 0}>
      <section class="group first" data-testid="to-fix">
        <h2>{text("part.toFix")}</h2>
        <div class="group-body">
          <For each={bad()}>{(row) => <PartRow row={row} parts={props.parts} />}</For>
        </div>
      </section>
    </Show>
  );
}

/** All other parts, in grey: what works is not to catch the eye. */
export function OtherParts(props: { parts: Parts }) {
  const others = () => props.parts.rows().filter((row) => !isBad(row));
  return (
    <section class="group" aria-busy={props.parts.busy()} data-testid="other-parts">
      <h2>{text("part.others")}</h2>
      <Show when={props.parts.error()}>
        {(reason) => (
          <p class="error-text" role="alert">
            {text("part.failed", { reason: reason() })}
          </p>
        )}
      </Show>
      <Show when={others().length > 0} fallback={<Show when={props.parts.busy()}><p class="muted">{text("part.checking")}</p></Show>}>
        <div class="group-body">
          <For each={others()}>{(row) => <PartRow row={row} parts={props.parts} />}</For>
        </div>
      </Show>
    </section>
  );
}

function PartRow(props: { row: KnownRow; parts: Parts }) {
  const app = useApp();
  const [began, setBegan] = createSignal<number>();
  const [said, setSaid] = createSignal<string>();
  const [error, setError] = createSignal<string>();
  let gone = false;
  let place: HTMLDivElement | undefined;
  const { key } = props.row;
  onCleanup(() => {
    gone = true;
    const page = place?.closest("main");
    if (page && place?.contains(document.activeElement)) queueMicrotask(() => refocus(page, key));
  });
  const words = () => wordsOf(props.row);
  const fix = () => fixOf(app, props.row);
  const run = async (mend: Fix) => {
    if (began() !== undefined) return;
    if (mend.leads) {
      void mend.run();
      return;
    }
    setBegan(Date.now());
    setSaid(undefined);
    setError(undefined);
    const name = nameOf(props.row.part);
    try {
      const result = await mend.run();
      await props.parts.ask();
      // Mended, the row stands among the others, so what became of it is said where it is still read.
      if (gone) app.toasts.show(result ?? text("part.fixed", { name }));
      else setSaid(result ?? "");
    } catch (thrown) {
      setError(text("part.notFixed", { reason: toApiError(thrown).message }));
    }
    setBegan(undefined);
  };
  return (
    <div class="health" data-testid="health-part" data-part={props.row.key} data-mark={props.row.mark} ref={(element) => (place = element)}>
      <Icon path={looks[props.row.mark].icon} small class={looks[props.row.mark].colour} />
      <span class="name">
        {nameOf(props.row.part)}
        <span class="sr-only">: {text(`part.mark.${props.row.mark}`)}</span>
      </span>
      <span class="what" classList={{ muted: !isBad(props.row) }}>
        <span class="wrap-anywhere">{words().what}</span>
        <Show when={words().more}>
          <span class="small wrap-anywhere">{words().more}</span>
        </Show>
        <span class="small" role="status">
          {said() ?? ""}
        </span>
        <Show when={error()}>
          <span class="small is-danger" role="alert">
            {error()}
          </span>
        </Show>
      </span>
      <Show when={fix()}>
        {(mend) => (
          <span class="actions">
            <Button {...(isBad(props.row) ? {} : { kind: "quiet" as const })} aria-disabled={began() !== undefined} aria-label={began() === undefined ? `${mend().label}: ${nameOf(props.row.part)}` : undefined} data-testid="part-fix" onClick={() => void run(mend())}>
              <Show when={began()} fallback={mend().label}>
                {(since) => <Doing what={mend().doing} since={since()} />}
              </Show>
            </Button>
            <Show when={mend().beside}>
              {(other) => (
                <Button kind="quiet" aria-label={`${other().label}: ${nameOf(props.row.part)}`} data-testid="part-beside" onClick={() => void run(other())}>
                  {other().label}
                </Button>
              )}
            </Show>
          </span>
        )}
      </Show>
    </div>
  );
}

/** A row that joins others takes the focus along to what mends it; mended, to what is said of the whole, above what is left to do. */
function refocus(page: HTMLElement, key: string): void {
  if (!page.isConnected || document.activeElement !== document.body) return;
  const row = [...page.querySelectorAll<HTMLElement>("[data-testid='to-fix'] [data-part]")].find((other) => other.dataset["part"] === key);
  const to = row?.querySelector<HTMLElement>("[data-testid='part-fix']") ?? page.querySelector<HTMLElement>("h1");
  if (to?.tagName === "H1") to.tabIndex = -1;
  to?.focus();
}

/** What goes on, with a clock that counts. */
function Doing(props: { what: string; since: number }) {
  const now = createSecondClock();
  return <span class="tnum">{text("part.doing", { what: props.what, clock: runningClock(Math.max(0, now() - props.since)) })}</span>;
}
