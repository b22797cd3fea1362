// Lists whose work ships with the app, with the texts of their licences: the crates that the app, the command line and the
// wrapper are built from on any system, the packages in the window's code, and what is bundled beside them.
//
//   node scripts/licences.mjs           writes src/generated/licences.json
//   node scripts/licences.mjs --check   fails where that file is stale
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const ui = join(import.meta.dirname, "..");
const root = join(ui, "..");
const file = join(ui, "src", "generated", "licences.json");

/** What ships: tools for development and tests are other packages. */
const programs = new Set(["cowork-app", "cowork-cli", "cowork-toolbox"]);

/** What no package manager knows. */
const bundled = [
  { name: "Inter", version: "", licence: "OFL-1.1", folder: join(ui, "src", "design", "fonts"), only: /Inter/ },
  { name: "JetBrains Mono", version: "", licence: "OFL-1.1", folder: join(ui, "src", "design", "fonts"), only: /JetBrains/ },
  { name: "Lucide icons", version: "", licence: "ISC" },
  { name: "OpenCode", version: "", licence: "MIT" },
  { name: "ripgrep", version: "", licence: "MIT OR Unlicense" },
  { name: "SQLite", version: "", licence: "blessing" },
];

const isLicence = /^(licen[cs]e|copying|notice|copyright|unlicense|ofl)/i;

/** The texts of licences that stand in a folder itself. */
function textsIn(folder, only = isLicence) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && isLicence.test(entry.name) && only.test(entry.name) && !/\.(html|tmpl|rs|js|json)$/.test(entry.name))
    .map((entry) => entry.name)
    .toSorted()
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").replace(/[ \t]+$/gm, "").trim());
}

/** The crates that are compiled into what ships, without what only builds it. */
function crates() {
  const said = execFileSync("cargo", ["metadata", "--format-version", "1", "--locked"], { cwd: root, maxBuffer: 256 * 1024 * 1024, stdio: ["ignore", "pipe", "inherit"] });
  const { packages, resolve } = JSON.parse(said);
  const byId = new Map(packages.map((each) => [each.id, each]));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const isMacro = (id) => byId.get(id).targets.some((target) => target.kind.includes("proc-macro"));
  const seen = new Set();
  const wait = packages.filter((each) => programs.has(each.name) && each.source === null).map((each) => each.id);
  while (wait.length > 0) {
    const id = wait.pop();
    if (seen.has(id) || isMacro(id)) continue;
    seen.add(id);
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps) if (kinds.some(({ kind }) => kind === null)) wait.push(pkg);
  }
  return [...seen]
    .map((id) => byId.get(id))
    .filter((each) => each.source !== null)
    .map((each) => ({ name: each.name, version: each.version, licence: each.license ?? basename(each.license_file ?? ""), folder: dirname(each.manifest_path) }));
}

/** The packages of the window, with what they need. */
function modules() {
  const { packages } = JSON.parse(readFileSync(join(ui, "package-lock.json"), "utf8"));
  const direct = Object.keys(packages[""].dependencies ?? {});
  const seen = new Set();
  const wait = [...direct];
  while (wait.length > 0) {
    const name = wait.pop();
    if (seen.has(name)) continue;
    seen.add(name);
    wait.push(...Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {}));
  }
  return [...seen].map((name) => {
    const folder = join(ui, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return { name, version, licence: license ?? "", folder };
  });
}

const nameOf = ({ name, version }) => `${name} ${version}`;

/** What ships, by name. */
export function shipped() {
  return [...bundled, ...crates(), ...modules()].toSorted((left, right) => (nameOf(left).toLowerCase() < nameOf(right).toLowerCase() ? -1 : 1));
}

/** What is in the list and does not ship, and what ships and is not in it. */
export function stale() {
  const listed = new Set(JSON.parse(readFileSync(file, "utf8")).parts.map(nameOf));
  const ships = new Set(shipped().map(nameOf));
  return { gone: [...listed].filter((name) => !ships.has(name)), missing: [...ships].filter((name) => !listed.has(name)) };
}

function write() {
  const texts = [];
  const places = new Map();
  const place = (text) => {
    if (!places.has(text)) places.set(text, texts.push(text) - 1);
    return places.get(text);
  };
  const parts = shipped().map(({ name, version, licence, folder, only }) => ({ name, version, licence, texts: folder ? [...new Set(textsIn(folder, only).map(place))] : [] }));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ parts, texts })}\n`);
  console.log(`${parts.length} parts, ${texts.length} texts`);
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes("--check")) {
    const { gone, missing } = stale();
    for (const name of gone) console.error(`listed and does not ship: ${name}`);
    for (const name of missing) console.error(`ships and is not listed: ${name}`);
    if (gone.length + missing.length > 0) process.exit(1);
  } else write();
}
