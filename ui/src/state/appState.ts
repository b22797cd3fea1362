import { defaultSettings, type ApiError, type SessionRow, type Start } from "../backend";
import type { Route } from "./route";

/** What is chosen on the home page for the next thread. */
export interface HomeChoice {
  text: string;
  /** A folder's id; `null` is a throw-away folder. */
  folder: string | null;
  agent: string | null;
  model: string | null;
}

/** Everything the window knows but the open conversation. */
export interface AppState extends Omit<Start, "initialFolder" | "moreSessions"> {
  phase: "loading" | "ready" | "failed";
  /** Why it could not begin. */
  error: ApiError | null;
  route: Route;
  home: HomeChoice;
  /** Sub-agents' sessions that were opened; the list does not hold them. */
  visited: Record<string, SessionRow>;
  /** How many news since the window began are not among the notices any more; the app's log has them. */
  newsLeftOut: number;
  /** News up to then was dismissed where it stands above a composer. Milliseconds since the epoch. */
  newsSeen: number;
}

/** What the window knows before the core told it anything. */
export const atFirst: AppState = {
  phase: "loading",
  error: null,
  route: { page: "home" },
  home: { text: "", folder: null, agent: null, model: null },
  visited: {},
  brand: { name: "", shortName: "", helpUrl: "", supportUrl: "", securityUrl: "" },
  version: "",
  platform: "linux",
  settings: { ...defaultSettings, reviewOpen: true },
  folders: [],
  sessions: [],
  engine: { kind: "starting", step: "preparing", since: 0 },
  safety: { boxed: { kind: "unknown" }, home: "private", notSaving: null, pending: [], restartNeeded: false, tools: { kind: "unknown" }, folders: [], stopped: [], stoppedFiles: [], servers: [] },
  models: [],
  agents: [],
  providers: [],
  test: null,
  signIn: null,
  inbox: { rows: [], more: 0 },
  pairings: { rows: [], limit: 0, forbidden: false, remoteAnswersForbidden: false },
  notices: [],
  newsLeftOut: 0,
  newsSeen: 0,
};
