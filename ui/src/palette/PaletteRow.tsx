import { For, Show } from "solid-js";
import { Icon } from "../design/Icon";
import { check } from "../design/icons";
import { paletteText as text } from "../strings/palette";
import type { Marks } from "./fuzzy";
import type { Ranked } from "./ranking";

/** One thing to choose, with the letters that were typed marked in it. */
export function PaletteRow(props: { id: string; row: Ranked; active: boolean; onActive(): void; onChoose(): void }) {
  const entry = () => props.row.entry;
  return (
    <button
      type="button"
      id={props.id}
      class="row"
      tabindex={-1}
      role="option"
      aria-selected={props.active}
      data-key={entry().key}
      onPointerMove={() => !props.active && props.onActive()}
      // The field keeps the focus.
      onPointerDown={(press) => press.preventDefault()}
      onClick={() => props.onChoose()}
    >
      <Icon path={entry().icon} small class={entry().colour ?? ""} />
      <span class="palette-label">
        <Letters written={entry().label} marks={props.row.marks} />
      </span>
      <Show when={entry().mark}>
        <span class="sr-only">{entry().mark}</span>
      </Show>
      <Show when={entry().where}>
        <span class="where">{entry().where}</span>
      </Show>
      <Show when={entry().chosen}>
        <Icon path={check} small class="push" />
        <span class="sr-only">{text("palette.chosen")}</span>
      </Show>
      <Show when={entry().shortcut}>
        <kbd class="push">{entry().shortcut}</kbd>
      </Show>
    </button>
  );
}

/** A text with letters marked in it: text nodes alone, whatever it holds. */
function Letters(props: { written: string; marks: Marks }) {
  const pieces = () => {
    const all: { text: string; marked: boolean }[] = [];
    let from = 0;
    for (const [start, end] of props.marks) {
      if (start > from) all.push({ text: props.written.slice(from, start), marked: false });
      all.push({ text: props.written.slice(start, end), marked: true });
      from = end;
    }
    if (from < props.written.length) all.push({ text: props.written.slice(from), marked: false });
    return all;
  };
  return <For each={pieces()}>{(piece) => (piece.marked ? <mark>{piece.text}</mark> : <>{piece.text}</>)}</For>;
}
