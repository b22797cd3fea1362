import { createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { toApiError } from "../backend";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { arrowUpRight } from "../design/icons";
import { useApp } from "../state/app";
import { stoppedEngine, stoppedWords } from "../state/engine";
import { text } from "../strings";
import { setupText } from "../strings/setup";

const ideas = ["map", "plan", "check"] as const;

/** The first prompt: in one's own words, or from one that is there. It waits for an engine that is still on its way. */
export function PromptStep(props: { onBack(): void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [error, setError] = createSignal<string>();
  let field: HTMLTextAreaElement | undefined;
  let gone = false;
  onCleanup(() => (gone = true));
  onMount(() => field?.focus());
  const written = () => app.state.home.text;
  const folder = () => {
    const id = app.state.home.folder;
    return id === null ? undefined : app.folderOf(id);
  };
  const stopped = () => stoppedEngine(app.state.engine);
  const starts = () => app.state.engine.kind === "starting" || app.state.engine.kind === "backingOff";
  const nothing = () => written().trim() === "";
  const take = (idea: (typeof ideas)[number]) => {
    // Behind what somebody wrote already: it is not to be lost to a look at the ideas.
    const words = setupText(`first.idea.${idea}Text`);
    app.setHome({ text: nothing() ? words : `${written().trimEnd()}\n\n${words}` });
    field?.focus();
  };
  const begin = async () => {
    if (busy() || nothing()) return;
    setBusy(true);
    setError(undefined);
    try {
      await app.sendFromHome(written(), { waits: () => !gone });
    } catch (thrown) {
      setError(setupText("first.failed", { reason: toApiError(thrown).message }));
    }
    setBusy(false);
  };
  return (
    <section class="setup-detail" aria-label={setupText("first.prompt")} data-testid="setup-prompt">
      <div class="setup-form">
        <h1>{setupText("first.prompt")}</h1>
        <p class="muted">
          {setupText("first.promptMore")}{" "}
          <span class="wrap-anywhere">
            <Show when={folder()} fallback={setupText("first.inThrowAway")}>
              {(chosen) => setupText("first.in", { folder: chosen().label })}
            </Show>
          </span>
        </p>
        <textarea
          ref={(element) => (field = element)}
          class="input setup-prompt"
          rows={4}
          aria-label={setupText("first.label")}
          placeholder={setupText("first.placeholder")}
          data-testid="setup-prompt-input"
          value={written()}
          onInput={(input) => app.setHome({ text: input.currentTarget.value })}
          onKeyDown={(press) => {
            if (press.key !== "Enter" || press.shiftKey || isComposing(press)) return;
            press.preventDefault();
            void begin();
          }}
        />
        <p class="small muted" role="status">
          {stopped() ? "" : starts() ? setupText("first.waits") : ""}
        </p>
        <Show when={stopped()}>
          {(engine) => (
            <div role="alert" data-testid="setup-engine-stopped">
              <p class="error-text">{setupText("first.stopped", { reason: stoppedWords(engine()) })}</p>
              <Button small onClick={() => void app.restartEngine().catch(app.tell)}>
                {text("engine.restart")}
              </Button>
            </div>
          )}
        </Show>
        <Show when={error()}>
          <p class="error-text" role="alert">
            {error()}
          </p>
        </Show>
        <div>
          <div class="section-label flush">{setupText("first.ideas")}</div>
          <ul>
            <For each={ideas}>
              {(idea) => (
                <li>
                  <button type="button" class="item-row starter" data-testid={`idea-${idea}`} onClick={() => take(idea)}>
                    <Icon path={arrowUpRight} class="subtle" />
                    <span class="name">{setupText(`first.idea.${idea}`)}</span>
                    <span />
                    <span class="sub">{setupText(`first.idea.${idea}Text`)}</span>
                  </button>
                </li>
              )}
            </For>
          </ul>
        </div>
      </div>
      <footer class="setup-foot">
        <div class="foot-inner">
          <Button kind="quiet" onClick={() => props.onBack()}>
            {setupText("first.back")}
          </Button>
          <span class="grow" />
          <Button data-testid="setup-home" onClick={() => app.go({ page: "home" })}>
            {setupText("first.later")}
          </Button>
          <Button kind="primary" aria-disabled={busy() || nothing()} data-testid="setup-begin" onClick={() => void begin()}>
            {setupText(busy() ? "first.beginning" : "first.begin")}
          </Button>
        </div>
      </footer>
    </section>
  );
}
