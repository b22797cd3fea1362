// Prints the gzip size of what a page loads before it can draw, and fails above the budget: the window's, or that of the
// page and the kilobytes that are given.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [, , html = "dist/index.html", kilobytes = "100"] = process.argv;
const budget = Number(kilobytes) * 1024;
const dist = join(import.meta.dirname, "..", html, "..");
const page = readFileSync(join(import.meta.dirname, "..", html), "utf8");
const files = [...page.matchAll(/(?:src|href)="\/?([^"]+\.(?:js|css))"/g)].map((match) => match[1]);
if (files.length === 0) throw new Error(`${html} names no script and no style sheet; the page would be empty`);

// A static import of a chunk is loaded with the file that imports it, so it counts too.
const eager = new Set();
const follow = (file) => {
  if (eager.has(file)) return;
  eager.add(file);
  if (!file.endsWith(".js")) return;
  const source = readFileSync(join(dist, file), "utf8");
  for (const match of source.matchAll(/(?:from|import)\s*"(\.\/[^"]+\.js)"/g)) follow(join(file, "..", match[1]));
};
files.forEach(follow);

let total = 0;
for (const file of [...eager].sort()) {
  const bytes = gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
  total += bytes;
  console.log(`${(bytes / 1024).toFixed(1).padStart(7)} KB gzip  ${file}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(7)} KB gzip  in all; the budget is ${budget / 1024} KB`);
if (total > budget) process.exit(1);
