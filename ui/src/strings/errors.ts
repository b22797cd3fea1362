import type { Messages } from "./messages";

/**
 * Texts for why a command failed, by its code. The core says it in English and more exactly, so an English window
 * shows what the core says; these are what other languages say. Where only the core knows what is wrong, its words follow.
 */
export const errors = {
  "error.invalidInput": "This cannot be used. {message}",
  "error.notFound": "This is not there any more.",
  "error.engineNotReady": "The engine does not run, or is still on its way. Try again in a moment.",
  "error.engineRefused": "The engine refused it; nothing was changed. {message}",
  "error.outcomeUnknown": "The connection to the engine broke off. Whether it acted is not known; look before you try again.",
  "error.folderUnavailable": "The folder is gone or cannot be read. Connect the drive, or choose another folder.",
  "error.notAllowed": "This is not allowed. {message}",
  "error.consentNeeded": "It was not agreed to. Nothing changed.",
  "error.notSaved": "It could not be saved. {message}",
  "error.unreachable": "Nothing answered there. {message}",
  "error.internal": "A fault of this app’s own. {message}",
} as const satisfies Messages;
