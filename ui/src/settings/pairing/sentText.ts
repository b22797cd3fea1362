/** A stretch of what would be sent. */
export interface SentPiece {
  text: string;
  /** It stands in the place of something that does not leave. */
  taken: boolean;
}

/** What the core puts in the place of what it takes out. */
const marks = /\[(?:redacted|path|not shared|cut|and \d+ more)\]/g;

/** The same JSON with lines and indents, to be read; what is no JSON stays as it is. */
export function readable(written: string): string {
  try {
    return JSON.stringify(JSON.parse(written), null, 2);
  } catch {
    return written;
  }
}

/** Parts a text at what was taken out of it. */
export function piecesOf(written: string): SentPiece[] {
  const pieces: SentPiece[] = [];
  let from = 0;
  for (const found of written.matchAll(marks)) {
    if (found.index > from) pieces.push({ text: written.slice(from, found.index), taken: false });
    pieces.push({ text: found[0], taken: true });
    from = found.index + found[0].length;
  }
  if (from < written.length) pieces.push({ text: written.slice(from), taken: false });
  return pieces;
}
