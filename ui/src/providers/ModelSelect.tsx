import { createSignal, createUniqueId, Show } from "solid-js";
import type { ModelChoice } from "../backend";
import { modelChoices } from "../conversation/ModelPicker";
import { Picker } from "../design/Picker";
import { text } from "../strings";

/** Stands for "the app chooses" in the list. */
const usual = "";

/** The model a connection is tested with, and that new threads begin with when none was chosen before. */
export function ModelSelect(props: { models: readonly ModelChoice[]; loading: boolean; model: string | null; onModel(id: string | null): void }) {
  const [open, setOpen] = createSignal(false);
  const label = createUniqueId();
  const chosen = () => props.models.find((model) => model.id === props.model);
  const words = () => chosen()?.name ?? props.model ?? text("provider.usualModel");
  return (
    <div class="field">
      <span class="label" id={label}>
        {text("provider.model")}
      </span>
      <Show when={props.models.length > 0} fallback={<p class="hint">{text(props.loading ? "provider.modelsLoading" : "provider.modelsUnknown")}</p>}>
        <Picker
          label={text("provider.modelMenu", { model: words() })}
          listLabel={text("provider.model")}
          choices={[{ id: usual, label: text("provider.usualModel") }, ...modelChoices(props.models)]}
          chosen={props.model ?? usual}
          empty={text("design.nothingFound")}
          testid="test-model"
          class="select select--wide"
          prefer="below"
          open={open()}
          onOpen={setOpen}
          onChoose={(id) => props.onModel(id === usual ? null : id)}
        >
          {words()}
        </Picker>
      </Show>
    </div>
  );
}
