import { createSignal } from "solid-js";
import type { Update } from "../backend";
import type { Net } from "./http";
import type { DesktopState, GivenCommand, Hello } from "./wire";

/** The first wait after a connection broke, and the longest, in milliseconds. */
const firstWait = 1_000;
const longestWait = 30_000;
/** How much of a wait is left to chance, so that pages which lost a server together do not come back together. */
const chance = 0.4;
/** How many times the server's own rhythm it may be silent. */
const silences = 3;
/** How long a connection may take until it says hello, in milliseconds. */
const patience = 15_000;

/** How the connection stands. */
export type LinkState = { kind: "connecting" } | { kind: "live" } | { kind: "lost"; since: number; next: number };

/** What comes over it. */
export interface Receiver {
  /** A connection begins: all before is void. Rejects when it is not to be used. */
  hello(hello: Hello): Promise<void>;
  update(update: Update): void;
  desktop(state: DesktopState): void;
  command(given: GivenCommand): void;
  /** It broke off or did not come. The server may say by a question why. */
  lost(): void;
  /** It is over, and the next one is on its way: the server would tell all of it anew. */
  renewed(): void;
}

/**
 * The updates of one desktop: a stream that is begun anew whenever it breaks, falls silent or has a hole, each time later
 * and a little by chance.
 */
export function createUpdates(net: Net, path: string, receiver: Receiver) {
  const [state, setState] = createSignal<LinkState>({ kind: "connecting" });
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watch: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let since = 0;
  let every: number | null = null;
  let sequence = 0;
  let renewed = 0;
  let ended = false;

  const close = () => {
    clearTimeout(timer);
    clearTimeout(watch);
    source?.close();
    source = undefined;
  };
  function lose(): void {
    if (ended) return;
    close();
    const wait = Math.min(longestWait, firstWait * 2 ** tries) * (1 - chance / 2 + chance * Math.random());
    tries += 1;
    since ||= Date.now();
    setState({ kind: "lost", since, next: Date.now() + wait });
    timer = setTimeout(connect, wait);
    receiver.lost();
  }
  const alive = () => {
    clearTimeout(watch);
    if (every !== null) watch = setTimeout(lose, every * silences);
  };

  function connect(): void {
    if (ended) return;
    close();
    sequence = 0;
    every = null;
    watch = setTimeout(lose, patience);
    const mine = net.events(path);
    source = mine;
    const on = (name: string, take: (data: unknown) => void) =>
      mine.addEventListener(name, (event) => {
        if (source !== mine) return;
        alive();
        let data: unknown;
        try {
          data = JSON.parse(String((event as MessageEvent).data));
        } catch {
          // Half a message is a hole.
          return lose();
        }
        take(data);
      });
    on("hello", (data) => {
      const hello = data as Hello;
      every = hello.every;
      alive();
      receiver.hello(hello).then(
        () => {
          if (source !== mine) return;
          tries = 0;
          since = 0;
          setState({ kind: "live" });
        },
        () => source === mine && lose(),
      );
    });
    on("update", (data) => {
      const update = data as Update;
      sequence += 1;
      if (update.sequence === sequence) receiver.update(update);
      // Something is missing: only a whole new picture is right again.
      else lose();
    });
    on("desktop", (data) => receiver.desktop(data as DesktopState));
    on("command", (data) => receiver.command(data as GivenCommand));
    on("ping", () => undefined);
    // Nothing is wrong: the page was not looked at, or was slow. One that is so again at once waits, as after a break.
    on("anew", () => {
      if (Date.now() - renewed < firstWait) return lose();
      renewed = Date.now();
      setState({ kind: "connecting" });
      connect();
      receiver.renewed();
    });
    mine.addEventListener("error", () => source === mine && lose());
  }

  /** Tries at once. */
  const again = () => {
    if (ended) return;
    tries = 0;
    connect();
  };
  const back = () => state().kind === "lost" && again();
  const seen = () => document.visibilityState === "visible" && back();
  window.addEventListener("online", back);
  document.addEventListener("visibilitychange", seen);
  function end(): void {
    ended = true;
    close();
    window.removeEventListener("online", back);
    document.removeEventListener("visibilitychange", seen);
  }

  return {
    state,
    connect,
    again,
    /** What was told is void: it is begun anew. */
    lose,
    end,
    /** All was told, and nothing more comes: that it ends then is no break. */
    over(): void {
      end();
      setState({ kind: "live" });
    },
  };
}

export type Updates = ReturnType<typeof createUpdates>;
