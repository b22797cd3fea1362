import { unwrap } from "solid-js/store";
import type { HtmlBlock, Message } from "../backend";
import { withSources } from "./formulas";
import { createOpened } from "./openedRows";
import type { PlacedRow } from "./rows";
import { target, verb } from "./toolWords";
import type { Entry } from "./turns";

/*
 * What stands in a row as text, made from what it is drawn from and not from the document: for rows that a selection
 * reaches over, or in which something is found, while they are not drawn.
 */

const entities: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'", nbsp: "\u00a0" };

/** The text of what the core rendered, as written. Its markup is of one form, and everything in it is escaped. */
export function textOfHtml(html: string): string {
  return withSources(html)
    .replace(/<br>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(#39|\w+);/g, (whole, name: string) => entities[name] ?? whole);
}

/** The text of prose as it is drawn: white space runs together, and what stands in a block of its own on a line of its own. */
function textOfProse(html: string): string {
  const parts = withSources(html).split(/(<pre[^>]*>[\s\S]*?<\/pre>)/);
  const lines = parts.map((part, index) =>
    index % 2 === 1
      ? `${textOfHtml(part)}\n`
      : textOfHtml(
          part
            .replace(/\s+/g, " ")
            .replace(/<\/(?:p|li|h[1-6]|blockquote|ul|ol|div|tr)>|<hr>/g, "<br>")
            .replace(/<\/t[dh]> ?<t/g, "\t<t"),
        ),
  );
  return lines
    .join("")
    .replace(/ *\n */g, "\n")
    .replace(/\n{2,}/g, "\n")
    .trim();
}

function textOfBlock({ frame, pieces }: HtmlBlock): string {
  if (frame.kind === "code") return pieces.map(textOfHtml).join("").replace(/\n$/, "");
  return pieces.map(textOfProse).join("\n");
}

function markupOfBlock({ frame, pieces }: HtmlBlock): string {
  const [first = "", ...rest] = pieces;
  if (frame.kind === "code") return `<pre><code>${pieces.join("")}</code></pre>`;
  if (frame.kind === "table") return `<table><thead>${first}</thead><tbody>${rest.join("")}</tbody></table>`;
  return pieces.join("");
}

const htmlOf = (messages: readonly Message[]) =>
  messages.flatMap(({ blocks }) => blocks.flatMap(({ content }) => (content.kind === "text" ? unwrap(content.html) : [])));

/** What answers say, as it is read. */
export const textOfAnswers = (answers: readonly Message[]): string => htmlOf(answers).map(textOfBlock).join("\n\n");

/** The code blocks of answers. */
export const codeOfAnswers = (answers: readonly Message[]): string[] =>
  htmlOf(answers)
    .filter(({ frame }) => frame.kind === "code")
    .map(textOfBlock);

/** What is put on the clipboard. */
export interface Copied {
  plain: string;
  /** The same as markup, made of what the core made safe and of text that is escaped here. */
  markup: string;
}

const none: Copied = { plain: "", markup: "" };

const escaped = (plain: string) => plain.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Plain text as markup that keeps its lines. */
export const markupOfText = (plain: string): string => (plain === "" ? "" : `<p>${escaped(plain).replaceAll("\n", "<br>")}</p>`);

function blocksOf(row: PlacedRow): readonly HtmlBlock[] {
  const { item, part } = row.value();
  const content = item?.entries[0]?.block.content;
  if (content?.kind !== "text" && content?.kind !== "reasoning") return [];
  return unwrap(content.html).slice(part?.from ?? 0, part?.to);
}

const promptText = (row: PlacedRow) =>
  (row.turn.value().prompt?.blocks ?? []).flatMap(({ content }) => (content.kind === "text" ? [content.plain] : [])).join("\n\n");

/** What a selection over a row copies: what is said in it, as in the document. Lines of tools cannot be selected there either. */
export function copyOfRow(row: PlacedRow): Copied {
  const { kind, item } = row.value();
  if (kind === "prompt") {
    const plain = promptText(row);
    return { plain, markup: markupOfText(plain) };
  }
  const entry = item?.entries[0];
  if (kind === "end" || !entry) return none;
  // What is folded is not selected either.
  if ((item?.kind === "reasoning" || item?.kind === "compaction") && !createOpened(entry.block.id)[0]()) return none;
  const blocks = item?.kind === "compaction" ? item.entries.flatMap(htmlOfEntry) : blocksOf(row);
  return { plain: blocks.map(textOfBlock).join("\n\n"), markup: blocks.map(markupOfBlock).join("\n") };
}

const htmlOfEntry = ({ block: { content } }: Entry): readonly HtmlBlock[] => (content.kind === "text" ? unwrap(content.html) : []);

function lineOfEntry({ block: { content } }: Entry): string {
  if (content.kind === "tool") return `${verb(content.tool)} ${target(content.tool)}`;
  if (content.kind === "lane") return `${content.lane.agent} ${content.lane.task}`;
  if (content.kind === "file") return content.file.name;
  return "";
}

/** What can be found in a row, of one of its blocks. */
export function textOfRow(row: PlacedRow, block: string): string {
  const { kind, item } = row.value();
  if (kind === "prompt") return promptText(row);
  const entry = item?.entries.find((one) => one.block.id === block);
  if (!entry) return "";
  if (item?.kind === "compaction") return htmlOfEntry(entry).map(textOfBlock).join("\n\n");
  return item?.kind === "text" || item?.kind === "reasoning" ? blocksOf(row).map(textOfBlock).join("\n\n") : lineOfEntry(entry);
}
