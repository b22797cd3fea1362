import { createMemo, createResource, createSignal, For, Match, Show, Switch } from "solid-js";
import { Button } from "../design/Button";
import { fold, wordsOf } from "../palette/fuzzy";
import { settingsText as text } from "../strings/settings";
import type { Licence, LicenceList } from "./licences";

/** As many rows as are drawn at once. */
const page = 50;

const read = (): Promise<LicenceList> => import("../generated/licences.json?raw").then((list) => JSON.parse(list.default) as LicenceList);

/** Whose work ships with the app, each with the text of its licence. The list is large, so it is read when it is asked for. */
export function Licences() {
  const [wanted, setWanted] = createSignal(false);
  const [list] = createResource(wanted, read);
  return (
    <section class="group" data-testid="licences">
      <h2>{text("about.licences")}</h2>
      <Switch>
        <Match when={!wanted()}>
          <div class="page-actions">
            <Button data-testid="licences-show" onClick={() => setWanted(true)}>
              {text("about.licencesShow")}
            </Button>
          </div>
        </Match>
        <Match when={list.error}>
          <p class="error-text" role="alert">
            {text("about.licencesFailed")}
          </p>
        </Match>
        <Match when={list()}>{(known) => <All list={known()} />}</Match>
        <Match when={list.loading}>
          <p class="muted" role="status">
            {text("about.licencesLoading")}
          </p>
        </Match>
      </Switch>
    </section>
  );
}

function All(props: { list: LicenceList }) {
  const [typed, setTyped] = createSignal("");
  const [shown, setShown] = createSignal(page);
  const named = createMemo(() => props.list.parts.map((part) => ({ part, words: fold(`${part.name} ${part.licence}`) })));
  const found = createMemo(() => {
    const words = wordsOf(typed());
    return named().filter(({ words: all }) => words.every((word) => all.includes(word)));
  });
  let field: HTMLInputElement | undefined;
  queueMicrotask(() => field?.focus());
  return (
    <>
      <p>{text("about.licencesBody", { count: props.list.parts.length })}</p>
      <input
        ref={(element) => (field = element)}
        class="input licence-search"
        type="search"
        aria-label={text("about.licencesSearch")}
        placeholder={text("about.licencesSearch")}
        data-testid="licences-search"
        value={typed()}
        onInput={(input) => {
          setTyped(input.currentTarget.value);
          setShown(page);
        }}
      />
      <p class="small subtle" role="status" data-testid="licences-count">
        {found().length === 0 ? text("about.licencesNone", { query: typed() }) : text("about.licencesFound", { count: found().length })}
      </p>
      <div class="group-body">
        <For each={found().slice(0, shown())}>{({ part }) => <Part part={part} texts={props.list.texts} />}</For>
      </div>
      <Show when={found().length > shown()}>
        <div class="page-actions">
          <Button data-testid="licences-more" onClick={() => setShown((count) => count + page)}>
            {text("about.licencesMore", { count: Math.min(page, found().length - shown()) })}
          </Button>
        </div>
      </Show>
    </>
  );
}

/** One part; the text of its licence is drawn when it is opened. */
function Part(props: { part: Licence; texts: readonly string[] }) {
  const [open, setOpen] = createSignal(false);
  const words = () => props.part.texts.map((at) => props.texts[at] ?? "").join("\n\n");
  return (
    <details class="licence" data-testid="licence" onToggle={(toggle) => setOpen(toggle.currentTarget.open)}>
      <summary>
        <span>{props.part.name}</span>
        <span class="subtle tnum">{props.part.version}</span>
        <span class="muted">{props.part.licence}</span>
      </summary>
      <Show when={open()}>
        <Show when={props.part.texts.length > 0} fallback={<p class="small muted">{text("about.licenceNoText")}</p>}>
          <pre class="log" tabindex={0} aria-label={text("about.licenceText", { name: props.part.name })}>
            {words()}
          </pre>
        </Show>
      </Show>
    </details>
  );
}
