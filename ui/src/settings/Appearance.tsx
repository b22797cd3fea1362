import { monitor, moon, sun } from "../design/icons";
import { Segmented } from "../design/Segmented";
import { useApp } from "../state/app";
import { text } from "../strings";
import { Setting } from "./Setting";

/** How the window looks. */
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
    </>
  );
}
