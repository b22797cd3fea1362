import { fireEvent, screen, waitFor } from "@solidjs/testing-library";
import { expect } from "vitest";
import type { EngineState, PairingRow } from "../backend";
import { fakeEngines, fakeKeyStates, fakeOpenedBox, fakeProposal, fakeResting, fakeServers, fakeStart, fakeStopped, fakeUnsafety, type FakeBackend } from "../backend/fake";
import { conversations } from "../conversation/fixtures";
import type { App } from "../state/app";

/* How the states of screens are reached: what the window begins with, and what is done in it. */

export const session = (id: string) => (app: App) => app.openSession(id);
export const withEngine = (engine: EngineState) => () => ({ ...fakeStart(), engine });
export const unsafe = () => ({ ...fakeStart(), safety: structuredClone(fakeUnsafety) });
export const boxes = () => {
  const start = fakeStart();
  start.safety = {
    ...start.safety,
    tools: { kind: "proven", reduced: "It sees the names of your processes." },
    folders: [
      { folder: "atlas", label: "atlas-api", proof: { kind: "proving" } },
      { folder: "site", label: "launch-site", proof: { kind: "failed", reason: "It could read your keys." } },
    ],
    stopped: structuredClone(fakeStopped),
    servers: structuredClone(fakeServers),
  };
  return start;
};
export const openedBoxes = () => {
  const start = fakeStart();
  for (const folder of start.folders) folder.box = structuredClone(fakeOpenedBox);
  return start;
};
export const allKeys = () => ({ ...fakeStart(), providers: structuredClone(fakeKeyStates) });
export const atRest = () => ({ ...withEngine(fakeEngines.memoryHigh)(), sessions: fakeResting() });
export const openEverything = () => {
  for (const button of screen.getAllByTestId("failure-more")) fireEvent.click(button);
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  fireEvent.click(screen.getByTestId("report-make"));
};
export const refusing = (name: "bridgeSet" | "folderBoxSet" | "folderUnbox" | "allowanceRevoke") => (_app: App, backend: FakeBackend) =>
  backend.fail(name, { code: name === "allowanceRevoke" ? "notSaved" : "consentNeeded", message: "The disk is full." });

/** Requests of several threads. */
export const waiting = () => {
  const start = fakeStart();
  const row = { session: "flaky-retry", thread: "flaky-retry", title: "Fix flaky retry tests", folder: "atlas", agent: "build", asked: Date.now() - 120_000, subject: "shell" as const, runs: ["npm test"], about: "npm test", destructive: false, proposals: [] };
  start.inbox = {
    rows: [
      { ...row, id: "ask-1" },
      { ...row, id: "ask-3", thread: "split-queue", session: "split-queue", title: "Split the queue worker", runs: ["rm", "git clean"], about: "rm -rf build/old build/tmp && git clean -fd", destructive: true },
      { ...row, id: "question-1", thread: "rate-limit", session: "rate-limit", title: "Rate limit headers", subject: null, runs: [], about: "Which callers should pin the random source?" },
    ],
    more: 2,
  };
  return start;
};
export const inInbox = (app: App, backend: FakeBackend) => {
  for (const { permissions, questions } of conversations) {
    for (const permission of permissions) backend.known.asks.set(permission.id, { permission, question: null });
    for (const question of questions) backend.known.asks.set(question.id, { permission: null, question });
  }
  app.go({ page: "inbox" });
};

/** Pairings that are there. */
export const paired = (...rows: PairingRow[]) => () => {
  const start = fakeStart();
  start.pairings.rows = structuredClone(rows);
  return start;
};
export const toPairing = (app: App) => app.openSettings("pairing");
export const beginPairing = async () => {
  fireEvent.click(await screen.findByTestId("pairing-begin"));
  fireEvent.input(screen.getByTestId("pairing-address"), { target: { value: "https://cowork.example.org" } });
  fireEvent.input(screen.getByTestId("pairing-name"), { target: { value: "Studio, second desk" } });
  await waitFor(() => expect(screen.getByTestId<HTMLButtonElement>("pairing-create").disabled).toBe(false));
};
/** A request to which somebody answered from afar. */
export const answeredAfar = (place: number) => () => {
  const start = waiting();
  const row = start.inbox.rows[place];
  if (row) row.proposals = [fakeProposal(row.subject === null ? { answer: { kind: "answers", answers: [["All of them"]] } } : {})];
  return start;
};
