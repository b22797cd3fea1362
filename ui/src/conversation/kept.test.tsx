import { screen } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { StoppedFile } from "../backend";
import { fakeOpenedBox, fakeSafety, fakeStart, fakeStoppedFiles } from "../backend/fake";
import { settle } from "../test/window";
import { conversation, person } from "./fixtures";
import { openThread } from "./openThread";

const strip = () => screen.queryByTestId("stopped-file");
const allow = () => screen.queryByTestId("kept-allow");
const kept = (index: number) => fakeStoppedFiles[index] as StoppedFile;

async function openKept(stoppedFiles: StoppedFile[]) {
  const start = fakeStart();
  start.safety = { ...fakeSafety, stoppedFiles: structuredClone(stoppedFiles) };
  for (const folder of start.folders) if (folder.id === "atlas") folder.box = structuredClone(fakeOpenedBox);
  return openThread(conversation("deploy-script", [person("Read it")]), { start });
}

describe("a file that the box kept", () => {
  test.each([0, 1])("is opened by its folder, in the same way and no other (%i)", async (index) => {
    const { backend, user } = await openKept([kept(index)]);
    const { path, offered } = kept(index);
    expect(strip()?.textContent).toContain(`The box kept ${path} from a command.`);
    expect(allow()?.textContent).toBe(`Open ${offered?.path} to commands here${offered?.writable ? ", to be changed" : ""}`);
    await user.click(allow() as HTMLElement);
    expect(backend.requests("folderBoxSet")).toEqual([{ folder: "atlas", box: { ...fakeOpenedBox, granted: [...fakeOpenedBox.granted, offered] } }]);
    await settle();
    expect(strip()).toBeNull();
  });

  test("that is a secret is opened by no press here", async () => {
    const { backend, user } = await openKept([kept(2)]);
    expect(allow()).toBeNull();
    expect(strip()?.textContent).toContain("only a consent in Settings opens");
    await user.click(screen.getByTestId("kept-dismiss"));
    expect(backend.requests("stoppedForget")).toEqual([{ which: { folder: "atlas", host: "/home/ada/.aws/config" } }]);
    expect(strip()).toBeNull();
  });

  test("stays when the person declines", async () => {
    const { backend, user } = await openKept([kept(0)]);
    backend.answer("folderBoxSet", () => Promise.reject({ code: "cancelled", message: "You declined." }));
    await user.click(allow() as HTMLElement);
    await settle();
    expect(strip()).not.toBeNull();
  });
});
