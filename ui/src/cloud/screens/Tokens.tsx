import { createSignal, For, Show } from "solid-js";
import { Button } from "../../design/Button";
import { createMinuteClock } from "../../state/clock";
import { cloudText as text } from "../../strings/cloud";
import { dayName, shortAge } from "../../strings/format";
import { useAccount } from "../account";
import { createAsked } from "../asked";
import { createDoing } from "../doing";
import { allHold, Choice, createField, Field, SecretBox } from "../fields";
import { Failure, Page, Read } from "../Page";
import { scopes, type ApiToken, type Membership, type NewApiToken, type Scope } from "../wire";

/** How long a token may hold, in days; the server allows a year at most. */
const lives = ["7", "30", "90", "365"] as const;
type Life = (typeof lives)[number];

/** Tokens for programs. */
export function Tokens() {
  const account = useAccount();
  return (
    <Page title={text("cloud.tokens")} body={text("cloud.tokensBody", { name: account.organization()?.name ?? "" })} organizations>
      <Show when={account.organization()} keyed>
        {(organization) => <TokensOf organization={organization} />}
      </Show>
    </Page>
  );
}

const scopeWords = (token: ApiToken) => token.scopes.map((scope) => text(`cloud.scope.${scope}`)).join(", ");

function TokensOf(props: { organization: Membership }) {
  const account = useAccount();
  const now = createMinuteClock();
  const path = `/api/organizations/${encodeURIComponent(props.organization.id)}/tokens`;
  const all = createAsked(() => account.http.get<{ tokens: ApiToken[] }>(path).then(({ tokens }) => tokens));
  const doing = createDoing();
  const revoking = createDoing();
  const label = createField();
  const [wanted, setWanted] = createSignal<readonly Scope[]>(["read"]);
  const [life, setLife] = createSignal<Life>("30");
  const [made, setMade] = createSignal<NewApiToken>();
  const givable = scopes.filter((scope) => scope !== "admin" || account.may("setRoles"));
  const make = () => {
    if (!allHold(label)) return;
    void doing.run(async () => {
      setMade(await account.http.post<NewApiToken>(path, { label: label.value().trim(), scopes: scopes.filter((scope) => wanted().includes(scope)), days: Number(life()) }));
      label.clear();
      await all.again();
    });
  };
  return (
    <>
      <section class="group">
        <h2>{text("cloud.newToken")}</h2>
        <form
          class="cloud-form"
          noValidate
          onSubmit={(submitted) => {
            submitted.preventDefault();
            make();
          }}
        >
          <Field field={label} label={text("cloud.tokenLabel")} longest={80} testid="token-label" />
          <fieldset class="field">
            <legend class="label">{text("cloud.scopes")}</legend>
            <For each={givable}>
              {(scope) => (
                <label class="cloud-check">
                  <input
                    type="checkbox"
                    class="checkbox"
                    checked={wanted().includes(scope)}
                    data-testid={`scope-${scope}`}
                    onChange={(changed) => setWanted(changed.currentTarget.checked ? [...wanted(), scope] : wanted().filter((other) => other !== scope))}
                  />
                  {text(`cloud.scope.${scope}`)}
                </label>
              )}
            </For>
          </fieldset>
          <Choice label={text("cloud.expires")} value={life()} choices={lives.map((days) => ({ value: days, label: text("cloud.days", { count: Number(days) }) }))} testid="token-life" onChoose={setLife} />
          <Failure words={doing.error()} />
          <div class="actions">
            <Button kind="primary" type="submit" disabled={doing.busy() || wanted().length === 0} data-testid="make-token">
              {text("cloud.makeToken")}
            </Button>
          </div>
        </form>
        <Show when={made()} keyed>
          {({ token, secret }) => <SecretBox title={text("cloud.tokenMade", { name: token.label })} note={text("cloud.tokenOnce")} secret={secret} testid="new-token" />}
        </Show>
      </section>
      <section class="group">
        <h2>{text("cloud.tokens")}</h2>
        <Read asked={all}>
          {(tokens) => (
            <Show when={tokens().length > 0} fallback={<p class="muted">{text("cloud.noTokens")}</p>}>
              <ul class="cloud-rows">
                <For each={tokens()}>
                  {(token) => (
                    <li class="cloud-row" data-testid="token-row">
                      <div class="cloud-row-text">
                        <span class="name truncate">{token.label}</span>
                        <span class="sub">
                          {text("cloud.tokenLine", { scopes: scopeWords(token), time: dayName(token.expires) })} · {token.lastUsed === null ? text("cloud.neverUsed") : text("cloud.used", { time: shortAge(token.lastUsed, now()) })} · {token.userName}
                        </span>
                      </div>
                      <Button
                        kind="quiet"
                        disabled={revoking.busy()}
                        aria-label={text("cloud.revokeTokenLabel", { name: token.label })}
                        data-testid="revoke-token"
                        onClick={() =>
                          void revoking.run(async () => {
                            await account.http.remove(`${path}/${encodeURIComponent(token.id)}`);
                            if (made()?.token.id === token.id) setMade(undefined);
                            await all.again();
                          })
                        }
                      >
                        {text("cloud.revokeToken")}
                      </Button>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          )}
        </Read>
        <Failure words={revoking.error()} />
      </section>
    </>
  );
}
