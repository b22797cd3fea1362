import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync } from "vite";

const root = join(import.meta.dirname, "..");

/** One file of the window's own code. */
export interface Source {
  /** Its path inside `src`, with forward slashes. */
  path: string;
  code: string;
}

/** All files below `src` that end so, tests and their helpers left out. */
export function readSources(...endings: string[]): Source[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { path: relative(root, file).replaceAll("\\", "/"), code: readFileSync(file, "utf8") };
    })
    .filter(({ path }) => !path.includes(".test.") && !path.startsWith("test/"));
}

interface Node {
  type: string;
  [key: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && typeof (value as Node).type === "string";

/** Visits every node of a parsed file. */
export function walk(source: Source, visit: (node: Node) => void): void {
  const step = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(step);
    else if (isNode(value)) {
      visit(value);
      Object.values(value).forEach(step);
    }
  };
  const { program, errors } = parseSync(source.path, source.code);
  if (errors.length > 0) throw new Error(`${source.path} does not parse`);
  step(program);
}
