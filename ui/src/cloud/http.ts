import type { ApiError, Code } from "../backend";
import { cloudText as text } from "../strings/cloud";
import type { Me } from "./wire";

/** What a browser has to talk to a server with; a test has its own. */
export interface Net {
  fetch(path: string, init: RequestInit): Promise<Response>;
  events(path: string): EventSource;
}

export const browserNet: Net = {
  fetch: (path, init) => fetch(path, init),
  events: (path) => new EventSource(path),
};

/** Why the server did not do what it was asked. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(
    /** The status of the answer; zero where none came. */
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds after which it may be tried again. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** Words for codes that the desktop's own backend has none of, or says otherwise. The server's own English follows where it says more. */
export function refusalWords(thrown: unknown): string {
  if (!(thrown instanceof Refusal)) return thrown instanceof Error ? thrown.message : String(thrown);
  const { code, message, retryAfter } = thrown;
  switch (code) {
    case "unreachable":
      return text("cloud.unreachable");
    case "signedOut":
      return text("cloud.signedOut");
    case "tooMany":
    case "quota":
      return retryAfter === null ? text("cloud.tooMany", { message }) : text("cloud.tooManyFor", { message, count: retryAfter });
    case "busy":
      return text("cloud.busy");
    case "conflict":
      return text("cloud.conflict", { message });
    case "notFound":
      return text("cloud.notFound");
    default:
      return message === "" ? text("cloud.failed") : message;
  }
}

const known: Record<string, Code> = {
  invalidInput: "invalidInput",
  notFound: "notFound",
  engineNotReady: "engineNotReady",
  engineRefused: "engineRefused",
  outcomeUnknown: "outcomeUnknown",
  folderUnavailable: "folderUnavailable",
  notAllowed: "notAllowed",
  consentNeeded: "consentNeeded",
  notSaved: "notSaved",
  internal: "internal",
  signedOut: "notAllowed",
  csrf: "notAllowed",
};

/** A refusal as the window knows errors. */
export function asCommandError(thrown: unknown): ApiError {
  const code = thrown instanceof Refusal ? (known[thrown.code] ?? "unreachable") : "internal";
  return { code, message: refusalWords(thrown) };
}

interface Asking {
  headers?: Record<string, string>;
  /** Its 401 says something about what was sent, not that one is signed out. */
  open?: boolean;
}

/** How long an answer is waited for, in milliseconds: longer than the server waits for a desktop that makes a thread. */
const patience = 30_000;

const nobodyTold = () => undefined;

/** Asks the server, with what proves that this page asks. */
export function createHttp(net: Net = browserNet) {
  let csrf = "";
  let renewing: Promise<void> | undefined;
  let onSignedOut: () => void = nobodyTold;

  async function once<Answer>(method: string, path: string, body: unknown, { headers = {}, open = false }: Asking): Promise<Answer> {
    const writes = method !== "GET";
    let answer: Response;
    /** What stands between may take a request and never say more. */
    const waits = new AbortController();
    const timer = setTimeout(() => waits.abort(), patience);
    try {
      answer = await net.fetch(path, {
        signal: waits.signal,
        method,
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }), ...(writes ? { "x-csrf-token": csrf } : {}), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      clearTimeout(timer);
      throw new Refusal(0, "unreachable", "");
    }
    // What stands between may answer with a page of its own.
    const read = (answer.status === 204 ? undefined : await answer.json().catch(() => undefined)) as unknown;
    clearTimeout(timer);
    if (answer.status === 204) return undefined as Answer;
    if (answer.ok && read !== undefined) return read as Answer;
    const { code, message } = (typeof read === "object" && read !== null ? read : {}) as { code?: unknown; message?: unknown };
    const after = Number(answer.headers.get("retry-after") ?? Number.NaN);
    const refusal = new Refusal(answer.status, typeof code === "string" ? code : answer.ok || answer.status >= 500 ? "unreachable" : "internal", typeof message === "string" ? message : "", Number.isFinite(after) ? after : null);
    if (answer.status === 401 && !open) onSignedOut();
    throw refusal;
  }

  /** Gets a token that holds; together for all who need one. */
  function renew(): Promise<void> {
    renewing ??= once<Me>("GET", "/api/me", undefined, {})
      .then((me) => void (csrf = me.csrf))
      .finally(() => (renewing = undefined));
    return renewing;
  }

  async function ask<Answer>(method: string, path: string, body?: unknown, how: Asking = {}): Promise<Answer> {
    try {
      return await once<Answer>(method, path, body, how);
    } catch (thrown) {
      // The token is that of a sign-in before: somebody signed in anew beside this page. Nothing was done.
      if (!(thrown instanceof Refusal) || thrown.status !== 403 || thrown.code !== "csrf") throw thrown;
      await renew();
      return once<Answer>(method, path, body, how);
    }
  }

  return {
    net,
    get: <Answer>(path: string) => ask<Answer>("GET", path),
    post: <Answer>(path: string, body: unknown = {}, how?: Asking) => ask<Answer>("POST", path, body, how),
    patch: <Answer>(path: string, body: unknown) => ask<Answer>("PATCH", path, body),
    remove: (path: string) => ask<undefined>("DELETE", path),
    /** Takes over the token of who is signed in now. */
    trust: (token: string) => void (csrf = token),
    whenSignedOut: (told: () => void) => void (onSignedOut = told),
  };
}

export type Http = ReturnType<typeof createHttp>;
