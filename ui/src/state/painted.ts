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
