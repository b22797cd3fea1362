import { Icon } from "../design/Icon";
import { chartColumn, chevronLeft, cpu, folder, hardDrive, palette, power, shieldCheck } from "../design/icons";
import { escapeLabel } from "../shell/keys";
import { PlaceRow } from "../shell/Sidebar";
import { useApp } from "../state/app";
import type { SettingsSection } from "../state/route";
import { text } from "../strings";

/** The sections of the settings, in the place of the sidebar. */
export function SettingsSidebar(props: { onWent(): void }) {
  const app = useApp();
  const section = () => (app.state.route.page === "settings" ? app.state.route.section : null);
  const open = (wanted: SettingsSection) => () => {
    app.openSettings(wanted);
    props.onWent();
  };
  return (
    <>
      <div class="sidebar-head">
        <button type="button" class="workspace workspace--back" onClick={() => app.leaveSettings()}>
          <Icon path={chevronLeft} />
          <span>{text("settings.back")}</span>
          <kbd aria-hidden="true">{escapeLabel}</kbd>
        </button>
      </div>
      <div class="scroll nav">
        <div class="section-label">{text("settings.app")}</div>
        <PlaceRow icon={palette} label={text("settings.appearance")} current={section() === "appearance"} onGo={open("appearance")} />
        <div class="section-label">{text("settings.work")}</div>
        <PlaceRow icon={cpu} label={text("settings.models")} current={section() === "models"} onGo={open("models")} />
        <PlaceRow icon={folder} label={text("settings.folders")} current={section() === "folders"} onGo={open("folders")} />
        <PlaceRow icon={shieldCheck} label={text("settings.permissions")} current={section() === "permissions"} onGo={open("permissions")} />
        <PlaceRow icon={power} label={text("settings.engine")} current={section() === "engine"} onGo={open("engine")} />
        <div class="section-label">{text("settings.kept")}</div>
        <PlaceRow icon={chartColumn} label={text("settings.usage")} current={section() === "usage"} onGo={open("usage")} />
        <PlaceRow icon={hardDrive} label={text("settings.storage")} current={section() === "storage"} onGo={open("storage")} />
      </div>
    </>
  );
}
