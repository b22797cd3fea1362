import { textsOf } from ".";
import type { Messages } from "./messages";

/** Texts of reading a thread: what repeats in it, and the files that are named in it. */
export const reading = {
  "repeat.lead": { one: "The same call came {count} time in this turn, within {seconds} seconds.", other: "The same call came {count} times in this turn, three of them within {seconds} seconds." },
  "repeat.what": "{tool} {target}",
  "repeat.more": "The agent may be stuck. Nothing is stopped by itself.",
  "repeat.stop": "Stop the turn",
  "repeat.say": "Stop and say something",
  "repeat.show": "Show the call",
  "file.open": "Open {path} in an editor",
  "file.openAt": "Open {path} at line {line} in an editor",
  "file.openedIn": "Opened in {name}.",
  "file.openedFolder": "No editor that is known was found, so the file’s folder is shown.",
  "compaction.running": "Older messages are being summed up, to make room",
  "compaction.show": "Show the summary",
  "compaction.hide": "Hide the summary",
  "compaction.before": "Before that, {before} tokens were in the context. How many there are now is counted with the next answer.",
  "compaction.around": "Before that, {before} tokens were in the context; with the next answer it was {after}.",
  "answer.fold": "Fold to its beginning",
  "answer.showAll": "Show all of the answer",
  "formula.unread": "This formula could not be read, so it is shown as it was written",
  "written.less": "Show less",
} as const satisfies Messages;

/** A text of reading a thread. */
export const readingText = textsOf(reading);
