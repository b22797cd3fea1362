import { createSignal, Show, Suspense } from "solid-js";
import { Icon } from "../design/Icon";
import { IconButton } from "../design/IconButton";
import { search as searchIcon, x } from "../design/icons";
import { text } from "../strings";
import { SearchResults } from "./lazySearch";
import { ThreadList } from "./ThreadList";

/** The threads of the sidebar, and what is searched for in their place. */
export function SearchableThreads(props: { onOpened(): void }) {
  const [query, setQuery] = createSignal("");
  const [open, setOpen] = createSignal(false);
  let field: HTMLInputElement | undefined;
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
          placeholder={text("search.label")}
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
            if (press.key === "Escape" && open()) {
              press.preventDefault();
              press.stopPropagation();
              close();
            }
            if (press.key === "Enter") setOpen(true);
            if (press.key === "ArrowDown" && open()) {
              press.preventDefault();
              document.querySelector<HTMLElement>("[data-testid='search-hit']")?.focus();
            }
          }}
        />
        <Show when={open()}>
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
