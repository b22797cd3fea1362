import { Show } from "solid-js";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleCheck, circleDashed, circleX, clock, info, rotateCw, shieldOff } from "../design/icons";
import { useApp } from "../state/app";
import { anythingRuns } from "../state/engine";
import { text } from "../strings";

/** Whether what is promised about commands, keys and saving holds, and what mends it where it does not. Red only what failed. */
export function Protection() {
  const app = useApp();
  const safety = () => app.state.safety;
  const boxLook = () => boxLooks[safety().boxed.kind];
  const unboxed = () => {
    const { boxed } = safety();
    return boxed.kind === "unboxed" ? boxed : undefined;
  };
  const machine = () => safety().home === "machine";
  return (
    <section class="group">
      <h2>{text("health.protection")}</h2>
      <div class="group-body">
        <div class="health" data-testid="health-box" data-state={safety().boxed.kind}>
          <Icon path={boxLook().icon} small class={boxLook().colour} />
          <span class="name">{text("health.box")}</span>
          <span class="what">
            {text(`health.box.${safety().boxed.kind}`)}
            <Show when={unboxed()}>{(boxed) => <span class="small">{boxed().reason}</span>}</Show>
          </span>
          <Show when={unboxed()}>
            <Button kind="quiet" onClick={() => app.openSettings("folders")}>
              {text("health.openFolders")}
            </Button>
          </Show>
        </div>
        <div class="health" data-testid="health-home" data-state={safety().home}>
          <Icon path={machine() ? info : circleCheck} small class={machine() ? "" : "is-success"} />
          <span class="name">{text("health.home")}</span>
          <span class="what">{text(`health.home.${safety().home}`)}</span>
          <Show when={machine()}>
            <Button kind="quiet" onClick={() => app.openSettings("engine")}>
              {text("health.openEngine")}
            </Button>
          </Show>
        </div>
        <div class="health" data-testid="health-saving" data-state={safety().notSaving === null ? "on" : "off"}>
          <Icon path={safety().notSaving === null ? circleCheck : circleX} small class={safety().notSaving === null ? "is-success" : "is-danger"} />
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

const boxLooks = {
  unknown: { icon: circleDashed, colour: "subtle" },
  boxed: { icon: circleCheck, colour: "is-success" },
  unboxed: { icon: shieldOff, colour: "" },
} as const;
