import { createSignal, createUniqueId, Show, type JSX } from "solid-js";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import type { IconPath } from "../design/icons";
import { text } from "../strings";

/** One line above a composer that says what stands in the way and what to do. */
export function Notice(props: {
  /** Amber waits for the person, red failed; news is neither. */
  kind: "news" | "warn" | "danger";
  icon: IconPath;
  lead: string;
  more?: string;
  /** What follows the lead counts; it is not read out each time. */
  counts?: boolean;
  details?: string;
  testid: string;
  failure?: string;
  actions?: JSX.Element;
}) {
  const [open, setOpen] = createSignal(false);
  const body = createUniqueId();
  const role = () => (props.kind === "danger" ? "alert" : "status");
  return (
    <div class="notice" classList={{ [`notice--${props.kind}`]: props.kind !== "news" }} role={props.counts ? undefined : role()} data-testid={props.testid} data-kind={props.failure}>
      <Icon path={props.icon} />
      <div class="notice-text">
        <p>
          <span class="strong" role={props.counts ? role() : undefined}>
            {props.lead}
          </span>{" "}
          <span class="muted tnum">{props.more}</span>
        </p>
        <Show when={open()}>
          <pre class="notice-details" id={body} tabindex="0">
            {props.details}
          </pre>
        </Show>
      </div>
      <div class="actions">
        <Show when={props.details}>
          <Button small kind="quiet" aria-expanded={open()} aria-controls={body} onClick={() => setOpen(!open())}>
            {text("conversation.details")}
          </Button>
        </Show>
        {props.actions}
      </div>
    </div>
  );
}
