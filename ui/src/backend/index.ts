import { text } from "../strings";
import { language } from "../strings/language";
import type { ApiError, Code, Commands, Streams } from "./generated";

export type * from "./generated";
export { defaultSettings, limitRanges, settingRanges } from "./generated";

/** A command, or that the page stands in a window of the app's own, which it can scale and say all of itself in. */
export type Offer = keyof Commands | "ownWindow";

/** What can be asked of a backend just now, and which deeds that makes possible. Both are signals. */
export interface Offers {
  commands(): ReadonlySet<Offer>;
  may(deed: string): boolean;
}

/** What the window talks to: the app's core, or a stand-in. Every rejection is an `ApiError`. */
export interface Backend {
  readonly commands: Commands;
  readonly streams: Streams;
  /** What can be asked of it just now; absent where that is everything. */
  readonly offers?: Offers;
  /** Has it called when all that was told is void: then the window asks for its first picture anew. Absent where that never is. */
  readonly onVoid?: (begin: () => Promise<void>) => void;
}

const codes: Record<Code, true> = {
  invalidInput: true,
  notFound: true,
  engineNotReady: true,
  engineRefused: true,
  outcomeUnknown: true,
  folderUnavailable: true,
  notAllowed: true,
  consentNeeded: true,
  notSaved: true,
  unreachable: true,
  internal: true,
};

/** Whatever was thrown, as an error of the app, in the core's own words. What is not one is a fault in the window itself. */
export function asApiError(thrown: unknown): ApiError {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    const { code, message } = thrown;
    if (typeof code === "string" && Object.hasOwn(codes, code) && typeof message === "string") {
      return { code: code as Code, message };
    }
  }
  if (thrown instanceof Error) return { code: "internal", message: thrown.message };
  return { code: "internal", message: typeof thrown === "string" ? thrown : "" };
}

/** The same, to be shown: in words of the language that is spoken. The core speaks English, and stays as it is there. */
export function toApiError(thrown: unknown): ApiError {
  const { code, message } = asApiError(thrown);
  return { code, message: message === "" || language() === "en" ? message : text(`error.${code}`, { message }) };
}
