/** Puts a floating element beside an anchor, inside the window. Lengths go through the object model: the content
 *  security policy refuses style attributes. */
export function place(floating: HTMLElement, anchor: DOMRect, prefer: "below" | "above", align: "start" | "end" = "start"): void {
  const margin = 8;
  const gap = 4;
  const { width, height } = floating.getBoundingClientRect();
  const below = anchor.bottom + gap;
  const above = anchor.top - gap - height;
  const fitsBelow = below + height <= window.innerHeight - margin;
  const fitsAbove = above >= margin;
  const top = (prefer === "below" && fitsBelow) || !fitsAbove ? below : above;
  const left = align === "start" ? anchor.left : anchor.right - width;
  const clamp = (value: number, most: number) => Math.max(margin, Math.min(value, most));
  floating.style.setProperty("top", `${Math.round(clamp(top, window.innerHeight - height - margin))}px`);
  floating.style.setProperty("left", `${Math.round(clamp(left, window.innerWidth - width - margin))}px`);
}
