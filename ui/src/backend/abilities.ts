/*
 * Which deed of the window needs what of the backend, said once. What is not offered has no button, no key and no line in
 * the palette: the page of an org's server shows a desktop that lets only some of this in.
 */
import type { Backend, Offer, Offers } from "./index";

const going = ["sessionRevert", "revertPreview"] as const;
const making = ["sessionCreate", "promptSend"] as const;
const reaching = ["folderBoxSet"] as const;
const models = ["providerModels"] as const;
const review = ["reviewFiles"] as const;
const health = ["healthRows"] as const;
const answering = ["permissionAnswer"] as const;
const always = ["permissionAnswer", "ruleCheck"] as const;
const waiting = ["queueAdd"] as const;
const looks = ["settingsSave"] as const;
const own = ["ownWindow"] as const;

/** Deeds by name; those of the palette and of the keys have the names they have there. */
export const abilities = {
  newThread: making,
  newHere: making,
  throwAway: making,
  openFolder: ["folderPick"],
  demo: ["sessionCreate", "promptSend", ...models],
  search: ["search"],
  savedSearches: ["searchFilters"],
  inbox: ["inboxAsk"],
  inboxAnswer: answering,
  confirmRemote: ["remoteAskAnswer"],
  pairing: ["pairingList"],
  pairNew: ["pairingCreate"],
  pausePairings: ["pairingPause"],
  share: ["pairingShare"],
  answered: ["inboxAnswered"],
  health,
  tryBox: ["folderBoxProve"],
  report: ["diagnosticsReport"],
  engineLog: ["engineLog"],
  restartEngine: ["engineStart"],
  setUp: ["providerConnect"],
  connect: ["providerCatalogue"],
  allowMore: ["providerAllowMore"],
  settings: looks,
  rules: ["allowanceList"],
  about: own,
  help: ["linkOpen"],
  support: ["linkOpen"],
  security: ["linkOpen"],
  zoomIn: own,
  zoomOut: own,
  zoomReset: own,
  themeSystem: looks,
  themeLight: looks,
  themeDark: looks,
  densityCompact: looks,
  densityCozy: looks,
  densityRoomy: looks,

  compose: ["promptSend"],
  stop: ["turnStop"],
  find: ["conversationFind"],
  findNext: ["conversationFind"],
  findPrevious: ["conversationFind"],
  farPrompt: ["conversationPrompt"],
  copyAnswer: ["messageSource"],
  rename: ["sessionRename"],
  listRename: ["sessionRename"],
  tags: ["sessionTag"],
  delete: ["sessionDelete"],
  listDelete: ["sessionDelete"],
  savedMove: ["searchFiltersOrder"],
  usage: ["sessionUsage"],
  fork: ["sessionFork"],
  editPrompt: going,
  retry: going,
  revert: going,
  undoRevert: going,
  reach: reaching,
  stopped: reaching,
  preview: ["previewOpen"],
  openFiles: ["filesNamed", "fileOpen"],
  findFiles: ["mentionSearch"],
  runCode: ["snippetLanguages", "snippetRun"],

  attach: ["composerOpen", "attachmentAdd"],
  compact: ["sessionCompact"],
  sendNext: waiting,
  queueMove: waiting,
  queueEdit: waiting,
  queueRemove: waiting,
  join: waiting,
  nextAgent: ["promptSend"],
  chooseModel: models,

  allowOnce: answering,
  deny: answering,
  allowThread: always,
  allowAlways: always,
  editRule: always,
  denyWithNote: always,
  answerQuestion: ["questionAnswer"],
  skipQuestion: ["questionReject"],

  review,
  reviewFile: review,
  reviewChange: review,
  reviewComment: review,
  reviewStage: review,

  "section.appearance": looks,
  "section.notifications": ["notificationTry"],
  "section.logs": ["appLog"],
  "section.models": ["providerCatalogue"],
  "section.folders": ["foldersLook"],
  "section.permissions": ["allowanceList"],
  "section.engine": ["bridgeList"],
  "section.usage": ["usageReport"],
  "section.storage": ["storageReport"],
  "section.pairing": ["pairingList"],
  "section.changed": own,
  "section.about": own,
} as const satisfies Record<string, readonly Offer[]>;

/** A deed that something has to be offered for. */
export type Ability = keyof typeof abilities;

/** Whether a name is that of a deed that something has to be offered for. */
export const isAbility = (name: string): name is Ability => Object.hasOwn(abilities, name);

/** Judges deeds by what is offered just now. The app's own window offers everything, and never reads the table. */
export function offersOf(commands: () => ReadonlySet<Offer>): Offers {
  return {
    commands,
    may(deed) {
      const offered = commands();
      return !isAbility(deed) || abilities[deed].every((need) => offered.has(need));
    },
  };
}

/** Whether the backend offers what a deed needs. A signal where that changes. */
export const may = (backend: Pick<Backend, "offers">, deed: Ability): boolean => backend.offers?.may(deed) ?? true;

/** The same for a name of any deed; one that needs nothing is always there. */
export const mayAct = (backend: Pick<Backend, "offers">, name: string): boolean => backend.offers?.may(name) ?? true;
