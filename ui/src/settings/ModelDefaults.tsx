import { createMemo, createSignal, Show } from "solid-js";
import { modelChoices, VariantPicker } from "../conversation/ModelPicker";
import { Picker } from "../design/Picker";
import { useApp } from "../state/app";
import { effectiveChoice, findModel } from "../state/choice";
import { text } from "../strings";
import { Setting } from "./Setting";

type Open = "model" | "variant" | "small" | "agent";

/** Stands for "nothing chosen" in a list. */
const none = "";

/** What new threads begin with, and which model does the small things beside them. */
export function ModelDefaults() {
  const app = useApp();
  const [open, setOpen] = createSignal<Open>();
  const settings = () => app.state.settings;
  const chosen = createMemo(() => effectiveChoice(app.state, null) ?? null);
  const model = () => findModel(app.state.models, chosen());
  const modelName = () => {
    const wanted = settings().defaultModel;
    if (wanted !== null && chosen() !== wanted) return text("models.defaultGone", { model: wanted });
    return model()?.name ?? text("status.noModel");
  };
  const small = () => findModel(app.state.models, settings().smallModel);
  const smallName = () => {
    const wanted = settings().smallModel;
    if (wanted === null) return text("models.smallSame");
    return small()?.name ?? text("models.defaultGone", { model: wanted });
  };
  const agentName = () => settings().defaultAgent ?? text("models.agentDefault");
  const openOf = (which: Open) => ({ open: open() === which, onOpen: (now: boolean) => setOpen(now ? which : undefined) });
  return (
    <section class="group first">
      <h2>{text("models.default")}</h2>
      <div class="group-body">
        <Setting name="defaultModel" label={text("models.defaultLabel")} body={text("models.defaultBody")}>
          <Picker
            class="select"
            prefer="below"
            label={text("models.defaultMenu", { model: modelName() })}
            listLabel={text("models.defaultLabel")}
            choices={modelChoices(app.state.models)}
            chosen={model()?.id ?? null}
            empty={text("design.nothingFound")}
            disabled={app.state.models.length === 0}
            testid="default-model"
            {...openOf("model")}
            onChoose={(id) => void app.saveSettings({ defaultModel: findModel(app.state.models, id)?.scripted ? null : id })}
          >
            {modelName()}
          </Picker>
        </Setting>
        <Show when={(model()?.variants.length ?? 0) > 0}>
          <Setting label={text("models.variantLabel")} body={text("models.variantBody")}>
            <VariantPicker
              class="select"
              prefer="below"
              models={app.state.models}
              model={chosen()}
              testid="default-variant"
              {...openOf("variant")}
              onModel={(id) => void app.saveSettings({ defaultModel: id })}
            />
          </Setting>
        </Show>
        <Setting name="smallModel" label={text("models.smallLabel")} body={text("models.smallBody")}>
          <Picker
            class="select"
            prefer="below"
            label={text("models.smallMenu", { model: smallName() })}
            listLabel={text("models.smallLabel")}
            choices={[{ id: none, label: text("models.smallSame") }, ...modelChoices(app.state.models.filter((choice) => !choice.scripted))]}
            chosen={settings().smallModel ?? none}
            empty={text("design.nothingFound")}
            testid="small-model"
            {...openOf("small")}
            onChoose={(id) => void app.saveSettings({ smallModel: id === none ? null : id })}
          >
            {smallName()}
          </Picker>
        </Setting>
        <Show when={app.state.agents.length > 0}>
          <Setting name="defaultAgent" label={text("models.agentLabel")} body={text("models.agentBody")}>
            <Picker
              class="select"
              prefer="below"
              label={text("models.agentMenu", { agent: agentName() })}
              listLabel={text("models.agentLabel")}
              choices={app.state.agents.map(({ name, description }) => ({ id: name, label: name, more: description || undefined }))}
              chosen={settings().defaultAgent}
              empty={text("composer.noAgents")}
              testid="default-agent"
              {...openOf("agent")}
              onChoose={(defaultAgent) => void app.saveSettings({ defaultAgent })}
            >
              {agentName()}
            </Picker>
          </Setting>
        </Show>
      </div>
    </section>
  );
}
