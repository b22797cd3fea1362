import { createSignal, createUniqueId, For, onCleanup, Show } from "solid-js";
import { toApiError, type QueuedView } from "../backend";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { IconButton } from "../design/IconButton";
import { arrowDown, arrowUp, pencil, x } from "../design/icons";
import type { App } from "../state/app";
import { composerText as text } from "../strings/composer";
import "./composer.css";

/** Characters of a waiting prompt that name it to a screen reader. */
const shortest = 80;

/** Prompts that wait for the turn to end: to be edited, moved, taken out, or sent at once. */
export function Queue(props: { app: App; session: string; busy: boolean; onEmpty(): void; /** Takes words that were written for a prompt that went out meanwhile. */ onLost(written: string): void }) {
  const { commands } = props.app.backend;
  const state = () => props.app.composers.of(props.session);
  const queue = () => state().queue;
  const [said, setSaid] = createSignal("");
  const [editing, setEditing] = createSignal<string>();
  const [sending, setSending] = createSignal(false);
  const hint = createUniqueId();
  let list: HTMLOListElement | undefined;

  const focusRow = (prompt: string | undefined) =>
    queueMicrotask(() => {
      const row = [...(list?.querySelectorAll<HTMLElement>("[data-prompt]") ?? [])].find((element) => element.dataset["prompt"] === prompt);
      if (row) row.focus();
      else props.onEmpty();
    });
  const told = async (what: Promise<unknown>) => {
    try {
      await what;
    } catch (thrown) {
      // One that went out meanwhile is no longer there to be changed.
      if (toApiError(thrown).code !== "notFound") props.app.tell(thrown);
    }
  };
  const move = async (prompt: string, by: -1 | 1) => {
    const order = queue().map(({ id }) => id);
    const from = order.indexOf(prompt);
    const to = from + by;
    if (from < 0 || to < 0 || to >= order.length) return;
    order.splice(to, 0, ...order.splice(from, 1));
    await told(commands.queueOrder({ session: props.session, prompts: order }));
    setSaid(text("queue.moved", { place: to + 1 }));
    focusRow(prompt);
  };
  const remove = async (prompt: string) => {
    const order = queue().map(({ id }) => id);
    const at = order.indexOf(prompt);
    await told(commands.queueRemove({ session: props.session, prompt }));
    focusRow(order[at + 1] ?? order[at - 1]);
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
  /** Holds a prompt, so that it does not go out while somebody edits it, and then has it edited. */
  const begin = async (prompt: string) => {
    // One at a time: what is written for another one is kept first.
    if (editing() !== undefined) setEditing(undefined);
    try {
      await commands.queueHold({ session: props.session, prompt, held: true });
    } catch (thrown) {
      // It has gone out, or is just about to: then its row goes by itself.
      if (toApiError(thrown).code !== "notFound") props.app.tell(thrown);
      return;
    }
    setEditing(prompt);
  };
  const letGo = (prompt: string) => void told(commands.queueHold({ session: props.session, prompt, held: false }));
  const waits = (prompt: string) => queue().some(({ id }) => id === prompt);
  /** Whether the words are kept; what could not be saved stays in its field. */
  const edit = async (prompt: string, written: string): Promise<boolean> => {
    try {
      await commands.queueEdit({ session: props.session, prompt, text: written });
    } catch (thrown) {
      if (toApiError(thrown).code !== "notFound") {
        props.app.tell(thrown);
        return false;
      }
      setEditing(undefined);
      props.onLost(written);
      return true;
    }
    setEditing(undefined);
    focusRow(prompt);
    return true;
  };
  /** Keeps words whose field is gone, because another prompt is edited or another thread is looked at. */
  const keep = async (prompt: string, written: string) => {
    try {
      await commands.queueEdit({ session: props.session, prompt, text: written });
    } catch (thrown) {
      if (toApiError(thrown).code !== "notFound") props.app.tell(thrown);
      letGo(prompt);
      props.onLost(written);
    }
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
        <span class="subtle small">{text(state().waitsForEdit ? "queue.editing" : state().held ? "queue.held" : "queue.running", { count: queue().length })}</span>
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
                when={editing() === prompt.id}
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
                <QueueEditor
                  written={prompt.text}
                  onSave={(written) => edit(prompt.id, written)}
                  onLeft={(written) => {
                    if (!waits(prompt.id)) return void (written !== undefined && props.onLost(written));
                    if (written === undefined) letGo(prompt.id);
                    else void keep(prompt.id, written);
                  }}
                  onCancel={() => {
                    letGo(prompt.id);
                    setEditing(undefined);
                    focusRow(prompt.id);
                  }}
                />
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
function QueueEditor(props: { written: string; onSave(written: string): Promise<boolean>; onCancel(): void; /** The field goes for another reason, with other words in it or without. */ onLeft(written: string | undefined): void }) {
  const before = props.written;
  const [written, setWritten] = createSignal(before);
  /** What is written is in other hands, or not wanted. */
  let done = false;
  const save = async () => {
    if (blank() || done) return;
    done = true;
    done = await props.onSave(written());
  };
  const cancel = () => {
    done = true;
    props.onCancel();
  };
  // Somebody may look at another thread while they write, or the prompt be taken out elsewhere; what they wrote is not to go with it.
  onCleanup(() => !done && props.onLeft(blank() || written() === before ? undefined : written()));
  const blank = () => written().trim() === "";
  return (
    <form
      class="queue-editor"
      onSubmit={(submitted) => {
        submitted.preventDefault();
        void save();
      }}
    >
      <textarea
        class="input"
        rows="3"
        aria-label={text("queue.words")}
        ref={(element) => queueMicrotask(() => element.focus())}
        value={written()}
        data-testid="queue-field"
        onInput={(typed) => setWritten(typed.currentTarget.value)}
        onKeyDown={(press) => {
          if (isComposing(press)) return;
          if (press.key === "Escape") cancel();
          else if (press.key === "Enter" && !press.shiftKey && !blank()) void save();
          else return;
          press.preventDefault();
          press.stopPropagation();
        }}
      />
      <div class="actions">
        <Button small kind="quiet" onClick={cancel}>
          {text("queue.cancel")}
        </Button>
        <Button small type="submit" disabled={blank()} data-testid="queue-save">
          {text("queue.save")}
        </Button>
      </div>
    </form>
  );
}
