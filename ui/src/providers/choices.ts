import type { LocalServerRow, ProviderCatalogue, ProviderOffer, ProviderRow } from "../backend";
import { text } from "../strings";

/** What can be connected, of every kind. */
export type ProviderChoice = { kind: "offer"; offer: ProviderOffer } | { kind: "local"; server: LocalServerRow } | { kind: "custom" } | { kind: "demo" };

/** A choice as a line of the list. */
export interface ChoiceLine {
  id: string;
  choice: ProviderChoice;
  name: string;
  sub: string;
  /** A word at the end of the line. */
  tag: string;
}

export interface ChoiceGroup {
  label: string;
  lines: ChoiceLine[];
  /** How many more there are. */
  left: number;
}

/** How many of what was found stand in the list; who looks for another one types on. */
export const mostFound = 50;

export function choiceId(choice: ProviderChoice): string {
  switch (choice.kind) {
    case "offer":
      return choice.offer.id;
    case "local":
      return `local-${choice.server.baseUrl}`;
    default:
      return choice.kind;
  }
}

/** How one gets in at a provider, in a few words. */
function wayIn({ takesKey, signIns, description }: ProviderOffer): string {
  const signsIn = signIns.length > 0;
  if (takesKey) return text(signsIn ? "provider.byEither" : "provider.byKey");
  return signsIn ? text("provider.bySignIn") : description;
}

function offerLine(offer: ProviderOffer, connected: readonly ProviderRow[]): ChoiceLine {
  const there = connected.some((row) => row.id === offer.id);
  return { id: offer.id, choice: { kind: "offer", offer }, name: offer.name, sub: wayIn(offer), tag: there ? text("provider.connected") : "" };
}

function localLine(server: LocalServerRow): ChoiceLine {
  const [first] = server.models;
  const others = server.models.length - 1;
  const models = first === undefined ? text("provider.noModels") : others > 0 ? text("provider.andMore", { model: first, count: others }) : first;
  return {
    id: choiceId({ kind: "local", server }),
    choice: { kind: "local", server },
    name: server.name,
    sub: server.running ? models : text("provider.startIt"),
    tag: text(server.connected ? "provider.connected" : server.running ? "provider.running" : "provider.notRunning"),
  };
}

const customLine = (): ChoiceLine => ({ id: "custom", choice: { kind: "custom" }, name: text("provider.custom"), sub: text("provider.customBody"), tag: "" });
const demoLine = (): ChoiceLine => ({ id: "demo", choice: { kind: "demo" }, name: text("provider.demo"), sub: text("provider.demoBody"), tag: "" });

/** Providers whose name begins so come first, then those that have the words anywhere. */
function search(offers: readonly ProviderOffer[], wanted: string): ProviderOffer[] {
  const words = wanted.split(/\s+/);
  const found = offers.filter(({ id, name, description }) => {
    const all = `${name} ${id} ${description}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const begins = (offer: ProviderOffer) => offer.name.toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((offer) => !begins(offer))];
}

/** The list: what is usual, or what was looked for. */
export function choiceGroups(from: {
  catalogue: ProviderCatalogue | undefined;
  servers: readonly LocalServerRow[];
  connected: readonly ProviderRow[];
  wanted: string;
  demo: boolean;
}): ChoiceGroup[] {
  const wanted = from.wanted.trim().toLowerCase();
  const offers = from.catalogue?.offers ?? [];
  const custom = from.catalogue === undefined || from.catalogue.custom ? [customLine()] : [];
  if (wanted !== "") {
    const found = search(offers, wanted);
    const servers = from.servers.filter((server) => server.name.toLowerCase().includes(wanted)).map(localLine);
    return [
      { label: text("provider.found"), lines: [...found.slice(0, mostFound).map((offer) => offerLine(offer, from.connected)), ...servers], left: Math.max(0, found.length - mostFound) },
      { label: text("provider.other"), lines: custom, left: 0 },
    ].filter((group) => group.lines.length > 0);
  }
  // A catalogue that marks none of them shows its first ones.
  const popular = offers.some((offer) => offer.popular) ? offers.filter((offer) => offer.popular) : offers.slice(0, 5);
  return [
    { label: text("provider.yours"), lines: [...popular.slice(0, mostFound).map((offer) => offerLine(offer, from.connected)), ...custom], left: 0 },
    { label: text("provider.local"), lines: from.servers.map(localLine), left: 0 },
    { label: text("provider.noAccount"), lines: from.demo ? [demoLine()] : [], left: 0 },
  ].filter((group) => group.lines.length > 0);
}
