import { createSignal, onCleanup, onMount, type Accessor } from "solid-js";

/** How near to the end still counts as being there: less than a line of text. */
const near = 24;

/**
 * Keeps a scrolling place at its end while content grows, but only when the person is there and it is the end of all
 * there is. Who scrolled up to read stays where they are.
 */
export function stickToEnd(place: () => HTMLElement | undefined, content: () => HTMLElement | undefined, isWhole: () => boolean): { atEnd: Accessor<boolean>; toEnd(): void; leaveEnd(): void; shortened(): void } {
  const [atEnd, setAtEnd] = createSignal(true);
  const toEnd = () => {
    const scroller = place();
    if (scroller) {
      scroller.scrollTop = scroller.scrollHeight;
      // Told of it only after more has grown, this would look like a person who scrolls towards the beginning.
      note(scroller);
    }
    setAtEnd(true);
  };
  /**
   * Being scrolled changes what is drawn, and with it what estimated heights stand for. Where that gives back what a
   * measurement took just before, no observer tells of it, and the end would be missed by so much.
   */
  const settle = () => {
    const scroller = place();
    // Where somebody scrolled on meanwhile, that is theirs to do.
    if (scroller && scroller.scrollTop === lastTop && atEnd() && isWhole() && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight >= 1) toEnd();
  };
  let settling = 0;
  let lastHeight = 0;
  let lastRoom = 0;
  let lastTop = 0;
  /** Where it stands, to know by how much it is moved from there. */
  const note = ({ scrollTop, scrollHeight, clientHeight }: HTMLElement) => {
    lastTop = scrollTop;
    lastHeight = scrollHeight;
    lastRoom = clientHeight;
  };
  const scrolled = () => {
    const scroller = place();
    if (!scroller) return;
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const there = isWhole() && scrollHeight - scrollTop - clientHeight <= near;
    // Only a scroll towards the beginning leaves the end; growth between two frames must not, nor must content that became
    // shorter or room that was won, which move the place up by as much.
    const moved = Math.max(lastHeight - scrollHeight, 0) + Math.max(clientHeight - lastRoom, 0);
    const left = lastTop - scrollTop > moved + 1;
    if (there) setAtEnd(true);
    else if (left && !shorter) setAtEnd(false);
    cancelAnimationFrame(settling);
    if (!left) settling = requestAnimationFrame(settle);
    note(scroller);
  };
  /** A person opens or folds something: what they look at stays where it is. */
  let acting = false;
  const acted = () => {
    acting = true;
    afterFrames(() => (acting = false));
  };
  /**
   * What was let go of above the screen moves the place up by as much. With what grew at the end meanwhile that looks
   * like a person who scrolls.
   */
  let shorter = false;
  const shortened = () => {
    shorter = true;
    afterFrames(() => (shorter = false));
  };
  const resized = () => {
    const scroller = place();
    if (!scroller || !atEnd() || !isWhole()) return;
    if (acting) setAtEnd(scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= near);
    else toEnd();
  };
  onMount(() => {
    const scroller = place();
    const inner = content();
    if (!scroller || !inner) return;
    const observer = new ResizeObserver(resized);
    inner.addEventListener("click", acted);
    observer.observe(inner);
    observer.observe(scroller);
    scroller.addEventListener("scroll", scrolled, { passive: true });
    onCleanup(() => {
      observer.disconnect();
      cancelAnimationFrame(settling);
      inner.removeEventListener("click", acted);
      scroller.removeEventListener("scroll", scrolled);
    });
  });
  return { atEnd, toEnd, leaveEnd: () => setAtEnd(false), shortened };
}

/** Once what was changed now was drawn, and told of. */
function afterFrames(act: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(act));
}
