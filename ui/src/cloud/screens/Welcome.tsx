import { Button } from "../../design/Button";
import { cloudText as text } from "../../strings/cloud";
import { useAccount } from "../account";
import { createDoing } from "../doing";
import { allHold, createField, Field, isEmail, isPassword } from "../fields";
import { Refusal, refusalWords } from "../http";
import { Failure } from "../Page";
import type { Me } from "../wire";
import { Door } from "./Door";

/** Statuses of a secret that holds no longer. */
const spent = new Set([401, 404, 410]);

/** Why a link did not work. */
export const linkWords = (thrown: unknown): string => (thrown instanceof Refusal && spent.has(thrown.status) ? text("cloud.linkSpent") : refusalWords(thrown));

/** The first one who comes becomes the owner, by the link that the server printed. */
export function Welcome(props: { secret: string }) {
  const account = useAccount();
  const doing = createDoing();
  const name = createField();
  const email = createField(isEmail);
  const password = createField(isPassword);
  const organization = createField();
  const send = () => {
    if (!allHold(name, email, password, organization)) return;
    void doing.run(async () => {
      const me = await account.http.post<Me>(
        "/api/welcome",
        { code: props.secret, name: name.value().trim(), email: email.value().trim(), password: password.value(), organization: organization.value().trim() },
        { open: true },
      );
      account.spend();
      account.enter(me);
    }, linkWords);
  };
  return (
    <Door title={text("cloud.welcome")} body={text("cloud.welcomeBody")}>
      <form
        class="cloud-form"
        noValidate
        onSubmit={(submitted) => {
          submitted.preventDefault();
          send();
        }}
      >
        <Field field={name} label={text("cloud.yourName")} autocomplete="name" testid="name" />
        <Field field={email} label={text("cloud.email")} type="email" autocomplete="username" testid="email" />
        <Field field={password} label={text("cloud.newPassword")} hint={text("cloud.passwordHint")} type="password" autocomplete="new-password" longest={1024} testid="password" />
        <Field field={organization} label={text("cloud.organizationName")} hint={text("cloud.organizationHint")} autocomplete="organization" testid="organization-name" />
        <Failure words={doing.error()} />
        <div class="actions">
          <Button kind="primary" type="submit" disabled={doing.busy()} data-testid="begin">
            {text("cloud.begin")}
          </Button>
        </div>
      </form>
    </Door>
  );
}
