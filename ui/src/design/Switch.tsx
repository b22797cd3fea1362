/** On or off, at once. The row that it stands in says of what. */
export function Switch(props: { label: string; on: boolean; /** Something else keeps it on. */ fixed?: boolean; testid?: string; onChange(on: boolean): void }) {
  return (
    <button
      type="button"
      class="switch-hit"
      role="switch"
      aria-checked={props.on}
      aria-disabled={props.fixed ?? false}
      aria-label={props.label}
      data-testid={props.testid}
      onClick={() => !props.fixed && props.onChange(!props.on)}
    >
      <span class="switch" classList={{ "is-on": props.on }} />
    </button>
  );
}
