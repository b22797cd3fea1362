import { createMemo, onCleanup, onMount, Show } from "solid-js";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { IconButton } from "../design/IconButton";
import { arrowDown, arrowUp, search as searchIcon, x } from "../design/icons";
import { useLayer } from "../design/layers";
import { matchThreadKey, threadKeyLabel } from "../shell/keys";
import { text } from "../strings";
import { createFinder, type Searched } from "./finder";
import { useThread } from "./thread";
import "./find.css";

/** Looks for words in the conversation, above it. */
export function FindBar(props: { searched: Searched; onClose(): void; ref(focus: () => void): void }) {
  const { platform } = useThread();
  const before = document.activeElement;
  const finder = createFinder(props.searched);
  let field: HTMLInputElement | undefined;
  const focus = () => {
    field?.focus();
    field?.select();
  };
  // While it is looked for at length Escape stops that first, as it stops a turn.
  useLayer(() => (finder.long() ? finder.stop() : props.onClose()));
  const onKeyDown = (press: KeyboardEvent) => {
    const key = matchThreadKey(press, platform);
    if (key !== "findNext" && key !== "findPrevious") return;
    press.preventDefault();
    finder.step(key === "findNext" ? 1 : -1);
  };
  onMount(() => {
    props.ref(focus);
    focus();
    document.addEventListener("keydown", onKeyDown);
  });
  onCleanup(() => {
    document.removeEventListener("keydown", onKeyDown);
    // Back to where the keyboard was, unless the person went somewhere from here.
    queueMicrotask(() => {
      if (before instanceof HTMLElement && before.isConnected && document.activeElement === document.body) before.focus();
    });
  });

  const count = createMemo(() => {
    if (finder.query() === "") return "";
    const all = finder.count();
    if (all === 0) return finder.busy() ? "" : text("find.none");
    if (finder.place() === 0) return text(finder.capped() ? "find.countMore" : "find.count", { count: all });
    return text(finder.capped() || finder.busy() ? "find.placeMore" : "find.place", { place: finder.place(), all });
  });
  const note = () => {
    if (finder.error() !== undefined) return finder.error();
    if (finder.stopped()) return finder.messages() === 0 ? text("find.stoppedEarly") : text("find.stopped", { count: finder.messages() });
    if (finder.long()) return finder.messages() === 0 ? text("find.begun") : text("find.looking", { count: finder.messages() });
    if (finder.capped()) return text("find.capped", { count: finder.count() });
    return undefined;
  };

  return (
    <search class="find-bar" aria-label={text("find.label")} data-testid="find-bar">
      <div class="find-line">
        <Icon path={searchIcon} small />
        <input
          ref={(element) => (field = element)}
          class="find-input"
          type="text"
          aria-label={text("find.label")}
          placeholder={text("find.label")}
          maxlength={200}
          autocomplete="off"
          spellcheck={false}
          data-testid="find-input"
          value={finder.query()}
          onInput={(event) => finder.type(event.currentTarget.value)}
          onKeyDown={(press) => {
            if (press.key !== "Enter" || isComposing(press)) return;
            press.preventDefault();
            finder.step(press.shiftKey ? -1 : 1);
          }}
        />
        <span class="find-count" role="status" data-testid="find-count">
          {count()}
        </span>
        <IconButton icon={arrowUp} label={text("find.previous")} shortcut={threadKeyLabel("findPrevious", platform)} aria-disabled={finder.count() === 0} onClick={() => finder.step(-1)} />
        <IconButton icon={arrowDown} label={text("find.next")} shortcut={threadKeyLabel("findNext", platform)} aria-disabled={finder.count() === 0} onClick={() => finder.step(1)} />
        <IconButton icon={x} label={text("find.close")} onClick={() => props.onClose()} data-testid="find-close" />
      </div>
      <Show when={note()}>
        {(said) => (
          <div class="find-note">
            <span role={finder.error() === undefined ? undefined : "alert"} classList={{ "is-danger": finder.error() !== undefined }}>
              {said()}
            </span>
            <Show when={finder.long()}>
              <button type="button" class="button button--quiet button--small" onClick={() => finder.stop()}>
                {text("find.stop")}
              </button>
            </Show>
          </div>
        )}
      </Show>
    </search>
  );
}
