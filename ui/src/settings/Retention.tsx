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
      <h2>{text("retention.title")}</h2>
      <p>{text("retention.body")}</p>
      <div class="group-body">
        <Days name="answeredDays" label={text("retention.answered")} body={text("retention.answeredBody")} />
        <Days name="usageDays" label={text("retention.usage")} body={text("retention.usageBody")} />
        <Days name="logDays" label={text("retention.logs")} body={text("retention.logsBody")} />
        <Days
          name="journalDays"
          label={text("retention.journal")}
          body={props.journalLimit === undefined ? text("retention.journalBody") : `${text("retention.journalBody")} ${text("retention.journalLimit", { limit: byteSize(props.journalLimit) })}`}
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
      unit={text("retention.days", { count: value() })}
      value={value()}
      least={settingRanges[props.name].least}
      most={settingRanges[props.name].most}
      name={props.name}
      testid={`kept-${props.name}`}
      onSave={(days) => void app.saveSettings({ [props.name]: days })}
    />
  );
}
