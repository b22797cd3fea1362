/** Opens what hides a block in its row: a folded thought, a list of calls, a long message. Whether it opened something. */
export function unfold(row: Element, block: string): boolean {
  const whole = row.querySelector<HTMLElement>(".show-whole");
  if (whole) {
    whole.click();
    return true;
  }
  for (const folded of row.querySelectorAll<HTMLElement>(":is(.disclosure, .marker button)[aria-expanded='false']")) {
    folded.click();
    if (!folded.closest("[data-testid='tool-group']") || row.querySelector(`[data-block="${CSS.escape(block)}"]`)) return true;
    folded.click();
  }
  return false;
}

/** Opens the list of calls that a call is folded into. */
export function showIn(row: Element | undefined, block: string): void {
  if (row && !row.querySelector(`[data-block="${CSS.escape(block)}"]`)) unfold(row, block);
}
