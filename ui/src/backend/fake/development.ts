import type { EngineState, InboxRow } from "../generated";
import type { Backend } from "../index";
import * as fixtures from "../../conversation/fixtures";
import { createFakeBackend, fakeEngines, fakeFirstStart, fakeKeychains, fakeKeyStates, fakeNow, fakeStart, fakeOpenedBox, fakePairing, fakePairingStates, fakeProposal, fakeServers, fakeStopped, fakeStoppedFiles, fakeUnsafety, fakeUsage } from "./index";

/**
 * A core for looking at the window in a browser. `?world=first` shows the first day, `?engine=broken` and the other
 * kinds an engine that is not well, `?safety=off` a core in which nothing is as promised, `?keychain=unavailable`,
 * `plain` and `waiting` a key ring that cannot be had, `?test=fails` tests that fail, `?providers=all` a provider for
 * every state of a key. `?box=failed`, `reduced` and `proving` show boxes that are not proven, `?box=off` a folder without one, `?stopped=all`
 * what boxes stopped, `?stopped=files` what they kept, `?servers=all` what commands serve, `?reach=open` a folder whose commands reach more,
 * `?pairing=one` a pairing and `all` one in every state, and `?afar=all` requests that were answered from afar.
 */
export function developmentBackend(): Backend {
  const wanted = new URLSearchParams(location.search);
  const start = wanted.get("world") === "first" ? fakeFirstStart() : fakeStart();
  const theme = wanted.get("theme");
  if (theme === "light" || theme === "dark") start.settings.theme = theme;
  const density = wanted.get("density");
  if (density === "compact" || density === "roomy") start.settings.density = density;
  const kind = wanted.get("engine");
  if (kind !== null && Object.hasOwn(fakeEngines, kind)) start.engine = fromNow(fakeEngines[kind as keyof typeof fakeEngines]);
  if (wanted.get("safety") === "off") start.safety = structuredClone(fakeUnsafety);
  if (wanted.get("providers") === "all") start.providers = structuredClone(fakeKeyStates);
  const box = wanted.get("box");
  const atlas = start.folders.find(({ id }) => id === "atlas");
  const reason = "Unprivileged user namespaces are switched off here, and the kernel has no Landlock. Switch one of them on, then try again.";
  if (box === "failed") start.safety.tools = { kind: "failed", reason };
  if (box === "reduced") start.safety.tools = { kind: "proven", reduced: "Landlock alone holds it: commands see the names of your processes." };
  if (box === "proving") start.safety.folders = [{ folder: "atlas", label: "atlas-api", proof: { kind: "proving" } }];
  if (box === "off" && atlas) atlas.unboxedAllowed = true;
  if (wanted.get("stopped") === "all") start.safety.stopped = structuredClone(fakeStopped);
  if (wanted.get("stopped") === "files") start.safety.stoppedFiles = structuredClone(fakeStoppedFiles);
  if (wanted.get("servers") === "all") start.safety.servers = structuredClone(fakeServers);
  if (wanted.get("reach") === "open" && atlas) atlas.box = structuredClone(fakeOpenedBox);
  const pairing = wanted.get("pairing");
  if (pairing !== null) start.pairings.rows = structuredClone(pairing === "all" ? fakePairingStates : [fakePairing()]);
  if (wanted.get("afar") === "all") start.inbox.rows = answeredAfar();
  const backend = createFakeBackend({ start, conversations: fixtures.conversations, pace: 700 });
  const keychain = wanted.get("keychain");
  if (keychain === "waiting") backend.known.keychain = undefined;
  else if (keychain !== null && Object.hasOwn(fakeKeychains, keychain)) backend.known.keychain = fakeKeychains[keychain as keyof typeof fakeKeychains];
  if (keychain === "unavailable") backend.known.keychainAgain = fakeKeychains.encrypted;
  if (wanted.get("test") === "fails") backend.known.failsAt = 3;
  for (const { permissions, questions } of fixtures.conversations) {
    for (const permission of permissions) backend.known.asks.set(permission.id, { permission, question: null });
    for (const question of questions) backend.known.asks.set(question.id, { permission: null, question });
  }
  if (wanted.get("providers") === "all") backend.known.usage = structuredClone(fakeUsage);
  return backend;
}

/** A permission and a question, as the open threads have them, that somebody answered from afar. */
function answeredAfar(): InboxRow[] {
  const row = { folder: "atlas", agent: "build", asked: Date.now() - 120_000 };
  return [
    { ...row, id: "ask-1", session: "flaky-retry", thread: "flaky-retry", title: "Fix flaky retry tests", subject: "shell", runs: ["npm test"], about: "npm test", destructive: false, proposals: [fakeProposal()] },
    { ...row, id: "question-1", session: "rate-limit", thread: "rate-limit", title: "Rate limit headers", subject: null, runs: [], about: "Which callers should pin the random source?", destructive: false, proposals: [fakeProposal({ id: "proposal-2", who: null, answer: { kind: "answers", answers: [["All of them"]] } })] },
  ];
}

/** The same state with its times moved from the fake world's moment to this one, so that clocks count. */
function fromNow(state: EngineState): EngineState {
  const moved = structuredClone(state);
  const by = Date.now() - fakeNow;
  if (moved.kind === "starting" || moved.kind === "degraded") moved.since += by;
  if (moved.kind === "backingOff") moved.until += by;
  if (moved.kind === "broken" && moved.probeAt !== null) moved.probeAt += by;
  return moved;
}
