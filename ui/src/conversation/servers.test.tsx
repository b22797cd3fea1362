import { screen, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { BoxServer } from "../backend";
import { fakeSafety, fakeServers, fakeStart } from "../backend/fake";
import { settle } from "../test/window";
import { conversation, person } from "./fixtures";
import { openThread } from "./openThread";

const session = "deploy-script";
const notes = () => screen.queryAllByTestId("server");
const here = fakeServers.filter(({ folder }) => folder === "atlas");

async function openServing(servers: BoxServer[]) {
  const start = fakeStart();
  start.safety = { ...fakeSafety, servers: structuredClone(servers) };
  return openThread(conversation(session, [person("Serve it")]), { start });
}

describe("what a command serves", () => {
  test("is shown in threads of its folder alone, and opened by one press", async () => {
    const { backend, user } = await openServing(fakeServers);
    expect(notes().map((note) => note.dataset["port"])).toEqual(["5173", "8080"]);
    const note = notes()[0] as HTMLElement;
    expect(note.textContent).toContain("Serving on port 5173");
    await user.click(within(note).getByRole("button", { name: "Open a preview of what a command in atlas-api serves on port 5173" }));
    expect(backend.requests("previewOpen")).toEqual([{ folder: "atlas", port: 5173 }]);
    expect(screen.getByTestId("status-servers").textContent).toBe("3 servers");
  });

  test("goes when it ends, and keeps the focus on what stays", async () => {
    const { backend } = await openServing(here);
    const button = within(notes()[0] as HTMLElement).getByTestId("server-preview");
    button.focus();
    backend.push({ safety: { ...fakeSafety, servers: structuredClone(here.slice(0, 1)) } });
    await settle();
    expect(notes()).toHaveLength(1);
    expect(document.activeElement).toBe(button);
    backend.push({ safety: fakeSafety });
    await settle();
    expect(notes()).toHaveLength(0);
    expect(screen.queryByTestId("status-servers")).toBeNull();
  });

  test("that cannot be shown says why, and is asked for once at a time", async () => {
    const { backend, user } = await openServing(here.slice(0, 1));
    let fail: (error: unknown) => void = () => undefined;
    backend.answer("previewOpen", () => new Promise((_done, failed) => (fail = failed)));
    const button = screen.getByTestId("server-preview");
    await user.click(button);
    await user.click(button);
    expect(button.textContent).toBe("Opening");
    expect(backend.requests("previewOpen")).toHaveLength(1);
    fail({ code: "unreachable", message: "The command that served this has ended. Ask for it to be started again." });
    await settle();
    expect(within(notes()[0] as HTMLElement).getByRole("alert").textContent).toContain("has ended");
    expect(button.textContent).toBe("Open preview");
  });

  test("on many ports is cut, with the rest under health", async () => {
    const many = Array.from({ length: 5 }, (_, index) => Object.assign(structuredClone(here[0] as BoxServer), { port: 9000 + index }));
    const { user } = await openServing(many);
    expect(notes()).toHaveLength(3);
    await user.click(screen.getByRole("button", { name: "2 more servers" }));
    expect(screen.getAllByTestId("health-server")).toHaveLength(5);
    expect(within(screen.getByTestId("health-servers")).getAllByTestId("server-preview")).toHaveLength(5);
  });
});
