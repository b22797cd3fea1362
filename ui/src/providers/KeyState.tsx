import { Match, Show, Switch } from "solid-js";
import type { ProviderRow } from "../backend";
import { createMinuteClock } from "../state/clock";
import { text } from "../strings";
import { fullTime, shortAge } from "../strings/format";

/** Where a provider's key is, with enough of it to recognise it by. */
export function KeyState(props: { row: ProviderRow }) {
  const now = createMinuteClock();
  const key = () => props.row.key;
  const hinted = () => {
    const state = key();
    return state.kind === "kept" || state.kind === "thisRun" || state.kind === "plain" ? state : undefined;
  };
  const changed = () => {
    const state = key();
    return state.kind === "kept" ? state.changed : undefined;
  };
  const why = () => {
    const state = key();
    return state.kind === "cannotBeRead" ? state.why : undefined;
  };
  return (
    <p class="key-state" data-testid="key-state" data-key={key().kind}>
      <Switch>
        <Match when={hinted()}>
          {(state) => (
            <>
              {text("key.is")}{" "}
              <span class="mono" data-testid="key-hint">
                {state().hint}
              </span>
              <Show when={changed()}>
                {(at) => (
                  <>
                    {" · "}
                    {text("key.changed")}{" "}
                    <time datetime={new Date(at()).toISOString()} aria-label={fullTime(at())}>
                      {shortAge(at(), now())}
                    </time>
                  </>
                )}
              </Show>
              <Show when={state().kind === "thisRun"}>
                {" · "}
                {text("key.state.thisRun")}
              </Show>
              <Show when={state().kind === "plain"}>
                {" · "}
                <span class="is-warn">{text("key.state.plain")}</span>
              </Show>
            </>
          )}
        </Match>
        <Match when={why()}>
          {(reason) => (
            <>
              <span class="is-danger">{text("key.state.cannotBeRead")}</span> {reason()}
            </>
          )}
        </Match>
        <Match when={key().kind === "missing"}>
          <span class="is-warn">{text("key.state.missing")}</span>
        </Match>
        <Match when={key().kind === "signedInByEngine"}>
          {text("key.state.signedInByEngine")}
        </Match>
        <Match when={key().kind === "signedIn"}>{text("key.state.signedIn")}</Match>
        <Match when={true}>{text("key.state.notNeeded")}</Match>
      </Switch>
    </p>
  );
}
