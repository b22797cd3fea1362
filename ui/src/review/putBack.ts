/** Lines that go and lines that come back when a change is put back. */
export interface PutBack {
  gone: Lines;
  back: Lines;
}

/** Lines of one side, the first of them, and how many more there are. */
export interface Lines {
  shown: string[];
  more: number;
}

/** Lines that are shown of either side: enough to know a change by, and not a second review. */
const most = 20;

/** Characters that are shown of a line. */
const mostCharacters = 300;

const lines = (all: readonly string[]): Lines => ({
  shown: all.slice(0, most).map((line) => (line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line)),
  more: Math.max(0, all.length - most),
});

/** What a patch would take away and bring back if it were put back: what it added goes, what it removed comes back. */
export function putBack(patch: string): PutBack {
  const all = patch.split("\n");
  // What stands above the first place names the file, with signs that are no lines'.
  const changes = all.slice(all.findIndex((line) => line.startsWith("@@ ")) + 1);
  const found = all.some((line) => line.startsWith("@@ ")) ? changes : [];
  const side = (sign: string) => lines(found.filter((line) => line.startsWith(sign)).map((line) => line.slice(1).replace(/\r$/, "")));
  return { gone: side("+"), back: side("-") };
}
