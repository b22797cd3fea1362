import { createSignal, onCleanup } from "solid-js";
import type { RuleScope, SessionRow } from "../backend";
import type { GoingBack } from "../conversation/goingBack";

/** What can be opened over the window from anywhere. */
export type Overlay =
  | { kind: "palette" }
  | { kind: "shortcuts" }
  | { kind: "tags" | "delete"; row: SessionRow }
  | { kind: "share"; row: SessionRow; pairing: string }
  | { kind: "usage"; session: string }
  | { kind: "reach"; folder: string };

/** What a composer sends the next prompt with. */
export interface PromptChoice {
  agent(): string | null;
  model(): string | null;
  chooseAgent(name: string): void;
  chooseModel(id: string): void;
}

/** How what waits on the screen is answered; it takes no answer in its first half second, however it comes. */
export interface AskAnswers {
  /** Of which request. */
  id: string;
  once(): void;
  deny(): void;
  /** Absent where it may not be allowed for good. */
  always: ((scope: RuleScope) => void) | undefined;
  editRule: (() => void) | undefined;
}

/** What can be done in the review while it is open. */
export interface ChangesDeeds {
  /** Whether there are any. */
  has(): boolean;
  /** Whether the folder's files are shown, and git answers for them. */
  repository(): boolean;
  scope(name: "turn" | "session" | "tree"): void;
  split(): void;
  whitespace(): void;
  file(by: number): void;
  hunk(by: number): void;
  comment: (() => void) | undefined;
  revertFile(): void;
  revertHunk(): void;
  undo(): void;
  undoable(): boolean;
  copyAll(): void;
  copyFile(): void;
  copyHunk(): void;
  copyPath(): void;
  open(): void;
  stageAll(): void;
  commit(): void;
  branch(): void;
}

/** What a composer can be asked to do. */
export interface ComposerDeeds {
  /** Lets the person choose files to attach. */
  attach(): void;
  /** Has the thread summed up, in one that can be. */
  compact?(): void;
  mayCompact?(): boolean;
  /** Sends the next prompt that waits, where some can. */
  sendNext?(): void;
  waits?(): boolean;
}

/** What parts of the window can be asked to do from elsewhere: by a key, or from the palette. */
export interface Deeds {
  newThread(): void;
  /** Goes to the search of threads. */
  search(): void;
  savedSearches(): void;
  /** Puts the focus into the search field, with the saved searches below it where they are asked for. */
  focusSearch(saved: boolean): void;
  sidebar(): void;
  review(): void;
  changes: ChangesDeeds;
  overlay(what: Overlay): void;
  find(): void;
  jump(back: boolean): void;
  latest(): void;
  /** Opens everything in the thread that can be, or closes it. */
  fold(open: boolean): void;
  showAsk(): void;
  answerAsk: AskAnswers;
  rename(): void;
  choice: PromptChoice;
  composer: ComposerDeeds;
  goingBack: GoingBack;
  /** Copies the newest answer, as it was written or as it is read. */
  copyAnswer(markdown: boolean): void;
}

type Offer = { [Name in keyof Deeds]?: Deeds[Name] | undefined };

const [offers, setOffers] = createSignal<readonly Offer[]>([]);

/** Offers what the component that calls this can do, for as long as it lives. What is offered later comes before. */
export function useDeeds(offer: Offer): void {
  setOffers((all) => [...all, offer]);
  onCleanup(() => setOffers((all) => all.filter((other) => other !== offer)));
}

/** How something is done just now; nothing where no part of the window can. */
export const deed = <Name extends keyof Deeds>(name: Name): Deeds[Name] | undefined =>
  offers().findLast((offer) => offer[name] !== undefined)?.[name];
