import type { ApiError, BoxProof, BoxServer, BoxSettingsView, Commands, SnippetChunk, SnippetLanguage, SnippetState, SnippetUpdate, Start, StoppedConnection, StoppedFile, Update } from "../generated";

/** Commands reach nothing beside their folder. */
export const fakeBox: BoxSettingsView = { network: "off", hosts: [], granted: [], limits: {} };

/** A folder whose commands reach more. */
export const fakeOpenedBox: BoxSettingsView = {
  network: "listed",
  hosts: ["api.example.org", ".internal-tools.example.com"],
  granted: [
    { path: "/home/ada/work/shared-fixtures", writable: false },
    { path: "/home/ada/work/a-folder-whose-name-is-so-long-that-it-does-not-fit-on-one-line-of-a-dialog/and-goes-on", writable: true },
  ],
  limits: { memory: 48 * 1024 ** 3, backgroundProcessor: 6 * 3600 },
};

export const fakeLanguages: SnippetLanguage[] = [
  { label: "Python", fences: ["python", "py", "python3", "py3"] },
  { label: "JavaScript", fences: ["javascript", "js", "mjs", "cjs", "node", "nodejs"] },
  { label: "TypeScript", fences: ["typescript", "ts", "mts", "cts"] },
  { label: "C", fences: ["c", "c99", "c11", "c17"] },
  { label: "Rust", fences: ["rust", "rs"] },
  { label: "The shell", fences: ["bash", "sh", "shell", "zsh"] },
];

/** One of each kind, all of one folder. */
export const fakeStopped: StoppedConnection[] = [
  { folder: "atlas", label: "atlas-api", host: "registry.npmjs.org", port: 443, widening: "registries", at: Date.UTC(2026, 10, 20, 14, 20) },
  { folder: "atlas", label: "atlas-api", host: "api.example.org", port: 443, widening: "host", at: Date.UTC(2026, 10, 20, 14, 19) },
  { folder: "atlas", label: "atlas-api", host: "203.0.113.7", port: 8443, widening: "open", at: Date.UTC(2026, 10, 20, 14, 18) },
  { folder: "atlas", label: "atlas-api", host: "192.168.1.10", port: 5432, widening: "none", at: Date.UTC(2026, 10, 20, 14, 17) },
];

/** One of each kind, all of one folder. */
export const fakeStoppedFiles: StoppedFile[] = [
  { folder: "atlas", label: "atlas-api", path: "/home/ada/data/prices.csv", offered: { path: "/home/ada/data", writable: false }, bridge: null, at: Date.UTC(2026, 10, 20, 14, 20) },
  { folder: "atlas", label: "atlas-api", path: "/home/ada/code/first/.git", offered: { path: "/home/ada/code/first/.git", writable: true }, bridge: null, at: Date.UTC(2026, 10, 20, 14, 19) },
  { folder: "atlas", label: "atlas-api", path: "/home/ada/.aws/config", offered: null, bridge: "cloud", at: Date.UTC(2026, 10, 20, 14, 18) },
];

/** Servers of one folder and one of another. */
export const fakeServers: BoxServer[] = [
  { folder: "atlas", label: "atlas-api", port: 5173, since: Date.UTC(2026, 10, 20, 14, 20) },
  { folder: "atlas", label: "atlas-api", port: 8080, since: Date.UTC(2026, 10, 20, 14, 21) },
  { folder: "site", label: "launch-site", port: 3000, since: Date.UTC(2026, 10, 20, 14, 22) },
];

/** What a fake core knows of boxes, free to be changed. */
export interface FakeBoxes {
  languages: SnippetLanguage[];
  /** What the next attack on a box finds. */
  proof: BoxProof;
  /** The folder the person picks in the system's dialog; none when they cancel. */
  picked: string | null;
  /** Milliseconds from one step to the next. A run goes on by what a test pushes when absent. */
  pace: number | undefined;
}

interface World {
  world: Start;
  known: FakeBoxes;
  push(update: Partial<Omit<Update, "sequence">>): void;
  refuse(error: ApiError): Promise<never>;
}

type Names = "folderBoxSet" | "folderBoxGrant" | "folderBoxProve" | "stoppedForget" | "previewOpen" | "snippetLanguages" | "snippetRun" | "snippetStop";

const allows = (box: BoxSettingsView, stopped: StoppedConnection) =>
  box.network === "open" || (box.network === "listed" && (stopped.widening === "registries" || box.hosts.includes(stopped.host)));

const opens = (box: BoxSettingsView, { offered }: StoppedFile) =>
  offered !== null && box.granted.some(({ path, writable }) => path === offered.path && (writable || !offered.writable));

const chunk = (text: string, more: Partial<SnippetChunk> = {}): SnippetChunk => ({ isError: false, isCompiler: false, text, ...more });

/** The commands about boxes and code blocks. */
export function createBoxCommands({ world, known, push, refuse }: World): Pick<Commands, Names> {
  const running = new Set<string>();
  let runs = 0;
  const unknownFolder: ApiError = { code: "notFound", message: "The folder is not known any more." };
  const find = (id: string) => world.folders.find((folder) => folder.id === id);
  const later = (steps: number, run: () => void) => {
    if (known.pace === undefined) run();
    else setTimeout(run, steps * known.pace);
  };
  const setBox = (id: string, box: BoxSettingsView) => {
    // A closed and an open network have no list.
    const kept = box.network === "listed" ? box : { ...box, hosts: [] };
    world.folders = world.folders.map((folder) => (folder.id === id ? { ...folder, box: structuredClone(kept) } : folder));
    push({ folders: world.folders });
    const stopped = world.safety.stopped.filter((each) => each.folder !== id || !allows(kept, each));
    const stoppedFiles = world.safety.stoppedFiles.filter((each) => each.folder !== id || !opens(kept, each));
    if (stopped.length < world.safety.stopped.length || stoppedFiles.length < world.safety.stoppedFiles.length)
      push({ safety: { ...world.safety, stopped, stoppedFiles } });
  };
  const setProof = (id: string, label: string, proof: BoxProof) =>
    push({ safety: { ...world.safety, folders: [...world.safety.folders.filter((each) => each.folder !== id), { folder: id, label, proof }] } });

  function tell(run: string, state: SnippetState, ...output: SnippetChunk[]): void {
    if (!running.has(run)) return;
    if (state.kind === "ended") running.delete(run);
    push({ snippets: [{ run, output, state } satisfies SnippetUpdate] });
  }

  /** What a run does, step by step. The words in the code decide how it ends. */
  function play(run: string, source: string, compiled: boolean): void {
    const end = (state: Extract<SnippetState, { kind: "ended" }>["how"], ...output: SnippetChunk[]) => tell(run, { kind: "ended", how: state, elapsed: 240, fromCache: false }, ...output);
    const first = compiled ? 2 : 1;
    later(1, () => tell(run, compiled ? { kind: "compiling" } : { kind: "running" }));
    if (compiled && source.includes("syntax error")) {
      later(2, () => end({ kind: "notCompiled" }, chunk("main.c:1:1: error: expected ';'\n", { isCompiler: true, isError: true })));
      return;
    }
    later(first, () => tell(run, { kind: "running" }, chunk("It begins.\n")));
    if (source.includes("for ever")) return;
    later(first + 1, () => tell(run, { kind: "running" }, chunk("A warning: the clock of this box stands in UTC.\n", { isError: true })));
    later(first + 2, () => end({ kind: "finished", code: source.includes("exit 1") ? 1 : 0 }, chunk("3 of 3 passed\n")));
  }

  return {
    folderBoxSet: async ({ folder, box }) => {
      if (!find(folder)) return refuse(unknownFolder);
      setBox(folder, box);
    },
    folderBoxGrant: async ({ folder, writable }) => {
      const found = find(folder);
      if (!found) return refuse(unknownFolder);
      if (known.picked === null) return false;
      setBox(folder, { ...found.box, granted: [...found.box.granted.filter(({ path }) => path !== known.picked), { path: known.picked, writable }] });
      return true;
    },
    folderBoxProve: async ({ folder }) => {
      const found = find(folder);
      if (!found) return refuse(unknownFolder);
      setProof(folder, found.label, { kind: "proving" });
      if (known.pace !== undefined) await new Promise((done) => setTimeout(done, known.pace));
      setProof(folder, found.label, known.proof);
    },
    stoppedForget: async ({ which }) => {
      const stopped = which === null ? [] : world.safety.stopped.filter((each) => each.folder !== which.folder || each.host !== which.host);
      const stoppedFiles = which === null ? [] : world.safety.stoppedFiles.filter((each) => each.folder !== which.folder || each.path !== which.host);
      push({ safety: { ...world.safety, stopped, stoppedFiles } });
    },
    previewOpen: async ({ folder, port }) => {
      const serves = world.safety.servers.some((server) => server.folder === folder && server.port === port);
      if (!serves) return refuse({ code: "unreachable", message: "The command that served this has ended. Ask for it to be started again." });
    },
    snippetLanguages: async () => structuredClone(known.languages),
    snippetRun: async ({ language, source }) => {
      const found = known.languages.find(({ fences }) => fences.includes(language.toLowerCase()));
      if (!found) return refuse({ code: "invalidInput", message: "Nothing on this computer runs that language. Install it, and open the window again." });
      runs += 1;
      const run = `run-${runs}`;
      running.add(run);
      if (known.pace !== undefined) play(run, source, found.fences.includes("c") || found.fences.includes("rust"));
      return { run };
    },
    snippetStop: async ({ run }) => {
      tell(run, { kind: "ended", how: { kind: "stopped" }, elapsed: 900, fromCache: false });
    },
  };
}
