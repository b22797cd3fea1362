import { settingRanges } from "../backend";
import { useApp } from "../state/app";
import { byteSize } from "../strings/format";
import { storageText as text } from "../strings/storage";
import { NumberField } from "./NumberField";

type Kept = "journalDays" | "logDays" | "answeredDays" | "usageDays";

/** How long what piles up by itself is kept. */
export function Retention(props: { journalLimit: number | undefined }) {
  return (
    <section class="group" data-testid="retention">
      <h2>{text("kept.title")}</h2>
      <p>{text("kept.body")}</p>
      <div class="group-body">
        <Days name="answeredDays" label={text("kept.answered")} body={text("kept.answeredBody")} />
        <Days name="usageDays" label={text("kept.usage")} body={text("kept.usageBody")} />
        <Days name="logDays" label={text("kept.logs")} body={text("kept.logsBody")} />
        <Days
          name="journalDays"
          label={text("kept.journal")}
          body={props.journalLimit === undefined ? text("kept.journalBody") : `${text("kept.journalBody")} ${text("kept.journalLimit", { limit: byteSize(props.journalLimit) })}`}
        />
      </div>
    </section>
  );
}

function Days(props: { name: Kept; label: string; body: string }) {
  const app = useApp();
  const value = () => app.state.settings[props.name];
  return (
    <NumberField
      label={props.label}
      body={props.body}
      unit={text("kept.days", { count: value() })}
      value={value()}
      least={settingRanges[props.name].least}
      most={settingRanges[props.name].most}
      name={props.name}
      testid={`kept-${props.name}`}
      onSave={(days) => void app.saveSettings({ [props.name]: days })}
    />
  );
}
