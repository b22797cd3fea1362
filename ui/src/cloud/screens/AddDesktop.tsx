import { createEffect, createSignal, For, on, Show } from "solid-js";
import { Button } from "../../design/Button";
import { cloudText as text } from "../../strings/cloud";
import { useAccount } from "../account";
import { createDoing } from "../doing";
import { readEnrolment } from "../enrolment";
import { allHold, Choice, createField, Field, needed } from "../fields";
import { Failure, Page } from "../Page";
import type { Desktop, Visibility } from "../wire";

/** Enters a desktop by the link it shows, or field by field. */
export function AddDesktop(props: { onAdded(desktop: Desktop): void }) {
  const account = useAccount();
  const doing = createDoing();
  const link = createField((value) => needed(value) ?? (readEnrolment(value) ? undefined : text("cloud.pairWrong")));
  const [byHand, setByHand] = createSignal(false);
  const label = createField();
  const pairingId = createField();
  const deviceId = createField();
  const token = createField();
  const [visibility, setVisibility] = createSignal<Visibility>("owner");

  const read = (written: string): boolean => {
    const found = readEnrolment(written);
    if (!found) return false;
    label.set(found.label);
    pairingId.set(found.pairingId);
    deviceId.set(found.deviceId);
    token.set(found.token);
    setByHand(true);
    return true;
  };
  // What a link brought fills the form in; it is shown before anything is sent.
  createEffect(() => {
    const brought = account.brought();
    if (brought?.kind !== "pair") return;
    if (!read(brought.secret)) {
      link.set(brought.secret);
      link.holds();
    }
    account.spend();
  });
  createEffect(on(link.value, (written) => written !== "" && read(written) && link.clear(), { defer: true }));

  const send = () => {
    if (!byHand()) {
      if (link.holds()) read(link.value());
      else document.getElementById(link.id)?.focus();
      return;
    }
    if (!allHold(label, pairingId, deviceId, token)) return;
    void doing.run(async () => {
      const desktop = await account.http.post<Desktop>(`/api/organizations/${encodeURIComponent(account.organization()?.id ?? "")}/desktops`, {
        pairingId: pairingId.value().trim(),
        deviceId: deviceId.value().trim(),
        token: token.value().trim(),
        label: label.value().trim(),
        visibility: visibility(),
      });
      await account.listDesktops();
      props.onAdded(desktop);
    });
  };
  return (
    <Page title={text("cloud.addDesktop")} body={text("cloud.addBody")} organizations>
      <form
        class="cloud-form"
        noValidate
        onSubmit={(submitted) => {
          submitted.preventDefault();
          send();
        }}
      >
        <Show
          when={byHand()}
          fallback={
            <>
              <Field field={link} label={text("cloud.pairLink")} hint={text("cloud.pairLinkHint")} mono longest={4096} testid="pair-link" />
              <div class="actions">
                <Button kind="quiet" data-testid="by-hand" onClick={() => setByHand(true)}>
                  {text("cloud.pairByHand")}
                </Button>
              </div>
            </>
          }
        >
          <Field field={label} label={text("cloud.label")} longest={80} testid="label" />
          <Field field={pairingId} label={text("cloud.pairingId")} mono testid="pairing-id" />
          <Field field={deviceId} label={text("cloud.deviceId")} mono testid="device-id" />
          <Field field={token} label={text("cloud.token")} type="password" mono testid="token" />
          <VisibilityChoice value={visibility()} organization={account.organization()?.name ?? ""} onChoose={setVisibility} />
        </Show>
        <section class="able" aria-labelledby="able">
          <p id="able" class="label">
            {text("cloud.willBeAble")}
          </p>
          <ul>
            <For each={["see", "prompt", "answer"] as const}>{(what) => <li>{text(`cloud.able.${what}`)}</li>}</For>
          </ul>
          <p class="muted">{text("cloud.able.not")}</p>
        </section>
        <Failure words={doing.error()} />
        <div class="actions">
          <Button kind="primary" type="submit" disabled={doing.busy()} data-testid="add">
            {text("cloud.add")}
          </Button>
        </div>
      </form>
    </Page>
  );
}

/** Who sees a desktop. */
export function VisibilityChoice(props: { value: Visibility; organization: string; others?: boolean; onChoose(value: Visibility): void }) {
  return (
    <Choice
      label={text("cloud.visibility")}
      value={props.value}
      choices={[
        { value: "owner", label: text(props.others ? "cloud.visibilityOf" : "cloud.visibility.owner") },
        { value: "organization", label: text("cloud.visibility.organization", { name: props.organization }) },
      ]}
      testid="visibility"
      onChoose={(value) => props.onChoose(value)}
    />
  );
}
