/** The room between news and what they stand over, in CSS pixels. */
const room = 12;

/** What a person is at work in: the review where it lies over the conversation, else the page. */
const workplace = () => document.querySelector<HTMLElement>(".review--over") ?? document.querySelector<HTMLElement>("main");

/**
 * Has news stand over what is read and not over what is pressed: at the start of the pane, above its feet, which say of
 * themselves that they are. Follows them until the function it gives is called.
 */
export function standClear(toasts: HTMLElement): () => void {
  const pane = workplace();
  const settle = () => {
    const around = pane?.getBoundingClientRect();
    if (!pane || !around) return;
    const feet = [...pane.querySelectorAll("[data-foot]")].map((foot) => foot.getBoundingClientRect().top);
    toasts.style.setProperty("inset-inline-start", `${around.left + room}px`);
    toasts.style.setProperty("inset-block-end", `${window.innerHeight - Math.min(around.bottom, ...feet) + room}px`);
  };
  settle();
  // A foot that comes, goes or grows takes its height from what is beside it.
  const seen = new ResizeObserver(settle);
  if (pane) for (const part of [pane, ...pane.children]) seen.observe(part);
  return () => seen.disconnect();
}
