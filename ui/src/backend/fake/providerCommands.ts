import type { ApiError, Commands, ConnectedProvider, Keychain, LocalServerRow, ProviderCatalogue, ProviderRow, ProviderUsage, SignInView, Start, Update } from "../generated";
import { fakeModelsOf, fakeSignIn, fakeStepCount, fakeTest, fakeTestAt, fakeTestFailed } from "./providers";

/** What a fake core knows of providers, free to be changed. */
export interface FakeProviders {
  catalogue: ProviderCatalogue;
  servers: LocalServerRow[];
  usage: ProviderUsage[];
  /** What `keychain` answers; nothing lets it wait for good. */
  keychain: Keychain | undefined;
  /** What it answers when asked again; the same when absent. */
  keychainAgain: Keychain | undefined;
  /** The step a test fails at; none fails when absent. */
  failsAt: number | undefined;
  /** Milliseconds from one step of a test, or of a sign-in, to the next. Nothing goes on by itself when absent. */
  pace: number | undefined;
  /** What looks odd about keys. */
  warning: string;
}

interface World {
  world: Start;
  known: FakeProviders;
  push(update: Partial<Omit<Update, "sequence">>): void;
  refuse(error: ApiError): Promise<never>;
}

type Names =
  | "providerCatalogue"
  | "providerModels"
  | "localServers"
  | "providerProbe"
  | "providerConnect"
  | "providerRemove"
  | "keySet"
  | "keyRemove"
  | "keysForgetAll"
  | "keysRenew"
  | "keychain"
  | "providerTest"
  | "providerTestStop"
  | "providerUsage"
  | "providerAllowMore"
  | "signInBegin"
  | "signInPaste"
  | "signInStop";

/** The end of a key, which is all that ever comes back of it. */
const hint = (key: string): string => `…${key.slice(-4)}`;

const keyState = (key: string, thisRun: boolean): ProviderRow["key"] => (thisRun ? { kind: "thisRun", hint: hint(key) } : { kind: "kept", hint: hint(key), changed: Date.now() });

/** The commands about providers, keys, tests and sign-ins. */
export function createProviderCommands({ world, known, push, refuse }: World): Pick<Commands, Names> {
  let made = 0;
  let test = 0;
  let signIn = 0;
  const later = (run: () => void) => {
    if (known.pace !== undefined) setTimeout(run, known.pace);
  };
  const gone: ApiError = { code: "notFound", message: "That provider is not connected." };
  const find = (id: string) => world.providers.find((row) => row.id === id);
  const put = (row: ProviderRow) => {
    world.providers = world.providers.some((each) => each.id === row.id) ? world.providers.map((each) => (each.id === row.id ? row : each)) : [...world.providers, row];
    push({ providers: world.providers });
  };
  const connected = (provider: ProviderRow): ConnectedProvider => ({ provider: structuredClone(provider), warning: known.warning });
  const unkept = (thisRun: boolean) => known.keychain?.kind === "unavailable" && !thisRun;
  const locked: ApiError = { code: "notSaved", message: "The key cannot be kept on this computer." };
  const tellSignIn = (view: SignInView) => {
    world.signIn = structuredClone(view);
    push({ signIn: view });
  };
  const finishSignIn = (view: SignInView) => {
    const name = known.catalogue.offers.find((offer) => offer.id === view.provider)?.name ?? view.provider;
    put({ id: view.provider, name, kind: "known", baseUrl: `https://api.${view.provider}.example`, models: [], key: { kind: view.keeper === "app" ? "signedIn" : "signedInByEngine" }, leftOut: null });
    tellSignIn({ ...view, state: { kind: "done" } });
  };

  return {
    providerCatalogue: async () => structuredClone(known.catalogue),
    providerModels: async ({ provider }) => {
      const offer = known.catalogue.offers.find((each) => each.id === provider);
      return offer ? fakeModelsOf(offer.id, offer.name, offer.modelCount) : structuredClone(world.models.filter((model) => model.id.startsWith(`${provider}/`)));
    },
    localServers: async () => structuredClone(known.servers),
    providerProbe: async ({ baseUrl }) => ({ baseUrl, models: ["qwen3-coder-30b", "gemma3-12b"], wantsKey: false }),
    providerConnect: async ({ provider, name, baseUrl, models, key, thisRun }) => {
      if (key !== null && unkept(thisRun)) return refuse(locked);
      const offer = known.catalogue.offers.find((each) => each.id === provider);
      made += 1;
      const row: ProviderRow = {
        id: offer?.id ?? `provider-${made}`,
        name: offer?.name ?? name ?? "",
        kind: offer ? "known" : "custom",
        baseUrl: baseUrl ?? `https://api.${provider}.example`,
        models,
        key: key === null ? { kind: "notNeeded" } : keyState(key, thisRun),
        leftOut: null,
      };
      const offered = offer
        ? fakeModelsOf(offer.id, offer.name, offer.modelCount)
        : models.map((model) => ({ id: `${row.id}/${model}`, name: model, provider: row.name, scripted: false, context: 0, variants: [], tools: true, images: null }));
      world.models = [...offered, ...world.models];
      put(row);
      push({ models: world.models });
      return connected(row);
    },
    providerRemove: async ({ provider }) => {
      world.providers = world.providers.filter((row) => row.id !== provider);
      push({ providers: world.providers });
    },
    keySet: async ({ provider, key, thisRun }) => {
      const row = find(provider);
      if (!row) return refuse(gone);
      if (unkept(thisRun)) return refuse(locked);
      const changed = { ...row, key: keyState(key, thisRun) };
      put(changed);
      return connected(changed);
    },
    keyRemove: async ({ provider }) => {
      const row = find(provider);
      if (!row) return refuse(gone);
      const changed: ProviderRow = { ...row, key: { kind: "missing" } };
      put(changed);
      return structuredClone(changed);
    },
    keysForgetAll: async () => {
      const keyed = new Set(["kept", "thisRun", "plain", "cannotBeRead"]);
      world.providers = structuredClone(world.providers).filter((row) => row.key.kind !== "signedIn");
      for (const row of world.providers) if (keyed.has(row.key.kind)) row.key = { kind: "missing" };
      push({ providers: world.providers });
    },
    keysRenew: async () => world.providers.filter((row) => row.key.kind === "signedIn").length,
    keychain: async ({ again }) => {
      if (again && known.keychainAgain) known.keychain = known.keychainAgain;
      return known.keychain === undefined ? new Promise<never>(() => undefined) : structuredClone(known.keychain);
    },
    providerTest: async ({ provider, model }) => {
      const first = world.models.find((each) => each.id.startsWith(`${provider}/`))?.id;
      test += 1;
      const mine = test;
      const begun = fakeTest(provider, model === null ? (first ?? `${provider}/usual`) : `${provider}/${model}`);
      world.test = begun;
      const step = (at: number) => {
        if (mine !== test) return;
        const next = at === known.failsAt ? fakeTestFailed(begun, at) : fakeTestAt(begun, at, Date.now());
        world.test = next;
        push({ test: next });
        if (next.running) later(() => step(at + 1));
      };
      later(() => step(0));
      return structuredClone(begun);
    },
    providerTestStop: async () => {
      test += 1;
      if (world.test?.running !== true) return;
      world.test = { ...world.test, running: false, steps: world.test.steps.map((row) => (row.mark.kind === "running" ? { ...row, mark: { kind: "waiting" } } : row)) };
      push({ test: world.test });
    },
    providerUsage: async () => structuredClone(known.usage),
    providerAllowMore: async ({ provider }) => {
      known.usage = known.usage.map((each) => (each.provider === provider ? { ...each, runRequests: 0 } : each));
    },
    signInBegin: async ({ provider, offer }) => {
      const found = known.catalogue.offers.find((each) => each.id === provider)?.signIns.find((each) => each.id === offer);
      if (!found) return refuse({ code: "notFound", message: "There is no such way to sign in." });
      signIn += 1;
      const mine = signIn;
      const view = fakeSignIn(provider, found.way, found.keeper, Date.now());
      world.signIn = view;
      // The page of a browser that comes back by itself, or of a code, is done after a while.
      if (found.way !== "pasteBack" && known.pace !== undefined) setTimeout(() => mine === signIn && finishSignIn(view), known.pace * 2 * fakeStepCount);
      return structuredClone(view);
    },
    signInPaste: async ({ text }) => {
      if (!world.signIn) return refuse({ code: "notFound", message: "No sign-in is under way." });
      if (text === "wrong") return refuse({ code: "invalidInput", message: "That is not what the page shows. Copy the whole of it." });
      finishSignIn(world.signIn);
    },
    signInStop: async () => {
      signIn += 1;
      if (world.signIn) tellSignIn({ ...world.signIn, state: { kind: "failed", message: "It was stopped." } });
    },
  };
}
