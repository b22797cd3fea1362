// Loaded by the engine's own runtime before the engine. Keeps what a folder brings from being found or run.
//
// The engine's second generation reads `.opencode` and `opencode.json` of a folder, and of every folder above it,
// whatever the switches say that stop the first generation from doing so; a plugin named or put there is imported
// into the engine, where no permission is asked. No setting prevents it. So:
//
// - no module is loaded that is not part of the engine's program;
// - a check for whether a file of these names exists answers no. The engine looks for its configuration by such
//   checks and reads its own by path, so tools still read and write these files.
//
// The engine also opens terminals, in which whoever asks has it run any program beside itself. The app asks for none, so
// the library that makes them is not loaded.
//
// It proves all three, and says so on standard output. Who starts the engine waits for that line.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

// Before anything below lays itself over the same calls, and while files beside this one are still loaded.
require("./folder_links.cjs");

const REFUSAL = "code from outside the engine's program is not loaded";
const HIDDEN = new Set([".opencode", "opencode.json", "opencode.jsonc"]);

// Directories of the person's own, where what is found may be read and run: only when the engine lives in their home.
const TRUSTED = (process.env.FOLDER_GUARD_TRUSTED ?? "").split(path.delimiter).filter((directory) => path.isAbsolute(directory));

// What the engine starts (an agent's own `bun test`, say) is none of this file's business.
delete process.env.BUN_INSPECT_PRELOAD;
delete process.env.FOLDER_GUARD_TRUSTED;

// A loader cannot answer "load it as always", so what is trusted must not reach it.
const REFUSED =
  TRUSTED.length === 0
    ? /.*/
    : new RegExp(`^(?!${TRUSTED.map((directory) => `(?:${(directory + path.sep).replace(/[^A-Za-z0-9/]/g, "\\$&")})`).join("|")})`);

function isTrusted(file) {
  if (TRUSTED.length === 0) return false;
  const whole = path.resolve(file);
  return TRUSTED.some((directory) => whole.startsWith(directory + path.sep));
}

Bun.plugin({
  name: "folder-guard",
  setup(build) {
    build.onLoad({ filter: REFUSED }, ({ path: file }) => {
      throw new Error(`${REFUSAL}: ${file}`);
    });
  },
});

function isHidden(file) {
  const text = file instanceof URL ? file.pathname : String(file);
  return HIDDEN.has(path.basename(text)) && !isTrusted(text);
}

function notFound(file) {
  const error = new Error(`ENOENT: no such file or directory, access '${String(file)}'`);
  return Object.assign(error, { code: "ENOENT", errno: -2, syscall: "access", path: String(file) });
}

const access = fs.access;
fs.access = function guardedAccess(file, ...rest) {
  const answer = rest.at(-1);
  if (!isHidden(file) || typeof answer !== "function") return access.call(fs, file, ...rest);
  process.nextTick(answer, notFound(file));
};

const accessPromise = fs.promises.access;
fs.promises.access = async function guardedAccess(file, ...rest) {
  if (isHidden(file)) throw notFound(file);
  return accessPromise.call(fs.promises, file, ...rest);
};

const NO_TERMINALS = "terminals are not opened by the engine";
const ffi = require("bun:ffi");
const { dlopen } = ffi;
ffi.dlopen = function guardedDlopen(library, ...rest) {
  if (String(library).includes("rust_pty")) throw new Error(NO_TERMINALS);
  return dlopen.call(ffi, library, ...rest);
};

// The engine imports the module's names, so they are what is tried here.
async function prove() {
  const bait = path.join(__dirname, ".opencode");
  if (!fs.statSync(bait).isDirectory()) throw new Error("the bait is gone");
  const names = await import("node:fs");
  const found = await new Promise((resolve) => names.access(bait, (error) => resolve(error === null)));
  if (found) throw new Error("a folder's own configuration is still found");
  const loaded = await import(path.join(bait, "bait.js")).then(
    () => "it ran",
    (error) => (String(error).includes(REFUSAL) ? "" : String(error)),
  );
  const foreign = await import("bun:ffi");
  let opened = "it was loaded";
  try {
    foreign.dlopen("librust_pty.so", {});
  } catch (error) {
    opened = String(error).includes(NO_TERMINALS) ? "" : String(error);
  }
  if (opened !== "") throw new Error(`the library of terminals is not refused: ${opened}`);
  if (loaded !== "") throw new Error(`a folder's own code is not refused: ${loaded}`);
}

prove().then(
  () => process.stdout.write("folder guard in place\n"),
  (error) => {
    process.stderr.write(`The folder guard failed: ${error.message}\n`);
    process.exit(70);
  },
);
