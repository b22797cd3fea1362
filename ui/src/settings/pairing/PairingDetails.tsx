import { createSignal, createUniqueId, Show } from "solid-js";
import { Button } from "../../design/Button";
import { ConfirmDialog } from "../../design/Dialog";
import { Switch } from "../../design/Switch";
import { useApp } from "../../state/app";
import { isOver } from "../../state/sharing";
import { pairingText as text } from "../../strings/pairing";
import { createDeeds } from "./deeds";
import { PolicyFields, type PolicyField } from "./PolicyFields";
import { Preview } from "./Preview";
import { ShareChoice } from "./ShareChoice";
import type { PairingPolicy, PairingRow, PairingToken } from "../../backend";

/** The longest name of a desktop, in characters; the core takes no longer one. */
export const longestLabel = 80;

/** What a pairing is called, shares, lets in and out, and what would be sent. Each change is saved as it is made. */
export function PairingDetails(props: { row: PairingRow; managed: boolean; onToken(token: PairingToken): void }) {
  const app = useApp();
  const { commands } = app.backend;
  const fields = createDeeds<PolicyField>();
  const shares = createDeeds<string>();
  const others = createDeeds<"label" | "pastProxy" | "token">();
  const [label, setLabel] = createSignal<string>();
  const [rotating, setRotating] = createSignal(false);
  const names = createUniqueId();
  const over = () => isOver(props.row);
  const folders = () => props.row.folders.map(({ folder }) => folder);
  const update = (change: { label?: string; policy?: Partial<PairingPolicy>; folders?: string[]; pastProxy?: boolean }) =>
    commands.pairingUpdate({
      pairing: props.row.id,
      label: change.label ?? props.row.label,
      policy: { ...props.row.policy, ...change.policy },
      folders: change.folders ?? folders(),
      pastProxy: change.pastProxy ?? props.row.pastProxy,
    });
  const failedField = () => {
    const failed = fields.failed();
    return failed && { field: failed.name, reason: failed.reason };
  };
  const failedShare = () => {
    const failed = shares.failed();
    return failed && { id: failed.name, reason: failed.reason };
  };
  const wanted = () => (label() ?? props.row.label).trim();
  const rename = async () => {
    if (wanted() === "" || wanted() === props.row.label) return;
    if (await others.run("label", () => update({ label: wanted() }))) setLabel(undefined);
  };
  const rotate = async () => {
    setRotating(false);
    await others.run("token", async () => props.onToken(await commands.pairingRenew({ pairing: props.row.id })));
  };
  return (
    <div class="pair-details" data-testid="pairing-details">
      <Show when={!over()}>
        <form
          class="field pair-name"
          onSubmit={(submitted) => {
            submitted.preventDefault();
            void rename();
          }}
        >
          <label for={`${names}-name`}>{text("name.label")}</label>
          <div class="field-line">
            <input id={`${names}-name`} class="input" maxlength={longestLabel} value={label() ?? props.row.label} aria-invalid={wanted() === ""} data-testid="pairing-label" onInput={(typed) => setLabel(typed.currentTarget.value)} />
            <Show when={label() !== undefined && wanted() !== props.row.label}>
              <Button type="submit" disabled={wanted() === "" || others.busy() !== undefined} data-testid="pairing-rename">
                {text("name.save")}
              </Button>
            </Show>
          </div>
          <p class="hint">{text("name.kept")}</p>
          <Show when={others.failed()?.name === "label" && others.failed()}>
            {(failed) => (
              <p class="error-text" role="alert">
                {failed().reason}
              </p>
            )}
          </Show>
        </form>
        <Show when={props.row.behindProxy || props.row.pastProxy}>
          <div class="setting">
            <div class="text">
              <div class="label">{text("address.pastProxy")}</div>
              <p>{text(props.row.pastProxy ? "address.past" : "address.proxied")}</p>
              <Show when={others.failed()?.name === "pastProxy" && others.failed()}>
                {(failed) => (
                  <p class="is-danger" role="alert">
                    {failed().reason}
                  </p>
                )}
              </Show>
            </div>
            <div class="control">
              <Switch
                label={text("address.pastProxy")}
                on={props.row.pastProxy}
                fixed={others.busy() !== undefined}
                testid="pairing-details-past-proxy"
                onChange={(pastProxy) => void others.run("pastProxy", () => update({ pastProxy }))}
              />
            </div>
          </div>
        </Show>
        <section class="group">
          <h3 class="group-title">{text("share.title")}</h3>
          <p class="muted">{text("share.body")}</p>
          <ShareChoice
            folders={folders()}
            threads={props.row.threads}
            more={props.row.moreThreads}
            busy={shares.busy()}
            failed={failedShare()}
            onFolder={(folder, shared) => void shares.run(folder, () => update({ folders: shared ? [...folders(), folder] : folders().filter((each) => each !== folder) }))}
            onThread={({ session }, shared) =>
              void shares.run(session, () => (shared ? commands.pairingShare({ pairing: props.row.id, session }) : commands.pairingUnshare({ pairing: props.row.id, session })))
            }
          />
        </section>
      </Show>
      <PolicyFields
        policy={props.row.policy}
        server={props.row.host}
        busy={fields.busy()}
        failed={failedField()}
        fixed={over()}
        managed={props.managed}
        onChange={(field, change) => void fields.run(field, () => update({ policy: change }))}
      />
      <Show when={!over()}>
        <Preview pairing={props.row.id} threads={props.row.threads} />
        {/* Where the server does not know the token yet, the line offers another by itself. */}
        <Show when={props.row.state !== "waiting" && props.row.state !== "expired"}>
          <div class="setting">
            <div class="text">
              <div class="label">{text("rotate.title")}</div>
              <p>{text("rotate.body")}</p>
              <Show when={others.failed()?.name === "token" && others.failed()}>
                {(failed) => (
                  <p class="is-danger" role="alert">
                    {text("token.notMade", { reason: failed().reason })}
                  </p>
                )}
              </Show>
            </div>
            <div class="control">
              <Button disabled={others.busy() !== undefined} data-testid="pairing-rotate" onClick={() => setRotating(true)}>
                {text(others.busy() === "token" ? "repairing.renew" : "repair.renew")}
              </Button>
            </div>
          </div>
        </Show>
        <Show when={rotating()}>
          <ConfirmDialog title={text("rotate.sure", { name: props.row.label })} confirm={text("repair.renew")} testid="pairing-rotate-sure" onConfirm={() => void rotate()} onCancel={() => setRotating(false)}>
            <p>{text("rotate.sureBody", { server: props.row.host })}</p>
          </ConfirmDialog>
        </Show>
      </Show>
    </div>
  );
}
