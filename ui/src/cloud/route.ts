/*
 * Where one is. It stands behind the # of the address, so that the server is asked for one page alone; what is secret
 * comes there too and is taken out of the address as soon as it was read.
 */

/** What the workspace shows beside threads and home. */
export type WorkspacePage = "inbox" | "settings";
const workspacePages: readonly WorkspacePage[] = ["inbox", "settings"];

/** A page of this app. */
export type Place =
  | { at: "desktops" }
  | { at: "add" }
  | { at: "desktop"; desktop: string }
  | { at: "workspace"; desktop: string; session: string | null; page?: WorkspacePage | undefined }
  | { at: "people" }
  | { at: "tokens" }
  | { at: "audit" }
  | { at: "account" };

/** A secret that a link brings along. */
export type Brought = { kind: "owner" | "invitation" | "pair"; secret: string };

const kinds: Record<string, Brought["kind"]> = { owner: "owner", code: "invitation", invitation: "invitation", pair: "pair" };

/** What a link brought; nothing where it is an address of this app's own. */
export function broughtBy(hash: string): Brought | undefined {
  const [, name = "", secret = ""] = /^#(\w+)=(.+)$/s.exec(hash) ?? [];
  const kind = kinds[name];
  return kind && { kind, secret: decoded(secret) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function placeOf(hash: string): Place {
  const [first, desktop, word, session] = hash.replace(/^#\/?/, "").split("/").map(decoded);
  switch (first) {
    case "add":
    case "people":
    case "tokens":
    case "audit":
    case "account":
      return { at: first };
    case "desktops":
      if (!desktop) return { at: "desktops" };
      if (word === "details") return { at: "desktop", desktop };
      return { at: "workspace", desktop, session: word === "threads" && session ? session : null, page: workspacePages.find((page) => page === word) };
    default:
      return { at: "desktops" };
  }
}

export function hashOf(place: Place): string {
  const name = encodeURIComponent;
  switch (place.at) {
    case "desktop":
      return `#/desktops/${name(place.desktop)}/details`;
    case "workspace":
      return `#/desktops/${name(place.desktop)}${place.session !== null ? `/threads/${name(place.session)}` : place.page ? `/${place.page}` : ""}`;
    default:
      return `#/${place.at}`;
  }
}
