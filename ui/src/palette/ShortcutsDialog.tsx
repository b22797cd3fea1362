import { For, Show } from "solid-js";
import { mayAct } from "../backend/abilities";
import { Button } from "../design/Button";
import { Dialog } from "../design/Dialog";
import { createActions, type Action } from "../shell/actions";
import { placeKeyLabels, shortcutLabel, threadKeyLabel, type PlaceKey } from "../shell/keys";
import { useApp } from "../state/app";
import { paletteText as text } from "../strings/palette";
import "./palette.css";

interface Line {
  what: string;
  keys: string[];
}

/** Answers to a request have a place of their own in the list. */
const answers: ReadonlySet<string> = new Set(["allowOnce", "allowAlways", "deny"]);

const line = ({ title, shortcut }: Action): Line => ({ what: title, keys: shortcut === undefined ? [] : [shortcut] });

/** All keys: those of actions, as the palette prints them, and those that one place alone has. */
export function ShortcutsDialog(props: { onClose(): void }) {
  const app = useApp();
  const { platform } = app.state;
  const actions = createActions(app);
  const keyed = (group: Action["group"]) => actions.filter((action) => action.group === group && action.shortcut !== undefined && action.id !== "stop" && !answers.has(action.id)).map(line);
  /** A key of one place; none where what it does is not offered. */
  const at = (what: string, place: PlaceKey): Line[] => (mayAct(app.backend, place) ? [{ what, keys: placeKeyLabels(place, platform) }] : []);
  const finding = (what: string, key: "findNext" | "findPrevious"): Line[] => (mayAct(app.backend, key) ? [{ what, keys: [threadKeyLabel(key, platform)] }] : []);
  const all: { title: string; lines: Line[] }[] = [
    {
      title: text("keys.window"),
      lines: [
        { what: text("keys.palette"), keys: [shortcutLabel("palette", platform)] },
        ...keyed("commands"),
        { what: text("keys.recent"), keys: [shortcutLabel("recent", platform)] },
        ...at(text("keys.close"), "close"),
      ],
    },
    {
      title: text("keys.thread"),
      lines: [
        ...keyed("here"),
        ...finding(text("keys.findNext"), "findNext"),
        ...finding(text("keys.findPrevious"), "findPrevious"),
        ...at(text("keys.copyAll"), "copyAll"),
      ],
    },
    { title: text("keys.composer"), lines: [...at(text("keys.send"), "send"), ...at(text("keys.lineBreak"), "lineBreak"), ...at(text("keys.recall"), "recall"), ...at(text("keys.join"), "join"), ...at(text("keys.leaveComposer"), "leaveComposer")] },
    { title: text("keys.queue"), lines: [...at(text("keys.queueMove"), "queueMove"), ...at(text("keys.queueEdit"), "queueEdit"), ...at(text("keys.queueRemove"), "queueRemove")] },
    { title: text("keys.asks"), lines: [...at(text("action.allowOnce"), "allowOnce"), ...at(text("action.allowAlways"), "allowAlways"), ...at(text("action.deny"), "deny"), ...at(text("keys.questionChoose"), "questionChoose"), ...at(text("keys.inboxMove"), "inboxMove"), ...at(text("keys.inboxAnswer"), "inboxAnswer")] },
    { title: text("keys.review"), lines: [...at(text("keys.reviewFile"), "reviewFile"), ...at(text("keys.reviewChange"), "reviewChange"), ...at(text("keys.reviewComment"), "reviewComment"), ...at(text("keys.reviewStage"), "reviewStage")] },
    {
      title: text("keys.list"),
      lines: [
        ...at(text("keys.listMove"), "listMove"),
        ...at(text("keys.listPage"), "listPage"),
        ...at(text("keys.listEnds"), "listEnds"),
        ...at(text("keys.listFold"), "listFold"),
        ...at(text("keys.listOpen"), "listOpen"),
        ...at(text("keys.listRename"), "listRename"),
        ...at(text("keys.listDelete"), "listDelete"),
        ...at(text("keys.savedMove"), "savedMove"),
      ],
    },
  ];
  const groups = all.filter(({ lines }) => lines.length > 0);
  return (
    <Dialog
      wide
      title={text("keys.title")}
      onClose={() => props.onClose()}
      actions={
        <Button autofocus data-testid="keys-done" onClick={() => props.onClose()}>
          {text("keys.done")}
        </Button>
      }
    >
      <div class="keys" role="region" aria-label={text("keys.title")} tabindex={0} data-testid="keys">
        <For each={groups}>
          {(group) => (
            <section>
              <h3>{group.title}</h3>
              <dl>
                <For each={group.lines}>
                  {(each) => (
                    <div>
                      <dt>{each.what}</dt>
                      <dd>
                        <For each={each.keys}>
                          {(key, index) => (
                            <>
                              <Show when={index() > 0}>
                                <span class="sr-only">{text("keys.or")}</span>
                              </Show>
                              <kbd class="key">{key}</kbd>
                            </>
                          )}
                        </For>
                      </dd>
                    </div>
                  )}
                </For>
              </dl>
            </section>
          )}
        </For>
      </div>
    </Dialog>
  );
}
