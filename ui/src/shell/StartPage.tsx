import { createSignal, onCleanup, Show } from "solid-js";
import type { ApiError } from "../backend";
import { Button } from "../design/Button";
import { text } from "../strings";

/** Under this a skeleton would only flash. */
const patience = 300;

/** Before the first answer of the core: nothing, then still shapes where the window will be; or why it does not come. */
export function StartPage(props: { error: ApiError | null; onReload(): void }) {
  const [late, setLate] = createSignal(false);
  const timer = setTimeout(() => setLate(true), patience);
  onCleanup(() => clearTimeout(timer));
  return (
    <div class="window window--bare">
      <main class="main" aria-busy={props.error === null}>
        <Show when={props.error} fallback={<Show when={late()}>{skeleton()}</Show>}>
          {(error) => (
            <div class="page" role="alert">
              <div class="page-head">
                <div>
                  <h1>{text("start.failedTitle")}</h1>
                  <p>{text("start.failedBody")}</p>
                </div>
              </div>
              <p class="error-text">{error().message}</p>
              <div class="page-actions">
                <Button kind="primary" onClick={() => props.onReload()}>
                  {text("start.reload")}
                </Button>
              </div>
            </div>
          )}
        </Show>
      </main>
    </div>
  );
}

const skeleton = () => (
  <div class="home measure skeletons" aria-hidden="true">
    <span class="skeleton skeleton--title" />
    <span class="skeleton" />
    <span class="skeleton skeleton--short" />
  </div>
);
