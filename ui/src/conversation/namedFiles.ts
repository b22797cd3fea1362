import { createSignal } from "solid-js";
import type { Backend } from "../backend";
import { may } from "../backend/abilities";
import { readingText } from "../strings/reading";

/*
 * Files that are named in a thread. Whether a name is a file that may be opened is the core's to say, and it opens it;
 * here names are only found, asked about together, and remembered.
 */

/** A name as it stands in a text, with the line it says. */
export interface NamedFile {
  path: string;
  line: number | null;
}

/** What a thread knows of the names in it. */
export interface NamedFiles {
  /** Whether a name is a file; asked about when it is first wanted to be known, and a signal. */
  known(path: string): boolean;
  open(file: NamedFile): void;
}

/** Names asked about at once, as many as the core takes. */
const together = 64;

/** Names that are remembered of a thread; the ones asked about longest ago are asked about anew. */
const most = 2000;

/** The longest name that is taken for a path, as in the core. */
const longest = 1024;

/** A path with an ending or with folders, and the line after it: `src/a.rs:12`, `src/a.rs:12:5`, `a.rs#L12`. */
const named = /^(?<path>(?:[^\s:#?*"'<>|`()[\]{}]+[\\/])*[^\s:#?*"'<>|`()[\]{}\\/]+)(?:(?::|#L)(?<line>\d{1,7})(?:[:-]L?\d{1,7})?)?$/;

/** The file that a text may name, when it looks as if it named one. */
export function fileIn(written: string): NamedFile | undefined {
  const groups = written.length <= longest ? named.exec(written.trim())?.groups : undefined;
  const path = groups?.["path"];
  if (path === undefined || !/[\\/.]/.test(path) || /^\.+$/.test(path)) return undefined;
  const line = groups?.["line"];
  return { path: path.replace(/^\.\//, ""), line: line === undefined ? null : Number(line) };
}

/** What opening a file is called. */
export const openLabel = ({ path, line }: NamedFile): string => (line === null ? readingText("file.open", { path }) : readingText("file.openAt", { path, line: String(line) }));

/** The named files of one thread. */
export function createNamedFiles(backend: Backend, session: string, say: (words: string) => void, tell: (thrown: unknown) => void): NamedFiles {
  const answers = new Map<string, boolean>();
  const waiting = new Set<string>();
  const [answered, setAnswered] = createSignal(0);
  let asking = false;

  const ask = async () => {
    asking = true;
    // All names of what is drawn in one go are asked about together.
    await Promise.resolve();
    while (waiting.size > 0) {
      const names = [...waiting].slice(0, together);
      for (const name of names) waiting.delete(name);
      // A name that could not be asked about is none: it stays as it is written, and nothing is lost.
      const files = new Set(await backend.commands.filesNamed({ session, names }).catch(() => []));
      for (const name of names) answers.set(name, files.has(name));
      while (answers.size > most) {
        const oldest = answers.keys().next();
        if (oldest.done) break;
        answers.delete(oldest.value);
      }
      setAnswered((times) => times + 1);
    }
    asking = false;
  };

  return {
    known: (path) => {
      if (!may(backend, "openFiles")) return false;
      answered();
      const answer = answers.get(path);
      if (answer === undefined && path.length <= longest) {
        waiting.add(path);
        if (!asking) void ask();
      }
      return answer === true;
    },
    open: ({ path, line }) => {
      const opening = backend.commands.fileOpen({ session, path, line });
      opening.then((where) => say(where.kind === "editor" ? readingText("file.openedIn", { name: where.name }) : readingText("file.openedFolder"))).catch(tell);
    },
  };
}
