import { Icon } from "./Icon";
import { minus, plus } from "./icons";

/** A number that two buttons make smaller and larger. The buttons stay where they are at the ends, so that the focus does. */
export function Stepper(props: { label: string; smaller: string; larger: string; value: string; least: boolean; most: boolean; testid?: string; onStep(by: -1 | 1): void }) {
  const step = (by: -1 | 1, ended: boolean) => () => !ended && props.onStep(by);
  return (
    <span class="stepper" role="group" aria-label={props.label} data-testid={props.testid}>
      <button type="button" class="icon-button" aria-label={props.smaller} aria-disabled={props.least} data-testid="smaller" onClick={() => step(-1, props.least)()}>
        <Icon path={minus} small />
      </button>
      <output class="tnum" aria-live="polite">
        {props.value}
      </output>
      <button type="button" class="icon-button" aria-label={props.larger} aria-disabled={props.most} data-testid="larger" onClick={() => step(1, props.most)()}>
        <Icon path={plus} small />
      </button>
    </span>
  );
}
