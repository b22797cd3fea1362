import { createSignal, onCleanup } from "solid-js";
import type { SessionRow } from "../backend";
import type { GoingBack } from "../conversation/goingBack";

/** What can be opened over the window from anywhere. */
export type Overlay =
  | { kind: "palette" }
  | { kind: "shortcuts" }
  | { kind: "tags" | "delete"; row: SessionRow }
  | { kind: "usage"; session: string }
  | { kind: "reach"; folder: string };

/** What a composer sends the next prompt with. */
export interface PromptChoice {
  agent(): string | null;
  model(): string | null;
  chooseAgent(name: string): void;
  chooseModel(id: string): void;
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
  overlay(what: Overlay): void;
  find(): void;
  jump(back: boolean): void;
  latest(): void;
  showAsk(): void;
  rename(): void;
  choice: PromptChoice;
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
