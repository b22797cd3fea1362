import type { ConnectionTest, Keychain, LocalServerRow, ModelChoice, ProviderCatalogue, ProviderOffer, ProviderRow, ProviderUsage, SignInView, TestStep } from "../generated";

const hour = 3_600_000;
/** The moment the fake world stands at. */
const now = Date.UTC(2026, 10, 20, 14, 21);

function offer(id: string, name: string, more: Partial<ProviderOffer> = {}): ProviderOffer {
  return { id, name, description: "", popular: false, takesKey: true, keyPlaceholder: "", keyUrl: "", inputs: [], signIns: [], modelCount: 12, ...more };
}

/** Providers of every kind: by key, by sign-in of both keepers, with more to fill in, and without a key. */
export const fakeOffers: ProviderOffer[] = [
  offer("anthropic", "Anthropic", { popular: true, description: "Claude models.", keyPlaceholder: "sk-ant-…", keyUrl: "https://console.anthropic.example/keys" }),
  offer("openai", "OpenAI", {
    popular: true,
    keyPlaceholder: "sk-…",
    keyUrl: "https://platform.openai.example/keys",
    signIns: [
      { id: "browser", label: "Sign in with ChatGPT", way: "browser", keeper: "app", inputs: [] },
      { id: "paste", label: "Sign in by pasting", way: "pasteBack", keeper: "engine", inputs: [] },
    ],
  }),
  offer("openrouter", "OpenRouter", { popular: true, description: "Many models behind one key.", keyUrl: "https://openrouter.example/keys", modelCount: 300 }),
  offer("github-copilot", "GitHub Copilot", { popular: true, takesKey: false, signIns: [
    { id: "device", label: "Sign in with GitHub", way: "deviceCode", keeper: "app", inputs: [] },
    { id: "enterprise", label: "Sign in with GitHub Enterprise", way: "deviceCode", keeper: "app", inputs: [{ id: "domain", label: "Address of your GitHub", placeholder: "company.ghe.com", optional: false }] },
  ] }),
  offer("azure", "Azure OpenAI", {
    inputs: [
      { id: "resourceName", label: "Resource name", placeholder: "my-resource", optional: false },
      { id: "apiVersion", label: "API version", placeholder: "2025-04-01", optional: true },
    ],
  }),
  offer("free", "Free Models", { takesKey: false, description: "Needs no account." }),
  offer("long", "A provider whose name is so long that it does not fit into the list, let alone beside a word at the end of its line", {
    description: "ItsDescriptionIsOneWordThatIsLongerThanTheColumnItStandsInAndHasNoPlaceToBreakAtAllAnywhere",
  }),
];

/** A catalogue as long as the real one. */
export const fakeCatalogue: ProviderCatalogue = {
  offers: [...fakeOffers, ...Array.from({ length: 213 }, (_, index) => offer(`provider-${index}`, `Provider ${index}`))],
  custom: true,
};

export const fakeServers: LocalServerRow[] = [
  { name: "Ollama", baseUrl: "http://127.0.0.1:11434/v1", running: true, models: ["qwen3-coder:30b", "gemma3:12b", "org/llama4"], connected: false },
  { name: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1", running: false, models: [], connected: false },
];

/** So many models of a provider as its catalogue names, some with variants, one without tools. */
export function fakeModelsOf(id: string, name: string, count: number): ModelChoice[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${id}/model-${index}`,
    name: `${name} model ${index}`,
    provider: name,
    scripted: false,
    context: 200_000,
    variants: index === 0 ? ["low", "medium", "high"] : [],
    tools: index !== 1,
    images: null,
  }));
}

const row = (id: string, name: string, key: ProviderRow["key"], more: Partial<ProviderRow> = {}): ProviderRow => ({
  id,
  name,
  kind: "known",
  baseUrl: `https://api.${id}.example/v1`,
  models: [],
  key,
  leftOut: null,
  ...more,
});

/** A provider for every state a key can be in. */
export const fakeKeyStates: ProviderRow[] = [
  row("anthropic", "Anthropic", { kind: "kept", hint: "sk-ant-…3kQA", changed: now - 3 * hour }),
  row("openrouter", "OpenRouter", { kind: "thisRun", hint: "sk-or-…91bc" }),
  row("mistral", "Mistral", { kind: "plain", hint: "…77aa" }),
  row("groq", "Groq", { kind: "missing" }),
  row("xai", "xAI", { kind: "cannotBeRead", why: "The key ring is locked. Unlock it and test again." }),
  row("github-copilot", "GitHub Copilot", { kind: "signedIn" }),
  row("openai", "OpenAI", { kind: "signedInByEngine" }),
  row("local", "Local models", { kind: "notNeeded" }, { kind: "custom", baseUrl: "http://127.0.0.1:11434/v1", models: ["qwen3-coder-30b", "gemma3-12b"] }),
  row("old", "A server with a long name that was connected long ago and has moved elsewhere since", { kind: "notNeeded" }, {
    kind: "custom",
    baseUrl: "http://a-host-with-a-very-long-name-that-does-not-break.internal.example:8080/v1",
    leftOut: "Its address leads outside of your network now. Connect it anew.",
  }),
];

export const fakeUsage: ProviderUsage[] = [
  { provider: "anthropic", requests: 48, failures: 2, bytesUp: 1_200_000, bytesDown: 310_000, runRequests: 48, runCap: 2000, allRequests: 812 },
  { provider: "openrouter", requests: 1700, failures: 0, bytesUp: 91_000_000, bytesDown: 7_000_000, runRequests: 1700, runCap: 2000, allRequests: 1700 },
  { provider: "local", requests: 2000, failures: 1, bytesUp: 91_000_000, bytesDown: 7_000_000, runRequests: 2000, runCap: 2000, allRequests: 4000 },
];

export const fakeKeychains = {
  encrypted: { kind: "encrypted" },
  plain: { kind: "plain" },
  unavailable: { kind: "unavailable", reason: "No key ring answers on this computer.", advice: "Install gnome-keyring or KeePassXC, then look again." },
} satisfies Record<string, Keychain>;

const steps: TestStep[] = ["resolve", "connect", "secure", "keyAccepted", "modelListed", "modelAnswers", "toolCall"];

/** What each step says when it passes, and how long it took. */
const passes: Record<TestStep, { took: number; note: string }> = {
  resolve: { took: 3, note: "" },
  connect: { took: 184, note: "" },
  secure: { took: 41, note: "TLS 1.3" },
  keyAccepted: { took: 221, note: "" },
  modelListed: { took: 96, note: "" },
  modelAnswers: { took: 2100, note: "42 tokens" },
  toolCall: { took: 840, note: "" },
};

/** A test before its first step. */
export const fakeTest = (provider: string, model: string): ConnectionTest => ({
  provider,
  model,
  steps: steps.map((step) => ({ step, mark: { kind: "waiting" } })),
  running: true,
  usable: false,
});

/** A test at a step: those before it passed, it runs. After the last one it passed. */
export function fakeTestAt(test: ConnectionTest, at: number, since: number): ConnectionTest {
  return {
    ...test,
    running: at < steps.length,
    usable: at >= steps.length,
    steps: steps.map((step, index) => ({
      step,
      mark: index < at ? { kind: "passed", ...passes[step] } : index === at ? { kind: "running", since } : { kind: "waiting" },
    })),
  };
}

/** A test that failed at a step. */
export function fakeTestFailed(test: ConnectionTest, at: number): ConnectionTest {
  const reached = fakeTestAt(test, at, 0);
  return {
    ...reached,
    running: false,
    steps: reached.steps.map((row_, index) =>
      index === at ? { step: row_.step, mark: { kind: "failed", message: "The provider refused the key (401).", advice: "Check that it is whole and not revoked, and replace it." } } : row_,
    ),
  };
}

/** How many steps a test has. */
export const fakeStepCount = steps.length;

/** A sign-in that waits, by how it goes. */
export function fakeSignIn(provider: string, way: "deviceCode" | "browser" | "pasteBack", keeper: SignInView["keeper"], from: number): SignInView {
  return {
    provider,
    url: way === "deviceCode" ? "https://github.example/login/device" : "https://auth.example/authorize?client=app&state=3f0c9d",
    code: way === "deviceCode" ? "WDJB-MJHT" : "",
    instructions: "",
    pasteBack: way === "pasteBack",
    expires: way === "deviceCode" ? from + 15 * 60_000 : 0,
    keeper,
    state: { kind: "waiting" },
  };
}
