import { createSignal, createUniqueId, For, onCleanup, onMount, Show } from "solid-js";
import { toApiError, type QueuedView } from "../backend";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { IconButton } from "../design/IconButton";
import { arrowDown, arrowUp, pencil, x } from "../design/icons";
import type { App } from "../state/app";
import { composerText as text } from "../strings/composer";
import { waitingEdits, type WaitingEdit } from "./waitingEdits";
import "./composer.css";

/** Characters of a waiting prompt that name it to a screen reader. */
const shortest = 80;

/** Prompts that wait for the turn to end: to be edited, moved, taken out, or sent at once. */
export function Queue(props: { app: App; session: string; busy: boolean; onEmpty(): void; /** Takes words that were written for a prompt that went out meanwhile. */ onLost(written: string): void }) {
  const { commands } = props.app.backend;
  const state = () => props.app.composers.of(props.session);
  const queue = () => state().queue;
  const [said, setSaid] = createSignal("");
  const memory = waitingEdits(props.app.backend, props.session);
  const [sending, setSending] = createSignal(false);
  const hint = createUniqueId();
  let list: HTMLOListElement | undefined;
  /** The prompt somebody asked to edit here last; an editor that was left open does not take the focus when they come back. */
  let asked: string | undefined;
  let alive = true;
  onCleanup(() => (alive = false));

  const rowOf = (prompt: string | undefined) => [...(list?.querySelectorAll<HTMLElement>("[data-prompt]") ?? [])].find((element) => element.dataset["prompt"] === prompt);
  const focusRow = (prompt: string | undefined) =>
    queueMicrotask(() => {
      const row = rowOf(prompt);
      if (row) row.focus();
      else props.onEmpty();
    });
  /** Whether nothing went wrong. */
  const told = async (what: Promise<unknown>): Promise<boolean> => {
    try {
      await what;
    } catch (thrown) {
      // One that went out meanwhile is no longer there to be changed.
      if (toApiError(thrown).code !== "notFound") {
        props.app.tell(thrown);
        return false;
      }
    }
    return true;
  };
  const move = async (prompt: string, by: -1 | 1) => {
    const order = queue().map(({ id }) => id);
    const from = order.indexOf(prompt);
    const to = from + by;
    if (from < 0 || to < 0 || to >= order.length) return;
    order.splice(to, 0, ...order.splice(from, 1));
    const moved = await told(commands.queueOrder({ session: props.session, prompts: order }));
    if (moved) setSaid(text("queue.moved", { place: to + 1 }));
    focusRow(prompt);
  };
  const remove = async (prompt: string) => {
    const order = queue().map(({ id }) => id);
    const at = order.indexOf(prompt);
    const removed = await told(commands.queueRemove({ session: props.session, prompt }));
    focusRow(removed ? (order[at + 1] ?? order[at - 1]) : prompt);
  };
  const send = async (prompt: string) => {
    const order = queue().map(({ id }) => id);
    const at = order.indexOf(prompt);
    setSending(true);
    await told(commands.queueSend({ session: props.session, prompt }));
    setSending(false);
    // The button that was pressed went with its row, or could not be pressed for a while, which takes the focus from it.
    focusRow(waits(prompt) ? prompt : (order[at + 1] ?? order[at - 1]));
  };
  const waits = (prompt: string) => queue().some(({ id }) => id === prompt);
  const hold = (prompt: string, held: boolean) => memory.inOrder(() => commands.queueHold({ session: props.session, prompt, held }));
  const letGo = (prompt: string) => void told(hold(prompt, false));
  /** Holds a prompt, so that it does not go out while somebody edits it, and then has it edited: also when they look elsewhere by then. */
  const begin = async (prompt: string) => {
    if (memory.beginning.has(prompt)) return;
    asked = prompt;
    if (memory.edits[prompt] !== undefined) return rowOf(prompt)?.querySelector("textarea")?.focus();
    memory.beginning.add(prompt);
    try {
      await hold(prompt, true);
      const held = queue().find(({ id }) => id === prompt);
      if (held) memory.begin(prompt, held.text);
      else letGo(prompt);
    } catch (thrown) {
      // It has gone out, or is just about to: then its row goes by itself.
      if (toApiError(thrown).code !== "notFound") props.app.tell(thrown);
    } finally {
      memory.beginning.delete(prompt);
    }
  };
  const save = async (prompt: string) => {
    const words = memory.edits[prompt]?.words;
    if (words === undefined) return;
    memory.change(prompt, { saving: true });
    try {
      await memory.inOrder(() => commands.queueEdit({ session: props.session, prompt, text: words }));
    } catch (thrown) {
      // What could not be saved stays in its field.
      memory.change(prompt, { saving: false });
      if (toApiError(thrown).code !== "notFound") props.app.tell(thrown);
      else if (alive || looksHere()) lose(prompt);
      return;
    }
    memory.end(prompt);
    if (alive) focusRow(prompt);
  };
  /** Whether the draft the words would come to is there, also when nothing waits any more: else they are brought when somebody looks here again. */
  const looksHere = () => {
    const { route } = props.app.state;
    return route.page === "session" && route.session === props.session;
  };
  /** Brings the words to the draft that were written for a prompt that does not wait any more. */
  const lose = (prompt: string) => {
    const edit = memory.edits[prompt];
    if (!edit || edit.saving) return;
    const { before, words } = edit;
    memory.end(prompt);
    if (words.trim() !== "" && words !== before) props.onLost(words);
  };
  onMount(() => Object.keys(memory.edits).forEach((prompt) => !waits(prompt) && lose(prompt)));
  /** What is said of all that wait. An edit of the next one keeps it, and so those behind it, whether or not its time has come. */
  const outlook = () => {
    if (state().held) return "queue.held";
    const next = queue()[0]?.id;
    return state().waitsForEdit || (next !== undefined && memory.edits[next] !== undefined) ? "queue.editing" : "queue.running";
  };
  const onKeyDown = (press: KeyboardEvent, prompt: QueuedView) => {
    if (press.target !== press.currentTarget) return;
    if (press.altKey && (press.key === "ArrowUp" || press.key === "ArrowDown")) void move(prompt.id, press.key === "ArrowUp" ? -1 : 1);
    else if (press.altKey || press.ctrlKey || press.metaKey) return;
    else if (press.key === "Enter") void begin(prompt.id);
    else if (press.key === "Delete") void remove(prompt.id);
    else if (press.key === "ArrowUp" || press.key === "ArrowDown") {
      const order = queue().map(({ id }) => id);
      const next = order[order.indexOf(prompt.id) + (press.key === "ArrowUp" ? -1 : 1)];
      if (next !== undefined) focusRow(next);
    } else return;
    press.preventDefault();
    press.stopPropagation();
  };

  return (
    <section class="queue" aria-label={text("queue.label")} data-testid="queue">
      <div class="queue-head">
        <span class="strong">{text("queue.count", { count: queue().length })}</span>
        <span class="subtle small">{text(outlook(), { count: queue().length })}</span>
      </div>
      <Show when={state().failed}>{(reason) => <p class="error-text">{text("queue.failed", { reason: reason() })}</p>}</Show>
      <ol class="queue-list" ref={(element) => (list = element)}>
        <For each={queue()}>
          {(prompt, index) => (
            <li
              class="queue-row"
              tabindex={0}
              data-prompt={prompt.id}
              data-testid="queued"
              aria-label={text("queue.prompt", { place: index() + 1, text: prompt.text.slice(0, shortest) })}
              aria-describedby={hint}
              onKeyDown={(press) => onKeyDown(press, prompt)}
            >
              <Show
                when={memory.edits[prompt.id]}
                fallback={
                  <>
                    <span class="queue-text">{prompt.text}</span>
                    <Show when={prompt.attachments.length > 0}>
                      <span class="subtle small">{text("queue.files", { count: prompt.attachments.length })}</span>
                    </Show>
                    <span class="queue-actions">
                      <Button small kind="quiet" disabled={sending()} data-testid="queue-send" onClick={() => void send(prompt.id)}>
                        {text(props.busy ? "queue.join" : "queue.send")}
                      </Button>
                      <Show when={queue().length > 1}>
                        <IconButton label={text("queue.up")} icon={arrowUp} disabled={index() === 0} onClick={() => void move(prompt.id, -1)} />
                        <IconButton label={text("queue.down")} icon={arrowDown} disabled={index() === queue().length - 1} onClick={() => void move(prompt.id, 1)} />
                      </Show>
                      <IconButton label={text("queue.edit")} icon={pencil} onClick={() => void begin(prompt.id)} />
                      <IconButton label={text("queue.remove")} icon={x} onClick={() => void remove(prompt.id)} />
                    </span>
                  </>
                }
              >
                {(edit) => (
                  <QueueEditor
                    edit={edit()}
                    takesFocus={asked === prompt.id}
                    onWrite={(words) => memory.change(prompt.id, { words })}
                    onSave={() => void save(prompt.id)}
                    // Looking at another thread leaves it open; a prompt taken out elsewhere is not to take what was written with it.
                    onLeft={() => !waits(prompt.id) && lose(prompt.id)}
                    onCancel={() => {
                      memory.end(prompt.id);
                      letGo(prompt.id);
                      focusRow(prompt.id);
                    }}
                  />
                )}
              </Show>
            </li>
          )}
        </For>
      </ol>
      <span class="sr-only" id={hint}>
        {text("queue.hint")}
      </span>
      <span class="sr-only" role="status">
        {said()}
      </span>
    </section>
  );
}

/** Other words for a prompt that waits. Escape leaves it as it was. */
function QueueEditor(props: { edit: WaitingEdit; takesFocus: boolean; onWrite(words: string): void; onSave(): void; onCancel(): void; /** The field goes, for whatever reason. */ onLeft(): void }) {
  const blank = () => props.edit.words.trim() === "";
  const save = () => {
    if (!blank() && !props.edit.saving) props.onSave();
  };
  const { onLeft } = props;
  onCleanup(() => onLeft());
  return (
    <form
      class="queue-editor"
      onSubmit={(submitted) => {
        submitted.preventDefault();
        save();
      }}
    >
      <textarea
        class="input"
        rows="3"
        aria-label={text("queue.words")}
        ref={(element) => props.takesFocus && queueMicrotask(() => element.focus())}
        value={props.edit.words}
        readOnly={props.edit.saving}
        data-testid="queue-field"
        onInput={(typed) => props.onWrite(typed.currentTarget.value)}
        onKeyDown={(press) => {
          if (isComposing(press)) return;
          if (press.key === "Escape") props.onCancel();
          else if (press.key === "Enter" && !press.shiftKey && !blank()) save();
          else return;
          press.preventDefault();
          press.stopPropagation();
        }}
      />
      <div class="actions">
        <Button small kind="quiet" onClick={() => props.onCancel()}>
          {text("queue.cancel")}
        </Button>
        <Button small type="submit" disabled={blank()} data-testid="queue-save">
          {text("queue.save")}
        </Button>
      </div>
    </form>
  );
}
