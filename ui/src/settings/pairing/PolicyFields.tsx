import { createSignal, Show, type JSX } from "solid-js";
import { ConfirmDialog } from "../../design/Dialog";
import { Segmented } from "../../design/Segmented";
import { Switch } from "../../design/Switch";
import { pairingText as text } from "../../strings/pairing";
import type { PairingPolicy, RemoteAnswers } from "../../backend";

/** What one of the fields is about. */
export type PolicyField = keyof PairingPolicy;

const authorities: readonly RemoteAnswers[] = ["disabled", "localConfirmation", "remoteAllowed"];
const prompting = ["prompts", "abort", "attachments"] as const;
const answering = ["approvals", "questions"] as const;
const outgoing = ["artifactBodies", "localPaths", "toolServers"] as const;

/** What a pairing lets in and out. What would let somebody act here unseen is explained before it is asked for. */
export function PolicyFields(props: {
  policy: PairingPolicy;
  /** The server's name, for what is explained. */
  server: string;
  /** What is being changed; everything waits for it. */
  busy?: PolicyField | undefined;
  /** What was not taken, and why. */
  failed?: { field: PolicyField; reason: string } | undefined;
  /** It can only be read: the pairing is over. */
  fixed?: boolean;
  /** This build lets no answer from afar count without a word here. */
  managed?: boolean;
  onChange(field: PolicyField, change: Partial<PairingPolicy>): void;
}) {
  const [risky, setRisky] = createSignal<(typeof answering)[number]>();
  const held = () => props.busy !== undefined || (props.fixed ?? false);
  const set = <Field extends PolicyField>(field: Field, value: PairingPolicy[Field]) => {
    if (props.policy[field] !== value) props.onChange(field, { [field]: value });
  };
  const authorize = (field: (typeof answering)[number], wanted: RemoteAnswers) => {
    if (wanted === "remoteAllowed" && props.policy[field] !== wanted) setRisky(field);
    else set(field, wanted);
  };
  const agree = (field: (typeof answering)[number]) => {
    setRisky(undefined);
    set(field, "remoteAllowed");
  };
  const line = (field: PolicyField, control: JSX.Element) => (
    <div class="setting" data-policy={field}>
      <div class="text">
        <div class="label">{text(`policy.${field}`)}</div>
        <p>{text(`policy.${field}Body`)}</p>
        <Show when={props.busy === field}>
          <p role="status">{text("policy.saving")}</p>
        </Show>
        <Show when={props.failed?.field === field && props.failed}>
          {(failed) => (
            <p class="is-danger" role="alert">
              {failed().reason}
            </p>
          )}
        </Show>
      </div>
      <div class="control">{control}</div>
    </div>
  );
  const yesOrNo = (field: (typeof prompting)[number]) =>
    line(
      field,
      <Segmented
        label={text(`policy.${field}`)}
        value={props.policy[field] ? "allow" : "off"}
        choices={[
          { value: "off", label: text("policy.off") },
          { value: "allow", label: text("policy.allow") },
        ]}
        pressed
        off={held()}
        onChoose={(wanted) => set(field, wanted === "allow")}
      />,
    );
  const authority = (field: (typeof answering)[number]) =>
    line(
      field,
      <Segmented
        label={text(`policy.${field}`)}
        value={props.policy[field]}
        choices={authorities.filter((value) => !props.managed || value !== "remoteAllowed" || props.policy[field] === value).map((value) => ({ value, label: text(`policy.authority.${value}`) }))}
        pressed
        off={held()}
        onChoose={(wanted) => authorize(field, wanted)}
      />,
    );
  return (
    <div class="pair-columns" data-testid="pairing-policy">
      <section class="group">
        <h3 class="group-title">{text("policy.in")}</h3>
        <div class="group-body">
          {yesOrNo("prompts")}
          {yesOrNo("abort")}
          {authority("approvals")}
          {authority("questions")}
          {yesOrNo("attachments")}
          <Show when={props.managed}>
            <p class="small subtle setting-note">{text("policy.managed")}</p>
          </Show>
        </div>
      </section>
      <section class="group">
        <h3 class="group-title">{text("policy.out")}</h3>
        <div class="group-body">
          <div class="setting">
            <div class="text">
              <div class="label">{text("policy.messages")}</div>
              <p>{text("policy.messagesBody")}</p>
            </div>
            <div class="control">
              <span class="small subtle">{text("policy.on")}</span>
            </div>
          </div>
          {outgoing.map((field) => line(field, <Switch label={text(`policy.${field}`)} on={props.policy[field]} fixed={held()} testid={`pairing-${field}`} onChange={(on) => set(field, on)} />))}
        </div>
      </section>
      <Show when={risky()} keyed>
        {(field) => (
          <ConfirmDialog
            title={text(`risk.${field}`, { server: props.server })}
            confirm={text("risk.goOn")}
            danger
            testid="pairing-risk-confirm"
            onConfirm={() => agree(field)}
            onCancel={() => setRisky(undefined)}
          >
            <p>{text(`risk.${field}Body`, { server: props.server })}</p>
            <p>{text("risk.audit")}</p>
            <p>{text("risk.system")}</p>
          </ConfirmDialog>
        )}
      </Show>
    </div>
  );
}
