/** The room between news and what they stand over, in CSS pixels. */
const room = 12;

/** What a person is at work in: the review where it lies over the conversation, else the page. */
const workplace = () => document.querySelector<HTMLElement>(".review--over") ?? document.querySelector<HTMLElement>("main");

/**
 * Has news stand over what is read and not over what is pressed: at the start of the pane, above its feet, which say of
 * themselves that they are. Follows them until the function it gives is called; when the page changes meanwhile, to the
 * next pane.
 */
export function standClear(toasts: HTMLElement): () => void {
  let pane: HTMLElement | null = null;
  const settle = () => {
    // One that is gone has no place: all its edges are 0, and news would stand above the window.
    if (!pane?.isConnected) find();
    if (!pane) {
      toasts.style.removeProperty("inset-inline-start");
      toasts.style.removeProperty("inset-block-end");
      return;
    }
    const around = pane.getBoundingClientRect();
    const feet = [...pane.querySelectorAll("[data-foot]")].map((foot) => foot.getBoundingClientRect().top);
    toasts.style.setProperty("inset-inline-start", `${around.left + room}px`);
    toasts.style.setProperty("inset-block-end", `${window.innerHeight - Math.min(around.bottom, ...feet) + room}px`);
  };
  // A foot that comes, goes or grows takes its height from what is beside it; a pane that goes has no size any more.
  const sizes = new ResizeObserver(settle);
  // Between two pages there may be none for a while, and none has a size that changes.
  const arrivals = new MutationObserver(() => workplace() && settle());
  const find = () => {
    sizes.disconnect();
    arrivals.disconnect();
    pane = workplace();
    if (pane) for (const part of [pane, ...pane.children]) sizes.observe(part);
    else arrivals.observe(document.body, { childList: true, subtree: true });
  };
  settle();
  return () => {
    sizes.disconnect();
    arrivals.disconnect();
  };
}
