import { fireEvent, screen, within } from "@solidjs/testing-library";
import { expect, test } from "vitest";
import { fakeBadHealthRows, fakeStart } from "../backend/fake";
import { openPart, settle } from "../test/window";
import { HealthPage } from "./HealthPage";

const row = (key: string) => screen.getAllByTestId("health-part").find((part) => part.dataset["part"] === key) as HTMLElement;
const keys = (place: string) => [...(screen.queryByTestId(place)?.querySelectorAll<HTMLElement>("[data-part]") ?? [])].map((part) => part.dataset["part"]);

async function open(bad = false) {
  const opened = await openPart(() => <HealthPage />, { start: fakeStart() });
  if (bad) {
    opened.backend.known.healthRows = structuredClone(fakeBadHealthRows);
    fireEvent.click(screen.getByTestId("health-refresh"));
  }
  await settle();
  return opened;
}

test("parts that work stand together in grey, each with what it does", async () => {
  await open();
  expect(keys("to-fix")).toEqual([]);
  expect(keys("other-parts")).toEqual(["keychain", "provider:anthropic", "provider:local", "keyProxy", "gateway", "database", "disk", "window", "pairing", "folders"]);
  expect(row("provider:anthropic").textContent).toContain("Answered the last of 42 requests");
  expect(row("disk").textContent).toContain("free");
  expect(screen.getByTestId("other-parts").querySelectorAll(".is-danger, .is-warn, .is-success")).toHaveLength(0);
  expect(screen.getByTestId("health-checked").textContent).toContain("Looked at");
});

test("what does not work comes first, says why, and is counted", async () => {
  await open(true);
  expect(keys("to-fix")).toHaveLength(fakeBadHealthRows.length);
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("9 things need you");
  expect(row("provider:openai").textContent).toContain("Its key is refused");
  expect(row("provider:openai").textContent).toContain("The service answered 401 to the last of 3 requests");
  expect(row("provider:lan").textContent).toContain("may no longer be connected to");
  expect(row("keyProxy").textContent).toContain("Because: Connection refused");
  expect(row("folders").textContent).toContain("archive cannot be reached");
  expect(row("window").textContent).toContain("every 200 ms");
  expect(row("pairing").textContent).toContain("One pairing waits for you");
  expect(row("pairing").textContent).toContain("12 events wait to be sent");
  expect(within(row("keychain")).getByText(": Needs you")).toBeTruthy();
});

test("one press mends a part, with a clock meanwhile, and the part joins the others", async () => {
  const { backend, app } = await open(true);
  let unlock = () => {};
  backend.answer("keychain", () => new Promise((resolve) => (unlock = () => resolve({ kind: "encrypted" }))));
  const button = within(row("keychain")).getByTestId("part-fix");
  expect(button.getAttribute("aria-label")).toBe("Unlock the keychain: Keychain");
  button.focus();
  fireEvent.click(button);
  expect(button.textContent).toMatch(/Waiting for the keychain \d:\d\d/);
  fireEvent.click(button);
  expect(backend.requests("keychain")).toEqual([{ again: true }]);
  backend.known.healthRows = backend.known.healthRows.map((each) => (each.part.kind === "keychain" ? { mark: "working", part: { kind: "keychain", keys: 2, unreadable: null } } : each));
  unlock();
  await settle();
  expect(keys("other-parts")).toContain("keychain");
  expect(app.toasts.list.at(-1)?.text ?? row("keychain").textContent).toContain("keys can be kept");
  // The row took the focus with it, so it is where the whole is summed up.
  expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1 }));
});

test("a part that breaks under the focus takes it along to what mends it", async () => {
  const { backend } = await open();
  within(row("keychain")).getByTestId("part-fix").focus();
  backend.known.healthRows = structuredClone(fakeBadHealthRows);
  fireEvent.click(screen.getByTestId("health-refresh"));
  await settle();
  expect(keys("to-fix")).toContain("keychain");
  expect(document.activeElement).toBe(within(row("keychain")).getByTestId("part-fix"));
});

test("what could not be mended says why and stays", async () => {
  const { backend } = await open(true);
  backend.answer("keychain", async () => ({ kind: "unavailable", reason: "The key ring is locked.", advice: "Unlock it." }));
  fireEvent.click(within(row("keychain")).getByTestId("part-fix"));
  await settle();
  expect(within(row("keychain")).getByRole("alert").textContent).toBe("It did not help. The key ring is locked. Unlock it.");
  expect(keys("to-fix")).toContain("keychain");
});

test("room is made by deleting what nobody needs", async () => {
  const { app, backend } = await open(true);
  backend.answer("logsDeleteOld", async () => 2 * 1024 ** 2);
  fireEvent.click(within(row("disk")).getByTestId("part-fix"));
  await settle();
  expect(within(row("disk")).getByRole("status").textContent).toBe("2.1 MB freed");
  // What may still hold threads is deleted where that is asked about.
  expect(backend.requests("setAsideDelete")).toEqual([]);
  fireEvent.click(within(row("disk")).getByTestId("part-beside"));
  expect(app.state.route).toEqual({ page: "settings", section: "storage" });
});

test("where a person has to do something the fix leads there", async () => {
  const { app } = await open(true);
  fireEvent.click(within(row("provider:mistral")).getByRole("button", { name: "Enter a key: Mistral" }));
  expect(app.state.route).toEqual({ page: "settings", section: "models" });
  app.go({ page: "health" });
  fireEvent.click(within(row("database")).getByTestId("part-fix"));
  expect(app.state.route).toEqual({ page: "settings", section: "storage" });
});

test("a run that made all its requests may be allowed more", async () => {
  const { backend } = await open(true);
  fireEvent.click(within(row("provider:busy")).getByTestId("part-fix"));
  await settle();
  expect(backend.requests("providerUsage").length + backend.requests("providerAllowMore").length).toBeGreaterThan(0);
});

test("says when the parts could not be looked at, and keeps what was known", async () => {
  const { backend } = await open();
  backend.fail("healthRows", { code: "internal", message: "The task was cut off." });
  fireEvent.click(screen.getByTestId("health-refresh"));
  await settle();
  expect(within(screen.getByTestId("other-parts")).getByRole("alert").textContent).toBe("The parts could not be looked at. The task was cut off.");
  expect(keys("other-parts")).toContain("disk");
});

test("folders are looked for again in one press, and what is still missing is said", async () => {
  const { backend, app } = await open(true);
  const missing = () => app.state.folders.filter((folder) => !folder.available).length;
  expect(missing()).toBe(1);
  fireEvent.click(within(row("folders")).getByRole("button", { name: "Look again: Folders" }));
  await settle();
  expect(backend.requests("foldersLook")).toHaveLength(1);
  expect(row("folders").textContent).toContain("One still cannot be reached.");
  backend.world.folders = backend.world.folders.map((folder) => ({ ...folder, available: true }));
  backend.known.healthRows = backend.known.healthRows.map((each) => (each.part.kind === "folders" ? { mark: "working", part: { kind: "folders", count: 3, missing: [] } } : each));
  fireEvent.click(within(row("folders")).getByTestId("part-fix"));
  await settle();
  expect(missing()).toBe(0);
  expect(keys("other-parts")).toContain("folders");
  app.go({ page: "health" });
});

test("a report is made from the head of the page, and stands where it is read", async () => {
  const { backend } = await open();
  Element.prototype.scrollIntoView ??= () => undefined;
  fireEvent.click(screen.getByTestId("health-report"));
  await settle();
  expect(backend.requests("diagnosticsReport")).toHaveLength(1);
  expect(screen.getByTestId("report-text").textContent).not.toBe("");
});
