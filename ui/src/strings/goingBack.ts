import { textsOf } from ".";
import type { Messages } from "./messages";

/** Texts of going back in a thread, which are read when that is first asked for. */
export const goingBack = {
  "back.titleRevert": "Go back to before this prompt?",
  "back.titleEdit": "Go back and edit this prompt?",
  "back.titleRetry": "Go back and send this prompt again?",
  "back.titleUndo": "Bring everything back?",
  "back.revert": "Go back",
  "back.edit": "Go back and edit",
  "back.retry": "Go back and send",
  "back.undo": "Bring back",
  "back.undoBody": "The messages come back, and the files become what they were before you went back. What was changed in them since then goes.",
  "back.files": { one: "One file is put back as it was before the prompt. What you changed in it since goes, too.", other: "{count} files are put back as they were before the prompt. What you changed in them since goes, too." },
  "back.filesLabel": "Files that are put back",
  "back.left": { one: "One file stays as it is now: it is outside of the folder’s history.", other: "{count} files stay as they are now: they are outside of the folder’s history." },
  "back.leftLabel": "Files that stay as they are",
  "back.noHistory": { one: "The folder is no git repository, so the file stays as it is now.", other: "The folder is no git repository, so {count} files stay as they are now." },
  "back.noHistoryAtAll": "The folder is no git repository, so files stay as they are now.",
  "back.noFiles": "No files were changed since.",
  "back.more": "There are so many prompts since that not all were looked at; they may have changed more.",
  "back.messages": { one: "The prompt comes back into the composer. It and its answer are kept aside, and you can undo this, until you send the next message.", other: "The prompt comes back into the composer. {count} prompts and their answers are kept aside, and you can undo this, until you send the next message." },
  "back.replaced": { one: "What answered the prompt goes for good.", other: "{count} prompts and their answers go for good." },
  "back.attachments": "The files that were attached to it come back into the composer.",
  "back.attachmentsSent": "The files that were attached to it are sent along.",
} as const satisfies Messages;

export const goingBackText = textsOf(goingBack);
