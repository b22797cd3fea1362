import { Segmented } from "../design/Segmented";
import { useApp } from "../state/app";
import { text } from "../strings";
import { NumberField } from "./NumberField";
import { Setting } from "./Setting";

/** The bounds the core keeps. */
const requests = { least: 10, most: 1_000_000 } as const;

/** How many requests a run may make before it has to be allowed more. */
export function RequestSettings() {
  const app = useApp();
  return (
    <section class="group">
      <h2>{text("engineSettings.requests")}</h2>
      <p>{text("engineSettings.requestsBody")}</p>
      <div class="group-body">
        <NumberField
          label={text("engineSettings.requestCap")}
          body={text("engineSettings.requestCapBody", requests)}
          unit={text("engineSettings.requestUnit")}
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
      <h2>{text("engineSettings.log")}</h2>
      <p>{text("engineSettings.logBody")}</p>
      <div class="group-body">
        <Setting name="logLevel" label={text("engineSettings.logLevel")} body={text(`engineSettings.logLevel.${app.state.settings.logLevel}Body`)}>
          <Segmented
            label={text("engineSettings.logLevel")}
            value={app.state.settings.logLevel}
            choices={[
              { value: "error", label: text("engineSettings.logLevel.error") },
              { value: "warn", label: text("engineSettings.logLevel.warn") },
              { value: "info", label: text("engineSettings.logLevel.info") },
              { value: "debug", label: text("engineSettings.logLevel.debug") },
            ]}
            onChoose={(logLevel) => void app.saveSettings({ logLevel })}
          />
        </Setting>
        <Setting name="logFormat" label={text("engineSettings.logFormat")} body={text("engineSettings.logFormatBody")}>
          <Segmented
            label={text("engineSettings.logFormat")}
            value={app.state.settings.logFormat}
            choices={[
              { value: "text", label: text("engineSettings.logFormat.text") },
              { value: "json", label: text("engineSettings.logFormat.json") },
            ]}
            onChoose={(logFormat) => void app.saveSettings({ logFormat })}
          />
        </Setting>
      </div>
    </section>
  );
}
