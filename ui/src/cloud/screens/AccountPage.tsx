import { createSignal, For, Show } from "solid-js";
import { defaultSettings, type Settings } from "../../backend";
import { Button } from "../../design/Button";
import { createMinuteClock } from "../../state/clock";
import { cloudText as text } from "../../strings/cloud";
import { text as windowText } from "../../strings";
import { fullTime, languageName, shortAge } from "../../strings/format";
import { languageFor, languages } from "../../strings/language";
import { useAccount } from "../account";
import { createAsked } from "../asked";
import { createDoing } from "../doing";
import { allHold, Choice, createField, Field, isPassword } from "../fields";
import { useLook } from "../look";
import { Failure, Page, Read } from "../Page";
import type { SignIn } from "../wire";

/** Oneself: how the page looks, the password, and where one is signed in. */
export function AccountPage() {
  const account = useAccount();
  const user = () => account.state.me?.user;
  return (
    <Page title={text("cloud.account")} body={text("cloud.accountBody", { name: user()?.name ?? "", email: user()?.email ?? "" })}>
      <Look />
      <Sessions />
      <Password />
    </Page>
  );
}

const themes: readonly Settings["theme"][] = ["system", "light", "dark"];
const bySystem = "system";

function Look() {
  const look = useLook();
  return (
    <section class="group">
      <h2>{text("cloud.look")}</h2>
      <div class="cloud-form cloud-form--line">
        <Choice label={text("cloud.theme")} value={look.settings().theme} choices={themes.map((theme) => ({ value: theme, label: windowText(`settings.theme.${theme}`) }))} testid="theme" onChoose={(theme) => look.set({ theme })} />
        <Choice
          label={text("cloud.language")}
          value={look.settings().language ?? bySystem}
          choices={[{ value: bySystem, label: windowText("settings.language.system", { language: languageName(languageFor(defaultSettings.language)) }) }, ...languages.map((tag) => ({ value: tag, label: languageName(tag) }))]}
          testid="language"
          onChoose={(tag) => look.set({ language: tag === bySystem ? null : tag })}
        />
      </div>
    </section>
  );
}

const name = (session: SignIn) => (session.agent === "" ? text("cloud.unknownAgent") : session.agent);

function Sessions() {
  const account = useAccount();
  const now = createMinuteClock();
  const all = createAsked(() => account.http.get<{ sessions: SignIn[] }>("/api/me/sessions").then(({ sessions }) => sessions));
  const doing = createDoing();
  return (
    <section class="group">
      <h2>{text("cloud.sessions")}</h2>
      <Read asked={all}>
        {(sessions) => (
          <ul class="cloud-rows">
            <For each={sessions()}>
              {(session) => (
                <li class="cloud-row" data-testid="session">
                  <div class="cloud-row-text">
                    <span class="name wrap-anywhere">
                      {name(session)}
                      <Show when={session.current}>
                        <span class="subtle"> ({text("cloud.thisOne")})</span>
                      </Show>
                    </span>
                    <span class="sub" title={fullTime(session.lastSeen)}>
                      {text("cloud.sessionLine", { since: fullTime(session.created), seen: shortAge(session.lastSeen, now()) })}
                    </span>
                  </div>
                  <Button
                    kind="quiet"
                    disabled={doing.busy()}
                    aria-label={text("cloud.endSessionLabel", { name: name(session) })}
                    data-testid="end-session"
                    onClick={() =>
                      void doing.run(async () => {
                        if (session.current) return account.signOut();
                        await account.http.remove(`/api/me/sessions/${encodeURIComponent(session.id)}`);
                        await all.again();
                      })
                    }
                  >
                    {text("cloud.endSession")}
                  </Button>
                </li>
              )}
            </For>
          </ul>
        )}
      </Read>
      <Failure words={doing.error()} />
    </section>
  );
}

function Password() {
  const account = useAccount();
  const doing = createDoing();
  const current = createField();
  const fresh = createField(isPassword);
  const [changed, setChanged] = createSignal(false);
  const send = () => {
    if (!allHold(current, fresh)) return;
    setChanged(false);
    void doing.run(async () => {
      await account.http.post("/api/me/password", { current: current.value(), password: fresh.value() });
      current.clear();
      fresh.clear();
      setChanged(true);
    });
  };
  return (
    <section class="group">
      <h2>{text("cloud.changePassword")}</h2>
      <form
        class="cloud-form"
        noValidate
        onSubmit={(submitted) => {
          submitted.preventDefault();
          send();
        }}
      >
        <Field field={current} label={text("cloud.oldPassword")} type="password" autocomplete="current-password" longest={1024} testid="old-password" />
        <Field field={fresh} label={text("cloud.freshPassword")} hint={text("cloud.passwordHint")} type="password" autocomplete="new-password" longest={1024} testid="new-password" />
        <Failure words={doing.error()} />
        <div class="actions">
          <Button type="submit" disabled={doing.busy()} data-testid="change-password">
            {text("cloud.changePassword")}
          </Button>
          <span class="muted small" role="status">
            {changed() ? text("cloud.passwordChanged") : ""}
          </span>
        </div>
      </form>
    </section>
  );
}
