import { createSignal, Match, Show, Switch } from "solid-js";
import type { EngineState } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { clock, info, rotateCw } from "../design/icons";
import { useApp } from "../state/app";
import { createSecondClock } from "../state/clock";
import { offersRestart, restartingEngine, restartWords, troubledEngine, type RestartingEngine, type TroubledEngine } from "../state/engine";
import { text } from "../strings";
import { Notice } from "./Notice";

/** An engine that restarts by itself, or runs with something wrong: what happened, and what can be done now. */
export function EngineNews(props: { engine: EngineState }) {
  return (
    <Switch>
      <Match when={restartingEngine(props.engine)}>{(engine) => <Restarting engine={engine()} />}</Match>
      <Match when={troubledEngine(props.engine)}>{(engine) => <Troubled engine={engine()} />}</Match>
    </Switch>
  );
}

function Restarting(props: { engine: RestartingEngine }) {
  const now = createSecondClock();
  return (
    <Notice
      kind="news"
      icon={clock}
      lead={props.engine.message}
      more={`${restartWords(props.engine, now())} ${text("engine.waits")}`}
      counts
      testid="engine-backing-off"
      actions={<RestartButton label={text("engine.restartNow")} />}
    />
  );
}

function Troubled(props: { engine: TroubledEngine }) {
  const app = useApp();
  const offered = () => offersRestart(props.engine, app.state.sessions);
  const more = () => (offered() ? text("engine.restartOffered") : props.engine.trouble === "memoryHigh" ? text("engine.restartWhenIdle") : "");
  return (
    <Notice
      kind={offered() ? "warn" : "news"}
      icon={info}
      lead={props.engine.message}
      more={more()}
      testid="engine-degraded"
      actions={
        <Show when={offered()}>
          <RestartButton label={text("engine.restart")} />
        </Show>
      }
    />
  );
}

function RestartButton(props: { label: string }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const restart = async () => {
    setBusy(true);
    await app.restartEngine().catch(app.tell);
    setBusy(false);
  };
  return (
    <Show when={app.can("restartEngine")}>
      <Button small disabled={busy()} data-testid="engine-restart" onClick={() => void restart()}>
        <Icon path={rotateCw} small />
        {props.label}
      </Button>
    </Show>
  );
}
