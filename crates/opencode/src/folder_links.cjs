// Loaded by the engine's own runtime before the engine. Lets its tools go on reading and writing through links that stay
// within a folder.
//
// The engine's box follows no link in the folders it has, because a command could plant or swap one that leads into
// another folder while the engine reads or writes. Links that stay within their folder are ordinary, though: packages
// of a workspace, a file of instructions under two names. Where the kernel refuses a link it is looked up here, step by
// step, and what it leads to is tried by a path without links. Nothing rests on this look: whoever exchanges a step
// meanwhile is refused by the kernel again.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { fileURLToPath } = require("node:url");

const { readFileSync, readlinkSync, statSync } = fs;

// As many as the kernel follows.
const MOST_LINKS = 40;

// Places whose links the kernel does not follow.
function closed() {
  const unescape = (text) => text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
  return readFileSync("/proc/self/mountinfo", "latin1")
    .split("\n")
    .map((line) => line.split(" "))
    .filter((words) => words[5]?.split(",").includes("nosymfollow"))
    .map((words) => Buffer.from(unescape(words[4]), "latin1").toString());
}

function isWithin(root, file) {
  return file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}

// Where a path leads within the closed place that it is in, or nothing when it leads out of it. The last step may be a
// link that is meant itself.
function within(given, last) {
  const file = path.resolve(given instanceof URL ? fileURLToPath(given) : String(given));
  const root = closed()
    .filter((place) => isWithin(place, file))
    .reduce((longest, place) => (place.length > longest.length ? place : longest), "");
  if (root === "") return undefined;
  let steps = path.relative(root, file).split(path.sep);
  let at = root;
  let left = MOST_LINKS;
  while (steps.length > 0) {
    const step = steps.shift();
    if (step === "" || step === ".") continue;
    if (step === "..") {
      if (at === root) return undefined;
      at = path.dirname(at);
      continue;
    }
    const next = path.join(at, step);
    if (last === "itself" && steps.length === 0) return next;
    let target;
    try {
      target = readlinkSync(next);
    } catch (error) {
      // No link; or nothing is there, which whoever asked is to be told.
      if (error.code !== "EINVAL") return path.join(next, ...steps);
      at = next;
      continue;
    }
    left -= 1;
    if (left < 0) return undefined;
    if (path.isAbsolute(target)) {
      if (!isWithin(root, path.normalize(target))) return undefined;
      at = root;
      target = path.relative(root, path.normalize(target));
    }
    steps = [...target.split(path.sep), ...steps];
  }
  return at;
}

// The path to try in place of one that was refused for a link.
function instead(error, file, last) {
  if (error?.code !== "ELOOP" || (typeof file !== "string" && !(file instanceof URL) && !Buffer.isBuffer(file))) return undefined;
  try {
    return within(file, last);
  } catch {
    // The refusal itself is told.
    return undefined;
  }
}

function sync(call, last) {
  return function followed(file, ...rest) {
    try {
      return call.call(this, file, ...rest);
    } catch (error) {
      const other = instead(error, file, last);
      if (other === undefined) throw error;
      return call.call(this, other, ...rest);
    }
  };
}

function promised(call, last) {
  return async function followed(file, ...rest) {
    try {
      return await call.call(this, file, ...rest);
    } catch (error) {
      const other = instead(error, file, last);
      if (other === undefined) throw error;
      return call.call(this, other, ...rest);
    }
  };
}

function called(call, last) {
  return function followed(file, ...rest) {
    const answer = rest.at(-1);
    if (typeof answer !== "function") return call.call(this, file, ...rest);
    const first = (error, ...found) => {
      const other = instead(error, file, last);
      if (other === undefined) answer(error, ...found);
      else call.call(this, other, ...rest);
    };
    return call.call(this, file, ...rest.slice(0, -1), first);
  };
}

const FOLLOWING = ["access", "appendFile", "chmod", "open", "opendir", "readFile", "readdir", "realpath", "stat", "truncate", "utimes", "writeFile"];
// What concerns a link rather than what it leads to is refused for the links on the way alone.
const THEMSELVES = ["lstat", "mkdir", "readlink", "rm", "rmdir", "unlink"];

for (const [names, last] of [
  [FOLLOWING, "followed"],
  [THEMSELVES, "itself"],
]) {
  for (const name of names) {
    const native = { call: fs[name].native, sync: fs[`${name}Sync`].native };
    fs[name] = called(fs[name], last);
    fs[`${name}Sync`] = sync(fs[`${name}Sync`], last);
    fs.promises[name] = promised(fs.promises[name], last);
    if (native.call !== undefined) {
      fs[name].native = called(native.call, last);
      fs[`${name}Sync`].native = sync(native.sync, last);
    }
  }
}

// These say of no reason, or later.
function straight(file) {
  try {
    statSync(file);
  } catch (error) {
    return instead(error, file, "followed") ?? file;
  }
  return file;
}

const { existsSync, createReadStream, createWriteStream } = fs;
fs.existsSync = (file) => {
  if (existsSync(file)) return true;
  const other = straight(file);
  return other !== file && existsSync(other);
};
fs.createReadStream = (file, ...rest) => createReadStream(straight(file), ...rest);
fs.createWriteStream = (file, ...rest) => createWriteStream(straight(file), ...rest);
const { file: bunFile } = Bun;
Bun.file = (file, ...rest) => bunFile.call(Bun, typeof file === "string" || file instanceof URL ? straight(file) : file, ...rest);
