import { createSignal, Show } from "solid-js";
import { Button } from "../../design/Button";
import { Segmented } from "../../design/Segmented";
import { cloudText as text } from "../../strings/cloud";
import { useAccount } from "../account";
import { createAsked } from "../asked";
import { createDoing } from "../doing";
import { allHold, createField, Field, isPassword } from "../fields";
import { Failure, Read } from "../Page";
import type { InvitedTo, Me } from "../wire";
import { Door } from "./Door";
import { SignInForm } from "./SignIn";
import { linkWords } from "./Welcome";

/** An invitation, accepted by somebody new, by somebody with an account, or by who is signed in already. */
export function Accept(props: { secret: string }) {
  const account = useAccount();
  const doing = createDoing();
  const [who, setWho] = createSignal<"new" | "known">("new");
  const name = createField();
  const password = createField(isPassword);
  const invitation = createAsked(() => account.http.post<InvitedTo>("/api/invitations/look", { code: props.secret }, { open: true }), "email", linkWords);
  const accept = async (more: object = {}) => {
    const me = await account.http.post<Me>("/api/invitations/accept", { code: props.secret, ...more }, { open: true });
    account.spend();
    account.enter(me);
  };
  const begin = () => {
    if (allHold(name, password)) void doing.run(() => accept({ name: name.value().trim(), password: password.value() }), linkWords);
  };
  return (
    <Door title={text("cloud.invited")}>
      <Read asked={invitation}>
        {(to) => (
          <p>
            {text("cloud.invitedBody", { organization: to().organization, role: text(`cloud.role.${to().role}`), email: to().email })}
            <Show when={account.state.phase === "in"}> {text("cloud.acceptAs", { name: account.state.me?.user.name ?? "" })}</Show>
          </p>
        )}
      </Read>
      <Show when={invitation.value()} fallback={<Show when={invitation.error()}><NotNow /></Show>}>
        <Show
          when={account.state.phase !== "in"}
          fallback={
            <div class="cloud-form">
              <Failure words={doing.error()} />
              <div class="actions">
                <Button kind="primary" disabled={doing.busy()} data-testid="accept" onClick={() => void doing.run(() => accept(), linkWords)}>
                  {text("cloud.accept")}
                </Button>
                <NotNow />
              </div>
            </div>
          }
        >
          <Segmented
            label={text("cloud.invitedWho")}
            value={who()}
            choices={[
              { value: "new", label: text("cloud.invitedNew") },
              { value: "known", label: text("cloud.invitedKnown") },
            ]}
            onChoose={setWho}
          />
          <Show
            when={who() === "new"}
            fallback={
              <>
                <SignInForm
                  label={text("cloud.accept")}
                  onSignedIn={async (me) => {
                    account.http.trust(me.csrf);
                    // One is signed in now, whatever becomes of the invitation.
                    await accept().catch((thrown: unknown) => {
                      account.enter(me);
                      doing.say(linkWords(thrown));
                    });
                  }}
                />
                <Failure words={doing.error()} />
              </>
            }
          >
            <form
              class="cloud-form"
              noValidate
              onSubmit={(submitted) => {
                submitted.preventDefault();
                begin();
              }}
            >
              <Field field={name} label={text("cloud.yourName")} autocomplete="name" testid="name" />
              <Field field={password} label={text("cloud.newPassword")} hint={text("cloud.passwordHint")} type="password" autocomplete="new-password" longest={1024} testid="password" />
              <Failure words={doing.error()} />
              <div class="actions">
                <Button kind="primary" type="submit" disabled={doing.busy()} data-testid="accept">
                  {text("cloud.accept")}
                </Button>
              </div>
            </form>
          </Show>
        </Show>
      </Show>
    </Door>
  );
}

/** Goes on without the invitation. */
function NotNow() {
  const account = useAccount();
  return (
    <div class="actions">
      <Button kind="quiet" data-testid="not-now" onClick={() => account.spend()}>
        {text("cloud.notNow")}
      </Button>
    </div>
  );
}
