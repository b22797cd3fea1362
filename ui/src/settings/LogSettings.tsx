import { Segmented } from "../design/Segmented";
import { useApp } from "../state/app";
import { engineText } from "../strings/engineSettings";
import { NumberField } from "./NumberField";
import { Setting } from "./Setting";

/** The bounds the core keeps. */
const requests = { least: 10, most: 1_000_000 } as const;

/** How many requests a run may make before it has to be allowed more. */
export function RequestSettings() {
  const app = useApp();
  return (
    <section class="group">
      <h2>{engineText("engineSettings.requests")}</h2>
      <p>{engineText("engineSettings.requestsBody")}</p>
      <div class="group-body">
        <NumberField
          label={engineText("engineSettings.requestCap")}
          body={engineText("engineSettings.requestCapBody", requests)}
          unit={engineText("engineSettings.requestUnit")}
          value={app.state.settings.requestCap}
          {...requests}
          name="requestCap"
          testid="request-cap"
          onSave={(requestCap) => void app.saveSettings({ requestCap })}
        />
      </div>
    </section>
  );
}

/** What is written into the app's log, and how. */
export function LogSettings() {
  const app = useApp();
  return (
    <section class="group first">
      <h2>{engineText("engineSettings.log")}</h2>
      <p>{engineText("engineSettings.logBody")}</p>
      <div class="group-body">
        <Setting name="logLevel" label={engineText("engineSettings.logLevel")} body={engineText(`engineSettings.logLevel.${app.state.settings.logLevel}Body`)}>
          <Segmented
            label={engineText("engineSettings.logLevel")}
            value={app.state.settings.logLevel}
            choices={[
              { value: "error", label: engineText("engineSettings.logLevel.error") },
              { value: "warn", label: engineText("engineSettings.logLevel.warn") },
              { value: "info", label: engineText("engineSettings.logLevel.info") },
              { value: "debug", label: engineText("engineSettings.logLevel.debug") },
            ]}
            onChoose={(logLevel) => void app.saveSettings({ logLevel })}
          />
        </Setting>
        <Setting name="logFormat" label={engineText("engineSettings.logFormat")} body={engineText("engineSettings.logFormatBody")}>
          <Segmented
            label={engineText("engineSettings.logFormat")}
            value={app.state.settings.logFormat}
            choices={[
              { value: "text", label: engineText("engineSettings.logFormat.text") },
              { value: "json", label: engineText("engineSettings.logFormat.json") },
            ]}
            onChoose={(logFormat) => void app.saveSettings({ logFormat })}
          />
        </Setting>
      </div>
    </section>
  );
}
