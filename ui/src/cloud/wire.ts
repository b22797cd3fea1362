/*
 * What the page and the org's server say to each other beside the commands of a desktop. JSON, camelCase; times are
 * milliseconds since the epoch; a failure is `{code, message}`.
 */

/** What somebody is in an organization, the least last. */
export const roles = ["owner", "admin", "member", "viewer"] as const;
export type Role = (typeof roles)[number];

/** `GET /api/server`. */
export interface Server {
  name: string;
  version: string;
  /** Somebody owns it already. */
  setUp: boolean;
}

/** An organization one belongs to. */
export interface Membership {
  id: string;
  name: string;
  role: Role;
}

/** `GET /api/me`; also the answer to signing in, to the welcome and to an invitation that is accepted. */
export interface Me {
  user: { id: string; name: string; email: string };
  /** Goes along with all that is no GET, in `x-csrf-token`. */
  csrf: string;
  organizations: Membership[];
}

/** A sign-in of one's own. */
export interface SignIn {
  id: string;
  created: number;
  lastSeen: number;
  expires: number;
  /** What the browser called itself. */
  agent: string;
  /** It is the one that asks. */
  current: boolean;
}

export interface Member {
  user: string;
  name: string;
  email: string;
  role: Role;
  since: number;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  created: number;
  expires: number;
}

/** The answer to an invitation that is made: the only time its link is told. */
export interface NewInvitation {
  id: string;
  link: string;
  expires: number;
}

/** What an invitation is to, for whoever has its link. */
export interface InvitedTo {
  organization: string;
  email: string;
  role: Role;
  expires: number;
}

/** What a token lets a program do, the least first. */
export const scopes = ["read", "prompt", "approve", "admin"] as const;
export type Scope = (typeof scopes)[number];

export interface ApiToken {
  id: string;
  label: string;
  /** Whose it is. */
  userName: string;
  scopes: Scope[];
  created: number;
  expires: number;
  lastUsed: number | null;
}

/** The answer to a token that is made: the only time what is in it is told. */
export interface NewApiToken {
  token: ApiToken;
  secret: string;
}

export interface AuditRow {
  number: number;
  at: number;
  actorKind: string;
  actorId: string;
  /** What they are called; empty for the server itself. */
  actor: string;
  action: string;
  about: string;
  details: unknown;
}

export interface AuditPage {
  rows: AuditRow[];
  /** What to ask for the next older ones with; none where there are none. */
  older: number | null;
}

export type DesktopStatus = "online" | "offline" | "paused" | "revoked" | "new";
export type Visibility = "owner" | "organization";

/** How a desktop stands: also the `desktop` event of its updates. */
export interface DesktopState {
  status: DesktopStatus;
  /** Since when it is so. */
  since: number;
  /** It has more to tell than was told yet, so that what is shown is not the last. */
  behind: boolean;
  /** The commands that are offered to whoever asks, by their names on the wire. */
  offers: string[];
}

/** A paired desktop, as it is listed. */
export interface Desktop {
  id: string;
  organization: string;
  owner: string;
  ownerName: string;
  label: string;
  visibility: Visibility;
  created: number;
  /** What whoever asks may do with it. */
  may: { see: boolean; prompt: boolean; answer: boolean; change: boolean; revoke: boolean };
  /** How it stands; of one that is only there to be ended nothing is said. */
  state?: { lastSeen: number | null; revoked: number | null };
  /** The same with what is offered, where the server says so in the list. */
  desktop?: DesktopState;
  /** The app's version, once it said so. */
  version?: string | null;
}

/** What is entered to add a desktop: behind `#pair=`, as JSON in base64 for addresses, or field by field. */
export interface Enrolment {
  pairingId: string;
  deviceId: string;
  token: string;
  label: string;
}

/** What became of a command. */
export type GivenState = "waiting" | "taken" | "confirmation" | "done" | "blocked" | "failed" | "unknown" | "expired" | "cancelled";

/** A command given from here: the `command` event of a desktop's updates. */
export interface GivenCommand {
  id: string;
  /** The command's name on the wire, `prompt_send`. */
  command: string;
  session: string | null;
  /** The ask it answers. */
  ask: string | null;
  /** What a prompt said, so that it can be written again. */
  text: string | null;
  state: GivenState;
  given: number;
  /** When it is not given out any more. */
  expires: number;
  /** Why, in the words of whoever refused it. */
  reason: string | null;
  /** It is told to who does not know of it, too: it is not over, or came to nothing lately. */
  news: boolean;
}

/** The `hello` event, the first of a connection. */
export interface Hello {
  /** Goes along with commands, in `x-connection`. */
  connection: string;
  /** A `ping` comes at least so often, in milliseconds. */
  every: number | null;
}
