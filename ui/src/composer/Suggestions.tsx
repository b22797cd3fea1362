import { createEffect, createMemo, createSignal, createUniqueId, For, on, onCleanup, onMount, Show } from "solid-js";
import { Portal } from "solid-js/web";
import type { CommandRow } from "../backend";
import { Icon } from "../design/Icon";
import { bot, fileText, folder as folderIcon, terminal, type IconPath } from "../design/icons";
import { useLayer } from "../design/layers";
import { place } from "../design/place";
import { createAsked } from "../state/asked";
import { composerText as text } from "../strings/composer";
import { answerOf, mentionOf, type Builtin, type ComposerParts, type Naming } from "./parts";
import "./composer.css";

/** What the list tells the field it belongs to. */
export interface SuggestionKeys {
  /** Takes a press of a key, and says whether it did. */
  press(key: string): boolean;
  /** The id of the list and of what is active in it. */
  list: string;
  active(): string | undefined;
}

/** What is put in the place of what is being named, and what is chosen with it. */
export interface Chosen {
  written: string;
  command?: CommandRow;
  builtin?: Builtin;
}

interface Suggestion {
  id: string;
  icon: IconPath;
  title: string;
  /** Characters of the title that were typed. */
  matched: readonly number[];
  more: string;
  meta: string;
  chosen: Chosen;
  /** It stands there with the reason why it cannot be chosen now. */
  off?: boolean;
}

const origins = { engine: "suggest.engine", server: "suggest.server", skill: "suggest.skill", folder: "suggest.folder" } as const;

/** What a command takes, in short. */
function hintOf(command: CommandRow): string {
  if (command.hint !== "") return command.hint;
  if (command.arguments > 0) return text("suggest.arguments", { count: command.arguments });
  return command.takesRest ? text("suggest.rest") : "";
}

/**
 * Files and sub-agents behind an `@`, commands behind a `/`. The focus stays in the field, which hands its keys on; what is
 * active is named to a screen reader by the field.
 */
export function Suggestions(props: { naming: Naming; parts: ComposerParts; anchor: HTMLElement; onKeys(keys: SuggestionKeys | undefined): void; onChoose(chosen: Chosen): void; onClose(): void }) {
  const id = createUniqueId();
  const [active, setActive] = createSignal(0);
  let popup: HTMLDivElement | undefined;
  useLayer(() => props.onClose(), true);

  const kind = createMemo(() => props.naming.kind);
  const commands = createAsked(
    () => (kind() === "command" ? (props.parts.folder() ?? "none") : null),
    () => answerOf(props.parts.commands()),
  );
  const found = createAsked(
    () => (kind() === "mention" && props.parts.folder() !== null ? props.naming.typed : null),
    (typed) => answerOf(props.parts.search(typed)),
  );
  const search = () => found.value()?.value;

  const files = (): Suggestion[] => {
    const known = search();
    if (!known) return [];
    const agents = known.agents.map(({ name, description }) => ({ id: `agent-${name}`, icon: bot, title: name, matched: [], more: description, meta: text("suggest.agent"), chosen: { written: `${mentionOf(name)} ` } }));
    const paths = known.files.map(({ path, matched }) => ({ id: path, icon: path.endsWith("/") ? folderIcon : fileText, title: path, matched, more: "", meta: "", chosen: { written: `${mentionOf(path)} ` } }));
    // Who types a name of an agent's wants it; else files are what one looks for.
    return props.naming.typed === "" ? [...paths.slice(0, 8), ...agents, ...paths.slice(8)] : [...agents, ...paths];
  };
  const named = (): Suggestion[] => {
    const typed = props.naming.typed.toLowerCase();
    const own = props.parts.builtins().map((builtin) => ({ id: `own-${builtin.name}`, icon: terminal, title: builtin.name, matched: [], more: builtin.why ?? builtin.description, meta: text("suggest.builtin"), chosen: { written: "", builtin }, off: builtin.why !== undefined }));
    const all = (commands.value()?.value ?? []).map((command) => ({
      id: command.key,
      icon: terminal,
      title: command.name,
      matched: [],
      more: [hintOf(command), command.description].filter((part) => part !== "").join(" · "),
      meta: [text(origins[command.origin]), command.trust === "needed" || command.trust === "changed" ? text("suggest.trust") : ""].filter((part) => part !== "").join(" · "),
      chosen: { written: `/${command.name} `, command },
    }));
    const rank = ({ title }: Suggestion) => (title.toLowerCase().startsWith(typed) ? 0 : title.toLowerCase().includes(typed) ? 1 : 2);
    const matching = [...own, ...all].filter((suggestion) => rank(suggestion) < 2 || suggestion.more.toLowerCase().includes(typed));
    const order = (suggestion: Suggestion) => rank(suggestion) + (suggestion.off ? 3 : 0);
    return matching.toSorted((left, right) => order(left) - order(right));
  };
  const shown = createMemo(() => (kind() === "mention" ? files() : named()));
  const loading = () => ((kind() === "mention" ? found : commands).loading());
  const failure = () => (kind() === "mention" ? found.value() : commands.value())?.reason;

  /** What there is to say beside the list. */
  const note = (): string | undefined => {
    const reason = failure();
    if (reason !== undefined) return text("suggest.failed", { reason });
    if (shown().length === 0) return text(loading() ? "suggest.loading" : kind() === "mention" ? "suggest.none" : "suggest.noCommand");
    if (kind() !== "mention") return undefined;
    const more = search()?.more ?? 0;
    if (more > 0) return text("suggest.more", { count: more });
    return search()?.cut ? text("suggest.cut") : undefined;
  };

  const optionId = (index: number) => `${id}-${index}`;
  createEffect(on(() => [props.naming.typed, kind()], () => setActive(0), { defer: true }));
  createEffect(() => document.getElementById(optionId(active()))?.scrollIntoView({ block: "nearest" }));
  const settle = () => popup && place(popup, props.anchor.getBoundingClientRect(), "above");
  onMount(settle);
  createEffect(on([shown, loading], settle, { defer: true }));

  const move = (by: number) => {
    const count = shown().length;
    if (count > 0) setActive((active() + by + count) % count);
  };
  const choose = (): boolean => {
    // What is found stands there until what was typed since is answered, and is not what that means.
    if (kind() === "mention" && found.loading()) return true;
    const suggestion = shown()[active()];
    if (suggestion && !suggestion.off) props.onChoose(suggestion.chosen);
    return suggestion !== undefined;
  };
  onMount(() =>
    props.onKeys({
      list: `${id}-list`,
      active: () => (shown().length > 0 ? optionId(active()) : undefined),
      press(key) {
        if (key === "ArrowDown") move(1);
        else if (key === "ArrowUp") move(-1);
        else if (key === "Escape") props.onClose();
        // Without anything to choose they do what they do in the field; before that is known, nothing.
        else if (key === "Enter" || key === "Tab") return choose() || loading();
        else return false;
        return true;
      },
    }),
  );
  onCleanup(() => props.onKeys(undefined));

  return (
    <Portal>
      <div class="menu menu--floating choices suggestions" ref={(element) => (popup = element)} data-testid="suggestions">
        <div id={`${id}-list`} class="choices-list" role="listbox" aria-busy={loading()} aria-label={text(kind() === "mention" ? "suggest.files" : "suggest.commands")}>
          <For each={shown()}>
            {(suggestion, index) => (
              <button
                type="button"
                tabindex={-1}
                id={optionId(index())}
                class="row choice"
                classList={{ "is-active": index() === active(), "is-off": suggestion.off === true }}
                aria-disabled={suggestion.off === true ? true : undefined}
                role="option"
                aria-selected={index() === active()}
                data-value={suggestion.id}
                onPointerMove={() => setActive(index())}
                // The focus stays in the field.
                onPointerDown={(press) => press.preventDefault()}
                onMouseDown={(press) => press.preventDefault()}
                onClick={() => suggestion.off || props.onChoose(suggestion.chosen)}
              >
                <Icon path={suggestion.icon} small />
                <span class="title">
                  <Marked title={suggestion.title} matched={suggestion.matched} />
                  <Show when={suggestion.more}>
                    <span class="choice-more">{suggestion.more}</span>
                  </Show>
                </span>
                <Show when={suggestion.meta}>
                  <span class="meta">{suggestion.meta}</span>
                </Show>
              </button>
            )}
          </For>
        </div>
        {/* How many there are is seen; it is said to those who do not see it, and takes no room. */}
        <p class={note() === undefined ? "sr-only" : "choices-left subtle small"} role="status">
          {note() ?? text("suggest.found", { count: shown().length })}
        </p>
      </div>
    </Portal>
  );
}

/** A title with what was typed of it at full strength. */
function Marked(props: { title: string; matched: readonly number[] }) {
  const pieces = createMemo(() => {
    const wanted = new Set(props.matched);
    const made: { text: string; strong: boolean }[] = [];
    [...props.title].forEach((character, index) => {
      const strong = wanted.has(index);
      const last = made.at(-1);
      if (last?.strong === strong) last.text += character;
      else made.push({ text: character, strong });
    });
    return made;
  });
  return (
    <span class="suggestion-title">
      <For each={pieces()}>{(piece) => <Show when={piece.strong} fallback={piece.text}>{<b>{piece.text}</b>}</Show>}</For>
    </span>
  );
}
