const focusable = "button:not(:disabled), a[href], input:not(:disabled), textarea:not(:disabled), [tabindex='0']";

/**
 * Takes the focus out of what is written in, to where keys are not held: to what asks in its pane, else to what is read
 * there, else to the pane.
 */
export function leaveWriting(field: HTMLElement | undefined, toAsk = true): void {
  const pane = field?.closest<HTMLElement>("[data-pane]");
  if (!pane) return field?.blur();
  const to = (toAsk ? pane.querySelector<HTMLElement>(".ask") : null) ?? pane.querySelector<HTMLElement>(".transcript-place > .scroll") ?? pane;
  if (!to.hasAttribute("tabindex")) to.tabIndex = -1;
  to.focus();
}

/** Moves the focus to the next pane of the window, or the one before. */
export function focusNextPane(backwards: boolean): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")];
  const here = panes.findIndex((pane) => pane.contains(document.activeElement));
  const start = here < 0 ? (backwards ? 0 : -1) : here;
  for (let distance = 1; distance <= panes.length; distance += 1) {
    const at = (start + (backwards ? -distance : distance) + panes.length * 2) % panes.length;
    const pane = panes[at];
    // The composer is what one goes to a conversation for; elsewhere it is what is current, else the first control.
    const target =
      pane?.querySelector<HTMLElement>("[data-testid='composer-input']:not(:disabled)") ??
      pane?.querySelector<HTMLElement>("[aria-current='page']") ??
      pane?.querySelector<HTMLElement>(focusable);
    if (target) {
      target.focus();
      return;
    }
  }
}
