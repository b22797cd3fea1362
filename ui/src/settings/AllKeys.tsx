import { createSignal, Show } from "solid-js";
import { Button } from "../design/Button";
import { ConfirmDialog } from "../design/Dialog";
import { useApp } from "../state/app";
import { text } from "../strings";
import { Setting } from "./Setting";

/** What can be done to all keys at once. */
export function AllKeys() {
  const app = useApp();
  const [asking, setAsking] = createSignal(false);
  const [busy, setBusy] = createSignal<"forget" | "renew">();
  const run = async (what: "forget" | "renew", action: () => Promise<string>) => {
    if (busy()) return;
    setBusy(what);
    try {
      app.toasts.show(await action());
    } catch (thrown) {
      app.tell(thrown);
    }
    setBusy(undefined);
  };
  const forget = () => {
    setAsking(false);
    void run("forget", async () => {
      await app.backend.commands.keysForgetAll();
      return text("key.forgotAll");
    });
  };
  const renew = () => void run("renew", async () => text("key.renewed", { count: await app.backend.commands.keysRenew() }));
  return (
    <section class="group" data-testid="all-keys">
      <h2>{text("key.all")}</h2>
      <div class="group-body">
        <Setting label={text("key.renewLabel")} body={text("key.renewBody")}>
          <Button small data-testid="keys-renew" aria-disabled={busy() !== undefined} onClick={renew}>
            {text(busy() === "renew" ? "key.renewing" : "key.renew")}
          </Button>
        </Setting>
        <Setting label={text("key.forgetAll")} body={text("key.forgetAllBody")}>
          <Button small kind="danger" data-testid="keys-forget-all" aria-disabled={busy() !== undefined} onClick={() => busy() === undefined && setAsking(true)}>
            {text(busy() === "forget" ? "key.forgettingAll" : "key.forgetAll")}
          </Button>
        </Setting>
      </div>
      <Show when={asking()}>
        <ConfirmDialog title={text("key.forgetAllTitle")} confirm={text("key.forgetAll")} testid="keys-forget-all-confirm" danger onConfirm={forget} onCancel={() => setAsking(false)}>
          <p>{text("key.forgetAllMeans")}</p>
        </ConfirmDialog>
      </Show>
    </section>
  );
}
