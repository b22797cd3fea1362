import { createEffect, For, onMount, Show, type JSX } from "solid-js";
import { Button } from "../design/Button";
import { cloudText as text } from "../strings/cloud";
import { useAccount } from "./account";
import type { Asked } from "./asked";
import { Choice } from "./fields";

/** A page of the account: its title, what it is for, and what stands on it. The title has the focus when one comes here. */
export function Page(props: { title: string; body?: string | undefined; actions?: JSX.Element; organizations?: boolean; children: JSX.Element }) {
  const account = useAccount();
  let title: HTMLHeadingElement | undefined;
  createEffect(() => (document.title = [props.title, account.state.server?.name ?? ""].filter((part) => part !== "").join(" · ")));
  // Who uses the keyboard or a screen reader begins at the top of the page that was opened, not where the last one ended.
  onMount(() => queueMicrotask(() => document.activeElement === document.body && title?.focus({ preventScroll: true })));
  return (
    <div class="page">
      <div class="page-head">
        <div>
          <h1 tabindex={-1} ref={(element) => (title = element)}>
            {props.title}
          </h1>
          <Show when={props.body}>
            <p>{props.body}</p>
          </Show>
        </div>
        <Show when={props.actions}>
          <div class="actions">{props.actions}</div>
        </Show>
      </div>
      <Show when={props.organizations && account.organizations().length > 1}>
        <div class="organization">
          <Choice
            label={text("cloud.organization")}
            value={account.organization()?.id ?? ""}
            choices={account.organizations().map(({ id, name }) => ({ value: id, label: name }))}
            testid="organization"
            onChoose={(id) => account.chooseOrganization(id)}
          />
        </div>
      </Show>
      {props.children}
    </div>
  );
}

/** What was read of the server, and what stands in its place while it is read, fails, or is nothing. */
export function Read<Value>(props: { asked: Asked<Value>; children: (value: () => Value) => JSX.Element }) {
  return (
    <>
      <Show when={props.asked.error()}>
        {(reason) => (
          <div class="notice notice--danger" role="alert" data-testid="read-failed">
            <div class="notice-text">
              <p>{reason()}</p>
            </div>
            <div class="actions">
              <Button small onClick={() => void props.asked.again()}>
                {text("cloud.again")}
              </Button>
            </div>
          </div>
        )}
      </Show>
      <Show when={props.asked.value() !== undefined} fallback={<Show when={props.asked.error() === undefined}><Reading /></Show>}>
        {props.children(() => props.asked.value() as Value)}
      </Show>
    </>
  );
}

/** Still shapes where rows will be. */
export function Reading() {
  return (
    <div class="skeletons reading" role="status" aria-label={text("cloud.reading")}>
      <For each={[1, 2, 3]}>{() => <span class="skeleton" />}</For>
    </div>
  );
}

/** Why something was not done, below what was pressed for it. */
export function Failure(props: { words: string | undefined }) {
  return (
    <Show when={props.words}>
      <p class="error-text" role="alert" data-testid="failure-words">
        {props.words}
      </p>
    </Show>
  );
}
