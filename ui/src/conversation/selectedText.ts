import type { Message } from "../backend";
import { sourceOf } from "./formulas";
import { isOf, type PlacedRow } from "./rows";
import { copyOfRow, markupOfText, type Copied } from "./rowText";

/*
 * The text of a selection, made of what is in the document at its ends and of what the rows between are drawn from.
 */

/** The rows a selection is in, from one place to another one, and the document's own range. */
export interface Reach {
  first: number;
  last: number;
  range: Range;
}

/** What lies on one side of an end of a selection, of the message it is in. */
export interface Beside {
  message: string;
  text: string;
}

/** What lies beside an end of a selection in its message: from there on, and up to there. */
export interface End {
  from: Beside;
  upTo: Beside;
}

/** The message that a row shows something of; of a list of calls the one nearest to where the selection goes on. */
function messageOf({ turn, value }: PlacedRow, isStart: boolean): Message | undefined {
  const { kind, item } = value();
  const { prompt, answers } = turn.value();
  const entry = isStart ? item?.entries.at(-1) : item?.entries[0];
  return kind === "prompt" ? prompt : (entry?.message ?? answers.at(-1) ?? prompt);
}

/** What is selected of each row from one place to another: of the rows of the ends their part. */
export function piecesOf(list: readonly PlacedRow[], { first, last, range }: Reach, element: (key: string) => HTMLElement | undefined, from = first, to = last): Copied[] {
  return list.slice(from, to + 1).map((row, index) => {
    const place = from + index;
    const drawn = element(row.key);
    if ((place !== first && place !== last) || !drawn) return copyOfRow(row);
    const part = document.createRange();
    part.selectNodeContents(drawn);
    if (place === first && drawn.contains(range.startContainer)) part.setStart(range.startContainer, range.startOffset);
    if (place === last && drawn.contains(range.endContainer)) part.setEnd(range.endContainer, range.endOffset);
    const plain = textOfNodes(part.cloneContents(), range.startContainer).trim();
    return { plain, markup: markupOfText(plain) };
  });
}

/** An end of a selection at a point in a row that is drawn. */
export function endAt(list: readonly PlacedRow[], place: number, node: Node, offset: number, element: (key: string) => HTMLElement | undefined): End | undefined {
  const row = list[place];
  const drawn = row && element(row.key);
  if (!drawn) return undefined;
  const range = document.createRange();
  const beside = (isStart: boolean): Beside => {
    const message = messageOf(row, isStart);
    const shows = (at: number) => {
      const each = list[at];
      return message !== undefined && each !== undefined && isOf(each, message.id);
    };
    range.selectNodeContents(drawn);
    if (drawn.contains(node)) {
      if (isStart) range.setStart(node, offset);
      else range.setEnd(node, offset);
    }
    const by = isStart ? 1 : -1;
    let far = place;
    while (shows(far + by)) far += by;
    const others = (isStart ? list.slice(place + 1, far + 1) : list.slice(far, place)).map((each) => copyOfRow(each).plain);
    const own = piecesOf(list, { first: place, last: place, range }, element).map(({ plain }) => plain);
    return { message: message?.id ?? row.turn.key, text: joined(isStart ? [...own, ...others] : [...others, ...own]) };
  };
  return { from: beside(true), upTo: beside(false) };
}

/** Texts as they are copied: an empty line between two. */
export const joined = (texts: readonly string[]): string => texts.filter((each) => each !== "").join("\n\n");

/** What is in a row and is no text of it. */
const unselectable = "button, svg, .sr-only, .turn-meta, .code-head, .message-actions, .disclosure, .tools";
const onLines = new Set(["P", "LI", "H1", "H2", "H3", "H4", "H5", "H6", "PRE", "TR", "DIV", "FIGURE", "UL", "OL", "BLOCKQUOTE", "TABLE"]);

/** The text of a part of a row as a person reads it. What was cut out of code keeps its lines. */
function textOfNodes(node: Node, start: Node): string {
  if (node instanceof Text) {
    const keeps = node.parentElement?.closest("pre, .written") ?? (node.parentElement ? null : start.parentElement?.closest("pre, .written"));
    return keeps ? node.data : node.data.replace(/\s+/g, " ");
  }
  if (node instanceof Element && node.matches(unselectable)) return "";
  if (node instanceof HTMLBRElement) return "\n";
  if (node instanceof Element && node.localName === "math") return sourceOf(node);
  const inside = [...node.childNodes].map((each) => textOfNodes(each, start)).join("");
  if (!(node instanceof Element)) return inside;
  if (node.tagName === "TD" || node.tagName === "TH") return `${inside}\t`;
  return onLines.has(node.tagName) && inside.trim() !== "" ? `${inside.replace(/\n+$/, "")}\n` : inside;
}
