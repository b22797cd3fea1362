import { Show } from "solid-js";
import { IconButton } from "../design/IconButton";
import { chevronLeft, chevronRight } from "../design/icons";
import { text } from "../strings";

/** Where an ask stands among those that wait, and the way to the others. */
export interface AskPlace {
  index: number;
  count: number;
  onMove(by: number): void;
}

/** "1 of 2" with the way to the others; nothing when there is one. */
export function AskPager(props: { place: AskPlace }) {
  return (
    <Show when={props.place.count > 1}>
      <div class="pager">
        <span>{text("ask.pager", { place: props.place.index + 1, all: props.place.count })}</span>
        <IconButton icon={chevronLeft} label={text("ask.previous")} onClick={() => props.place.onMove(-1)} />
        <IconButton icon={chevronRight} label={text("ask.next")} onClick={() => props.place.onMove(1)} />
      </div>
    </Show>
  );
}
