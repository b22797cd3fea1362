import { createSignal, For, Show } from "solid-js";
import { Button } from "../../design/Button";
import { ConfirmDialog } from "../../design/Dialog";
import { cloudText as text } from "../../strings/cloud";
import { dayName } from "../../strings/format";
import { useAccount } from "../account";
import { createAsked } from "../asked";
import { createDoing } from "../doing";
import { allHold, Choice, createField, Field, isEmail, SecretBox } from "../fields";
import { Failure, Page, Read } from "../Page";
import { roles, type Invitation, type Member, type Membership, type NewInvitation, type Role } from "../wire";

/** Who belongs to an organization, and who is invited. */
export function People() {
  const account = useAccount();
  return (
    <Page title={text("cloud.people")} body={text("cloud.peopleBody", { name: account.organization()?.name ?? "" })} organizations>
      <Show when={account.organization()} keyed>
        {(organization) => <Organization organization={organization} />}
      </Show>
    </Page>
  );
}

const pathOf = (organization: string, ...more: string[]) => ["/api/organizations", organization, ...more].map((part, at) => (at === 0 ? part : encodeURIComponent(part))).join("/");

function Organization(props: { organization: Membership }) {
  const account = useAccount();
  const { id, role } = props.organization;
  const members = createAsked(() => account.http.get<{ members: Member[] }>(pathOf(id, "members")).then(({ members: all }) => all), "user");
  /** Nobody gives more than they have. */
  const givable = roles.filter((each) => role === "owner" || each === "member" || each === "viewer");
  return (
    <>
      <section class="group">
        <h2>{text("cloud.members")}</h2>
        <Read asked={members}>{(all) => <ul class="cloud-rows"><For each={all()}>{(member) => <MemberRow member={member} organization={props.organization} givable={givable} onChanged={() => members.again()} />}</For></ul>}</Read>
        <dl class="cloud-roles small">
          <For each={roles}>
            {(each) => (
              <div>
                <dt>{text(`cloud.role.${each}`)}</dt>
                <dd class="muted">{text(`cloud.roleBody.${each}`)}</dd>
              </div>
            )}
          </For>
        </dl>
      </section>
      <Show when={account.may("invite")}>
        <Invitations organization={props.organization} givable={givable} />
      </Show>
    </>
  );
}

function MemberRow(props: { member: Member; organization: Membership; givable: readonly Role[]; onChanged(): Promise<void> }) {
  const account = useAccount();
  const doing = createDoing();
  const [asks, setAsks] = createSignal(false);
  const self = () => props.member.user === account.state.me?.user.id;
  const path = () => pathOf(props.organization.id, "members", props.member.user);
  const changeable = () => account.may("setRoles") && props.givable.includes(props.member.role);
  const remove = () =>
    void doing.run(async () => {
      await account.http.remove(path());
      setAsks(false);
      // Who left has other organizations, or none.
      if (self()) location.reload();
      else await props.onChanged();
    });
  return (
    <li class="cloud-row" data-testid="member" data-user={props.member.user}>
      <div class="cloud-row-text">
        <span class="name">
          {props.member.name}
          <Show when={self()}>
            <span class="subtle"> ({text("cloud.you")})</span>
          </Show>
        </span>
        <span class="sub truncate">{props.member.email}</span>
      </div>
      <Show when={changeable()} fallback={<span class="muted">{text(`cloud.role.${props.member.role}`)}</span>}>
        <Choice
          label={text("cloud.roleOf", { name: props.member.name })}
          hideLabel
          value={props.member.role}
          choices={props.givable.map((each) => ({ value: each, label: text(`cloud.role.${each}`) }))}
          disabled={doing.busy()}
          testid="role"
          onChoose={(wanted) =>
            void doing.run(async () => {
              await account.http.patch(path(), { role: wanted });
              await props.onChanged();
            })
          }
        />
      </Show>
      <Show when={self() || changeable()}>
        <Button kind="quiet" aria-label={self() ? text("cloud.leave") : text("cloud.removeMemberLabel", { name: props.member.name })} data-testid="remove-member" onClick={() => setAsks(true)}>
          {text(self() ? "cloud.leave" : "cloud.removeMember")}
        </Button>
      </Show>
      <Show when={!asks()}>
        <Failure words={doing.error()} />
      </Show>
      <Show when={asks()}>
        <ConfirmDialog
          title={self() ? text("cloud.leaveTitle", { name: props.organization.name }) : text("cloud.removeMemberTitle", { name: props.member.name })}
          confirm={text(self() ? "cloud.leave" : "cloud.removeMember")}
          danger
          busy={doing.busy()}
          error={doing.error()}
          testid="remove-sure"
          onConfirm={remove}
          onCancel={() => {
            doing.say(undefined);
            setAsks(false);
          }}
        >
          <p>{self() ? text("cloud.leaveBody") : text("cloud.removeMemberBody", { name: props.member.name })}</p>
        </ConfirmDialog>
      </Show>
    </li>
  );
}

function Invitations(props: { organization: Membership; givable: readonly Role[] }) {
  const account = useAccount();
  const { id } = props.organization;
  const open = createAsked(() => account.http.get<{ invitations: Invitation[] }>(pathOf(id, "invitations")).then(({ invitations }) => invitations));
  const doing = createDoing();
  const withdrawing = createDoing();
  const email = createField(isEmail);
  const [role, setRole] = createSignal<Role>("member");
  const [made, setMade] = createSignal<NewInvitation & { email: string }>();
  const invite = () => {
    if (!allHold(email)) return;
    void doing.run(async () => {
      const to = email.value().trim();
      setMade({ ...(await account.http.post<NewInvitation>(pathOf(id, "invitations"), { email: to, role: role() })), email: to });
      email.clear();
      await open.again();
    });
  };
  return (
    <section class="group">
      <h2>{text("cloud.invitations")}</h2>
      <p>{text("cloud.inviteBody")}</p>
      <form
        class="cloud-form cloud-form--line"
        noValidate
        onSubmit={(submitted) => {
          submitted.preventDefault();
          invite();
        }}
      >
        <Field field={email} label={text("cloud.email")} type="email" testid="invite-email" />
        <Choice label={text("cloud.role")} value={role()} choices={props.givable.map((each) => ({ value: each, label: text(`cloud.role.${each}`) }))} testid="invite-role" onChoose={setRole} />
        <Button kind="primary" type="submit" disabled={doing.busy()} data-testid="invite">
          {text("cloud.invite")}
        </Button>
      </form>
      <Failure words={doing.error()} />
      <Show when={made()} keyed>
        {(invitation) => <SecretBox title={text("cloud.invitationLink", { email: invitation.email })} note={text("cloud.invitationOnce", { time: dayName(invitation.expires) })} secret={invitation.link} testid="invitation-link" />}
      </Show>
      <Read asked={open}>
        {(all) => (
          <Show when={all().length > 0} fallback={<p class="muted">{text("cloud.noInvitations")}</p>}>
            <ul class="cloud-rows">
              <For each={all()}>
                {(invitation) => (
                  <li class="cloud-row" data-testid="invitation">
                    <div class="cloud-row-text">
                      <span class="name truncate">{invitation.email}</span>
                      <span class="sub">
                        {text(`cloud.role.${invitation.role}`)} · {text("cloud.until", { time: dayName(invitation.expires) })}
                      </span>
                    </div>
                    <Button
                      kind="quiet"
                      disabled={withdrawing.busy()}
                      aria-label={text("cloud.withdrawLabel", { name: invitation.email })}
                      data-testid="withdraw"
                      onClick={() =>
                        void withdrawing.run(async () => {
                          await account.http.remove(pathOf(id, "invitations", invitation.id));
                          // Its link works no longer.
                          if (made()?.id === invitation.id) setMade(undefined);
                          await open.again();
                        })
                      }
                    >
                      {text("cloud.withdraw")}
                    </Button>
                  </li>
                )}
              </For>
            </ul>
          </Show>
        )}
      </Read>
      <Failure words={withdrawing.error()} />
    </section>
  );
}
