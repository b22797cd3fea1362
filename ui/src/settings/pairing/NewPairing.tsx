import { createSignal, createUniqueId, onMount, Show } from "solid-js";
import type { PairingPolicy, PairingRow, PairingToken } from "../../backend";
import { Button } from "../../design/Button";
import { useApp } from "../../state/app";
import { pairingText as text } from "../../strings/pairing";
import { createAddressCheck } from "./addressCheck";
import { AddressField } from "./AddressField";
import { createDeeds } from "./deeds";
import { longestLabel } from "./PairingDetails";
import { troubleWords } from "./pairingWords";
import { PolicyFields } from "./PolicyFields";
import { Preview } from "./Preview";
import { ShareChoice, type ChosenThread } from "./ShareChoice";
import { TokenBox, type TokenStage } from "./TokenBox";

/** What a pairing lets in and out when nothing is changed: what is risky is off, and answers count with a word here alone. */
const usual: PairingPolicy = { prompts: true, abort: true, approvals: "localConfirmation", questions: "localConfirmation", artifactBodies: false, localPaths: false, toolServers: false, attachments: false };

/** How far the server is with a token, by how the pairing stands. */
function stageOf(row: PairingRow | undefined): TokenStage {
  switch (row?.state) {
    case "waiting":
    case "expired":
      return "waiting";
    case "needsYou":
      return "failed";
    case undefined:
    case "revoked":
    case "revoking":
      return "failed";
    default:
      return "paired";
  }
}

/**
 * A new pairing: where to, what it is called, what it shares and lets in and out, then its token. It is one page, so that all
 * of it is in sight before anything is made. With a token it shows that one alone.
 */
export function NewPairing(props: { token: PairingToken | undefined; managed: boolean; onToken(token: PairingToken): void; onClose(): void }) {
  const app = useApp();
  const { commands } = app.backend;
  const [address, setAddress] = createSignal("");
  const [pastProxy, setPastProxy] = createSignal(false);
  const [label, setLabel] = createSignal("");
  const [folders, setFolders] = createSignal<string[]>([]);
  const [threads, setThreads] = createSignal<ChosenThread[]>([]);
  const [policy, setPolicy] = createSignal<PairingPolicy>({ ...usual });
  const check = createAddressCheck(app, address, pastProxy);
  const deeds = createDeeds<"create" | "renew">();
  const names = createUniqueId();
  let card: HTMLElement | undefined;
  const row = () => app.state.pairings.rows.find(({ id }) => id === props.token?.pairing.id);
  const trouble = () => {
    const shown = row();
    return shown && troubleWords(shown);
  };
  const made = () => props.token !== undefined;
  const usable = () => {
    const found = check.found();
    return found !== undefined && found.kind !== "refused";
  };
  const server = () => {
    const found = check.found();
    return found !== undefined && found.kind !== "refused" ? found.host : text("new.server");
  };
  /** What is still to be done before a token can be made; nothing where it can. */
  const lacks = () => {
    if (address().trim() === "") return text("new.lacksAddress");
    if (check.busy()) return text("new.lacksCheck");
    if (!usable()) return text("new.lacksGood");
    return label().trim() === "" ? text("new.lacksName") : undefined;
  };
  const shared = () => folders().length + threads().length;
  onMount(() => {
    if (!made()) card?.querySelector<HTMLElement>("[data-testid='pairing-address']")?.focus();
  });
  const create = async () => {
    if (lacks() !== undefined) return;
    await deeds.run("create", async () => {
      const token = await commands.pairingCreate({ address: address().trim(), label: label().trim(), policy: { ...policy() }, folders: folders(), threads: threads().map(({ session }) => session), pastProxy: pastProxy() });
      props.onToken(token);
    });
    // What was typed on goes nowhere: the form can only be read now.
    if (made()) queueMicrotask(() => card?.querySelector<HTMLElement>("[data-testid='pairing-copy-link']")?.focus());
  };
  const renew = () => {
    const { token } = props;
    if (token) void deeds.run("renew", async () => props.onToken(await commands.pairingRenew({ pairing: token.pairing.id })));
  };
  const failed = (name: "create" | "renew") => (deeds.failed()?.name === name ? deeds.failed()?.reason : undefined);
  return (
    <section ref={(element) => (card = element)} aria-label={text("new.title")} data-testid="pairing-new" data-made={made()}>
      <form
        class="pair-card"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          if (!made()) void create();
        }}
      >
        <div class="pair-form">
          <h2 class="group-title">{text(made() ? "new.made" : "new.title")}</h2>
          <AddressField value={props.token?.pairing.broker ?? address()} check={check} pastProxy={pastProxy()} readonly={made()} onInput={setAddress} onPastProxy={setPastProxy} />
          <div class="field">
            <label for={`${names}-name`}>{text("name.label")}</label>
            <input
              id={`${names}-name`}
              class="input"
              autocomplete="off"
              maxlength={longestLabel}
              placeholder={text("name.example")}
              value={props.token?.pairing.label ?? label()}
              readonly={made()}
              aria-describedby={`${names}-hint`}
              data-testid="pairing-name"
              onInput={(typed) => setLabel(typed.currentTarget.value)}
            />
            <p class="hint" id={`${names}-hint`}>
              {text("name.hint")}
            </p>
          </div>
        </div>
        <Show
          when={props.token}
          fallback={
            <div class="pair-token">
              <h2 class="group-title">{text("token.title")}</h2>
              <p class="muted">{text("new.tokenBody")}</p>
              <p class="small subtle">{shared() > 0 ? text("new.shares", { count: shared() }) : text("new.sharesNothing")}</p>
              <Show when={failed("create")}>
                {(reason) => (
                  <p class="error-text" role="alert">
                    {text("new.failed", { reason: reason() })}
                  </p>
                )}
              </Show>
              <p class="small subtle" id={`${names}-lacks`}>
                {lacks() ?? ""}
              </p>
              <div class="token-actions">
                <Button
                  kind="primary"
                  type="submit"
                  disabled={lacks() !== undefined || deeds.busy() !== undefined}
                  aria-describedby={`${names}-lacks`}
                  data-testid="pairing-create"
                >
                  {text(deeds.busy() === "create" ? "token.making" : "new.create")}
                </Button>
                <Button kind="quiet" data-testid="pairing-cancel" onClick={() => props.onClose()}>
                  {text("new.cancel")}
                </Button>
              </div>
            </div>
          }
        >
          {(token) => (
            <TokenBox
              shown={token()}
              stage={stageOf(row())}
              reason={row()?.detail ?? text("new.ended")}
              trouble={trouble()}
              making={deeds.busy() === "renew"}
              error={failed("renew")}
              onAnother={renew}
              onDone={() => props.onClose()}
            />
          )}
        </Show>
      </form>
      <Show when={!made()}>
        <section class="group">
          <h3 class="group-title">{text("share.title")}</h3>
          <p class="muted">{text("share.body")}</p>
          <ShareChoice
            folders={folders()}
            threads={threads()}
            onFolder={(folder, on) => setFolders((all) => (on ? [...all, folder] : all.filter((each) => each !== folder)))}
            onThread={(thread, on) => setThreads((all) => (on ? [...all, thread] : all.filter(({ session }) => session !== thread.session)))}
          />
        </section>
        <PolicyFields policy={policy()} server={server()} managed={props.managed} onChange={(_field, change) => setPolicy((now) => ({ ...now, ...change }))} />
        <Preview pairing={null} policy={policy()} threads={threads()} />
      </Show>
    </section>
  );
}
