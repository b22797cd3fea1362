import { createEffect, createMemo, createSignal, createUniqueId, on, onCleanup, onMount, Show, Suspense, type Accessor, type JSX } from "solid-js";
import { toApiError, type AgentChoice, type CommandRow, type ModelChoice } from "../backend";
import type { ContextActions } from "../composer/ContextDetails";
import { ContextDetails, FileChips, NearlyFull, Suggestions, TrustDialog } from "../composer/lazy";
import { commandIn, namingAt, type Builtin, type ComposerParts, type Naming } from "../composer/parts";
import type { Chosen, SuggestionKeys } from "../composer/Suggestions";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { arrowUp, paperclip } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { Tooltip } from "../design/Tooltip";
import { leaveWriting } from "../shell/panes";
import { findModel } from "../state/choice";
import { text } from "../strings";
import { AgentPicker, ContextMeter, nearlyFull, StopButton } from "./ComposerBar";
import { ModelPicker, VariantPicker } from "./ModelPicker";

/** Height from which the field scrolls instead of growing, in pixels. */
const tallest = 280;

/** Keys that move the caret without anything being typed. */
const caretKeys = new Set(["ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"]);

/** Which of the composer's choices is open. */
export type OpenPicker = "agent" | "model" | "variant" | null;

const given = (list: DataTransfer | null): File[] => [...(list?.files ?? [])];
const hasFiles = (drag: DragEvent) => drag.dataTransfer?.types.includes("Files") === true;

/**
 * Where a prompt is written. What is sent is never lost: the text stays until the send is confirmed, and with the
 * reason when it was not.
 */
export function Composer(props: {
  draft: string;
  onDraft(text: string): void;
  /** An older prompt is shown that nobody wrote now; without it that is written as any other. */
  onRecall?(prompt: string): void;
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
  /** What it has beside its words; without it there are words alone. */
  parts?: ComposerParts | undefined;
  /** What fills the context, and the way to make room in it. */
  context?: ContextActions | undefined;
  /** Opens a picker from outside. */
  picker?: OpenPicker;
  onPicker?(open: OpenPicker): void;
  /** The model is not chosen here. */
  fixedModel?: boolean;
}) {
  const [sending, setSending] = createSignal(false);
  const [error, setError] = createSignal<string>();
  const [ownPicker, setOwnPicker] = createSignal<OpenPicker>(null);
  const [recalled, setRecalled] = createSignal<number>();
  const [naming, setNaming] = createSignal<Naming>();
  const [suggestionKeys, setSuggestionKeys] = createSignal<SuggestionKeys>();
  const [toTrust, setToTrust] = createSignal<CommandRow>();
  const [said, setSaid] = createSignal("");
  const [dropping, setDropping] = createSignal(false);
  const [contextOpen, setContextOpen] = createSignal(false);
  const problem = createUniqueId();
  let field: HTMLTextAreaElement | undefined;
  let frame: HTMLFormElement | undefined;
  let meter: HTMLButtonElement | undefined;
  /** What was written before something was recalled, until it is there again. */
  let before = "";
  /** The command that was chosen from the list, among those of one name. */
  let chosenCommand: CommandRow | undefined;

  const picker = () => (props.onPicker ? (props.picker ?? null) : ownPicker());
  const setPicker = (open: OpenPicker) => (props.onPicker ? props.onPicker(open) : setOwnPicker(open));
  const blank = () => props.draft.trim() === "";
  /** Why nothing can be sent now. A file that is still on its way would be left out of the prompt. */
  const reason = () => props.disabledReason ?? ((props.parts?.files.adding() ?? 0) > 0 ? text("composer.attaching") : undefined);
  const blocked = () => blank() || sending() || reason() !== undefined;

  // The length goes through the object model: the content security policy refuses style attributes.
  const grow = () => {
    if (!field) return;
    field.style.setProperty("height", "auto");
    field.style.setProperty("height", `${Math.min(field.scrollHeight, tallest)}px`);
    field.style.setProperty("overflow-y", field.scrollHeight > tallest ? "auto" : "hidden");
  };
  // With the frame, which lays the page out in any case: measured at once it would be laid out for this alone.
  let growing = 0;
  createEffect(
    on(
      () => props.draft,
      () => {
        cancelAnimationFrame(growing);
        growing = requestAnimationFrame(grow);
      },
    ),
  );
  onCleanup(() => cancelAnimationFrame(growing));
  onMount(() => {
    if (props.autofocus) field?.focus();
  });

  // What stood in the way is gone: what was said about it does not hold any more.
  const noticed = createMemo(() => props.notice !== undefined);
  createEffect(on(noticed, (now) => !now && setError(undefined), { defer: true }));

  /** Does what takes what is written, which stays until that was done. */
  const taken = async (how: (written: string) => Promise<void>) => {
    const written = props.draft;
    setSending(true);
    setError(undefined);
    props.parts?.files.dismiss();
    try {
      await how(written);
      setRecalled(undefined);
      chosenCommand = undefined;
      // What was being written when something was recalled was not sent, and comes back.
      const left = before;
      if (props.draft === left) before = "";
      else if (props.draft === written || (props.draft === "" && left !== "")) {
        before = "";
        props.onDraft(left);
      }
    } catch (thrown) {
      const { code, message } = toApiError(thrown);
      // Nobody knows whether it arrived; to say that it did not would have it sent twice.
      setError(code === "outcomeUnknown" ? message : text("composer.notSent", { reason: message || text("composer.failed") }));
    }
    setSending(false);
  };

  /** The command that is written, if there is one of that name: this app's own, or the folder's or engine's. */
  const findCommand = async (parts: ComposerParts, name: string): Promise<Builtin | CommandRow | undefined> => {
    const own = () => parts.builtins().find((builtin) => builtin.name === name);
    const known = own();
    if (known) return known;
    // What cannot be listed cannot be run either: it is sent as it is written.
    const all = await parts.commands().catch((): CommandRow[] => []);
    const same = all.filter((command) => command.name === name);
    // They may have been read meanwhile.
    return own() ?? same.find((command) => command.key === chosenCommand?.key) ?? same[0];
  };
  const runCommand = (command: CommandRow, rest: string) => {
    const { parts } = props;
    if (!parts) return;
    if (command.trust === "needed" || command.trust === "changed") setToTrust(command);
    else void taken(() => parts.run(command, rest));
  };
  const trusted = async (command: CommandRow) => {
    const { parts } = props;
    if (!parts) return;
    await parts.trust(command);
    // Cancelled meanwhile: it is trusted, and not run.
    if (toTrust() !== command) return;
    setToTrust(undefined);
    field?.focus();
    await taken((written) => parts.run(command, commandIn(written)?.rest ?? ""));
  };

  /** Sends what is written; while a turn runs it waits for its end, or joins it where `joins`. */
  const send = async (joins = false) => {
    if (blank() || sending()) return;
    const waitsFor = reason();
    if (waitsFor !== undefined) {
      setError(waitsFor);
      return;
    }
    setNaming(undefined);
    const { parts } = props;
    const written = commandIn(props.draft);
    if (parts && written) {
      const asked = props.draft;
      // A second press while the commands are looked up must not run one twice.
      setSending(true);
      const found = await findCommand(parts, written.name);
      setSending(false);
      // Who writes on meanwhile is not done.
      if (props.draft !== asked) return;
      if (found && "key" in found) return runCommand(found, written.rest);
      if (found) {
        if (found.why !== undefined) return void setError(found.why);
        props.onDraft("");
        found.run();
        return;
      }
    }
    const queue = props.busy && !joins ? parts?.queue : undefined;
    await taken(queue ?? props.onSend);
  };

  const recall = (by: -1 | 1): boolean => {
    const at = recalled();
    const next = at === undefined ? (by < 0 ? props.history.length - 1 : undefined) : at + by;
    if (next === undefined || next < 0) return false;
    if (at === undefined) before = props.draft;
    setRecalled(next < props.history.length ? next : undefined);
    const older = props.history[next];
    // Behind the newest is what was being written.
    if (older === undefined) props.onDraft(before);
    else (props.onRecall ?? props.onDraft)(older);
    if (next >= props.history.length) before = "";
    queueMicrotask(() => field?.setSelectionRange(field.value.length, field.value.length));
    return true;
  };
  const unchanged = () => {
    const at = recalled();
    return at !== undefined && props.history[at] === props.draft;
  };

  /** Looks again at what stands before the caret. */
  const look = () => {
    if (!field || !props.parts || field.selectionStart !== field.selectionEnd) return setNaming(undefined);
    const found = namingAt(field.value, field.selectionStart);
    // Names are those of a folder; of commands some are this app's own.
    setNaming(found?.kind === "mention" && props.parts.folder() === null ? undefined : found);
  };
  const choose = ({ written, command, builtin }: Chosen) => {
    const at = naming();
    if (!field || !at) return;
    setNaming(undefined);
    if (builtin) {
      props.onDraft("");
      builtin.run();
      return;
    }
    chosenCommand = command;
    const caret = at.from + written.length;
    // Cut where what was typed ends: the caret may stand elsewhere by now.
    props.onDraft(field.value.slice(0, at.from) + written + field.value.slice(at.to));
    queueMicrotask(() => {
      field?.focus();
      field?.setSelectionRange(caret, caret);
      // What is in a folder comes next.
      if (written.endsWith("/ ")) look();
    });
  };
  const nextAgent = () => {
    const names = props.agents.map(({ name }) => name);
    if (names.length === 0) return;
    const next = names[(names.indexOf(props.agent ?? "") + 1) % names.length] ?? names[0] ?? "";
    props.onAgent(next);
    setSaid(text("composer.agentNow", { agent: next }));
  };
  const onKeyDown = (press: KeyboardEvent) => {
    if (isComposing(press)) return;
    const plain = !press.shiftKey && !press.altKey && !press.ctrlKey && !press.metaKey;
    const named = plain && naming() !== undefined;
    const taking = named ? suggestionKeys() : undefined;
    // While the list is not there yet nothing can be chosen, and half a name is not what is to be sent.
    if (taking ? taking.press(press.key) : named && (press.key === "Enter" || press.key === "Tab")) {
      press.preventDefault();
      press.stopPropagation();
      return;
    }
    if (press.key === "Enter" && !press.shiftKey && !press.altKey) {
      const joins = press.ctrlKey || press.metaKey;
      if (press.metaKey && !props.busy) return;
      press.preventDefault();
      void send(joins);
      return;
    }
    if (press.key === "Tab" && press.shiftKey && props.agents.length > 1) {
      press.preventDefault();
      nextAgent();
      return;
    }
    // What holds keys in it holds nobody, also while a turn runs: the next press stops that.
    if (plain && press.key === "Escape") {
      press.preventDefault();
      leaveWriting(field);
      return;
    }
    const atStart = field?.selectionStart === 0 && field.selectionEnd === 0;
    if (plain && press.key === "ArrowUp" && (atStart || unchanged()) && recall(-1)) press.preventDefault();
    if (plain && press.key === "ArrowDown" && unchanged() && recall(1)) press.preventDefault();
  };

  const onPaste = (paste: ClipboardEvent) => {
    const files = given(paste.clipboardData);
    // A table is pasted as words and as a picture of them; the words are meant.
    if (!props.parts || files.length === 0 || paste.clipboardData?.types.includes("text/plain")) return;
    paste.preventDefault();
    void props.parts.files.add(files);
  };
  const onDrop = (drop: DragEvent) => {
    setDropping(false);
    if (!props.parts || !hasFiles(drop)) return;
    drop.preventDefault();
    void props.parts.files.add(given(drop.dataTransfer));
    field?.focus();
  };

  const waits = () => props.busy && props.parts?.queue !== undefined;
  const sendLabel = () => text(sending() ? "composer.sending" : waits() ? "composer.queue" : props.busy ? "composer.join" : "composer.send");
  const share = () => ((props.contextSize ?? 0) > 0 ? Math.min(1, (props.contextUsed ?? 0) / (props.contextSize ?? 1)) : 0);
  const hasFileRow = () => {
    const files = props.parts?.files;
    return files !== undefined && (files.attached().length > 0 || files.adding() > 0 || files.refused().length > 0);
  };
  const sendHint = () => reason() ?? (blank() ? text("composer.empty") : sendLabel());

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
      <Show when={share() >= nearlyFull && props.context}>
        {(context) => (
          <Suspense>
            <NearlyFull percent={Math.round(share() * 100)} context={context()} />
          </Suspense>
        )}
      </Show>
      <form
        class="composer"
        ref={(element) => (frame = element)}
        classList={{ "is-sending": sending(), "is-dropping": dropping() }}
        onDragOver={(drag) => {
          if (!props.parts || !hasFiles(drag)) return;
          drag.preventDefault();
          setDropping(true);
        }}
        onDragLeave={(drag) => !(drag.relatedTarget instanceof Node && frame?.contains(drag.relatedTarget)) && setDropping(false)}
        onDrop={onDrop}
        aria-busy={sending()}
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void send();
        }}
      >
        <Show when={hasFileRow() && props.parts}>
          {(parts) => (
            <Suspense>
              <FileChips files={parts().files} model={findModel(props.models, props.model)} disabled={sending()} onRemoved={() => field?.focus()} />
            </Suspense>
          )}
        </Show>
        <Show when={dropping()}>
          <p class="drop-hint small" role="status">
            {text("composer.drop")}
          </p>
        </Show>
        <textarea
          ref={(element) => (field = element)}
          rows="1"
          aria-label={text("composer.label")}
          aria-describedby={error() && !noticed() ? problem : undefined}
          aria-autocomplete={props.parts ? "list" : undefined}
          aria-haspopup={props.parts ? "listbox" : undefined}
          aria-controls={suggestionKeys()?.list}
          aria-activedescendant={suggestionKeys()?.active()}
          placeholder={props.placeholder}
          value={props.draft}
          readonly={sending()}
          spellcheck={true}
          data-testid="composer-input"
          onInput={(typed) => {
            setRecalled(undefined);
            setError(undefined);
            props.onDraft(typed.currentTarget.value);
            look();
          }}
          onClick={look}
          onKeyUp={(press) => caretKeys.has(press.key) && naming() !== undefined && look()}
          onBlur={() => setNaming(undefined)}
          onPaste={onPaste}
          onKeyDown={onKeyDown}
        />
        <div class="composer-bar">
          <Show when={props.parts}>{(parts) => <IconButton label={text("composer.attach")} icon={paperclip} data-testid="attach" disabled={sending()} onClick={() => void parts().files.pick()} />}</Show>
          <Show when={props.agents.length > 0 || !props.fixedModel}>
            <AgentPicker agents={props.agents} agent={props.agent} open={picker() === "agent"} onOpen={(open) => setPicker(open ? "agent" : null)} onAgent={props.onAgent} />
          </Show>
          <Show when={!props.fixedModel}>
            <ModelPicker models={props.models} model={props.model} open={picker() === "model"} onOpen={(open) => setPicker(open ? "model" : null)} onModel={props.onModel} />
            <VariantPicker models={props.models} model={props.model} open={picker() === "variant"} onOpen={(open) => setPicker(open ? "variant" : null)} onModel={props.onModel} />
          </Show>
          <span class="grow" />
          <Show when={sending()}>
            <span class="sending small subtle" role="status">
              {text("composer.sending")}
            </span>
          </Show>
          <ContextMeter
            used={props.contextUsed ?? 0}
            size={props.contextSize ?? 0}
            cost={props.cost ?? 0}
            {...(props.context ? { onOpen: () => setContextOpen(!contextOpen()), open: contextOpen(), ref: (element: HTMLButtonElement) => (meter = element) } : {})}
          />
          <Show when={props.busy && props.onStop}>
            <StopButton stopping={props.stopping ?? false} onStop={() => props.onStop?.()} onGone={() => field?.focus()} />
          </Show>
          <Tooltip text={sendHint()} shortcut={blocked() ? undefined : text("composer.sendKey")}>
            <button type="submit" class="send" aria-label={sendLabel()} aria-disabled={blocked()} data-testid="composer-send">
              <Icon path={arrowUp} />
            </button>
          </Tooltip>
        </div>
      </form>
      <span class="sr-only" aria-live="polite" data-testid="composer-said">
        {said()}
      </span>
      <Show when={naming() !== undefined && frame !== undefined && props.parts}>
        {(parts) => (
          <Suspense>
            <Show when={naming()}>{(at) => <Show when={frame}>{(anchor) => <Suggestions naming={at()} parts={parts()} anchor={anchor()} onKeys={setSuggestionKeys} onChoose={choose} onClose={() => setNaming(undefined)} />}</Show>}</Show>
          </Suspense>
        )}
      </Show>
      <Show when={contextOpen() && props.context}>
        {(context) => <Suspense>{meter && <ContextDetails context={context()} anchor={meter} onClose={() => setContextOpen(false)} />}</Suspense>}
      </Show>
      <Show when={toTrust()} keyed>
        {(command) => (
          <Suspense>
            <TrustDialog
              command={command}
              onAgree={() => trusted(command)}
              onCancel={() => {
                setToTrust(undefined);
                field?.focus();
              }}
            />
          </Suspense>
        )}
      </Show>
    </div>
  );
}
