import { fireEvent, screen, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import { fakeFirstStart } from "../backend/fake";
import type { SettingsSection } from "../state/route";
import { openWindow, settle } from "../test/window";

async function openSettings(section: SettingsSection, options = {}) {
  const window = await openWindow(options);
  window.app.openSettings(section);
  return window;
}
const main = () => within(screen.getByRole("main"));

describe("the engine's settings", () => {
  const openEngine = async (options = {}) => {
    const window = await openSettings("engine", options);
    await settle();
    return window;
  };
  const bridge = (id: string) => screen.getAllByTestId("bridge").find((row) => row.dataset["bridge"] === id) as HTMLElement;
  const field = (id: string) => screen.getByTestId<HTMLInputElement>(id);

  test.each([
    ["restart-failures", "restartFailures", "Failures that stop it", 1, 50],
    ["restart-window", "restartWindow", "Time they count in", 10, 3600],
    ["memory-limit", "memoryLimit", "Memory limit", 512, 65_536],
    ["request-cap", "requestCap", "Requests per run", 10, 1_000_000],
  ] as const)("%s is saved within its bounds and refused outside of them", async (id, key, label, least, most) => {
    const { app, backend } = await openEngine();
    const before = app.state.settings[key];
    expect(screen.getByLabelText(label)).toBe(field(id));
    expect(field(id).value).toBe(String(before));
    for (const wrong of [String(least - 1), String(most + 1), "", "20.5", "many"]) {
      fireEvent.change(field(id), { target: { value: wrong } });
      expect(main().getByRole("alert").textContent).toBe(`Give a whole number from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}.`);
      expect(field(id).getAttribute("aria-invalid")).toBe("true");
    }
    expect(backend.requests("settingsSave")).toEqual([]);
    for (const right of [least, most]) {
      fireEvent.change(field(id), { target: { value: String(right) } });
      await settle();
      expect(main().queryByRole("alert")).toBeNull();
      expect(backend.requests("settingsSave").at(-1)).toMatchObject({ [key]: right });
    }
  });

  test("a limit that could not be saved stands again as it was", async () => {
    const { backend } = await openEngine();
    backend.fail("settingsSave", { code: "notSaved", message: "The disk is full." });
    fireEvent.change(field("memory-limit"), { target: { value: "4096" } });
    await settle();
    expect(field("memory-limit").value).toBe("3072");
    expect(screen.getByText("The disk is full.")).toBeTruthy();
  });

  test("what the log holds and how it is written are chosen, and say when they take hold", async () => {
    const { backend, user } = await openSettings("logs");
    expect(main().getByText("Also what happens.")).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: "Everything" }));
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ logLevel: "debug" });
    expect(main().getByText(/Grows fast/)).toBeTruthy();
    expect(main().getByText("Takes hold at the next start of the app.")).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: "JSON" }));
    expect(backend.requests("settingsSave").at(-1)).toMatchObject({ logLevel: "debug", logFormat: "json" });
  });

  test("the person's own configuration is listed with what was found and what it opens", async () => {
    await openEngine();
    expect(screen.getAllByTestId("bridge").map((row) => [row.dataset["bridge"], row.dataset["allowed"]])).toEqual([
      ["sshAgent", "true"],
      ["sshKeys", "false"],
      ["gpg", "false"],
      ["cloud", "false"],
      ["developer", "false"],
      ["docker", "false"],
    ]);
    expect(bridge("docker").textContent).toContain("No box holds a command that speaks to docker");
    expect(bridge("cloud").textContent).toContain("Found: .aws, .kube");
    expect(bridge("gpg").textContent).toContain("Nothing of it was found on this computer.");
    expect(bridge("sshAgent").textContent).toContain("Commands sign with your keys");
  });

  test("a category is opened and closed, and takes hold with the next start", async () => {
    const { backend, user } = await openEngine();
    await user.click(screen.getByRole("button", { name: "Allow: SSH keys and hosts" }));
    expect(backend.requests("bridgeSet")).toEqual([{ bridge: "sshKeys", allowed: true }]);
    expect(bridge("sshKeys").dataset["allowed"]).toBe("true");
    await user.click(screen.getByRole("button", { name: "Close: SSH agent" }));
    expect(backend.requests("bridgeSet").at(-1)).toEqual({ bridge: "sshAgent", allowed: false });
    expect(main().getByText(/applies at the next start of the engine/).textContent).toContain("A restart interrupts the threads that run.");
    await user.click(screen.getByTestId("engine-restart"));
    expect(backend.requests("engineStart")).toHaveLength(1);
  });

  test("a restart interrupts nothing when nothing runs", async () => {
    await openEngine({ start: fakeFirstStart() });
    expect(main().getByText("What you change here applies at the next start of the engine.")).toBeTruthy();
  });

  test("what the person did not allow stays closed and is said in its line", async () => {
    const { backend, user } = await openEngine();
    backend.fail("bridgeSet", { code: "consentNeeded", message: "Your keys can be read." });
    await user.click(within(bridge("sshKeys")).getByRole("button"));
    expect(within(bridge("sshKeys")).getByRole("alert").textContent).toBe("You did not allow it. Nothing changed.");
    expect(bridge("sshKeys").dataset["allowed"]).toBe("false");
  });

  test("is asked for one thing once while the system's dialog is open", async () => {
    const { backend, user } = await openEngine();
    backend.answer("bridgeSet", () => new Promise(() => undefined));
    const button = within(bridge("gpg")).getByRole("button");
    await user.click(button);
    await user.click(button);
    expect(backend.requests("bridgeSet")).toHaveLength(1);
    expect(button.getAttribute("aria-disabled")).toBe("true");
  });

  test("tells when what is there cannot be read", async () => {
    const { app, backend } = await openWindow();
    backend.fail("bridgeList", { code: "internal", message: "The home cannot be read." });
    app.openSettings("engine");
    await settle();
    expect(main().getByRole("alert").textContent).toBe("The home cannot be read.");
  });

  test("its home is chosen with a plain warning, and is lived in after the next start", async () => {
    const { app, backend, user } = await openEngine();
    const home = () => screen.getByTestId("engine-home");
    expect(home().dataset["home"]).toBe("private");
    expect(main().getByText(/What is promised about keys does not hold there/)).toBeTruthy();
    await user.click(screen.getByRole("radio", { name: "Your own OpenCode" }));
    expect(backend.requests("engineHomeSet")).toEqual([{ home: "machine" }]);
    expect(home().dataset["home"]).toBe("machine");
    expect(app.state.safety.home).toBe("machine");
    expect(screen.getByTestId("next-start").dataset["waits"]).toBe("true");
    expect(main().getByText("Changed, and not yet in force.")).toBeTruthy();
    expect(screen.getByTestId("safety-restart")).toBeTruthy();
    await user.click(screen.getByTestId("engine-restart"));
    expect(backend.requests("engineStart")).toHaveLength(1);
    expect(home().dataset["home"]).toBe("machine");
    expect(screen.getByTestId("next-start").dataset["waits"]).toBe("false");
    expect(screen.queryByTestId("safety-restart")).toBeNull();
  });

  test("stays in its home when the person does not agree to the other", async () => {
    const { backend, user } = await openEngine();
    backend.fail("engineHomeSet", { code: "consentNeeded", message: "It would use your sign-ins." });
    await user.click(screen.getByRole("radio", { name: "Your own OpenCode" }));
    expect(main().getByRole("alert").textContent).toBe("You did not allow it. Nothing changed.");
    expect(screen.getByTestId("engine-home").dataset["home"]).toBe("private");
    expect(screen.getByRole("radio", { name: "Private" }).getAttribute("aria-checked")).toBe("true");
  });
});
