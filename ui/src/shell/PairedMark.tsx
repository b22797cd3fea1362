import { createMemo, Show } from "solid-js";
import { Tooltip } from "../design/Tooltip";
import { useApp } from "../state/app";
import { reachOf } from "../state/sharing";
import { text } from "../strings";

/** Says on every page that somebody outside may reach in, and that a pairing waits for the person. */
export function PairedMark() {
  const app = useApp();
  const reach = createMemo(() => reachOf(app.state.pairings));
  const paired = () => reach().online.length + reach().offline.length > 0;
  const online = () => reach().online.length > 0;
  const words = () => text(online() ? "status.paired" : "status.pairedOffline");
  const hosts = () => [...reach().online, ...reach().offline].join(", ");
  return (
    <>
      <Show when={paired()}>
        <Tooltip text={text(online() ? "status.pairedWith" : "status.pairedLost", { hosts: hosts() })}>
          <button type="button" class="status-paired" data-testid="status-paired" data-state={online() ? "online" : "offline"} aria-label={text("status.openPairing", { state: words() })} onClick={() => app.openSettings("pairing")}>
            <span class={online() ? "dot is-success" : "dot dot--hollow"} />
            {words()}
          </button>
        </Tooltip>
      </Show>
      <Show when={reach().stuck.length > 0}>
        <button
          type="button"
          class="status-paired"
          data-testid="status-pairing-stuck"
          aria-label={text("status.openPairing", { state: text("status.pairingStuck", { count: reach().stuck.length }) })}
          onClick={() => app.openSettings("pairing")}
        >
          <span class="dot dot--diamond is-warn" />
          {text("status.pairingStuck", { count: reach().stuck.length })}
        </button>
      </Show>
    </>
  );
}
