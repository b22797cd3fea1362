import { createUniqueId, Index, Show } from "solid-js";
import type { TodoItem, TodoMark } from "../backend";
import { Icon } from "../design/Icon";
import { chevronDown, chevronRight, circle, circleCheck, circleDot, circleX, type IconPath } from "../design/icons";
import { text } from "../strings";
import { createOpened } from "./openedRows";

const icons: Record<TodoMark, IconPath> = { todo: circle, now: circleDot, done: circleCheck, dropped: circleX };

/** What is to be done and how far it is. */
export function Plan(props: { id: string; todos: TodoItem[] }) {
  // What is kept is that it was folded: it begins open.
  const [folded, setFolded] = createOpened(`${props.id}/folded`);
  const open = () => !folded();
  const body = createUniqueId();
  const done = () => props.todos.filter((todo) => todo.mark === "done").length;
  return (
    <div class="plan" data-testid="plan">
      <button type="button" class="disclosure" aria-expanded={open()} aria-controls={body} onClick={() => setFolded(open())}>
        <Icon path={open() ? chevronDown : chevronRight} />
        <span class="lead">{text("plan.title")}</span>
        <span class="tnum">{text("plan.progress", { done: done(), all: props.todos.length })}</span>
      </button>
      <Show when={open()}>
        <ul class="nested-list" id={body}>
          <Index each={props.todos}>
            {(todo) => (
              <li class="item" classList={{ [todo().mark]: true }} data-mark={todo().mark}>
                <Icon path={icons[todo().mark]} small />
                <span>
                  {todo().text}
                  <span class="sr-only">, {text(`plan.mark.${todo().mark}`)}</span>
                </span>
              </li>
            )}
          </Index>
        </ul>
      </Show>
    </div>
  );
}
