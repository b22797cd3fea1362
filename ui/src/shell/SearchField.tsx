import { createSignal, Show, Suspense } from "solid-js";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { IconButton } from "../design/IconButton";
import { bookmark, search as searchIcon, x } from "../design/icons";
import { useApp } from "../state/app";
import { text } from "../strings";
import { useDeeds } from "./deeds";
import { shortcutLabel } from "./keys";
import { SearchResults } from "./lazySearch";
import { ThreadList } from "./ThreadList";

/** Into what is shown: the saved searches where there are any, else what was found. */
const enter = () => (document.querySelector<HTMLElement>("[data-filter][tabindex='0']") ?? document.querySelector<HTMLElement>("[data-testid='search-hit']"))?.focus();

/** The threads of the sidebar, and what is searched for in their place; the threads alone where no search is offered. */
export function SearchableThreads(props: { onOpened(): void }) {
  const app = useApp();
  return (
    <Show when={app.can("search")} fallback={<ThreadList onOpened={props.onOpened} />}>
      <SearchAndThreads onOpened={props.onOpened} />
    </Show>
  );
}

function SearchAndThreads(props: { onOpened(): void }) {
  const app = useApp();
  const [query, setQuery] = createSignal("");
  const [open, setOpen] = createSignal(false);
  let field: HTMLInputElement | undefined;
  const showSaved = () => {
    setOpen(true);
    field?.focus();
  };
  /** Where the keyboard was when a key brought it here. */
  let before: HTMLElement | undefined;
  useDeeds({
    focusSearch(saved) {
      const from = document.activeElement;
      before = from instanceof HTMLElement && from !== document.body && !from.closest(".sidebar") ? from : undefined;
      if (saved) setOpen(true);
      field?.focus();
      field?.select();
    },
  });
  const close = () => {
    setQuery("");
    setOpen(false);
    field?.focus();
  };
  return (
    <>
      <search class="thread-search">
        <Icon path={searchIcon} small />
        <input
          ref={(element) => (field = element)}
          class="input"
          type="text"
          data-testid="thread-search"
          aria-label={text("search.label")}
          placeholder={text("search.placeholder")}
          maxlength={512}
          autocomplete="off"
          spellcheck={false}
          value={query()}
          onFocus={() => void SearchResults.preload()}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setOpen(true);
          }}
          onKeyDown={(press) => {
            if (isComposing(press)) return;
            if (press.key === "Escape" && (open() || before?.isConnected)) {
              press.preventDefault();
              press.stopPropagation();
              if (open()) close();
              else before?.focus();
            }
            if (press.key === "Enter") setOpen(true);
            if (press.key === "ArrowDown") {
              press.preventDefault();
              if (open()) enter();
              else setOpen(true);
            }
          }}
        />
        <kbd aria-hidden="true">{shortcutLabel("search", app.state.platform)}</kbd>
        <Show when={open()} fallback={<IconButton label={text("search.saved")} icon={bookmark} data-testid="open-saved" onClick={showSaved} />}>
          <IconButton label={text("search.close")} icon={x} onClick={close} />
        </Show>
      </search>
      <Show when={open()} fallback={<ThreadList onOpened={props.onOpened} />}>
        <Suspense fallback={<div class="scroll nav" />}>
          <SearchResults query={query()} onQuery={setQuery} onOpened={props.onOpened} onLeave={() => field?.focus()} />
        </Suspense>
      </Show>
    </>
  );
}
