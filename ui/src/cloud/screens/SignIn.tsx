import { createEffect, Show } from "solid-js";
import { Button } from "../../design/Button";
import { cloudText as text } from "../../strings/cloud";
import { useAccount } from "../account";
import { createDoing } from "../doing";
import { allHold, createField, Field, isEmail, needed } from "../fields";
import { Refusal, refusalWords } from "../http";
import { Failure } from "../Page";
import type { Me } from "../wire";
import { Door } from "./Door";

const wrong = (thrown: unknown): string => (thrown instanceof Refusal && thrown.status === 401 ? text("cloud.wrongSignIn") : refusalWords(thrown));

/** Email and password. Also where a sign-in ran out in the middle of work. */
export function SignIn() {
  const account = useAccount();
  const fresh = () => account.state.server?.setUp === false;
  createEffect(() => (document.title = [text("cloud.signIn"), account.state.server?.name ?? ""].filter((part) => part !== "").join(" · ")));
  return (
    <Door title={text("cloud.signIn")} body={text("cloud.signInBody", { name: account.state.server?.name ?? "" })}>
      <Show when={account.state.ranOut}>
        <p class="notice notice--info" role="status" data-testid="ran-out">
          {text("cloud.ranOut")}
        </p>
      </Show>
      <Show when={!fresh()} fallback={<p data-testid="not-set-up">{text("cloud.notSetUp")}</p>}>
        <SignInForm label={text("cloud.signIn")} onSignedIn={(me) => account.enter(me)} />
        <p class="subtle small">{text("cloud.forgotten")}</p>
      </Show>
    </Door>
  );
}

/** The form alone. */
export function SignInForm(props: { label: string; onSignedIn(me: Me): void | Promise<void> }) {
  const account = useAccount();
  const doing = createDoing();
  const email = createField(isEmail, account.state.me?.user.email ?? "");
  const password = createField(needed);
  const send = () => {
    if (!allHold(email, password)) return;
    void doing.run(async () => {
      const me = await account.http.post<Me>("/api/sign-in", { email: email.value().trim(), password: password.value() }, { open: true });
      await props.onSignedIn(me);
    }, wrong);
  };
  return (
    <form
      class="cloud-form"
      noValidate
      onSubmit={(submitted) => {
        submitted.preventDefault();
        send();
      }}
    >
      <Field field={email} label={text("cloud.email")} type="email" autocomplete="username" testid="email" />
      <Field field={password} label={text("cloud.password")} type="password" autocomplete="current-password" longest={1024} testid="password" />
      <Failure words={doing.error()} />
      <div class="actions">
        <Button kind="primary" type="submit" disabled={doing.busy()} data-testid="sign-in">
          {doing.busy() ? text("cloud.signingIn") : props.label}
        </Button>
      </div>
    </form>
  );
}
