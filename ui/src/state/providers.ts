import type { Notice, NoticeKind, ProviderRow, ProviderUsage } from "../backend";
import { text } from "../strings";
import type { App } from "./app";
import { providerOf } from "./choice";

/** From this share of the requests a run may make on, more are offered. */
const nearCap = 0.8;

/** Whether so many requests of a run were made that more may be allowed. */
export const isNearCap = (usage: ProviderUsage): boolean => usage.runCap > 0 && usage.runRequests >= usage.runCap * nearCap;

/** Whether no more requests of this run are let through. */
export const isCapped = (usage: ProviderUsage): boolean => usage.runCap > 0 && usage.runRequests >= usage.runCap;

/** What a chosen model lacks before it can answer, in a word or two; nothing when its provider has its key. */
export function keyTrouble(providers: readonly ProviderRow[], model: string | null): string | undefined {
  if (model === null) return undefined;
  const row = providers.find((provider) => provider.id === providerOf(model));
  if (row?.key.kind === "missing") return text("status.noKey", { name: row.name });
  return row?.key.kind === "cannotBeRead" ? text("status.keyUnread", { name: row.name }) : undefined;
}

/** News of providers that a person can do something about. */
export const providerNews = ["keyUnavailable", "requestsNearCap", "requestsCapped"] as const satisfies readonly NoticeKind[];
export type ProviderNewsKind = (typeof providerNews)[number];
export type ProviderNotice = Notice & { kind: ProviderNewsKind };

export const isProviderNews = (notice: Notice): notice is ProviderNotice => (providerNews as readonly NoticeKind[]).includes(notice.kind);

/**
 * Lets every provider whose run has made most or all of its requests make as many again. The news names no provider, so
 * the counts decide. Leads to the models where none is at its limit any more.
 */
export async function allowMoreRequests(app: App): Promise<void> {
  const near = (await app.backend.commands.providerUsage()).filter(isNearCap);
  for (const usage of near) {
    await app.backend.commands.providerAllowMore({ provider: usage.provider });
    const name = app.state.providers.find((row) => row.id === usage.provider)?.name ?? usage.provider;
    app.toasts.show(text("models.allowedMore", { name, count: usage.runCap }));
  }
  if (near.length === 0) app.openSettings("models");
}
