import { textsOf } from ".";
import type { Messages } from "./messages";

/** Texts of the parts of the app in the health view, which are read with it. */
export const health = {
  "part.toFix": "To fix",
  "part.others": "Other parts",
  "part.checking": "Looking at each part",
  "part.failed": "The parts could not be looked at. {reason}",
  "part.checked": "Looked at {age}",
  "part.mark.needsYou": "Needs you",
  "part.mark.degraded": "Not as it should be",
  "part.mark.working": "Works",
  "part.mark.off": "Nothing to do",
  "part.mark.unknown": "Not known",
  "part.doing": "{what} {clock}",
  "part.fixed": "Done. {name} works.",
  "part.notFixed": "It did not help. {reason}",

  "part.keychain": "Keychain",
  "part.keychain.works": { one: "Holds one key", other: "Holds {count} keys" },
  "part.keychain.none": "Holds no key",
  "part.keychain.asked": "Answers, and keys can be kept",
  "part.keychain.unlock": "Unlock the keychain",
  "part.keychain.unlocking": "Waiting for the keychain",
  "part.keychain.check": "Check",

  "part.provider.works": { one: "Answered the last of one request", other: "Answered the last of {count} requests" },
  "part.provider.idle": "Not asked yet since the app began",
  "part.provider.refused": "Its key is refused, so threads on its models stop at their first step.",
  "part.provider.answered": { one: "The service answered {status} to the last of one request", other: "The service answered {status} to the last of {count} requests" },
  "part.provider.noKey": "Has no key, so its models are left out.",
  "part.provider.capped": "This run of the engine has made all the requests it may make there.",
  "part.provider.busy": "Is too busy, or has a fault. The engine tries again by itself.",
  "part.provider.newKey": "Enter a new key",
  "part.provider.key": "Enter a key",
  "part.provider.more": "Allow as many again",
  "part.provider.allowing": "Allowing more",
  "part.provider.open": "Open {name}",

  "part.keyProxy": "Key proxy",
  "part.keyProxy.works": { one: "Put the key on one request", other: "Put the key on {count} requests" },
  "part.keyProxy.strangers": { one: "One request of another program was refused", other: "{count} requests of other programs were refused" },
  "part.keyProxy.silent": "Does not answer, so no model can be reached. Begin the app anew; nothing is lost.",

  "part.gateway": "Way to the network",
  "part.gateway.works": { one: "One connection from boxes", other: "{count} connections from boxes" },
  "part.gateway.open": { one: "{count} open now", other: "{count} open now" },
  "part.gateway.refused": { one: "One was against the rules", other: "{count} were against the rules" },
  "part.gateway.silent": "Does not answer, so commands have no network. Begin the app anew; nothing is lost.",
  "part.why": "Because: {reason}",

  "part.database": "Database",
  "part.database.works": "{size} of {limit}",
  "part.database.full": "Nearly full: {size} of {limit}. The oldest messages will no longer be found.",
  "part.database.notSaving": "Nothing can be saved, because {reason}",
  "part.database.kept": "What is on the screen stays there, and is saved once it can be.",
  "part.database.setAside": { one: "One damaged database was set aside", other: "{count} damaged databases were set aside" },
  "part.storage": "Open storage",

  "part.disk": "Disk",
  "part.disk.works": "{free} of {total} free",
  "part.disk.little": "Little room: {free} of {total} free. Builds and clones may fail.",
  "part.disk.none": "No room: {free} of {total} free. Saving may fail at any moment.",
  "part.disk.clean": "Free space",
  "part.disk.cleaning": "Deleting old logs",
  "part.disk.cleaned": "{size} freed",

  "part.window": "Window",
  "part.window.works": "Shows what the engine writes within {most} ms",
  "part.window.slow": "Is behind: it takes what the engine writes every {gap} ms. A shorter thread or fewer windows help.",
  "part.window.idle": "Nothing was drawn from an engine yet",

  "part.folders": "Folders",
  "part.folders.works": { one: "One can be reached", other: "All {count} can be reached" },
  "part.folders.none": "None was chosen",
  "part.folders.missing": { one: "{names} cannot be reached. Its threads can be read, and go on when it is there again.", other: "{names} cannot be reached. Their threads can be read, and go on when they are there again." },
  "part.folders.open": "Open folders",
  "part.folders.look": "Look again",
  "part.folders.looking": "Looking for them",
  "part.folders.still": { one: "One still cannot be reached. Connect its drive or its network, then look again.", other: "{count} still cannot be reached. Connect their drives or their network, then look again." },
} as const satisfies Messages;

export const healthText = textsOf(health);
