import type { App } from "../state/app";

/** Whether a turn runs in the open thread that can be stopped, or is about to be tried again. */
export function turnRuns(app: App): boolean {
  const kind = app.conversation.state.conversation?.status.state.kind;
  return (kind === "working" || kind === "retrying") && app.can("stop");
}

/** Stops it. */
export function stopTurn(app: App): void {
  const { route } = app.state;
  if (route.page === "session") void app.backend.commands.turnStop({ session: route.session }).catch(app.tell);
}
