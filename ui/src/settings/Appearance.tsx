import { createSignal } from "solid-js";
import { monitor, moon, sun } from "../design/icons";
import { Picker } from "../design/Picker";
import { Segmented } from "../design/Segmented";
import { useApp } from "../state/app";
import { text } from "../strings";
import { languageName } from "../strings/format";
import { languageFor, languages } from "../strings/language";
import { Setting } from "./Setting";

/** How the window looks and speaks. */
export function Appearance() {
  const app = useApp();
  return (
    <>
      <section class="group first">
        <h2>{text("settings.theme")}</h2>
        <div class="group-body">
          <Setting label={text("settings.mode")} body={text("settings.modeBody")}>
            <Segmented
              label={text("settings.mode")}
              value={app.state.settings.theme}
              choices={[
                { value: "system", label: text("settings.theme.system"), icon: monitor },
                { value: "light", label: text("settings.theme.light"), icon: sun },
                { value: "dark", label: text("settings.theme.dark"), icon: moon },
              ]}
              onChoose={(theme) => void app.saveSettings({ theme })}
            />
          </Setting>
        </div>
      </section>
      <section class="group">
        <h2>{text("settings.reading")}</h2>
        <div class="group-body">
          <Setting label={text("settings.density")} body={text("settings.densityBody")}>
            <Segmented
              label={text("settings.density")}
              value={app.state.settings.density}
              choices={[
                { value: "compact", label: text("settings.density.compact") },
                { value: "cozy", label: text("settings.density.cozy") },
                { value: "roomy", label: text("settings.density.roomy") },
              ]}
              onChoose={(density) => void app.saveSettings({ density })}
            />
          </Setting>
        </div>
      </section>
      <Language />
    </>
  );
}

/** Stands for no language of one's own: the computer's. */
const system = "";

const asComputer = () => text("settings.language.system", { language: languageName(languageFor(null)) });

/** The language of the texts. Each stands under its own name, so that it is found by who reads no other. */
function Language() {
  const app = useApp();
  const [open, setOpen] = createSignal(false);
  const chosen = () => app.state.settings.language ?? system;
  const chosenName = () => (chosen() === system ? asComputer() : languageName(chosen()));
  return (
    <section class="group">
      <h2>{text("settings.languageGroup")}</h2>
      <div class="group-body">
        <Setting label={text("settings.language")} body={text("settings.languageBody")}>
          <Picker
            class="select"
            prefer="below"
            label={text("settings.languageMenu", { language: chosenName() })}
            listLabel={text("settings.language")}
            choices={[{ id: system, label: asComputer() }, ...languages.map((tag) => ({ id: tag, label: languageName(tag) }))]}
            chosen={chosen()}
            empty={text("design.nothingFound")}
            testid="language"
            open={open()}
            onOpen={setOpen}
            onChoose={(tag) => void app.saveSettings({ language: tag === system ? null : tag })}
          >
            {chosenName()}
          </Picker>
        </Setting>
      </div>
    </section>
  );
}
