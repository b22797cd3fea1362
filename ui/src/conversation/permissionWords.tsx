import type { Folder, PermissionCard } from "../backend";
import { rich, text } from "../strings";

const code = (value: string) => <code>{value}</code>;

/** A command that is one command: nothing that chains, redirects or substitutes. */
const single = /^[^;&|<>`$()\n]+$/;

/** The first words of a command, which name it: "npm test" of "npm test -- --watch". */
function commandName(command: string): string {
  const words = command.trim().split(/\s+/);
  const [first = "", second = ""] = words;
  return /^[a-z][\w-]*$/i.test(second) && first.length + second.length < 32 ? `${first} ${second}` : first.slice(0, 48);
}

const named = (card: PermissionCard) => card.path ?? card.patterns[0] ?? card.tool ?? text("permission.something");

/** What is asked, as a sentence. */
export function permissionTitle(card: PermissionCard) {
  switch (card.subject) {
    case "shell":
      return card.command !== null && single.test(card.command.trim())
        ? rich("permission.title.shell", { command: code(commandName(card.command)) })
        : text("permission.title.shellMany");
    case "edit":
      return rich("permission.title.edit", { path: code(named(card)) });
    case "read":
      return rich("permission.title.read", { path: code(named(card)) });
    case "externalFolder":
      return rich("permission.title.externalFolder", { path: code(named(card)) });
    case "fetch":
      return rich("permission.title.fetch", { address: code(named(card)) });
    case "webSearch":
      return text("permission.title.webSearch");
    case "task":
      return rich("permission.title.task", { agent: code(named(card)) });
    case "repeatedCall":
      return text("permission.title.repeatedCall");
    case "skill":
      return rich("permission.title.skill", { skill: code(named(card)) });
    case "tool":
      return rich("permission.title.tool", { tool: code(card.tool ?? named(card)) });
  }
}

/** Why it asks. */
export function permissionReason(card: PermissionCard, folder: Folder | undefined) {
  switch (card.reason) {
    case "asksFirst":
      return text(`permission.why.asksFirst.${card.subject}`);
    case "outsideFolder":
      return folder ? rich("permission.why.outsideFolder", { folder: code(folder.label) }) : text("permission.why.outsideFolderUnknown");
    case "secretFile":
      return text("permission.why.secretFile");
    case "repeats":
      return text("permission.why.repeats");
    case "serverTool":
      return text("permission.why.serverTool");
  }
}

/** What exactly is asked for, where neither a command nor a change shows it. */
export function permissionObjects(card: PermissionCard): string[] {
  if (card.command !== null || card.change !== null) return [];
  const objects = card.patterns.length > 0 ? card.patterns : card.path === null ? [] : [card.path];
  return objects.length === 1 && objects[0] === named(card) && card.subject !== "webSearch" && card.subject !== "repeatedCall" ? [] : objects;
}
