import { createSignal, onCleanup, Show } from "solid-js";
import { writeText } from "../design/clipboard";
import { Icon } from "../design/Icon";
import { check, copy } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { text } from "../strings";

/** How long a button says that it copied. */
const saidFor = 1600;

type Outcome = "rest" | "copied" | "failed";

/** A text that may have to be fetched first. */
export type Source = () => string | Promise<string>;

/** Copies a text that may have to be fetched first, and says whether it did. */
export function createCopy() {
  const [outcome, setOutcome] = createSignal<Outcome>("rest");
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const run = async (source: Source) => {
    try {
      // A text that has to be fetched is promised now: once it is there, the press that asked for it allows nothing any more.
      await writeText(source());
      setOutcome("copied");
    } catch {
      // Shown on the button itself, next to where the copy was asked for.
      setOutcome("failed");
    }
    clearTimeout(timer);
    timer = setTimeout(() => setOutcome("rest"), saidFor);
  };
  return { outcome, run };
}

const said = (outcome: Outcome, rest: string) =>
  outcome === "copied" ? text("conversation.copied") : outcome === "failed" ? text("conversation.copyFailed") : rest;

/** Copies code, or what it is told it copies. */
export function CopyButton(props: { source: Source; label?: string }) {
  const { outcome, run } = createCopy();
  return (
    <button type="button" class="button button--quiet button--small" aria-live="polite" onClick={() => void run(() => props.source())}>
      <Icon path={outcome() === "copied" ? check : copy} small />
      {said(outcome(), props.label ?? text("conversation.copy"))}
    </button>
  );
}

/** The same as a sign, for a message. What else copies of it says so here, too. */
export function CopyIcon(props: { label: string; source: Source; copying: ReturnType<typeof createCopy> }) {
  const outcome = () => props.copying.outcome();
  return (
    <>
      <IconButton class="copy" icon={outcome() === "copied" ? check : copy} label={said(outcome(), props.label)} onClick={() => void props.copying.run(() => props.source())} />
      <Show when={outcome() !== "rest"}>
        <span class="sr-only" role="status">
          {said(outcome(), "")}
        </span>
      </Show>
    </>
  );
}
