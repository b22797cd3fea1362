/** A comment on lines of a file, as it stands in what is being written. */
export interface LineComment {
  path: string;
  from: number;
  to: number;
  /** The lines it is about. */
  quoted: readonly string[];
  words: string;
}

/** Lines that are quoted; of a longer range the first. */
export const mostQuoted = 12;

const place = ({ path, from, to }: Pick<LineComment, "path" | "from" | "to">) => (from === to ? `${path}:${from}` : `${path}:${from}-${to}`);

/** How a comment is written. It has no empty line, so that an empty line ends it. */
export function written(comment: LineComment): string {
  const quoted = comment.quoted.slice(0, mostQuoted).map((line) => `> ${line}`);
  if (comment.quoted.length > mostQuoted) quoted.push("> …");
  const words = comment.words.trim().replace(/\n{2,}/g, "\n");
  return [`\`${place(comment)}\``, ...quoted, ...(words === "" ? [] : [words])].join("\n");
}

/** A comment that is found in a draft, with the text it stands there as. */
export interface FoundComment {
  place: string;
  path: string;
  from: number;
  to: number;
  text: string;
}

const head = /^`([^`\n]+):(\d+)(?:-(\d+))?`(?:\n|$)/;

/** The comments in a draft. They are kept with it because they are part of it. */
export function commentsOf(draft: string): FoundComment[] {
  return draft.split(/\n{2,}/).flatMap((text): FoundComment[] => {
    const found = head.exec(text);
    if (!found) return [];
    const from = Number(found[2]);
    const comment = { path: found[1] ?? "", from, to: Number(found[3] ?? from) };
    return [{ ...comment, place: place(comment), text }];
  });
}

/** The draft without a comment. */
export function withoutComment(draft: string, comment: FoundComment): string {
  let from = 0;
  // Its own words and the empty lines behind them; all others stand as they were written.
  for (const gap of [...draft.matchAll(/\n{2,}/g), undefined]) {
    const [end, next] = gap ? [gap.index, gap.index + gap[0].length] : [draft.length, draft.length];
    if (draft.slice(from, end) === comment.text) return draft.slice(0, from) + draft.slice(next);
    from = next;
  }
  return draft;
}

/** The draft with a comment behind what is there. */
export function withComment(draft: string, comment: LineComment): string {
  return [draft.trimEnd(), written(comment)].filter((part) => part !== "").join("\n\n") + "\n\n";
}
