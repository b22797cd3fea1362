/*
 * The server's policy lets no string become markup but through this one: that of the parts of the interface, which stand
 * in its own code, and what the server made of a conversation. The build has both go through here (vite.config.ts).
 */
interface Policies {
  createPolicy(name: string, rules: { createHTML(html: string): string }): { createHTML(html: string): string };
}

const { trustedTypes } = globalThis as { trustedTypes?: Policies };
const policy = trustedTypes?.createPolicy("safe-html", { createHTML: (html) => html });

/** Markup that may become part of the page. Where a browser knows no such policies it stays what it is. */
export const trusted = (html: string): string => policy?.createHTML(html) ?? html;
