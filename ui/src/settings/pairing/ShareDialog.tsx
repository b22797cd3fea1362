import { Show } from "solid-js";
import type { SessionRow } from "../../backend";
import { ConfirmDialog } from "../../design/Dialog";
import { threadTitle } from "../../shell/threadTitle";
import { useApp } from "../../state/app";
import { sharingOf } from "../../state/sharing";
import { pairingText as text } from "../../strings/pairing";
import { createDeeds } from "./deeds";

/** Asks before a thread, with all that was said in it so far, goes to a server. */
export function ShareDialog(props: { row: SessionRow; pairing: string; onClose(): void }) {
  const app = useApp();
  const deeds = createDeeds<"share">();
  const found = () => sharingOf(app.state.pairings, props.row).find(({ pairing }) => pairing.id === props.pairing);
  const share = async () => {
    const server = found()?.server ?? "";
    const done = await deeds.run("share", () => app.backend.commands.pairingShare({ pairing: props.pairing, session: props.row.id }));
    if (!done) return;
    props.onClose();
    app.toasts.show(text("shareOne.done", { server }));
  };
  return (
    <ConfirmDialog
      title={text("shareOne.title", { server: found()?.server ?? "" })}
      confirm={text("shareOne.confirm")}
      busy={deeds.busy() !== undefined || found() === undefined}
      error={deeds.failed()?.reason}
      testid="share-confirm"
      onConfirm={() => void share()}
      onCancel={() => props.onClose()}
    >
      <Show when={found()} fallback={<p role="alert">{text("shareOne.gone")}</p>}>
        <p class="wrap-anywhere">{text("shareOne.body", { title: threadTitle(props.row) })}</p>
        <p>{text("shareOne.may")}</p>
        <p>{text("shareOne.preview")}</p>
      </Show>
    </ConfirmDialog>
  );
}
