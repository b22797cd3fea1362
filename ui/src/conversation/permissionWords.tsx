import type { Folder, PermissionCard } from "../backend";
import { askRich, askText } from "../strings/asks";

const code = (value: string) => <code>{value}</code>;

/** Programs that a title names; how many more there are is said. */
const namedPrograms = 3;

/** What the words of a request are made of: all of it, or what a list has of it. */
export type Worded = Pick<PermissionCard, "subject" | "path" | "patterns" | "tool" | "runs">;

const named = (card: Worded) => card.path ?? card.patterns[0] ?? card.tool ?? askText("permission.something");

/** What is asked, as a sentence. */
export function permissionTitle(card: Worded) {
  switch (card.subject) {
    case "shell":
      return shellTitle(card.runs);
    case "edit":
      return askRich("permission.title.edit", { path: code(named(card)) });
    case "read":
      return askRich("permission.title.read", { path: code(named(card)) });
    case "externalFolder":
      return askRich("permission.title.externalFolder", { path: code(named(card)) });
    case "fetch":
      return askRich("permission.title.fetch", { address: code(named(card)) });
    case "webSearch":
      return askText("permission.title.webSearch");
    case "task":
      return askRich("permission.title.task", { agent: code(named(card)) });
    case "repeatedCall":
      return askText("permission.title.repeatedCall");
    case "skill":
      return askRich("permission.title.skill", { skill: code(named(card)) });
    case "tool":
      return askRich("permission.title.tool", { tool: code(card.tool ?? named(card)) });
  }
}

/** A chain of commands is named by all of them, not by its harmless beginning. */
function shellTitle(runs: readonly string[]) {
  if (runs.length === 0) return askText("ask.runsThis");
  const programs = runs.slice(0, namedPrograms).flatMap((program, index) => [index > 0 ? ", " : "", code(program)]);
  const count = runs.length - namedPrograms;
  return count > 0 ? askRich("ask.runsMore", { programs, count }) : askRich("ask.runs", { programs });
}

/** Why it asks. */
export function permissionReason(card: PermissionCard, folder: Folder | undefined) {
  switch (card.reason) {
    case "asksFirst":
      return askText(`permission.why.asksFirst.${card.subject}`);
    case "outsideFolder":
      return folder ? askRich("permission.why.outsideFolder", { folder: code(folder.label) }) : askText("permission.why.outsideFolderUnknown");
    case "secretFile":
      return askText("permission.why.secretFile");
    case "repeats":
      return askText("permission.why.repeats");
    case "serverTool":
      return askText("permission.why.serverTool");
  }
}

/** What exactly is asked for, where neither a command nor a change shows it. */
export function permissionObjects(card: PermissionCard): string[] {
  if (card.command !== null || card.change !== null) return [];
  const objects = card.patterns.length > 0 ? card.patterns : card.path === null ? [] : [card.path];
  return objects.length === 1 && objects[0] === named(card) && card.subject !== "webSearch" && card.subject !== "repeatedCall" ? [] : objects;
}
