import { screen, within } from "@solidjs/testing-library";
import { expect, test } from "vitest";
import { fakeStart } from "../backend/fake";
import { openWindow, settle } from "../test/window";

const about = () => within(screen.getByTestId("about"));

test.each(["settings", "health"] as const)("%s ends with name, version and where help, support and security are", async (page) => {
  const { app, backend, user } = await openWindow();
  app.go(page === "settings" ? { page, section: "about" } : { page });
  expect(about().getByText("Sample 0.1.0")).toBeTruthy();
  for (const name of ["Help", "Support", "Security"]) await user.click(about().getByRole("button", { name }));
  expect(backend.requests("linkOpen")).toEqual([{ url: "https://help.example" }, { url: "https://support.example" }, { url: "https://security.example" }]);
});

test("an address the product does not have is left out, and one that cannot be opened is told", async () => {
  const start = fakeStart();
  start.brand.supportUrl = "";
  const { app, backend, user } = await openWindow({ start });
  backend.fail("linkOpen", { code: "notAllowed", message: "No browser was found." });
  app.go({ page: "health" });
  expect(about().getAllByRole("button").map((button) => button.textContent)).toEqual(["Keyboard shortcuts F1", "Help", "Security"]);
  await user.click(about().getByRole("button", { name: "Help" }));
  await settle();
  expect(screen.getByText("No browser was found.")).toBeTruthy();
});
