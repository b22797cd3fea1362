import { createEffect, createSignal, on } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { toApiError, type HealthMark, type HealthPart, type HealthRow } from "../backend";
import { allowMoreRequests } from "../state/providers";
import type { App } from "../state/app";
import { byteSize } from "../strings/format";
import { healthText as text } from "../strings/health";

/** What mends a part, in one press. */
export interface Fix {
  label: string;
  /** What is said while it goes on. */
  doing: string;
  /** It leads to another page, where a person has to do something. */
  leads?: boolean;
  /** What became of it, where there is something to say beside that it works. */
  run(): Promise<string | void> | void;
  /** Where there is more to do about it than this press does. */
  beside?: Fix;
}

export type KnownRow = HealthRow & { key: string };

export const isBad = ({ mark }: { mark: HealthMark }): boolean => mark === "needsYou" || mark === "degraded";

/** Names a row among the others. */
const keyOf = (part: HealthPart): string => (part.kind === "provider" ? `provider:${part.id}` : part.kind);

/** How the parts stand, asked when the page opens, when something changes that they depend on, and by a person. */
export function createParts(app: App) {
  const [known, setKnown] = createStore<{ rows: KnownRow[] }>({ rows: [] });
  const [error, setError] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  const [at, setAt] = createSignal<number>();
  let asked = 0;
  const ask = async (): Promise<void> => {
    asked += 1;
    const turn = asked;
    setBusy(true);
    try {
      const rows = await app.backend.commands.healthRows();
      if (turn !== asked) return;
      // A row that did not change stays as it is, with the focus in it.
      setKnown("rows", reconcile(rows.map(({ mark, part }) => ({ mark, part, key: keyOf(part) })), { key: "key" }));
      setError(undefined);
      setAt(Date.now());
    } catch (thrown) {
      if (turn === asked) setError(toApiError(thrown).message);
    }
    if (turn === asked) setBusy(false);
  };
  const depends = () => [app.state.engine.kind, app.state.safety.notSaving, app.state.providers.map(({ id, key, leftOut }) => [id, key.kind, leftOut]), app.state.folders.map(({ id, available }) => [id, available]), app.state.pairings.rows.map(({ id, state }) => [id, state])];
  createEffect(on(() => JSON.stringify(depends()), () => void ask()));
  return { rows: () => known.rows, error, busy, at, ask };
}

export type Parts = ReturnType<typeof createParts>;

/** What a part is called. */
export const nameOf = (part: HealthPart): string => (part.kind === "provider" ? part.name : text(`part.${part.kind}`));

const because = (reason: string) => text("part.why", { reason });

/** How it stands in a sentence, and what there is to say beside it. */
export function wordsOf({ part, mark }: HealthRow): { what: string; more?: string | undefined } {
  switch (part.kind) {
    case "keychain":
      if (part.unreadable !== null) return { what: part.unreadable };
      return { what: part.keys > 0 ? text("part.keychain.works", { count: part.keys }) : text("part.keychain.none") };
    case "provider": {
      if (part.leftOut !== null) return { what: part.leftOut };
      if (part.key.kind === "cannotBeRead") return { what: part.key.why };
      if (part.key.kind === "missing") return { what: text("part.provider.noKey") };
      if (part.capped) return { what: text("part.provider.capped") };
      const answered = part.lastStatus === null ? undefined : text("part.provider.answered", { count: part.requests, status: part.lastStatus });
      if (mark === "needsYou") return { what: text("part.provider.refused"), more: answered };
      if (mark === "degraded") return { what: text("part.provider.busy"), more: answered };
      if (part.requests > 0) return { what: text("part.provider.works", { count: part.requests }) };
      return { what: text("part.provider.idle") };
    }
    case "keyProxy": {
      if (part.silent !== null) return { what: text("part.keyProxy.silent"), more: because(part.silent) };
      return { what: text("part.keyProxy.works", { count: part.requests }), more: part.strangers > 0 ? text("part.keyProxy.strangers", { count: part.strangers }) : undefined };
    }
    case "gateway": {
      if (part.silent !== null) return { what: text("part.gateway.silent"), more: because(part.silent) };
      const more = [part.open > 0 ? text("part.gateway.open", { count: part.open }) : "", part.refused > 0 ? text("part.gateway.refused", { count: part.refused }) : ""].filter((words) => words !== "").join(" · ");
      return { what: text("part.gateway.works", { count: part.connections }), more: more || undefined };
    }
    case "database": {
      const sizes = { size: byteSize(part.bytes), limit: byteSize(part.limit) };
      const aside = part.setAside > 0 ? text("part.database.setAside", { count: part.setAside }) : undefined;
      if (part.notSaving !== null) return { what: text("part.database.notSaving", { reason: part.notSaving }), more: text("part.database.kept") };
      return { what: text(mark === "degraded" ? "part.database.full" : "part.database.works", sizes), more: aside };
    }
    case "disk": {
      const sizes = { free: byteSize(part.free), total: byteSize(part.total) };
      if (mark === "needsYou") return { what: text("part.disk.none", sizes) };
      return { what: text(mark === "degraded" ? "part.disk.little" : "part.disk.works", sizes) };
    }
    case "window":
      if (part.delay === null) return { what: text("part.window.idle") };
      return { what: mark === "degraded" ? text("part.window.slow", { gap: part.delay.gap }) : text("part.window.works", { most: part.delay.most }) };
    case "pairing": {
      const more = [part.trouble ?? "", part.waiting > 0 ? text("part.pairing.waiting", { count: part.waiting }) : ""].filter((words) => words !== "").join(" · ") || undefined;
      if (part.stuck > 0) return { what: text("part.pairing.stuck", { count: part.stuck }), more };
      if (part.paired === 0) return { what: text("part.pairing.none"), more };
      return { what: part.online < part.paired ? text("part.pairing.some", { online: part.online, count: part.paired }) : text("part.pairing.works", { count: part.paired }), more };
    }
    case "folders":
      if (part.missing.length > 0) return { what: text("part.folders.missing", { count: part.missing.length, names: part.missing.join(", ") }) };
      return { what: part.count > 0 ? text("part.folders.works", { count: part.count }) : text("part.folders.none") };
  }
}

const leads = (label: string, run: () => void): Fix => ({ label, doing: label, leads: true, run });

/** What mends it, or looks closer where it works. */
export function fixOf(app: App, { part, mark }: HealthRow): Fix | undefined {
  const { commands } = app.backend;
  switch (part.kind) {
    case "keychain":
      return {
        label: text(part.unreadable === null ? "part.keychain.check" : "part.keychain.unlock"),
        doing: text("part.keychain.unlocking"),
        run: async () => {
          const state = await commands.keychain({ again: true });
          // Rejected as the core rejects, so that it is said as any other failure.
          if (state.kind === "unavailable") return Promise.reject({ code: "internal", message: `${state.reason} ${state.advice}`.trim() });
          return text("part.keychain.asked");
        },
      };
    case "provider": {
      if (part.capped) return { label: text("part.provider.more"), doing: text("part.provider.allowing"), run: () => allowMoreRequests(app) };
      const toModels = () => app.openSettings("models");
      if (mark === "needsYou" && part.leftOut === null) return leads(text(part.key.kind === "missing" ? "part.provider.key" : "part.provider.newKey"), toModels);
      return isBad({ mark }) ? leads(text("part.provider.open", { name: part.name }), toModels) : undefined;
    }
    case "database":
      return isBad({ mark }) || part.setAside > 0 ? leads(text("part.storage"), () => app.openSettings("storage")) : undefined;
    case "disk":
      if (!isBad({ mark })) return undefined;
      return {
        label: text("part.disk.clean"),
        doing: text("part.disk.cleaning"),
        run: async () => {
          // Logs alone: threads may still be got out of a database that was set aside, so deleting one is asked about first.
          const freed = await commands.logsDeleteOld();
          return text("part.disk.cleaned", { size: byteSize(freed) });
        },
        beside: leads(text("part.storage"), () => app.openSettings("storage")),
      };
    case "pairing":
      return isBad({ mark }) ? leads(text("part.pairing.open"), () => app.openSettings("pairing")) : undefined;
    case "folders":
      if (!isBad({ mark })) return undefined;
      return {
        label: text("part.folders.look"),
        doing: text("part.folders.looking"),
        run: async () => {
          const folders = await commands.foldersLook();
          const missing = folders.filter((folder) => folder.kind === "project" && !folder.available);
          return missing.length > 0 ? text("part.folders.still", { count: missing.length }) : undefined;
        },
        beside: leads(text("part.folders.open"), () => app.openSettings("folders")),
      };
    default:
      return undefined;
  }
}
