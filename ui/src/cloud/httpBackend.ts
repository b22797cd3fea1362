import { createSignal } from "solid-js";
import { createStore, produce } from "solid-js/store";
import { commandNames, type Commands, type Start, type Update } from "../backend/generated";
import type { Backend, Offer } from "../backend";
import { offersOf } from "../backend/abilities";
import { asCommandError, Refusal, type Http } from "./http";
import { isPutAway, keepDraft, keepSettings, keptDraft, keptSettings, putAway } from "./kept";
import { createUpdates, type LinkState } from "./updates";
import type { DesktopState, GivenCommand } from "./wire";

type Name = keyof Commands;

/** What this page does by itself, whatever the desktop offers. */
const here = ["settingsSave", "draftSave", "linkOpen"] as const satisfies readonly Name[];

/** What acts at the desktop. It goes out with a key of its own, so that what is sent twice is done once. */
const acting: ReadonlySet<Name> = new Set<Name>(["sessionCreate", "promptSend", "turnStop", "permissionAnswer", "questionAnswer", "questionReject"]);

/** How often what went nowhere is sent again, and how long is waited before each time, in milliseconds. */
const again = [400, 1_200, 3_000];
/**
 * How often what was drawn is confirmed, in milliseconds: the server goes on for 256 updates without a word, which are 25 s at
 * their densest, and counts the requests of a person over all their pages.
 */
const confirmsEvery = 2_000;
/** How long a command waits for a connection, in milliseconds. */
const connectionPatience = 20_000;
/** Given commands that are remembered, and how long one that is done stays in sight, in milliseconds. */
const mostGiven = 50;
const doneFor = 4_000;

const namesOnWire = new Map<string, Name>(Object.entries(commandNames).map(([name, wire]) => [wire, name as Name]));
const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const rest = (time: number) => new Promise<void>((done) => setTimeout(done, time));

/** What became of everything that was given from here, and how the desktop stands. */
export interface Remote {
  backend: Backend;
  link(): LinkState;
  desktop(): DesktopState;
  /** The commands given from here, oldest first; those that are done go after a moment. */
  given(): readonly GivenCommand[];
  /** Takes one back that no desktop had yet; fails with an {@link ApiError} where it is too late. */
  takeBack(command: string): Promise<void>;
  /** Puts one away that came to nothing. */
  dismiss(command: string): void;
  /** Tries to reach the server at once. */
  tryAgain(): void;
  end(): void;
}

/**
 * A paired desktop as the core of a window: commands by requests, changes by a stream of events. A stream does not say why it
 * broke; a question does, and one who is signed out is led to sign in: `ask` is that question.
 */
export function createHttpBackend(http: Http, desktop: string, first: DesktopState, ask: () => Promise<unknown> = () => http.get("/api/me")): Remote {
  const base = `/api/desktops/${encodeURIComponent(desktop)}`;
  const [state, setState] = createSignal(first);
  const [given, setGiven] = createStore<GivenCommand[]>([]);
  let connection: string | undefined;
  /** The one over which the first picture was asked for: what changes is told over that alone. */
  let pictured: string | undefined;
  let waiting: { done(id: string): void; failed(thrown: unknown): void }[] = [];
  let receive: ((update: Update) => void) | undefined;
  let begin: (() => Promise<void>) | undefined;
  /** Changes that came before the picture they change is drawn. */
  let held: Update[] | undefined = [];
  const timers = new Set<ReturnType<typeof setTimeout>>();

  const flush = () => {
    const due = held ?? [];
    held = undefined;
    for (const update of due) receive?.(update);
  };
  const updates = createUpdates(http.net, `${base}/updates`, {
    async hello(hello) {
      connection = hello.connection;
      held = [];
      const waited = waiting;
      waiting = [];
      for (const { done } of waited) done(hello.connection);
      // The first picture is asked for by the window itself.
      if (!begin) return;
      await begin();
      if (connection !== hello.connection) return;
      flush();
      // The window said so over the connection of before.
      if (document.hidden) call("windowShown", { shown: false }).catch(() => undefined);
    },
    update: (update) => (held ? void held.push(update) : receive?.(update)),
    desktop(next) {
      setState(next);
      if (next.status === "revoked") updates.over();
    },
    command: take,
    lost() {
      connection = undefined;
      ask().catch(() => undefined);
    },
    renewed: () => void (connection = undefined),
  });

  function take(command: GivenCommand): void {
    if (!given.some(({ id }) => id === command.id) && (!command.news || isPutAway(command.id))) return;
    setGiven(
      produce((all) => {
        const at = all.findIndex(({ id }) => id === command.id);
        // Of one that was done while nobody looked it is not told once more what it said.
        if (at >= 0) all[at] = { ...command, text: command.text ?? all[at]?.text ?? null };
        else all.push(command);
        all.sort((left, right) => left.given - right.given);
        if (all.length > mostGiven) all.splice(0, all.length - mostGiven);
      }),
    );
    if (command.state !== "done" && command.state !== "cancelled") return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      drop(command.id);
    }, doneFor);
    timers.add(timer);
  }
  const drop = (id: string) => setGiven((all) => all.filter((other) => other.id !== id));

  function connected(): Promise<string> {
    if (connection !== undefined) return Promise.resolve(connection);
    return new Promise((done, failed) => {
      const mine = { done, failed };
      waiting.push(mine);
      const timer = setTimeout(() => {
        timers.delete(timer);
        waiting = waiting.filter((other) => other !== mine);
        failed(new Refusal(0, "unreachable", ""));
      }, connectionPatience);
      timers.add(timer);
    });
  }

  /** Sends one command. What may have been lost on the way is sent again where that does no harm. */
  async function send(name: Name, request: unknown): Promise<unknown> {
    const path = `${base}/commands/${commandNames[name]}`;
    const key = acting.has(name) ? { "idempotency-key": random() } : {};
    let renewed = false;
    /** It went out and nobody said what became of it: with its key it is done once or not at all, and whatever comes now does not say which. */
    let unanswered = false;
    const fails = (thrown: unknown) => (unanswered ? new Refusal(0, "outcomeUnknown", "") : thrown);
    for (let attempt = 0; ; attempt += 1) {
      const over = await connected().catch((thrown: unknown) => {
        throw fails(thrown);
      });
      try {
        const answer = await http.post(path, request ?? {}, { headers: { "x-connection": over, ...key } });
        if (name === "start") pictured = over;
        return answer;
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        // The server knows nothing of the stream: it was begun anew.
        if (thrown.code === "noConnection" && !renewed) {
          renewed = true;
          if (connection === over) updates.lose();
          if (connection === over) connection = undefined;
          updates.again();
          continue;
        }
        // A server that failed may have done it before.
        const silent = thrown.code === "unreachable" || (acting.has(name) && thrown.code === "internal");
        unanswered ||= silent && acting.has(name);
        const wait = again[attempt];
        if (!silent || wait === undefined) throw fails(thrown);
        await rest(wait);
      }
    }
  }
  const call = async (name: Name, request?: unknown): Promise<unknown> => {
    try {
      return await send(name, request);
    } catch (thrown) {
      throw asCommandError(thrown);
    }
  };

  let acknowledged = 0;
  let telling = false;
  /** Each would be a request of its own, so the newest is told now and then. */
  const acknowledge: Commands["acknowledge"] = async ({ sequence }) => {
    acknowledged = sequence;
    if (telling) return;
    telling = true;
    try {
      for (let told: number | undefined; told !== acknowledged; ) {
        told = acknowledged;
        const over = connection;
        // What is begun anew counts anew.
        if (over === undefined) break;
        await http.post(`${base}/commands/${commandNames.acknowledge}`, { sequence: told }, { headers: { "x-connection": over } });
        await rest(confirmsEvery);
      }
    } catch (thrown) {
      throw asCommandError(thrown);
    } finally {
      telling = false;
    }
  };

  const overHttp = Object.fromEntries(Object.keys(commandNames).map((name) => [name, (request?: unknown) => call(name as Name, request)])) as unknown as Commands;
  const commands: Commands = {
    ...overHttp,
    acknowledge,
    // The desktop asks the model it would ask by itself: which ones there are is not told.
    promptSend: (request) => overHttp.promptSend({ ...request, model: null }),
    start: async () => ({ ...((await call("start")) as Start), settings: keptSettings() }),
    sessionOpen: async (request) => {
      const conversation = await overHttp.sessionOpen(request);
      return { ...conversation, draft: keptDraft(desktop, request.session) || conversation.draft };
    },
    settingsSave: async (settings) => {
      keepSettings(settings);
      return settings;
    },
    draftSave: async ({ session, text }) => keepDraft(desktop, session, text),
    linkOpen: async ({ url }) => {
      // Nothing else is left of a link where its text was made; whatever comes, no other leads anywhere, as at the desktop.
      if (!/^(?:https?|mailto):/i.test(url)) throw asCommandError(new Refusal(400, "invalidInput", ""));
      // A page that is opened from here must not reach back, and hears not from where it was.
      window.open(url, "_blank", "noopener,noreferrer");
    },
  };

  const offers = (): ReadonlySet<Offer> => new Set<Offer>([...here, ...state().offers.flatMap((wire) => namesOnWire.get(wire) ?? [])]);
  let offered: { of: DesktopState; set: ReadonlySet<Offer> } | undefined;

  updates.connect();
  return {
    backend: {
      commands,
      streams: {
        subscribe: async (next) => {
          receive = next;
          flush();
        },
      },
      // Asked for many times while a page is drawn, and made once.
      offers: offersOf(() => {
        const of = state();
        if (offered?.of !== of) offered = { of, set: offers() };
        return offered.set;
      }),
      onVoid(next) {
        begin = next;
        // It broke and came back before the first picture was drawn: nothing is told over the new one yet.
        if (connection !== undefined && connection !== pictured) updates.again();
      },
    },
    link: updates.state,
    desktop: state,
    given: () => given,
    async takeBack(command) {
      try {
        await http.remove(`${base}/given/${encodeURIComponent(command)}`);
      } catch (thrown) {
        throw asCommandError(thrown);
      }
    },
    dismiss(command) {
      putAway(command);
      drop(command);
    },
    tryAgain: updates.again,
    end() {
      updates.end();
      for (const timer of timers) clearTimeout(timer);
      for (const { failed } of waiting) failed(new Refusal(0, "unreachable", ""));
      waiting = [];
    },
  };
}
