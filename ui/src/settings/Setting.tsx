import { Show, type JSX } from "solid-js";

/** One line of the settings: what it is, and its control. */
export function Setting(props: { label: string; body?: string; children: JSX.Element }) {
  return (
    <div class="setting">
      <div class="text">
        <div class="label">{props.label}</div>
        <Show when={props.body}>
          <p>{props.body}</p>
        </Show>
      </div>
      <div class="control">{props.children}</div>
    </div>
  );
}
