import { createMemo } from "solid-js";
import { Icon } from "../design/Icon";
import { chevronDown, flaskConical, folder as folderIcon, folderOpen, folderX } from "../design/icons";
import { MenuButton, type MenuEntry } from "../design/Menu";
import { useApp } from "../state/app";
import { text } from "../strings";

/** Chooses where the next thread works. */
export function FolderPicker() {
  const app = useApp();
  const chosen = () => app.state.home.folder;
  // Where none can be looked for, one that is not offered is none to choose.
  const projects = createMemo(() => app.state.folders.filter((folder) => folder.kind === "project" && (folder.available || app.can("openFolder"))));
  const current = () => projects().find((folder) => folder.id === chosen());
  const label = () => current()?.label ?? text("home.throwAway");

  const entries = (): MenuEntry[] => [
    ...projects().map((folder) => ({
      label: folder.label,
      icon: folder.available ? folderIcon : folderX,
      meta: folder.available ? undefined : text("home.folderUnavailable"),
      checked: folder.id === chosen(),
      run: () => app.setHome({ folder: folder.id }),
    })),
    {
      label: text("home.throwAway"),
      icon: flaskConical,
      checked: current() === undefined,
      separated: projects().length > 0,
      run: () => app.setHome({ folder: null }),
    },
    ...(app.can("openFolder") ? [{ label: text("home.chooseFolder"), icon: folderOpen, separated: true, run: () => void app.pickFolder().catch(app.tell) }] : []),
  ];

  return (
    <MenuButton class="picker place" label={text("home.where", { folder: label() })} entries={entries()} testid="folder-picker">
      <Icon path={current() ? folderIcon : flaskConical} />
      <span class="truncate">{label()}</span>
      <Icon path={chevronDown} />
    </MenuButton>
  );
}
