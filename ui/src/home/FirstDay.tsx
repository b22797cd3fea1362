import { Show } from "solid-js";
import { Icon } from "../design/Icon";
import { arrowUpRight, cpu, play } from "../design/icons";
import { offButton } from "../design/offButton";
import { useApp } from "../state/app";
import { rich, text } from "../strings";

/** Home before the first thread: what this is, and two ways to begin. */
export function FirstDay(props: {
  busy: boolean;
  /** Why nothing can begin now. */
  blocked: string | undefined;
  /** Why the demo did not begin. */
  error: string | undefined;
  hasModel: boolean;
  onDemo(): void;
  onModels(): void;
}) {
  const app = useApp();
  const off = offButton(() => props.busy || props.blocked !== undefined);
  return (
    <>
      <section class="group">
        <h2>{text("home.welcome")}</h2>
        <p>{text("home.welcomeBody")}</p>
        <div class="starters">
          <Show when={app.can("demo")}>
            <button
              type="button"
              class="item-row starter"
              data-testid="try-demo"
              {...off}
              onClick={() => props.onDemo()}
            >
              <Icon path={play} />
              <span class="name">{text("home.tryDemo")}</span>
              <Icon path={arrowUpRight} small class="subtle" />
              <span class="sub">{props.blocked ?? text("home.tryDemoBody")}</span>
            </button>
          </Show>
          <Show when={!props.hasModel && app.can("setUp")}>
            <button type="button" class="item-row starter" data-testid="connect-model" onClick={() => props.onModels()}>
              <Icon path={cpu} />
              <span class="name">{text("home.connect")}</span>
              <Icon path={arrowUpRight} small class="subtle" />
              <span class="sub">{text("home.connectBody")}</span>
            </button>
          </Show>
        </div>
        <Show when={props.error}>
          <p class="error-text" role="alert">
            {props.error}
          </p>
        </Show>
      </section>
      <Show when={app.can("openFolder")}>
        <section class="group">
          <h2>{text("home.whereTitle")}</h2>
          <p>
            {rich("home.whereBody", {
              choose: (
                <button type="button" class="text-button" onClick={() => void app.pickFolder().catch(app.tell)}>
                  {text("home.whereChoose")}
                </button>
              ),
            })}
          </p>
        </section>
      </Show>
    </>
  );
}
