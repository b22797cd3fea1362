import { Match, Switch } from "solid-js";

/** Lines of a log, or why there are none. */
export function LogBox(props: { label: string; lines: readonly string[]; loading: boolean; error: string | undefined; words: { loading: string; empty: string }; testid: string }) {
  return (
    <Switch>
      <Match when={props.lines.length > 0}>
        <pre class="log" tabindex={0} aria-label={props.label} data-testid={props.testid}>
          {props.lines.join("\n")}
        </pre>
      </Match>
      <Match when={props.loading}>
        <p class="muted">{props.words.loading}</p>
      </Match>
      <Match when={props.error}>
        <p class="error-text" role="alert">
          {props.error}
        </p>
      </Match>
      <Match when={true}>
        <p class="muted">{props.words.empty}</p>
      </Match>
    </Switch>
  );
}
