import { createFakeBackend, fakeStart, type FakeBackend, type FakeOptions } from "../../backend/fake";
import { commandNames, type Commands, type Update } from "../../backend/generated";
import type { ApiToken, AuditRow, Desktop, DesktopState, GivenCommand, Invitation, Me, Member, Membership, Role, Scope, SignIn, Visibility } from "../../cloud/wire";

/*
 * A server without a server: what the real one answers, from a world that a test or somebody who looks at the page plays
 * with. Desktops are the fake cores of the app's own tests.
 */

/** An answer to a request. */
export interface Answered {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Whatever a request may bring along; what a route reads of it is there. */
interface Sent {
  email: string;
  password: string;
  current: string;
  code: string;
  name: string;
  organization: string;
  role: Role;
  label: string;
  scopes: Scope[];
  days: number;
  pairingId: string;
  visibility: Visibility;
}

/** A request that came. */
export interface Asked {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

/** What a page hears of a desktop. */
interface Listener {
  desktop: string;
  connection: string;
  sequence: number;
  send(event: string, data: unknown): void;
  cut(): void;
}

/** Every command that a browser has, by its name on the wire. */
export const allOffers = [
  "start",
  "acknowledge",
  "window_shown",
  "session_open",
  "session_page",
  "session_close",
  "session_create",
  "prompt_send",
  "turn_stop",
  "permission_answer",
  "question_answer",
  "question_reject",
  "thread_outline",
  "thread_page",
  "inbox_ask",
  "conversation_text",
  "message_source",
  "tool_output",
  "tool_text",
  "change_page",
];
/** The same for whoever only reads along. */
export const readingOffers = allOffers.filter((name) => !["session_create", "prompt_send", "turn_stop", "permission_answer", "question_answer", "question_reject"].includes(name));

const acting = new Set(["session_create", "prompt_send", "turn_stop", "permission_answer", "question_answer", "question_reject"]);
const methods = new Map(Object.entries(commandNames).map(([method, wire]) => [wire as string, method as keyof Commands]));

export const password = "correct horse battery";
export const ownerCode = "oco_first";
export const invitationCode = "oci_come";
/** When all of it is. */
export const fakeThen = Date.UTC(2026, 10, 20, 14, 21);
const day = 86_400_000;

const refused = (status: number, code: string, message: string, headers: Record<string, string> = {}): Answered => ({ status, body: { code, message }, headers });
const notFound = () => refused(404, "notFound", "There is nothing here.");
const notAllowed = () => refused(403, "notAllowed", "Your role does not allow that.");

/** How a desktop of the world stands unless a test says otherwise. */
export const online = (offers: readonly string[] = allOffers): DesktopState => ({ status: "online", since: fakeThen, behind: false, offers: [...offers] });

export const fakeDesktop = (id: string, label: string, more: Partial<Desktop> = {}): Desktop => ({
  id,
  organization: "org_1",
  owner: "usr_ada",
  ownerName: "Ada Lindqvist",
  label,
  visibility: "owner",
  created: fakeThen - 9 * day,
  may: { see: true, prompt: true, answer: true, change: true, revoke: true },
  state: { lastSeen: fakeThen, revoked: null },
  desktop: online(),
  version: "1.4.0",
  ...more,
});

/** What is remote of a desktop's first picture: no settings, models or providers of its own. */
export function sharedStart() {
  const start = fakeStart();
  for (const folder of start.folders) Object.assign(folder, { path: "", ignored: [] });
  return { ...start, brand: { ...start.brand, helpUrl: "", supportUrl: "", securityUrl: "" }, models: [], providers: [], notices: [], initialFolder: null };
}

export interface ServerOptions {
  setUp?: boolean;
  /** Somebody is signed in. */
  signedIn?: boolean;
  role?: Role;
  organizations?: Membership[];
  desktops?: Desktop[];
  core?: FakeOptions;
}

export function createServer(options: ServerOptions = {}) {
  const { role = "owner" } = options;
  const world = {
    setUp: options.setUp ?? true,
    session: (options.signedIn ?? true) ? 1 : 0,
    csrf: "csrf-1",
    user: { id: "usr_ada", name: "Ada Lindqvist", email: "ada@example.org" },
    organizations: options.organizations ?? [{ id: "org_1", name: "Atlas Works", role }],
    desktops: options.desktops ?? [fakeDesktop("dsk_1", "Ada’s workstation"), fakeDesktop("dsk_2", "Build server", { owner: "usr_lin", ownerName: "Lin Okafor", visibility: "organization", desktop: { status: "offline", since: fakeThen - day, behind: true, offers: readingOffers } })],
    members: [
      { user: "usr_ada", name: "Ada Lindqvist", email: "ada@example.org", role, since: fakeThen - 40 * day },
      { user: "usr_lin", name: "Lin Okafor", email: "lin@example.org", role: "member", since: fakeThen - 20 * day },
      { user: "usr_sam", name: "Samuel Constantinopoulos-Featherstonehaugh", email: "samuel.constantinopoulos-featherstonehaugh@example.org", role: "viewer", since: fakeThen - 2 * day },
    ] as Member[],
    invitations: [{ id: "inv_1", email: "noor@example.org", role: "member", created: fakeThen - day, expires: fakeThen + 9 * day }] as Invitation[],
    tokens: [{ id: "tok_1", label: "Nightly report", userName: "Ada Lindqvist", scopes: ["read", "prompt"], created: fakeThen - 5 * day, expires: fakeThen + 25 * day, lastUsed: null }] as ApiToken[],
    sessions: [
      { id: "ses_1", agent: "Firefox on Linux", created: fakeThen - 3 * day, lastSeen: fakeThen, expires: fakeThen + 20 * day, current: true },
      { id: "ses_2", agent: "", created: fakeThen - 6 * day, lastSeen: fakeThen - day, expires: fakeThen + 20 * day, current: false },
    ] as SignIn[],
    audit: Array.from({ length: 3 }, (_, at): AuditRow => ({ number: 103 - at, at: fakeThen - at * 3_600_000, actorKind: at === 2 ? "server" : "user", actorId: "usr_ada", actor: at === 2 ? "" : "Ada Lindqvist", action: ["pairing.enrolled", "user.signed_in", "server.started"][at] ?? "", about: at === 0 ? "dsk_1" : "", details: at === 0 ? { label: "Ada’s workstation" } : null })),
  };
  const asked: Asked[] = [];
  const failing = new Map<string, Answered>();
  const swallowed = new Set<string>();
  const cores = new Map<string, FakeBackend>();
  const listeners = new Set<Listener>();
  const given = new Map<string, GivenCommand & { desktop: string }>();
  const answers = new Map<string, Answered>();
  /** The network is down. */
  let unreachable = false;
  let made = 100;
  let connections = 0;
  let csrfs = 1;
  const next = () => (made += 1);

  const me = (): Me => ({ user: world.user, csrf: world.csrf, organizations: world.organizations });
  const desktopOf = (id: string | undefined) => world.desktops.find((desktop) => desktop.id === id);
  const tell = (desktop: string, event: string, data: unknown) => {
    for (const listener of listeners) if (listener.desktop === desktop) listener.send(event, data);
  };
  function coreOf(desktop: string): FakeBackend {
    let core = cores.get(desktop);
    if (!core) {
      core = createFakeBackend({ start: sharedStart(), ...options.core });
      cores.set(desktop, core);
      void core.streams.subscribe((update: Update) => {
        for (const listener of listeners) {
          if (listener.desktop !== desktop) continue;
          listener.sequence += 1;
          listener.send("update", { ...update, sequence: listener.sequence });
        }
      });
    }
    return core;
  }
  function admit(): Answered {
    world.session = next();
    csrfs += 1;
    world.csrf = `csrf-${csrfs}`;
    return { status: 200, body: me() };
  }

  async function command(desktop: string, wire: string, request: unknown, headers: Record<string, string>): Promise<Answered> {
    const found = desktopOf(desktop);
    if (!found) return notFound();
    if (![...listeners].some((listener) => listener.desktop === desktop && listener.connection === headers["x-connection"])) return refused(409, "noConnection", "The stream of this page is not there.");
    if (!(found.desktop?.offers ?? []).includes(wire)) return notAllowed();
    const key = headers["idempotency-key"];
    if (acting.has(wire)) {
      if (key === undefined) return refused(400, "invalidInput", "`idempotency-key` is missing.");
      const before = answers.get(key);
      if (before) return before;
    }
    const method = methods.get(wire);
    if (!method) return notFound();
    const about = (request ?? {}) as { session?: string; text?: string; permission?: string; question?: string };
    if (acting.has(wire)) {
      const id = `cmd_${next()}`;
      const one: GivenCommand = { id, command: wire, session: about.session ?? null, ask: about.permission ?? about.question ?? null, text: about.text ?? null, state: "waiting", given: Date.now(), expires: Date.now() + 600_000, reason: null, news: true };
      given.set(id, { ...one, desktop });
      tell(desktop, "command", one);
    }
    const run = coreOf(desktop).commands[method] as (request?: unknown) => Promise<unknown>;
    let answer: Answered;
    try {
      const body = await run(request);
      answer = body === undefined ? { status: 204 } : { status: 200, body };
    } catch (thrown) {
      answer = { status: 400, body: thrown };
    }
    if (key !== undefined) answers.set(key, answer);
    return answer;
  }

  function takeBack(id: string | undefined): Answered {
    const one = given.get(id ?? "");
    if (!one) return notFound();
    if (one.state !== "waiting") return refused(409, "conflict", "The desktop has this command already, or it is over.");
    const { desktop, ...told } = Object.assign(one, { state: "cancelled" as const });
    tell(desktop, "command", { ...told });
    return { status: 204 };
  }

  async function route({ method, path, body, headers }: Asked): Promise<Answered> {
    const failure = failing.get(`${method} ${path}`);
    if (failure) return failure;
    const [, , first, second, third, fourth, fifth] = path.split(/[/?]/);
    const sent = (body ?? {}) as Sent;
    const call = `${method} ${path}`;
    if (call === "GET /api/server") return { status: 200, body: { name: "Atlas Desk", version: "1.4.0", setUp: world.setUp } };
    if (call === "POST /api/sign-in") return sent.email === world.user.email && sent.password === password ? admit() : refused(401, "wrongCredentials", "The address or the password is wrong.");
    if (call === "POST /api/welcome") {
      if (world.setUp || sent.code !== ownerCode) return refused(404, "deadLink", "This link was used, taken back or is too old; ask for another one.");
      world.setUp = true;
      world.user = { id: "usr_ada", name: sent.name, email: sent.email };
      world.organizations = [{ id: "org_1", name: sent.organization, role: "owner" }];
      world.desktops = [];
      return admit();
    }
    if (first === "invitations") {
      if (sent.code !== invitationCode) return refused(404, "deadLink", "This link was used, taken back or is too old; ask for another one.");
      if (second === "look") return { status: 200, body: { organization: "Borealis", email: "ada@example.org", role: "member", expires: fakeThen + day } };
      if (world.session === 0 && !sent.password) return refused(401, "signedOut", "Sign in first.");
      world.organizations = [...world.organizations, { id: "org_2", name: "Borealis", role: "member" }];
      return world.session === 0 ? admit() : { status: 200, body: me() };
    }
    if (world.session === 0) return refused(401, "signedOut", "Sign in first.");
    if (method !== "GET" && headers["x-csrf-token"] !== world.csrf) return refused(403, "csrf", "The request did not come from this server's own page; load the page anew.");
    if (call === "GET /api/me") return { status: 200, body: me() };
    if (call === "POST /api/sign-out") {
      world.session = 0;
      return { status: 204 };
    }
    if (call === "GET /api/me/sessions") return { status: 200, body: { sessions: world.sessions } };
    if (call === "POST /api/me/password") return sent.current === password ? { status: 204 } : refused(403, "wrongCredentials", "The current password is wrong.");
    if (method === "DELETE" && first === "me") {
      world.sessions = world.sessions.filter(({ id }) => id !== third);
      return { status: 204 };
    }
    if (first === "desktops") {
      if (call === "GET /api/desktops") return { status: 200, body: { desktops: world.desktops } };
      if (third === "commands" && second !== undefined && fourth !== undefined) return command(second, fourth, body, headers);
      if (method === "DELETE" && third === "given") return takeBack(fourth);
      return notFound();
    }
    if (first !== "organizations") return notFound();
    const membership = world.organizations.find(({ id }) => id === second);
    if (!membership) return notFound();
    const rows = { members: world.members, invitations: world.invitations, tokens: world.tokens } as const;
    if (method === "GET" && (third === "members" || third === "invitations" || third === "tokens")) return { status: 200, body: { [third]: rows[third] } };
    if (method === "GET" && third === "audit") return { status: 200, body: path.includes("before=") ? { rows: [{ ...world.audit[0], number: 7, action: "organization.created" }], older: null } : { rows: world.audit, older: 101 } };
    if (third === "members" && method === "PATCH") {
      const member = world.members.find(({ user }) => user === fourth);
      if (!member) return notFound();
      if (member.role === "owner") return refused(409, "conflict", "An organization keeps an owner.");
      member.role = sent.role;
      return { status: 204 };
    }
    if (method === "DELETE") {
      if (third === "members") world.members = world.members.filter(({ user }) => user !== fourth);
      if (third === "invitations") world.invitations = world.invitations.filter(({ id }) => id !== fourth);
      if (third === "tokens") world.tokens = world.tokens.filter(({ id }) => id !== fourth);
      if (third === "desktops") setDesktop(fourth ?? "", { status: "revoked", since: fakeThen, offers: [] });
      return { status: 204 };
    }
    if (method === "POST" && third === "invitations") {
      const invitation: Invitation = { id: `inv_${next()}`, email: sent.email, role: sent.role, created: fakeThen, expires: fakeThen + 10 * day };
      world.invitations = [...world.invitations, invitation];
      return { status: 201, body: { id: invitation.id, link: `https://cowork.example.org/invitation#code=oci_${invitation.id}`, expires: invitation.expires } };
    }
    if (method === "POST" && third === "tokens") {
      const token: ApiToken = { id: `tok_${next()}`, label: sent.label, userName: world.user.name, scopes: sent.scopes, created: fakeThen, expires: fakeThen + Number(sent.days) * day, lastUsed: null };
      world.tokens = [...world.tokens, token];
      return { status: 201, body: { token, secret: "oct_0123456789abcdef0123456789abcdef" } };
    }
    if (method === "POST" && third === "desktops" && fifth === "token") return { status: 204 };
    if (method === "POST" && third === "desktops") {
      if (desktopOf(sent.pairingId)) return refused(409, "conflict", "This pairing is known already.");
      const desktop = fakeDesktop(sent.pairingId, sent.label, { visibility: sent.visibility, desktop: { status: "new", since: fakeThen, behind: false, offers: allOffers } });
      world.desktops = [...world.desktops, desktop];
      return { status: 201, body: desktop };
    }
    if (method === "PATCH" && third === "desktops") {
      const desktop = desktopOf(fourth);
      if (!desktop) return notFound();
      Object.assign(desktop, sent);
      return { status: 204 };
    }
    return notFound();
  }

  function setDesktop(id: string, change: Partial<DesktopState>): void {
    const desktop = desktopOf(id);
    if (!desktop) return;
    desktop.desktop = { ...(desktop.desktop ?? online()), ...change };
    tell(id, "desktop", desktop.desktop);
  }

  return {
    world,
    /** Every request, oldest first. */
    asked,
    requests: (method: string, path: string) => asked.filter((each) => each.method === method && each.path === path),
    /** What a command was asked with. */
    commands: (desktop: string, wire: string) => asked.filter((each) => each.path === `/api/desktops/${desktop}/commands/${wire}`),
    core: coreOf,
    given: () => [...given.values()],
    listeners,
    async handle(request: Asked): Promise<Answered> {
      if (unreachable) throw new TypeError("Failed to fetch");
      asked.push(request);
      if (swallowed.has(`${request.method} ${request.path}`)) return new Promise<Answered>(() => undefined);
      return route(request);
    },
    /** Opens a stream, or says with what status not. */
    listen(path: string, send: Listener["send"], cut: () => void): (() => void) | number {
      const desktop = /^\/api\/desktops\/([^/]+)\/updates$/.exec(path)?.[1];
      if (unreachable) return 0;
      if (world.session === 0) return 401;
      const found = desktopOf(desktop);
      if (desktop === undefined || !found) return 404;
      coreOf(desktop);
      connections += 1;
      const listener: Listener = { desktop, connection: `conn_${connections}`, sequence: 0, send, cut };
      listeners.add(listener);
      send("hello", { connection: listener.connection, every: null });
      send("desktop", found.desktop ?? online());
      for (const { desktop: of, ...one } of given.values()) {
        // As the server does: what was done is no news to who does not know of it, and what it said is not told again.
        const isDone = one.state === "done" || one.state === "cancelled";
        if (of === desktop) send("command", { ...one, text: isDone ? null : one.text, news: !isDone });
      }
      return () => void listeners.delete(listener);
    },
    /** Takes a request from now on and never answers it. */
    swallow: (call: string) => void swallowed.add(call),
    /** Lets a request fail from now on; nothing lets it work again. */
    fail: (call: string, answer: Answered | null) => void (answer ? failing.set(call, answer) : failing.delete(call)),
    setDesktop,
    setGiven(id: string, change: Partial<GivenCommand>): void {
      const one = given.get(id);
      if (!one) return;
      Object.assign(one, change);
      const { desktop, ...told } = one;
      tell(desktop, "command", { ...told });
    },
    send: tell,
    /** The sign-in ends, without the page knowing. */
    signOut(): void {
      world.session = 0;
      for (const { cut } of listeners) cut();
    },
    /** Somebody signs in beside the page, in the same browser. */
    changeCsrf(): void {
      csrfs += 1;
      world.csrf = `csrf-${csrfs}`;
    },
    /** The server has every page begin anew: it was too slow, or nobody looked at it. */
    renew(): void {
      for (const { send, cut } of listeners) {
        send("anew", {});
        cut();
      }
    },
    /** A desktop's pairing is over: it is told, the stream ends, and from then on there is no such desktop. */
    endPairing(id: string): void {
      setDesktop(id, { status: "revoked", offers: readingOffers });
      world.desktops = world.desktops.filter((desktop) => desktop.id !== id);
      for (const { desktop, cut } of listeners) if (desktop === id) cut();
    },
    /** One's right to see a desktop is taken back. */
    takeBack(id: string): void {
      world.desktops = world.desktops.filter((desktop) => desktop.id !== id);
      for (const { desktop, cut } of listeners) if (desktop === id) cut();
    },
    /** All streams break; with `down` nothing is to be reached until it is called without. */
    breakOff(down = false): void {
      unreachable = down;
      for (const { cut } of listeners) cut();
    },
    setReachable: (reachable: boolean) => void (unreachable = !reachable),
  };
}

export type FakeServer = ReturnType<typeof createServer>;
