import type { BoxProof, BoxSettingsView, Folder, Safety, StoppedConnection, StoppedFile } from "../backend";

/** Whether commands are held by a box, in one word, with why not where they are not. */
export interface CommandsBox {
  kind: "unknown" | "proving" | "proven" | "reduced" | "failed";
  /** What it holds less, or why there is none. */
  reason: string | null;
}

function judged(proof: BoxProof): CommandsBox {
  switch (proof.kind) {
    case "proven":
      return proof.reduced === null ? { kind: "proven", reason: null } : { kind: "reduced", reason: proof.reduced };
    case "failed":
      return { kind: "failed", reason: proof.reason };
    default:
      return { kind: proof.kind, reason: null };
  }
}

/** The strongest kind of box stands in the engine's: without that one it holds nothing. */
function inside(safety: Safety, box: CommandsBox): CommandsBox {
  const none = safety.boxed.kind === "unboxed" && (box.kind === "proven" || box.kind === "unknown");
  return none && safety.boxed.kind === "unboxed" ? { kind: "failed", reason: safety.boxed.reason } : box;
}

/** Whether boxes for commands hold on this computer. One seen to hold in a folder since says so too. */
export function commandsBox(safety: Safety): CommandsBox {
  const tried = inside(safety, judged(safety.tools));
  if (tried.kind !== "failed" && tried.kind !== "unknown") return tried;
  const since = safety.folders.map(({ proof }) => inside(safety, judged(proof))).find(({ kind }) => kind === "proven" || kind === "reduced");
  return since ?? tried;
}

/** Whether the box of a folder holds; as on this computer at large where nothing ran in it yet and none can be had. */
export function folderBox(safety: Safety, folder: string): CommandsBox {
  const known = safety.folders.find((each) => each.folder === folder);
  const own = inside(safety, judged(known?.proof ?? { kind: "unknown" }));
  if (own.kind !== "unknown") return own;
  const all = commandsBox(safety);
  return all.kind === "failed" || all.kind === "reduced" ? all : own;
}

/** Whether the box of a folder is being attacked just now, and commands in it wait. */
export const isProving = (safety: Safety, folder: string): boolean => safety.folders.some((each) => each.folder === folder && each.proof.kind === "proving");

/** The folder a box is tried in anew: one it failed in, else one a person chose. */
export function folderToTry(safety: Safety, folders: readonly Folder[]): string | undefined {
  const usable = folders.filter((folder) => folder.available);
  const failed = safety.folders.find(({ folder, proof }) => proof.kind === "failed" && usable.some(({ id }) => id === folder));
  return failed?.folder ?? (usable.find((folder) => folder.kind === "project") ?? usable[0])?.id;
}

/** The same settings as plain data, which a command can carry. */
const plain = (box: BoxSettingsView): BoxSettingsView => ({ network: box.network, hosts: [...box.hosts], granted: box.granted.map((grant) => ({ ...grant })), limits: { ...box.limits } });

/** The settings of a folder with one thing changed. */
export const changedBox = (box: BoxSettingsView, change: Partial<BoxSettingsView>): BoxSettingsView => plain({ ...box, ...change });

/** What a folder opens once a stopped connection is let through; nothing where it cannot be. */
export function widened(box: BoxSettingsView, { widening, host }: StoppedConnection): BoxSettingsView | undefined {
  switch (widening) {
    case "registries":
      return changedBox(box, { network: "listed" });
    case "host":
      return changedBox(box, { network: "listed", hosts: box.hosts.includes(host) ? box.hosts : [...box.hosts, host] });
    case "open":
      return changedBox(box, { network: "open" });
    case "none":
      return undefined;
  }
}

/** What a folder opens once a file that was kept is let through; nothing where a consent of another kind is what it takes. */
export function reached(box: BoxSettingsView, { offered }: StoppedFile): BoxSettingsView | undefined {
  if (offered === null) return undefined;
  const others = box.granted.filter(({ path }) => path !== offered.path);
  return changedBox(box, { granted: [...others, offered] });
}

/** Whether a name may stand on a folder's list: as a host is named, perhaps with a dot in front for all below it, and no address. */
export function isHost(written: string): boolean {
  const bare = written.startsWith(".") ? written.slice(1) : written;
  const labels = bare.split(".");
  return bare.length <= 253 && labels.length > 1 && labels.every((label) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(label)) && /[a-z]/.test(labels.at(-1) ?? "");
}
