import { screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import { openWindow, settle } from "../test/window";

async function openSettings(section: "permissions", prepare: (window: Awaited<ReturnType<typeof openWindow>>) => void = () => undefined) {
  const window = await openWindow();
  prepare(window);
  window.app.openSettings(section);
  await screen.findByTestId("trusted-commands");
  return window;
}

const rows = () => screen.queryAllByTestId("trusted-command");
const revoke = (at: number) => screen.getAllByTestId("trusted-revoke")[at] as HTMLElement;
const two = [
  { folder: "/gone/elsewhere", key: "folder/release", name: "release", trusted: Date.UTC(2026, 10, 18) },
  { folder: "/home/ada/code/atlas-api", key: "folder/deploy", name: "deploy", trusted: Date.UTC(2026, 10, 19) },
];

describe("trusted commands", () => {
  test("are listed with where and since when, and the trust is taken back, with the focus on the next one", async () => {
    const { backend, user } = await openSettings("permissions", ({ backend: core }) => {
      core.known.trusted = two;
    });
    await waitFor(() => expect(rows()).toHaveLength(2));
    expect(rows()[0]?.textContent).toContain("/release");
    expect(rows()[0]?.textContent).toContain("/gone/elsewhere");
    expect(rows()[1]?.querySelector("time")?.getAttribute("datetime")).toBe("2026-11-19T00:00:00.000Z");
    expect(revoke(0).getAttribute("aria-label")).toBe("Revoke trust in /release in /gone/elsewhere");
    await user.click(revoke(0));
    await settle();
    expect(backend.requests("commandDistrust")).toEqual([{ folder: "/gone/elsewhere", command: "folder/release" }]);
    expect(rows()).toHaveLength(1);
    expect(document.activeElement).toBe(revoke(0));
    await user.click(revoke(0));
    await settle();
    expect(screen.getByTestId("trusted-commands").textContent).toContain("No command is trusted yet.");
    expect(document.activeElement).toBe(screen.getByTestId("trusted-commands"));
  });

  test("that could not be taken back stay, and say why; those that went elsewhere go", async () => {
    const { backend, user } = await openSettings("permissions", ({ backend: core }) => {
      core.known.trusted = two;
      core.fail("commandDistrust", { code: "notSaved", message: "The disk is full." });
    });
    await waitFor(() => expect(rows()).toHaveLength(2));
    await user.click(revoke(1));
    expect((await within(rows()[1] as HTMLElement).findByRole("alert")).textContent).toBe("Not revoked. The disk is full.");
    backend.fail("commandDistrust", { code: "notFound", message: "The trusted command is gone." });
    await user.click(revoke(1));
    await waitFor(() => expect(rows()).toHaveLength(1));
  });

  test("that cannot be read are asked for again", async () => {
    const { backend, user } = await openSettings("permissions", ({ backend: core }) => core.fail("commandTrusted", { code: "internal", message: "The database is busy." }));
    const part = within(screen.getByTestId("trusted-commands"));
    expect((await part.findByRole("alert")).textContent).toBe("The database is busy.");
    backend.answer("commandTrusted", async () => two);
    await user.click(part.getByRole("button", { name: "Read again" }));
    await waitFor(() => expect(rows()).toHaveLength(2));
  });
});
