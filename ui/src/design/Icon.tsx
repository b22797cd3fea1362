import type { IconPath } from "./icons";

/** A drawn sign. It says nothing to a screen reader; the control around it carries the name. */
export function Icon(props: { path: IconPath; small?: boolean; class?: string }) {
  return (
    <svg class={`icon${props.small ? " icon--s" : ""} ${props.class ?? ""}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={props.path} />
    </svg>
  );
}
