import { createEffect, createMemo, createSignal, createUniqueId, For, on, Show } from "solid-js";
import type { LocalServerRow, ProviderCatalogue } from "../backend";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { search as searchIcon } from "../design/icons";
import { useApp } from "../state/app";
import { text } from "../strings";
import { createAsked } from "./asked";
import { choiceGroups, choiceId, type ChoiceLine, type ProviderChoice } from "./choices";

/** What can be connected: the catalogue, and the servers of this computer. */
export function createOffers() {
  const app = useApp();
  const catalogue = createAsked<ProviderCatalogue>(() => app.backend.commands.providerCatalogue());
  const servers = createAsked<LocalServerRow[]>(() => app.backend.commands.localServers());
  return { catalogue, servers };
}

export type Offers = ReturnType<typeof createOffers>;

/** All that can be connected, to choose one from. One stop for the Tab key; arrows choose. */
export function Chooser(props: { offers: Offers; chosen: ProviderChoice | undefined; demo: boolean; wanted?: string | undefined; onChoose(choice: ProviderChoice): void }) {
  const app = useApp();
  const id = createUniqueId();
  const [wanted, setWanted] = createSignal("");
  let list: HTMLDivElement | undefined;
  const { catalogue, servers } = props.offers;

  // What comes first in the list comes last: until it is there nothing is shown that would move away under a press.
  const reading = () => catalogue.loading() && !catalogue.value();
  const groups = createMemo(() =>
    reading() ? [] : choiceGroups({ catalogue: catalogue.value(), servers: servers.value() ?? [], connected: app.state.providers, wanted: wanted(), demo: props.demo }),
  );
  const lines = createMemo(() => groups().flatMap((group) => group.lines));
  // By name and id, so that a line that stays keeps the focus when others come.
  const labels = createMemo(() => groups().map((group) => group.label));
  const groupOf = (label: string) => groups().find((group) => group.label === label);
  const chosenId = () => (props.chosen ? choiceId(props.chosen) : undefined);
  const stop = () => lines().find((line) => line.id === chosenId())?.id ?? lines()[0]?.id;

  // Something is always chosen: what was asked for, else the first of the list.
  createEffect(
    on(catalogue.value, (known) => {
      if (!known || props.chosen) return;
      const offer = known.offers.find((candidate) => candidate.id === props.wanted);
      const first = offer ? ({ kind: "offer", offer } as const) : lines()[0]?.choice;
      if (first) props.onChoose(first);
    }),
  );

  const options = () => [...(list?.querySelectorAll<HTMLElement>(".option") ?? [])];
  const choose = (line: ChoiceLine | undefined) => {
    if (!line) return;
    props.onChoose(line.choice);
    options().find((option) => option.dataset["choice"] === line.id)?.focus();
  };
  const onKeyDown = (press: KeyboardEvent) => {
    const all = lines();
    const at = options().indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[press.key];
    if (to === undefined || at < 0) return;
    press.preventDefault();
    choose(all[(to + all.length) % all.length]);
  };
  const onSearchKey = (press: KeyboardEvent) => {
    if (isComposing(press)) return;
    if (press.key === "Escape" && wanted() !== "") setWanted("");
    else if (press.key === "ArrowDown" || (press.key === "Enter" && wanted().trim() !== "")) choose(lines()[0]);
    else return;
    press.preventDefault();
    press.stopPropagation();
  };
  const count = () => catalogue.value()?.offers.length ?? 0;
  const nothing = () => !reading() && wanted().trim() !== "" && lines().every((line) => line.choice.kind === "custom");

  return (
    <div class="chooser">
      <div class="input-group">
        <Icon path={searchIcon} />
        <input
          class="input"
          type="text"
          role="searchbox"
          spellcheck={false}
          autocomplete="off"
          aria-label={text("provider.search")}
          aria-controls={id}
          placeholder={count() > 0 ? text("provider.searchAll", { count: count() }) : text("provider.search")}
          value={wanted()}
          data-testid="provider-search"
          onInput={(typed) => setWanted(typed.currentTarget.value)}
          onKeyDown={onSearchKey}
        />
      </div>
      <Show when={reading()}>
        <p class="muted chooser-note">{text("provider.reading")}</p>
      </Show>
      <Show when={catalogue.error()}>
        <div class="chooser-note" data-testid="catalogue-error">
          <p class="error-text" role="alert">
            {text("provider.notRead", { reason: catalogue.error() ?? "" })}
          </p>
          <Button small onClick={() => catalogue.again()}>
            {text("provider.readAgain")}
          </Button>
        </div>
      </Show>
      <p class="sr-only" role="status">
        {wanted().trim() === "" ? "" : text("provider.foundCount", { count: lines().filter((line) => line.choice.kind !== "custom").length })}
      </p>
      <Show when={nothing()}>
        <p class="muted chooser-note">{text("provider.foundNone")}</p>
      </Show>
      <div role="radiogroup" id={id} aria-label={text("provider.list")} ref={(element) => (list = element)} onKeyDown={onKeyDown}>
        <For each={labels()}>
          {(label) => (
            <div role="group" aria-label={label}>
              <div class="section-label flush" aria-hidden="true">
                {label}
              </div>
              <div class="options">
                <For each={groupOf(label)?.lines.map((line) => line.id)}>
                  {(at) => (
                    <Show when={lines().find((line) => line.id === at)}>
                      {(line) => <Option line={line()} chosen={at === chosenId()} stop={at === stop()} onChoose={() => props.onChoose(line().choice)} />}
                    </Show>
                  )}
                </For>
              </div>
              <Show when={groupOf(label)?.left}>
                {(left) => (
                  <p class="subtle small chooser-left" data-testid="provider-left">
                    {text("design.moreLeft", { count: left() })}
                  </p>
                )}
              </Show>
            </div>
          )}
        </For>
      </div>
      <Show when={servers.loading() && servers.value() === undefined}>
        <p class="subtle small chooser-note">{text("provider.lookingLocal")}</p>
      </Show>
      <Show when={servers.error()}>
        <p class="subtle small chooser-note">{text("provider.localFailed", { reason: servers.error() ?? "" })}</p>
      </Show>
    </div>
  );
}

function Option(props: { line: ChoiceLine; chosen: boolean; stop: boolean; onChoose(): void }) {
  return (
    <button
      type="button"
      class="option"
      role="radio"
      aria-checked={props.chosen}
      aria-label={[props.line.name, props.line.sub, props.line.tag].filter((part) => part !== "").join(". ")}
      tabindex={props.stop ? 0 : -1}
      data-testid={`provider-option-${props.line.id}`}
      data-choice={props.line.id}
      onClick={() => props.onChoose()}
    >
      <span class="radio" aria-checked={props.chosen} aria-hidden="true" />
      <span>
        <span class="what">{props.line.name}</span>
        <span class="why small block">{props.line.sub}</span>
      </span>
      <Show when={props.line.tag !== ""}>
        <span class="tag">{props.line.tag}</span>
      </Show>
    </button>
  );
}
