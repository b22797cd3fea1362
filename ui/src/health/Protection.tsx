import { Show } from "solid-js";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleCheck, circleX, clock, info, rotateCw } from "../design/icons";
import { useApp } from "../state/app";
import { anythingRuns } from "../state/engine";
import { text } from "../strings";
import { CommandsBoxRow } from "./CommandsBox";

/** Whether what is promised about commands, keys and saving holds, and what mends it where it does not. Red only what failed. */
export function Protection() {
  const app = useApp();
  const safety = () => app.state.safety;
  const machine = () => safety().home === "machine";
  return (
    <section class="group">
      <h2>{text("health.protection")}</h2>
      <div class="group-body">
        <CommandsBoxRow />
        <div class="health" data-testid="health-home" data-state={safety().home}>
          <Icon path={machine() ? info : circleCheck} small class={machine() ? "" : "subtle"} />
          <span class="name">{text("health.home")}</span>
          <span class="what">{text(`health.home.${safety().home}`)}</span>
          <Show when={machine()}>
            <Button kind="quiet" onClick={() => app.openSettings("engine")}>
              {text("health.openEngine")}
            </Button>
          </Show>
        </div>
        <div class="health" data-testid="health-saving" data-state={safety().notSaving === null ? "on" : "off"}>
          <Icon path={safety().notSaving === null ? circleCheck : circleX} small class={safety().notSaving === null ? "subtle" : "is-danger"} />
          <span class="name">{text("health.saving")}</span>
          <span class="what">
            <Show when={safety().notSaving} fallback={text("health.saving.on")}>
              {(reason) => (
                <>
                  {text("safety.notSavingWhy", { reason: reason() })}
                  <span class="small">{text("health.savingDo")}</span>
                </>
              )}
            </Show>
          </span>
        </div>
        <Show when={safety().restartNeeded}>
          <div class="health" data-testid="health-restart-needed">
            <Icon path={rotateCw} small class="is-live" />
            <span class="name">{text("health.restartNeeded")}</span>
            <span class="what">
              {text("health.restartNeededBody")}
              <Show when={anythingRuns(app.state.sessions)}>
                <span class="small">{text("health.restartInterrupts")}</span>
              </Show>
            </span>
            <Button kind="quiet" onClick={() => void app.restartEngine().catch(app.tell)}>
              {text("health.restart")}
            </Button>
          </div>
        </Show>
        <Show when={safety().pending.length > 0}>
          <div class="health" data-testid="health-pending">
            <Icon path={clock} small class="is-live" />
            <span class="name">{text("health.pending")}</span>
            <span class="what">{text("health.pendingIn", { folders: safety().pending.join(", ") })}</span>
          </div>
        </Show>
      </div>
    </section>
  );
}
