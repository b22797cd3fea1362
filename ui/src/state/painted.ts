/** How long a frame may take before a change counts as drawn: a hidden window draws no frames at all. */
const longest = 250;

/** Calls back once the changes made so far have been drawn. */
export function afterPaint(done: () => void): void {
  let called = false;
  const once = () => {
    if (called) return;
    called = true;
    clearTimeout(timer);
    done();
  };
  const timer = setTimeout(once, document.hidden ? 50 : longest);
  if (!document.hidden) requestAnimationFrame(once);
}

/** Says whether anybody can see the window, now if nobody can and whenever that changes: nothing is drawn for nobody. */
export function followVisibility(tell: (shown: boolean) => void): void {
  if (document.hidden) tell(false);
  document.addEventListener("visibilitychange", () => tell(!document.hidden));
}
