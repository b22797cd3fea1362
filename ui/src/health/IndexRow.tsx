import { Show } from "solid-js";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleCheck, circleDot, clock } from "../design/icons";
import { IndexLine } from "../settings/IndexLine";
import { useApp } from "../state/app";
import { createIndexProgress } from "../state/indexProgress";
import { storageText as text } from "../strings/storage";

/** How far the index of messages is. */
export function IndexRow() {
  const app = useApp();
  const { progress, error } = createIndexProgress(app.backend);
  const look = () => {
    switch (progress()?.state) {
      case "done":
        return { icon: circleCheck, colour: "subtle" };
      case "reading":
        return { icon: circleDot, colour: "is-live" };
      default:
        return { icon: clock, colour: "subtle" };
    }
  };
  return (
    <div class="health" data-testid="health-index">
      <Icon path={look().icon} small class={look().colour} />
      <span class="name">{text("storage.index.health")}</span>
      <span class="what">
        <Show when={progress()}>{(known) => <IndexLine progress={known()} />}</Show>
        <Show when={error()}>
          <span class="small is-danger" role="alert">
            {error()}
          </span>
        </Show>
      </span>
      <Button kind="quiet" onClick={() => app.openSettings("storage")}>
        {text("storage.open")}
      </Button>
    </div>
  );
}
