import { mergeProps, splitProps, type JSX } from "solid-js";
import { Icon } from "./Icon";
import type { IconPath } from "./icons";
import { offButton } from "./offButton";
import { Tooltip } from "./Tooltip";

/** A button that is only a sign: its label is its name and its tooltip. */
export function IconButton(
  props: { label: string; icon: IconPath; shortcut?: string | undefined } & JSX.ButtonHTMLAttributes<HTMLButtonElement>,
) {
  const [own, rest] = splitProps(props, ["label", "icon", "shortcut", "class", "disabled", "ref"]);
  const attributes = mergeProps(rest, offButton(() => own.disabled === true, own.ref));
  return (
    <Tooltip text={own.label} shortcut={own.shortcut}>
      <button type="button" {...attributes} class={`icon-button ${own.class ?? ""}`} aria-label={own.label}>
        <Icon path={own.icon} />
      </button>
    </Tooltip>
  );
}
