/** Modules of white that a reader needs around a code, by its standard. */
export const quietZone = 4;

/** The dark modules of a code, given as rows of `0` and `1`, as one path, a run of a row at a time: one element, and not thousands. */
export function qrPath(rows: readonly string[]): string {
  return rows
    .flatMap((row, y) => [...row.matchAll(/1+/g)].map((run) => `M${run.index + quietZone} ${y + quietZone}h${run[0].length}v1h-${run[0].length}z`))
    .join("");
}
