/*
 * Formulas as they were written: what is copied and found of a formula is its source, since the text of what is drawn
 * for it runs together. It stands between dollars whatever it was written between: the core finds it so, too.
 */

/** A formula in what the core rendered; its source is one of its attributes. */
const formula = /<math((?:\s[\w-]+="[^"]*")*)>[\s\S]*?<\/math>/g;

const between = (source: string, display: boolean): string => (display ? `$$${source}$$` : `$${source}$`);

/** What the core rendered, with the source in place of each formula, still escaped. */
export function withSources(html: string): string {
  if (!html.includes("<math")) return html;
  return html.replace(formula, (_whole, attributes: string) => {
    const source = /\salttext="([^"]*)"/.exec(attributes)?.[1] ?? "";
    return between(source, /\sdisplay="block"/.test(attributes)).replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  });
}

/** The source of a formula that is drawn. */
export function sourceOf(drawn: Element): string {
  return between(drawn.getAttribute("alttext") ?? "", drawn.getAttribute("display") === "block");
}
