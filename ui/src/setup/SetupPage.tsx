import { createSignal, Match, onMount, Show, Switch } from "solid-js";
import { Brand } from "../design/Brand";
import { Icon } from "../design/Icon";
import { globe, lock } from "../design/icons";
import { Chooser, createOffers } from "../providers/Chooser";
import { choiceId, type ProviderChoice } from "../providers/choices";
import { Detail } from "../providers/Detail";
import { createKeychain } from "../providers/keychain";
import "../providers/providers.css";
import { useApp } from "../state/app";
import { text } from "../strings";
import { setupText } from "../strings/setup";
import { FolderStep } from "./FolderStep";
import "./setup.css";
import { ModelFoot } from "./ModelFoot";
import { PromptStep } from "./PromptStep";

type Step = "model" | "folder" | "prompt";

/** The first way in: a model that answers, a folder to work in, and the first prompt. All of it can be left for later. */
export function SetupPage() {
  const [step, setStep] = createSignal<Step>("model");
  return (
    <main class="setup" classList={{ "setup--folder": step() !== "model" }} data-testid="setup-page" data-step={step()} data-pane>
      <Rail step={step()} />
      <Switch>
        <Match when={step() === "model"}>
          <ModelStep onContinue={() => setStep("folder")} />
        </Match>
        <Match when={step() === "folder"}>
          <FolderStep onBack={() => setStep("model")} onContinue={() => setStep("prompt")} />
        </Match>
        <Match when={step() === "prompt"}>
          <PromptStep onBack={() => setStep("folder")} />
        </Match>
      </Switch>
    </main>
  );
}

const steps = () =>
  [
    { id: "model", name: text("setup.model"), body: text("setup.modelBody") },
    { id: "folder", name: text("setup.folder"), body: text("setup.folderBody") },
    { id: "prompt", name: setupText("first.prompt"), body: setupText("first.promptBody") },
  ] as const;

function Rail(props: { step: Step }) {
  const app = useApp();
  return (
    <aside class="setup-rail" aria-label={text("setup.title")}>
      <div class="workspace-mark">
        <Brand />
        <span class="truncate">{app.state.brand.name}</span>
      </div>
      <ol class="rail-steps">
        {steps().map((step, index) => (
          <li classList={{ now: props.step === step.id }} aria-current={props.step === step.id ? "step" : undefined}>
            <span class="num" aria-hidden="true">
              {index + 1}
            </span>
            <span>
              <span class="name">{step.name}</span>
              <span class="small">{step.body}</span>
            </span>
          </li>
        ))}
      </ol>
      <div class="rail-foot small subtle">
        <p>
          <Icon path={lock} small />
          <span>{text("setup.keys")}</span>
        </p>
        <p>
          <Icon path={globe} small />
          <span>{text("setup.network")}</span>
        </p>
      </div>
    </aside>
  );
}

function ModelStep(props: { onContinue(): void }) {
  const app = useApp();
  const offers = createOffers();
  const keychain = createKeychain(app);
  const [choice, setChoice] = createSignal<ProviderChoice>();
  // The same line chosen again keeps what was typed for it.
  const choose = (wanted: ProviderChoice) => {
    const before = choice();
    if (!before || choiceId(before) !== choiceId(wanted)) setChoice(() => wanted);
  };
  let heading: HTMLHeadingElement | undefined;
  let place: HTMLElement | undefined;
  onMount(() => heading?.focus());
  const hasDemo = () => app.state.models.some((model) => model.scripted);
  /** The demo is the last of a list that is longer than most windows, so it is offered above it, too. */
  const chooseDemo = () => {
    choose({ kind: "demo" });
    // Where the page is narrow it begins far below the list.
    queueMicrotask(() => place?.parentElement?.querySelector<HTMLElement>("[data-testid='setup-demo']")?.focus());
  };
  return (
    <>
      <section class="setup-choose" ref={(element) => (place = element)} aria-label={text("provider.list")}>
        <h1 tabindex={-1} ref={(element) => (heading = element)}>
          {text("setup.model")}
        </h1>
        <p class="muted">{text("setup.modelMore")}</p>
        <Show when={hasDemo()}>
          <p>
            <button type="button" class="text-button" data-testid="setup-offer-demo" onClick={chooseDemo}>
              {text("setup.offerDemo")}
            </button>
          </p>
        </Show>
        <Chooser offers={offers} chosen={choice()} demo={hasDemo()} onChoose={choose} />
      </section>
      <Show when={choice()} keyed fallback={<NothingChosen />}>
        {(chosen) => (
          <Detail
            choice={chosen}
            offers={offers}
            keychain={keychain}
            headingLevel={2}
            foot={(connection) => <ModelFoot connection={connection} demo={chosen.kind === "demo"} onContinue={props.onContinue} />}
          />
        )}
      </Show>
    </>
  );
}

function NothingChosen() {
  return (
    <section class="provider-detail" aria-label={text("provider.choose")}>
      <div class="provider-detail-body">
        <p class="muted">{text("provider.choose")}</p>
      </div>
      <ModelFoot connection={undefined} demo={false} onContinue={() => undefined} />
    </section>
  );
}
