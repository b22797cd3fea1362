import { arrowDown, arrowUp, arrowUpRight, columns2, copy, fileDiff, gitBranch, messageSquare, pilcrow, plus, check, undo2 } from "../design/icons";
import type { Named } from "./actions";
import { deed } from "./deeds";

const changes = () => deed("changes");
const open = () => changes() !== undefined;
const has = () => changes()?.has() === true;
const repository = () => changes()?.repository() === true;

/** What can be done in the review while it is open. */
export function createReviewActions(): Named[] {
  return [
    { name: "changesTurn", icon: fileDiff, available: open, run: () => changes()?.scope("turn") },
    { name: "changesSession", icon: fileDiff, available: open, run: () => changes()?.scope("session") },
    { name: "changesTree", icon: fileDiff, available: open, run: () => changes()?.scope("tree") },
    { name: "changesSplit", icon: columns2, available: open, run: () => changes()?.split() },
    { name: "changesWhitespace", icon: pilcrow, available: open, run: () => changes()?.whitespace() },
    { name: "changesNextFile", icon: arrowDown, available: has, run: () => changes()?.file(1) },
    { name: "changesPreviousFile", icon: arrowUp, available: has, run: () => changes()?.file(-1) },
    { name: "changesNextHunk", icon: arrowDown, available: has, run: () => changes()?.hunk(1) },
    { name: "changesPreviousHunk", icon: arrowUp, available: has, run: () => changes()?.hunk(-1) },
    { name: "changesComment", icon: messageSquare, available: () => has() && changes()?.comment !== undefined, run: () => changes()?.comment?.() },
    { name: "changesRevertFile", icon: undo2, available: has, run: () => changes()?.revertFile() },
    { name: "changesRevertHunk", icon: undo2, available: has, run: () => changes()?.revertHunk() },
    { name: "changesUndo", icon: undo2, available: () => changes()?.undoable() === true, run: () => changes()?.undo() },
    { name: "changesCopyAll", icon: copy, available: has, run: () => changes()?.copyAll() },
    { name: "changesCopyFile", icon: copy, available: has, run: () => changes()?.copyFile() },
    { name: "changesCopyHunk", icon: copy, available: has, run: () => changes()?.copyHunk() },
    { name: "changesCopyPath", icon: copy, available: has, run: () => changes()?.copyPath() },
    { name: "changesOpen", icon: arrowUpRight, available: has, run: () => changes()?.open() },
    { name: "changesStageAll", icon: plus, available: () => has() && repository(), run: () => changes()?.stageAll() },
    { name: "changesCommit", icon: check, available: repository, run: () => changes()?.commit() },
    { name: "changesBranch", icon: gitBranch, available: repository, run: () => changes()?.branch() },
  ];
}
