import { createContext, createSignal, onCleanup, onMount, useContext } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { refusalWords, Refusal, type Http } from "./http";
import { draftsOf, forgetDrafts } from "./kept";
import { broughtBy, hashOf, placeOf, type Brought, type Place } from "./route";
import type { Desktop, Me, Membership, Role, Server } from "./wire";

/** What the page knows of who sits before it. */
export interface AccountState {
  phase: "loading" | "out" | "in" | "failed";
  /** Why it could not begin. */
  error: string | null;
  server: Server | null;
  me: Me | null;
  desktops: Desktop[] | null;
  /** Why the desktops could not be listed. */
  desktopsError: string | null;
  /** One was signed in, and is not any more without having signed out. */
  ranOut: boolean;
}

/** What needs which role, said once. */
const least: Record<"invite" | "setRoles" | "seeAudit" | "seePeople" | "addDesktop" | "makeToken", Role> = {
  setRoles: "admin",
  invite: "admin",
  seeAudit: "admin",
  addDesktop: "member",
  seePeople: "member",
  makeToken: "viewer",
};
const rank: Record<Role, number> = { viewer: 0, member: 1, admin: 2, owner: 3 };

const place = "cloud-organization";

/** How often the list of desktops is read while it is looked at, in milliseconds. */
const listedEvery = 15_000;

/** The one owner of who is signed in, where they are, and what they may see. */
export function createAccount(http: Http) {
  const [state, setState] = createStore<AccountState>({ phase: "loading", error: null, server: null, me: null, desktops: null, desktopsError: null, ranOut: false });
  const [at, setAt] = createSignal<Place>(placeOf(location.hash));
  const [brought, setBrought] = createSignal<Brought>();
  const [chosen, setChosen] = createSignal(keptOrganization());
  /** Counts how often the desktops were asked for, and that they are nobody's any more. */
  let listings = 0;

  function enter(me: Me): void {
    http.trust(me.csrf);
    draftsOf(me.user.id);
    setState({ phase: "in", error: null, ranOut: false });
    setState("me", reconcile(me, { key: "id" }));
    void listDesktops();
  }
  http.whenSignedOut(() => {
    listings += 1;
    if (state.phase === "in") setState({ phase: "out", ranOut: true, desktops: null });
  });

  /** Reads what a link brought, and takes it out of the address and its history. */
  function readAddress(): void {
    const found = broughtBy(location.hash);
    if (found) {
      setBrought(found);
      history.replaceState(null, "", `${location.pathname.replace(/^\/(welcome|invitation|pair|sign-in)\/?$/, "/")}#/${found.kind === "pair" ? "add" : ""}`);
    }
    setAt(placeOf(location.hash));
  }

  async function begin(): Promise<void> {
    readAddress();
    window.addEventListener("hashchange", readAddress);
    setState({ phase: "loading", error: null });
    try {
      const [server, me] = await Promise.all([
        http.get<Server>("/api/server"),
        http.get<Me>("/api/me").catch((thrown: unknown) => {
          if (thrown instanceof Refusal && thrown.status === 401) return null;
          throw thrown;
        }),
      ]);
      setState({ server });
      if (me) enter(me);
      else setState({ phase: "out" });
    } catch (thrown) {
      setState({ phase: "failed", error: refusalWords(thrown) });
    }
  }

  /** Only what was asked for last counts: an older answer that comes late would show what was changed since as it was. */
  async function listDesktops(): Promise<void> {
    listings += 1;
    const mine = listings;
    try {
      const { desktops } = await http.get<{ desktops: Desktop[] }>("/api/desktops");
      if (mine !== listings) return;
      // Set as a whole the first time: there is nothing to keep.
      if (state.desktops === null) setState({ desktops });
      else setState("desktops", reconcile(desktops, { key: "id" }));
      setState({ desktopsError: null });
    } catch (thrown) {
      if (mine === listings) setState({ desktopsError: refusalWords(thrown) });
    }
  }

  const organizations = (): Membership[] => state.me?.organizations ?? [];
  /** The organization that is looked at. */
  const organization = (): Membership | undefined => organizations().find(({ id }) => id === chosen()) ?? organizations()[0];

  return {
    http,
    state,
    at,
    brought,
    begin,
    enter,
    listDesktops,
    /** Reads the list as long as somebody looks at what stands in it. */
    followDesktops(): void {
      onMount(() => {
        void listDesktops();
        const timer = setInterval(() => document.visibilityState === "visible" && void listDesktops(), listedEvery);
        onCleanup(() => clearInterval(timer));
      });
    },
    organizations,
    organization,
    chooseOrganization(id: string): void {
      setChosen(id);
      try {
        localStorage.setItem(place, id);
      } catch {
        // Then the first one is looked at the next time.
      }
    },
    /** Whether one may do something in the organization that is looked at. */
    may: (what: keyof typeof least): boolean => rank[organization()?.role ?? "viewer"] >= rank[least[what]],
    go(to: Place): void {
      location.hash = hashOf(to);
      setAt(to);
    },
    /** The secret of a link was used, or is not wanted. */
    spend: () => setBrought(undefined),
    async signOut(): Promise<void> {
      await http.post("/api/sign-out").catch((thrown: unknown) => {
        if (!(thrown instanceof Refusal && thrown.status === 401)) throw thrown;
      });
      forgetDrafts();
      listings += 1;
      setState({ phase: "out", ranOut: false, me: null, desktops: null });
      location.hash = hashOf({ at: "desktops" });
    },
  };
}

function keptOrganization(): string | null {
  try {
    return localStorage.getItem(place);
  } catch {
    return null;
  }
}

export type Account = ReturnType<typeof createAccount>;

const AccountContext = createContext<Account>();
export const AccountProvider = AccountContext.Provider;

/** Who sits before this page. */
export function useAccount(): Account {
  const account = useContext(AccountContext);
  if (!account) throw new Error("useAccount needs an AccountProvider above it");
  return account;
}
