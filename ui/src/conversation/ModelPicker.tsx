import { Show } from "solid-js";
import type { ModelChoice } from "../backend";
import { Picker, type Choice } from "../design/Picker";
import { findModel, joinModel, variantOf } from "../state/choice";
import { text } from "../strings";
import { shortCount } from "../strings/format";

interface Props {
  models: ModelChoice[];
  /** `provider/model` or `provider/model#variant`. */
  model: string | null;
  open: boolean;
  onOpen(open: boolean): void;
  onModel(id: string): void;
  testid?: string;
  /** How the button looks, where it is not one of a composer's. */
  class?: string;
  prefer?: "below" | "above";
}

/** Models to choose from, those of one provider together. */
export function modelChoices(models: readonly ModelChoice[]): Choice[] {
  const byProvider = new Map<string, ModelChoice[]>();
  for (const model of models) byProvider.set(model.provider, [...(byProvider.get(model.provider) ?? []), model]);
  return [...byProvider.values()].flat().map(({ id, name: label, provider, scripted, context, tools }) => ({
    id,
    label,
    heading: provider,
    more: tools || scripted ? undefined : text("composer.noTools"),
    meta: scripted ? text("composer.scripted") : context > 0 ? shortCount(context) : undefined,
  }));
}

/** Chooses a model. Choosing another one forgets the variant, which belongs to the model. */
export function ModelPicker(props: Props) {
  const chosen = () => findModel(props.models, props.model);
  const name = () => chosen()?.name ?? props.model ?? text("composer.modelNone");
  /** What there is to know about it before it is used. */
  const note = () => {
    const model = chosen();
    if (!model) return props.model === null ? undefined : text("composer.missing");
    if (model.scripted) return text("composer.scripted");
    return model.tools ? undefined : text("composer.noTools");
  };
  // What is read on the button is what it is called.
  const called = () => [name(), note()].filter((part) => part !== undefined).join(" ");
  return (
    <Picker
      label={text("composer.model", { model: called() })}
      listLabel={text("composer.models")}
      choices={modelChoices(props.models)}
      chosen={chosen()?.id ?? props.model}
      empty={text("design.nothingFound")}
      testid={props.testid ?? "model-picker"}
      class={props.class ?? "picker"}
      prefer={props.prefer ?? "above"}
      open={props.open}
      onOpen={props.onOpen}
      onChoose={props.onModel}
    >
      {name()}
      <Show when={note()}>
        <span class="picker-note" classList={{ subtle: chosen() !== undefined, "is-danger": chosen() === undefined }}> {note()}</span>
      </Show>
    </Picker>
  );
}

/** Stands for "no variant" in a list of choices. */
const none = "";

/** Chooses how hard a model thinks, where it can be told. */
export function VariantPicker(props: Props) {
  const chosen = () => findModel(props.models, props.model);
  const variants = () => chosen()?.variants ?? [];
  const variant = () => variantOf(props.models, props.model);
  const label = () => variant() ?? text("composer.variantDefault");
  const choices = (): Choice[] => [{ id: none, label: text("composer.variantDefault") }, ...variants().map((name) => ({ id: name, label: name }))];
  return (
    <Show when={variants().length > 0}>
      <Picker
        label={text("composer.variant", { variant: label() })}
        listLabel={text("composer.variants")}
        choices={choices()}
        chosen={variant() ?? none}
        empty={text("design.nothingFound")}
        testid={props.testid ?? "variant-picker"}
        class={props.class ?? "picker"}
        prefer={props.prefer ?? "above"}
        open={props.open}
        onOpen={props.onOpen}
        onChoose={(id) => {
          const model = chosen();
          if (model) props.onModel(joinModel(model.id, id === none ? null : id));
        }}
      >
        {label()}
      </Picker>
    </Show>
  );
}
