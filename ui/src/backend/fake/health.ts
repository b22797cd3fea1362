import type { HealthRow } from "../generated";

const gigabyte = 1024 ** 3;

/** How each part stands where all is well. */
export const fakeHealthRows: HealthRow[] = [
  { mark: "working", part: { kind: "keychain", keys: 2, unreadable: null } },
  { mark: "working", part: { kind: "provider", id: "anthropic", name: "Anthropic", key: { kind: "kept", hint: "sk-…abcd", changed: 1 }, leftOut: null, requests: 42, failures: 0, lastStatus: 200, capped: false } },
  { mark: "unknown", part: { kind: "provider", id: "local", name: "Ollama", key: { kind: "notNeeded" }, leftOut: null, requests: 0, failures: 0, lastStatus: null, capped: false } },
  { mark: "working", part: { kind: "keyProxy", port: 41_001, requests: 42, strangers: 0, silent: null } },
  { mark: "working", part: { kind: "gateway", open: 1, connections: 12, refused: 0, silent: null } },
  { mark: "working", part: { kind: "database", bytes: 12 * 1024 ** 2, limit: 4 * gigabyte, setAside: 0, notSaving: null } },
  { mark: "working", part: { kind: "disk", free: 120 * gigabyte, total: 500 * gigabyte } },
  { mark: "working", part: { kind: "window", delay: { reads: 1200, median: 14, most: 31, nearlyAll: 48, gap: 16 } } },
  { mark: "working", part: { kind: "pairing", paired: 1, online: 1, stuck: 0, waiting: 0, trouble: null } },
  { mark: "working", part: { kind: "folders", count: 3, missing: [] } },
];

/** The same where something is wrong with each. */
export const fakeBadHealthRows: HealthRow[] = [
  { mark: "needsYou", part: { kind: "keychain", keys: 2, unreadable: "The key ring is locked. Unlock it." } },
  { mark: "needsYou", part: { kind: "provider", id: "openai", name: "OpenAI", key: { kind: "kept", hint: "sk-…abcd", changed: 1 }, leftOut: null, requests: 3, failures: 3, lastStatus: 401, capped: false } },
  { mark: "needsYou", part: { kind: "provider", id: "mistral", name: "Mistral", key: { kind: "missing" }, leftOut: null, requests: 0, failures: 0, lastStatus: null, capped: false } },
  { mark: "needsYou", part: { kind: "provider", id: "busy", name: "Busy", key: { kind: "notNeeded" }, leftOut: null, requests: 2000, failures: 0, lastStatus: 200, capped: true } },
  { mark: "needsYou", part: { kind: "provider", id: "lan", name: "A machine nearby", key: { kind: "notNeeded" }, leftOut: "Its address may no longer be connected to.", requests: 0, failures: 0, lastStatus: null, capped: false } },
  { mark: "degraded", part: { kind: "provider", id: "slow", name: "Slow", key: { kind: "notNeeded" }, leftOut: null, requests: 9, failures: 2, lastStatus: 503, capped: false } },
  { mark: "needsYou", part: { kind: "keyProxy", port: 41_001, requests: 42, strangers: 3, silent: "Connection refused" } },
  { mark: "needsYou", part: { kind: "gateway", open: 0, connections: 12, refused: 4, silent: "Connection refused" } },
  { mark: "degraded", part: { kind: "database", bytes: 3.8 * gigabyte, limit: 4 * gigabyte, setAside: 2, notSaving: null } },
  { mark: "needsYou", part: { kind: "disk", free: 120 * 1024 ** 2, total: 500 * gigabyte } },
  { mark: "degraded", part: { kind: "window", delay: { reads: 1200, median: 80, most: 210, nearlyAll: 480, gap: 200 } } },
  { mark: "needsYou", part: { kind: "pairing", paired: 2, online: 0, stuck: 1, waiting: 12, trouble: "The server does not know the token." } },
  { mark: "degraded", part: { kind: "folders", count: 3, missing: ["archive"] } },
];
