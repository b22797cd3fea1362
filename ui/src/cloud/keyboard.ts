/** What a keyboard covers at least, in pixels; less is a bar of the browser's own. */
const leastKeyboard = 120;

/**
 * Keeps the page as high as what is seen of it while a keyboard stands over it, so that what is written stays above that.
 * Most browsers do so by themselves (the page asks for it); some lay the keyboard over the page and scroll it away.
 */
export function followKeyboard(seen: VisualViewport | null = window.visualViewport): () => void {
  if (!seen) return () => undefined;
  const { style } = document.documentElement;
  const fit = () => {
    // Who looks at a part of the page in large has no keyboard for that.
    const covered = seen.scale === 1 ? window.innerHeight - seen.height : 0;
    if (covered < leastKeyboard) {
      style.removeProperty("--height-seen");
      return;
    }
    style.setProperty("--height-seen", `${Math.round(seen.height)}px`);
    window.scrollTo(0, 0);
  };
  seen.addEventListener("resize", fit);
  return () => seen.removeEventListener("resize", fit);
}
