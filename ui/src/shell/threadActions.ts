import { arrowDown, arrowUp, bot, chartColumn, chevronLeft, chevronsUpDown, circleX, copy, gitFork, hand, panelRight, paperclip, pencil, rotateCw, search, shield, squarePen, tag, undo2, x } from "../design/icons";
import type { App } from "../state/app";
import type { Named } from "./actions";
import { deed } from "./deeds";
import { focusComposer } from "./Sidebar";
import { stopTurn, turnRuns } from "./stopTurn";

const back = () => deed("goingBack");
const last = () => (back()?.able() ? back()?.last() : undefined);
const goBack = (purpose: "revert" | "edit" | "retry") => {
  const prompt = last();
  if (prompt !== undefined) void back()?.begin(purpose, prompt);
};
const mayGoBack = () => last() !== undefined;

/** Gives the next prompt to the agent after the one that is chosen. */
function chooseNextAgent(app: App): void {
  const choice = deed("choice");
  const names = app.state.agents.map(({ name }) => name);
  const next = names[(names.indexOf(choice?.agent() ?? "") + 1) % names.length];
  if (next !== undefined) choice?.chooseAgent(next);
}

/** What can be done in the open thread, and with it. */
export function createThreadActions(app: App): Named[] {
  const row = () => (app.state.route.page === "session" ? app.rowOf(app.state.route.session) : undefined);
  const open = () => row() !== undefined;
  /** A thread of the list; those of sub-agents are read, not kept. */
  const own = () => row()?.parent === null;
  const folder = () => app.folderOf(row()?.folder ?? "");
  const project = () => folder()?.kind === "project" && folder()?.available === true;
  const overlay = (kind: "tags" | "delete") => {
    const shown = row();
    if (shown) deed("overlay")?.({ kind, row: { ...shown } });
  };
  return [
    { name: "stop", icon: circleX, key: { place: "close" }, available: () => open() && turnRuns(app), run: () => stopTurn(app) },
    { name: "showAsk", icon: hand, key: { thread: "showAsk" }, available: () => deed("showAsk") !== undefined, run: () => deed("showAsk")?.() },
    { name: "compose", icon: pencil, available: own, run: focusComposer },
    { name: "find", icon: search, key: { thread: "find" }, available: () => deed("find") !== undefined, run: () => deed("find")?.() },
    { name: "review", icon: panelRight, key: { window: "review" }, available: open, run: () => deed("review")?.() },
    { name: "previousPrompt", icon: arrowUp, key: { thread: "previousPrompt" }, available: () => deed("jump") !== undefined, run: () => deed("jump")?.(true) },
    { name: "nextPrompt", icon: arrowDown, key: { thread: "nextPrompt" }, available: () => deed("jump") !== undefined, run: () => deed("jump")?.(false) },
    { name: "unfoldAll", icon: chevronsUpDown, key: { thread: "unfoldAll" }, available: () => deed("fold") !== undefined, run: () => deed("fold")?.(true) },
    { name: "foldAll", icon: chevronsUpDown, key: { thread: "foldAll" }, available: () => deed("fold") !== undefined, run: () => deed("fold")?.(false) },
    { name: "latest", icon: arrowDown, available: () => deed("latest") !== undefined, run: () => deed("latest")?.() },
    { name: "copyAnswer", icon: copy, available: () => deed("copyAnswer") !== undefined, run: () => deed("copyAnswer")?.(true) },
    { name: "copyAnswerText", icon: copy, available: () => deed("copyAnswer") !== undefined, run: () => deed("copyAnswer")?.(false) },
    { name: "editPrompt", icon: pencil, available: mayGoBack, run: () => goBack("edit") },
    { name: "retry", icon: rotateCw, available: mayGoBack, run: () => goBack("retry") },
    { name: "revert", icon: undo2, available: mayGoBack, run: () => goBack("revert") },
    { name: "undoRevert", icon: undo2, available: () => back()?.able() === true && back()?.reverted() === true, run: () => void back()?.undo() },
    { name: "fork", icon: gitFork, available: () => back() !== undefined, run: () => void back()?.fork(null) },
    { name: "rename", icon: pencil, available: () => deed("rename") !== undefined, run: () => deed("rename")?.() },
    { name: "tags", icon: tag, available: own, run: () => overlay("tags") },
    {
      name: "usage",
      icon: chartColumn,
      available: open,
      run: () => {
        const shown = row();
        if (shown) deed("overlay")?.({ kind: "usage", session: shown.id });
      },
    },
    {
      name: "reach",
      icon: shield,
      available: () => folder() !== undefined,
      run: () => {
        const shown = folder();
        if (shown) deed("overlay")?.({ kind: "reach", folder: shown.id });
      },
    },
    {
      name: "newHere",
      icon: squarePen,
      available: project,
      run: () => {
        app.setHome({ folder: folder()?.id ?? null });
        deed("newThread")?.();
      },
    },
    {
      name: "parent",
      icon: chevronLeft,
      available: () => open() && !own(),
      run: () => {
        const parent = row()?.parent;
        if (parent) app.openSession(parent);
      },
    },
    { name: "delete", icon: x, available: own, run: () => overlay("delete") },
    { name: "attach", icon: paperclip, available: () => own() && deed("composer") !== undefined, run: () => deed("composer")?.attach() },
    { name: "compact", icon: chevronsUpDown, available: () => deed("composer")?.mayCompact?.() === true, run: () => deed("composer")?.compact?.() },
    { name: "sendNext", icon: arrowUp, available: () => deed("composer")?.waits?.() === true, run: () => deed("composer")?.sendNext?.() },
    { name: "nextAgent", icon: bot, key: { place: "nextAgent" }, available: () => own() && app.state.agents.length > 1, run: () => chooseNextAgent(app) },
  ];
}
