import type { ToolMark, ToolShape, ToolView } from "../backend";
import {
  bot,
  circle,
  circleAlert,
  circleCheck,
  circleDot,
  circlePause,
  circleX,
  fileText,
  folderOpen,
  globe,
  hammer,
  hand,
  listTodo,
  messageCircleQuestionMark,
  pencil,
  plug,
  search,
  terminal,
  type IconPath,
} from "../design/icons";
import { text } from "../strings";
import type { Entry } from "./turns";

/** The sign of each kind of work. */
export const toolIcons: Record<ToolShape, IconPath> = {
  shell: terminal,
  read: fileText,
  write: pencil,
  edit: pencil,
  search,
  list: folderOpen,
  fetch: globe,
  task: bot,
  question: messageCircleQuestionMark,
  plan: listTodo,
  skill: hammer,
  other: plug,
};

/** The sign of each stage, and what its colour means. */
export const markLooks: Record<ToolMark, { icon: IconPath; colour: string }> = {
  queued: { icon: circle, colour: "subtle" },
  waiting: { icon: hand, colour: "is-warn" },
  running: { icon: circleDot, colour: "is-live" },
  done: { icon: circleCheck, colour: "is-success" },
  failed: { icon: circleAlert, colour: "is-danger" },
  denied: { icon: circleX, colour: "subtle" },
  interrupted: { icon: circlePause, colour: "subtle" },
};

/** What a call does, in the tense of its stage. */
export function verb(tool: ToolView): string {
  if (tool.mark === "running") return text(`tool.running.${tool.shape}`);
  if (tool.mark === "done") return text(`tool.done.${tool.shape}`);
  return text(`tool.open.${tool.shape}`);
}

/** What a call works on, in as few characters as possible. */
export function target(tool: ToolView): string {
  if (tool.shape === "plan") return "";
  if (tool.target !== null && tool.target !== "") return tool.shape === "other" ? `${tool.name} ${tool.target}` : tool.target;
  return tool.shape === "other" || tool.shape === "skill" ? tool.name : (tool.description ?? "");
}

/** Several calls in one sentence: "Read 3 files, searched once". */
export function summary(entries: readonly Entry[]): string {
  const counts = new Map<ToolShape, number>();
  for (const { block } of entries) {
    if (block.content.kind === "tool") counts.set(block.content.tool.shape, (counts.get(block.content.tool.shape) ?? 0) + 1);
  }
  const sentence = [...counts].map(([shape, count]) => text(`tool.count.${shape}`, { count })).join(", ");
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** How long several calls took together; `null` when unknown. Milliseconds. */
export function timeTaken(entries: readonly Entry[]): number | null {
  let all = 0;
  for (const { block } of entries) {
    if (block.content.kind !== "tool") continue;
    const { started, ended } = block.content.tool;
    if (started === null || ended === null) return null;
    all += ended - started;
  }
  return all;
}
