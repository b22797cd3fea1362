import { createContext, useContext, type JSX } from "solid-js";

/** What became of an answer. */
export interface Fate {
  /** Tells one answer from the next to the same ask. */
  answer: string;
  words: string;
  /** It came to nothing, so that the ask can be answered again. */
  over: boolean;
}

/** What a page around the window adds to it. The app's own window stands alone and adds nothing. */
export interface Surroundings {
  /** Where one is and where else one can go, in the place of the product's name above the sidebar. */
  places?(went: () => void): JSX.Element;
  /** What is said above the composer of a thread, or of home where there is none. */
  dock?(session: string | null): JSX.Element;
  /** How the other side stands, in the place of the engine in the status bar. */
  status?(): JSX.Element;
  /** What home is called where nothing can be begun. */
  title?(): string;
  /** What the list of threads says where there is none. */
  noThreads?(): string;
  /** What home says where there is no thread yet. */
  empty?(): JSX.Element;
  /** What became of an answer to an ask that was given from here, where that is not known at once. */
  fate?(ask: string): Fate | undefined;
  /** Why nothing can be written here, where no prompt is taken. */
  silent?(): JSX.Element;
  /** The window is that of a phone: home is where one comes back to, and lists all there is. */
  phone?(): boolean;
}

const SurroundingsContext = createContext<Surroundings>({});
export const SurroundingsProvider = SurroundingsContext.Provider;

/** What stands around the window this component is in. */
export const useSurroundings = (): Surroundings => useContext(SurroundingsContext);
