import { createMemo, createSignal, createUniqueId, For, onMount, Show } from "solid-js";
import { toApiError, type SearchCount, type SessionRow } from "../backend";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { Dialog } from "../design/Dialog";
import { Icon } from "../design/Icon";
import { plus, x } from "../design/icons";
import { useApp } from "../state/app";
import { text as windowText } from "../strings";
import { searchText as text } from "../strings/search";
import "./search.css";
import { threadTitle } from "./threadTitle";

/** The bounds the core keeps. */
const most = 20;
const characters = 40;
/** Tags of other threads that are offered; more are to be had by typing. */
const offered = 12;

const tidy = (written: string) => written.trim().replaceAll(/\s+/g, " ");
const alike = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();

/** The tags of a thread, to be put on and taken off. Nothing is kept before it is saved. */
export function TagsDialog(props: { row: SessionRow; onClose(): void }) {
  const app = useApp();
  const [tags, setTags] = createSignal([...props.row.tags]);
  const [known, setKnown] = createSignal<SearchCount[]>([]);
  const [written, setWritten] = createSignal("");
  const [said, setSaid] = createSignal("");
  const [problem, setProblem] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  const hint = createUniqueId();
  let field: HTMLInputElement | undefined;
  let own: HTMLUListElement | undefined;
  onMount(() => {
    queueMicrotask(() => field?.focus());
    // Without them a tag can still be written.
    app.backend.commands.tags().then(setKnown, () => undefined);
  });

  const has = (name: string) => tags().some((tag) => alike(tag, name));
  const others = createMemo(() => {
    const begins = tidy(written()).toLowerCase();
    return known()
      .filter(({ value }) => !has(value) && value.toLowerCase().includes(begins))
      .slice(0, offered);
  });

  const tooLong = (tag: string) => [...tag].length > characters;
  const add = (name: string): boolean => {
    const tag = tidy(name);
    if (tag === "") return true;
    const wrong = tooLong(tag) ? text("tags.tooLong", { characters, count: [...tag].length }) : has(tag) ? text("tags.there", { tag }) : tags().length >= most ? text("tags.tooMany", { most }) : undefined;
    setProblem(wrong);
    if (wrong) return false;
    // One that other threads have is written as they have it.
    const spelled = known().find(({ value }) => alike(value, tag))?.value ?? tag;
    setTags([...tags(), spelled]);
    setWritten("");
    setSaid(text("tags.added", { tag: spelled }));
    return true;
  };
  /** Takes what is written with commas between; the last one is still being written, unless it is `done`. What cannot be taken stays written. */
  const addAll = (typedText: string, done: boolean): boolean => {
    setWritten(typedText);
    const pieces = typedText.split(",");
    const last = done ? [] : pieces.splice(-1);
    let wrong: string | undefined;
    const refused = pieces.filter((piece) => {
      if (add(piece)) return false;
      wrong ??= problem();
      return true;
    });
    setWritten([...refused, ...last].join(","));
    // Of what is still being written a limit is said as soon as it is passed, as with a paste.
    if (wrong === undefined && last.some((piece) => tooLong(tidy(piece)))) wrong = text("tags.tooLong", { characters, count: [...tidy(last[0] ?? "")].length });
    setProblem(wrong);
    return refused.length === 0;
  };
  const take = (name: string) => {
    const at = tags().indexOf(name);
    setTags(tags().filter((tag) => tag !== name));
    setProblem(undefined);
    setSaid(text("tags.removed", { tag: name }));
    queueMicrotask(() => (own?.querySelectorAll("button")[Math.min(at, tags().length - 1)] ?? field)?.focus());
  };
  const save = async () => {
    // What stands in the field was meant to be one, too.
    if (!addAll(written(), true)) return field?.focus();
    setBusy(true);
    try {
      await app.backend.commands.sessionTag({ session: props.row.id, tags: tags() });
      props.onClose();
    } catch (thrown) {
      setProblem(toApiError(thrown).message);
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={text("tags.title", { title: threadTitle(props.row) })}
      onClose={() => props.onClose()}
      actions={
        <>
          <Button onClick={() => props.onClose()}>{windowText("design.cancel")}</Button>
          <Button kind="primary" disabled={busy()} data-testid="tags-save" onClick={() => void save()}>
            {text(busy() ? "tags.saving" : "tags.save")}
          </Button>
        </>
      }
    >
      <div class="tags-dialog" data-testid="tags">
        <Show when={tags().length > 0} fallback={<p>{text("tags.none")}</p>}>
          <ul class="search-chips" aria-label={text("tags.own")} ref={(element) => (own = element)}>
            <For each={tags()}>
              {(name) => (
                <li>
                  <button type="button" class="search-chip" aria-label={text("tags.remove", { tag: name })} onClick={() => take(name)}>
                    <span class="truncate">{name}</span>
                    <Icon path={x} small />
                  </button>
                </li>
              )}
            </For>
          </ul>
        </Show>
        <div class="tags-field">
          <input
            ref={(element) => (field = element)}
            class="input"
            data-testid="tag-field"
            aria-label={text("tags.label")}
            aria-describedby={hint}
            aria-invalid={problem() !== undefined}
            placeholder={text("tags.placeholder")}
            autocomplete="off"
            spellcheck={false}
            value={written()}
            // A comma ends a tag, as it does where several are written in a row.
            onInput={(typed) => void addAll(typed.currentTarget.value, false)}
            // A native handler: the dialog keeps keys to itself.
            on:keydown={(press) => {
              if (isComposing(press) || press.key !== "Enter") return;
              press.preventDefault();
              if (tidy(written()) === "") void save();
              else addAll(written(), true);
            }}
          />
          <Button disabled={tidy(written()) === ""} onClick={() => (addAll(written(), true), field?.focus())}>
            <Icon path={plus} small />
            {text("tags.add")}
          </Button>
        </div>
        <p id={hint} class="small subtle">
          {text("tags.hint", { most, characters })}
        </p>
        <Show when={problem()}>
          <p class="error-text" role="alert">
            {problem()}
          </p>
        </Show>
        <p class="sr-only" role="status">
          {said()}
        </p>
        <Show when={others().length > 0}>
          <div role="group" aria-label={text("tags.known")}>
            <p class="small subtle">{text("tags.known")}</p>
            <div class="search-chips">
              <For each={others()}>
                {(each) => (
                  <button
                    type="button"
                    class="search-chip"
                    aria-label={text("tags.count", { tag: each.value, count: each.count })}
                    onClick={() => {
                      add(each.value);
                      field?.focus();
                    }}
                  >
                    <span class="truncate">{each.value}</span>
                    <span class="tnum subtle">{each.count}</span>
                  </button>
                )}
              </For>
            </div>
          </div>
        </Show>
      </div>
    </Dialog>
  );
}
