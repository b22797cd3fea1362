import { createMemo, createUniqueId, For, Show } from "solid-js";
import type { AskDanger } from "../backend";
import { Icon } from "../design/Icon";
import { triangleAlert } from "../design/icons";
import { askText } from "../strings/asks";

/** A stretch of a command, with the dangers that it is part of. */
interface Stretch {
  text: string;
  dangers: number[];
}

/** The command cut where a danger begins or ends. */
export function stretches(command: string, dangers: readonly AskDanger[]): Stretch[] {
  const ends = dangers.flatMap(({ from, to }) => [from, to]).filter((at) => at > 0 && at < command.length);
  const cuts = [...new Set([0, ...ends, command.length])].toSorted((left, right) => left - right);
  return cuts.slice(1).map((end, index) => {
    const from = cuts[index] ?? 0;
    const covering = dangers.flatMap((danger, place) => (danger.from <= from && danger.to >= end ? [place] : []));
    return { text: command.slice(from, end), dangers: covering };
  });
}

const said = (danger: AskDanger) => askText(`ask.danger.${danger.kind}`, { part: danger.part });

/** A whole command, in a box that scrolls, with what is dangerous in it marked, and said below it. */
export function MarkedCommand(props: { command: string; dangers: readonly AskDanger[] }) {
  const own = createUniqueId();
  const cut = createMemo(() => stretches(props.command, props.dangers));
  return (
    <>
      <div class="command" tabindex="0" role="group" aria-label={askText("ask.commandLabel")}>
        <span class="prompt" aria-hidden="true">
          $
        </span>
        <span class="command-text">
          <For each={cut()}>
            {(stretch) => (
              <Show when={stretch.dangers.length > 0} fallback={stretch.text}>
                <mark class="danger-mark" data-testid="danger-mark" aria-describedby={stretch.dangers.map((place) => `${own}-${place}`).join(" ")}>
                  {stretch.text}
                </mark>
              </Show>
            )}
          </For>
        </span>
      </div>
      <Show when={props.dangers.length > 0}>
        <ul class="dangers">
          <For each={props.dangers}>
            {(danger, place) => (
              <li id={`${own}-${place()}`} data-testid="danger" data-kind={danger.kind}>
                <Icon path={triangleAlert} small class="is-danger" />
                <span class="wrap-anywhere">{said(danger)}</span>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </>
  );
}
