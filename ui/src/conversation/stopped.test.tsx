import { screen, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { StoppedConnection } from "../backend";
import { fakeOpenedBox, fakeSafety, fakeStart, fakeStopped } from "../backend/fake";
import { settle } from "../test/window";
import { conversation, permission, person } from "./fixtures";
import { openThread } from "./openThread";

const session = "deploy-script";
const strip = () => screen.queryByTestId("stopped-connection");
const allow = () => screen.queryByTestId("stopped-allow");
const of = (widening: StoppedConnection["widening"]) => fakeStopped.filter((each) => each.widening === widening);

async function openStopped(stopped: StoppedConnection[], box = fakeOpenedBox) {
  const start = fakeStart();
  start.safety = { ...fakeSafety, stopped: structuredClone(stopped) };
  for (const folder of start.folders) if (folder.id === "atlas") folder.box = structuredClone(box);
  return openThread(conversation(session, [person("Install it")]), { start });
}

describe("a connection that was stopped", () => {
  test.each([
    ["registries", "registry.npmjs.org:443", "Allow package registries", { network: "listed", hosts: [] }],
    ["host", "api.example.org:443", "Allow api.example.org", { network: "listed", hosts: ["api.example.org"] }],
    ["open", "203.0.113.7:8443", "Allow the whole internet…", { network: "open", hosts: [] }],
  ] as const)("that %s would let through is let through by one press", async (widening, where, label, box) => {
    const granted = [{ path: "/x", writable: false }];
    const { backend, user } = await openStopped(of(widening), { network: "off", hosts: [], granted, limits: {} });
    expect(strip()?.textContent).toContain(`The box stopped a connection to ${where}.`);
    expect(allow()?.textContent).toBe(label);
    await user.click(allow() as HTMLElement);
    expect(backend.requests("folderBoxSet")).toEqual([{ folder: "atlas", box: { ...box, granted, limits: {} } }]);
    await settle();
    expect(strip()).toBeNull();
  });

  test("keeps the hosts that are on the list", async () => {
    const { backend, user } = await openStopped([{ ...(of("host")[0] as StoppedConnection), host: "new.example.org" }]);
    await user.click(allow() as HTMLElement);
    expect(backend.requests("folderBoxSet")).toEqual([{ folder: "atlas", box: { ...fakeOpenedBox, hosts: [...fakeOpenedBox.hosts, "new.example.org"] } }]);
  });

  test("to this computer or a private network is not let through", async () => {
    const { backend, user } = await openStopped(of("none"));
    expect(allow()).toBeNull();
    expect(strip()?.textContent).toContain("This computer and private networks are never reachable.");
    await user.click(screen.getByTestId("stopped-dismiss"));
    expect(backend.requests("stoppedForget")).toEqual([{ which: { folder: "atlas", host: "192.168.1.10" } }]);
    expect(strip()).toBeNull();
  });

  test("is followed by the next once it is dealt with", async () => {
    const { user } = await openStopped(fakeStopped);
    expect(strip()?.dataset["widening"]).toBe("registries");
    expect(strip()?.textContent).toContain("3 more");
    await user.click(screen.getByTestId("stopped-dismiss"));
    expect(strip()?.dataset["widening"]).toBe("host");
  });

  test("of another folder is not shown here", async () => {
    await openStopped(fakeStopped.map((each) => Object.assign(structuredClone(each), { folder: "site" })));
    expect(strip()).toBeNull();
  });

  test("stays when the person declines, with a quiet line, and is asked for once at a time", async () => {
    const { backend, user } = await openStopped(of("open"));
    let decline: (error: unknown) => void = () => undefined;
    backend.answer("folderBoxSet", () => new Promise((_done, failed) => (decline = failed)));
    await user.click(allow() as HTMLElement);
    await user.click(allow() as HTMLElement);
    expect(backend.requests("folderBoxSet")).toHaveLength(1);
    expect(allow()?.getAttribute("aria-disabled")).toBe("true");
    decline({ code: "consentNeeded", message: "Commands can then connect everywhere." });
    await settle();
    expect(within(strip() as HTMLElement).getByText("You did not allow it. Nothing changed.")).toBeTruthy();
    expect(within(strip() as HTMLElement).queryByRole("alert")).toBeNull();
  });
});

test("a shell command waits in words while its box is tried", async () => {
  const start = fakeStart();
  const { backend } = await openThread(conversation(session, [person("Go")], { permissions: [permission({ session })], status: { ...conversation(session, []).status, state: { kind: "working" } } }), { start });
  const line = () => screen.queryByTestId("box-proving");
  expect(line()).toBeNull();
  const proving = (folder: string) => backend.push({ safety: { ...fakeSafety, folders: [{ folder, label: folder, proof: { kind: "proving" } }] } });
  proving("site");
  expect(line()).toBeNull();
  proving("atlas");
  expect(line()?.textContent).toBe("The box is being tried…");
  backend.push({ safety: fakeSafety });
  expect(line()).toBeNull();
});
