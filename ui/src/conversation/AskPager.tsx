import { Show } from "solid-js";
import { IconButton } from "../design/IconButton";
import { arrowUp, chevronLeft, chevronRight } from "../design/icons";
import { threadKeyLabel } from "../shell/keys";
import { askText } from "../strings/asks";
import { useThread } from "./thread";

/** Where an ask stands among those that wait, and the way to the others. */
export interface AskPlace {
  index: number;
  count: number;
  onMove(by: number): void;
  /** Brings what asks onto the screen; absent where it has no place in the conversation. */
  onShow: (() => void) | undefined;
}

/** The way to what asks, and "1 of 2" with the way to the others when there is more than one. */
export function AskPager(props: { place: AskPlace }) {
  const { platform } = useThread();
  return (
    <div class="pager">
      <Show when={props.place.onShow}>
        {(show) => <IconButton icon={arrowUp} label={askText("ask.show")} shortcut={threadKeyLabel("showAsk", platform)} onClick={() => show()()} data-testid="ask-show" />}
      </Show>
      <Show when={props.place.count > 1}>
        <span>{askText("ask.pager", { place: props.place.index + 1, all: props.place.count })}</span>
        <IconButton icon={chevronLeft} label={askText("ask.previous")} onClick={() => props.place.onMove(-1)} />
        <IconButton icon={chevronRight} label={askText("ask.next")} onClick={() => props.place.onMove(1)} />
      </Show>
    </div>
  );
}
