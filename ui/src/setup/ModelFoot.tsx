import { createEffect, createMemo, on, Show } from "solid-js";
import { Button } from "../design/Button";
import type { Connection } from "../providers/connection";
import { useApp } from "../state/app";
import { text } from "../strings";

/** The way on: unlocked by a test that passes, possible after one that failed, and never needed. */
export function ModelFoot(props: { connection: Connection | undefined; demo: boolean; onContinue(): void }) {
  const app = useApp();
  const passed = createMemo(() => props.connection?.passed() ?? false);
  const failed = () => props.connection?.failed() ?? false;
  let forward: HTMLButtonElement | undefined;
  // Enter goes on, unless the person went elsewhere while it was tested.
  createEffect(on(passed, (now) => now && document.activeElement === document.body && forward?.focus()));
  return (
    <footer class="setup-foot">
      <div class="foot-inner">
        <Button kind="quiet" data-testid="setup-later" onClick={() => app.go({ page: "home" })}>
          {text("setup.later")}
        </Button>
        <Show when={!props.demo}>
          <span class="small subtle foot-words" classList={{ "foot-words--long": failed() }} id="continue-words">
            {text(failed() ? "setup.withoutMeans" : passed() ? "setup.unlocked" : "setup.locked")}
          </span>
          <Show when={failed()}>
            <Button kind="quiet" data-testid="setup-without" aria-describedby="continue-words" onClick={() => props.onContinue()}>
              {text("setup.without")}
            </Button>
          </Show>
          <Button
            {...(passed() ? { kind: "primary" as const } : {})}
            ref={(element: HTMLButtonElement) => (forward = element)}
            data-testid="setup-continue"
            disabled={!passed()}
            aria-describedby="continue-words"
            onClick={() => props.onContinue()}
          >
            {text("setup.continue")} <kbd aria-hidden="true">{text("composer.sendKey")}</kbd>
          </Button>
        </Show>
      </div>
    </footer>
  );
}
