import { createSignal, Show } from "solid-js";
import { settingRanges } from "../backend";
import { monitor, moon, sun } from "../design/icons";
import { Picker } from "../design/Picker";
import { Segmented } from "../design/Segmented";
import { Stepper } from "../design/Stepper";
import { Switch } from "../design/Switch";
import { createMediaQuery } from "../shell/narrow";
import { useApp } from "../state/app";
import { moreContrast, reducedMotion } from "../state/look";
import { zoomStep } from "../state/zoom";
import { text } from "../strings";
import { languageName } from "../strings/format";
import { languageFor, languages } from "../strings/language";
import { settingsText } from "../strings/settings";
import { valueWords, zoomBody } from "./registry";
import { Setting } from "./Setting";

/** How the window looks and speaks. */
export function Appearance() {
  const app = useApp();
  const systemContrast = createMediaQuery(moreContrast);
  const systemMotion = createMediaQuery(reducedMotion);
  return (
    <>
      <section class="group first">
        <h2>{text("settings.theme")}</h2>
        <div class="group-body">
          <Setting name="theme" label={text("settings.mode")} body={text("settings.modeBody")}>
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
          <Setting name="moreContrast" label={settingsText("look.contrast")} body={settingsText("look.contrastBody")}>
            <Switch
              label={settingsText("look.contrast")}
              on={app.state.settings.moreContrast || systemContrast()}
              fixed={systemContrast()}
              testid="more-contrast"
              onChange={(wanted) => void app.saveSettings({ moreContrast: wanted })}
            />
          </Setting>
        </div>
      </section>
      <section class="group">
        <h2>{text("settings.reading")}</h2>
        <div class="group-body">
          <Setting name="density" label={text("settings.density")} body={text("settings.densityBody")}>
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
      <section class="group">
        <h2>{settingsText("look.sizes")}</h2>
        <div class="group-body">
          <Size name="interfaceSize" label={settingsText("look.interface")} body={settingsText("look.interfaceBody")} />
          <Size name="readingSize" label={settingsText("look.reading")} body={settingsText("look.readingBody")} />
          <Size name="codeSize" label={settingsText("look.code")} body={settingsText("look.codeBody")} />
          <Show when={app.can("zoomIn")}>
            <Size name="zoom" label={settingsText("look.zoom")} body={zoomBody(app.state.platform)} />
          </Show>
        </div>
      </section>
      <section class="group">
        <h2>{settingsText("look.movement")}</h2>
        <div class="group-body">
          <Setting name="reduceMotion" label={settingsText("look.motion")} body={settingsText("look.motionBody")}>
            <Switch
              label={settingsText("look.motion")}
              on={app.state.settings.reduceMotion || systemMotion()}
              fixed={systemMotion()}
              testid="reduce-motion"
              onChange={(reduceMotion) => void app.saveSettings({ reduceMotion })}
            />
          </Setting>
        </div>
      </section>
      <Language />
    </>
  );
}

type SizeName = "interfaceSize" | "readingSize" | "codeSize" | "zoom";

/** A size in percent. The zoom has steps of its own, those of its keys. */
function Size(props: { name: SizeName; label: string; body: string }) {
  const app = useApp();
  const range = () => settingRanges[props.name];
  const value = () => app.state.settings[props.name];
  const step = (by: -1 | 1) => {
    const { least, most, step: size } = range();
    const next = props.name === "zoom" ? zoomStep(value(), by) : Math.min(most, Math.max(least, value() + by * size));
    void app.saveSettings({ [props.name]: next });
  };
  return (
    <Setting name={props.name} label={props.label} body={props.body}>
      <Stepper
        label={props.label}
        smaller={settingsText("look.smaller", { name: props.label })}
        larger={settingsText("look.larger", { name: props.label })}
        value={valueWords(app, props.name, value())}
        least={value() <= range().least}
        most={value() >= range().most}
        testid={`size-${props.name}`}
        onStep={step}
      />
    </Setting>
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
        <Setting name="language" label={text("settings.language")} body={text("settings.languageBody")}>
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
