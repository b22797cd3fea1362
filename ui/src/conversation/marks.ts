import { placesOf } from "./folding";
import { sourceOf } from "./formulas";

/** Marks in one row; more of the same are not told apart by a person. */
const mostInRow = 2000;

/** What of a row can be found: what is said in it, and what its calls work on. */
const findable = ".written, .prose, .target, .lane .head, .chip .truncate";

/** Where what is looked for stands in something drawn, in order. The document is not touched. */
export function rangesIn(element: Element, folded: string): Range[] {
  const regions = [...element.querySelectorAll(findable)].filter((region) => !region.parentElement?.closest(findable));
  return regions.flatMap((region) => rangesInRegion(region, folded));
}

function rangesInRegion(region: Element, folded: string): Range[] {
  const walker = document.createTreeWalker(region, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) => {
    if (node.parentElement?.closest(".code-head, .run, math")) return NodeFilter.FILTER_REJECT;
    return node instanceof Text || isFormula(node) ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP;
  });
  const nodes: Array<Text | Element> = [];
  const starts: number[] = [];
  let text = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!(node instanceof Text || node instanceof Element)) continue;
    // What stands in two blocks is two words, though no white space is between them in the document.
    if (text !== "" && blockOf(node) !== blockOf(nodes.at(-1))) text += "\n";
    nodes.push(node);
    starts.push(text.length);
    text += node instanceof Text ? node.data : sourceOf(node);
  }
  const at = (place: number, isEnd: boolean): [Node, number] | undefined => {
    let index = starts.length - 1;
    // What ends where a piece begins ends in the one before.
    const within = isEnd ? place - 1 : place;
    while (index > 0 && (starts[index] ?? 0) > within) index -= 1;
    const node = nodes[index];
    if (node instanceof Text) return [node, Math.min(place - (starts[index] ?? 0), node.length)];
    // Of a formula all is marked, in whichever part of its source it was found.
    const around = node?.parentNode;
    return node && around ? [around, [...around.childNodes].indexOf(node) + (isEnd ? 1 : 0)] : undefined;
  };
  return placesOf(text, folded, mostInRow).flatMap(([from, to]) => {
    const [first, last] = [at(from, false), at(to, true)];
    if (!first || !last) return [];
    const range = document.createRange();
    range.setStart(...first);
    range.setEnd(...last);
    return [range];
  });
}

const isFormula = (node: Node): node is Element => node instanceof Element && node.localName === "math";

const blockOf = (node: Text | Element | undefined) => node?.parentElement?.closest("p, li, h1, h2, h3, h4, h5, h6, pre, tr, td, th, blockquote, .written, .target");

/** What marks places without touching the document; absent in webviews from before 2023. */
const registry = (): HighlightRegistry | undefined => (typeof CSS === "undefined" ? undefined : (CSS as { highlights?: HighlightRegistry }).highlights);

/** Shows all places and the one that is looked at. Where the webview has no such marks, that one is selected. */
export function showMarks(all: Iterable<Range>, now: Range | undefined): void {
  const highlights = registry();
  if (!highlights) {
    if (now) document.getSelection()?.setBaseAndExtent(now.startContainer, now.startOffset, now.endContainer, now.endOffset);
    return;
  }
  const found = new Highlight(...all);
  highlights.set("found", found);
  if (now) {
    const current = new Highlight(now);
    current.priority = 1;
    highlights.set("found-now", current);
  } else highlights.delete("found-now");
}

/** Takes all marks away. */
export function hideMarks(): void {
  const highlights = registry();
  highlights?.delete("found");
  highlights?.delete("found-now");
}
