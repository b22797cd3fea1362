import { fireEvent, screen } from "@solidjs/testing-library";
import { expect, test } from "vitest";
import { conversation, person } from "../conversation/fixtures";
import { openThread } from "../conversation/openThread";
import { opened } from "./palette";
import { openWindow, settle } from "./window";

/** The last Enter of a composition, as WebKit gives it: it ends the composition and is not said to belong to one. */
const endComposition = (field: HTMLElement, key = "Enter") => fireEvent.keyDown(field, { key, keyCode: 229 });
const enter = (field: HTMLElement) => fireEvent.keyDown(field, { key: "Enter" });

const session = "flaky-retry";
const thread = () => openThread(conversation(session, [person("Where is it?")]));

test("the palette runs nothing", async () => {
  await opened();
  endComposition(screen.getByTestId("palette-input"));
  expect(screen.getByTestId("palette")).toBeTruthy();
  enter(screen.getByTestId("palette-input"));
  expect(screen.queryByTestId("palette")).toBeNull();
});

test("a list of choices chooses nothing and stays open", async () => {
  const { user } = await thread();
  await user.click(screen.getByTestId("model-picker"));
  const field = document.activeElement as HTMLElement;
  endComposition(field);
  endComposition(field, "Escape");
  expect(screen.getByTestId("model-picker-list")).toBeTruthy();
  enter(field);
  expect(screen.queryByTestId("model-picker-list")).toBeNull();
});

test("a title is not taken yet", async () => {
  const { backend, user } = await thread();
  await user.click(screen.getByTestId("rename"));
  const field = screen.getByTestId<HTMLInputElement>("title-input");
  fireEvent.input(field, { target: { value: "再試行" } });
  endComposition(field);
  expect(backend.requests("sessionRename")).toEqual([]);
  enter(field);
  expect(backend.requests("sessionRename")).toEqual([{ session, title: "再試行" }]);
});

test("a thread is not renamed in the list yet", async () => {
  const { backend, user } = await openWindow();
  await user.pointer({ keys: "[MouseRight]", target: screen.getAllByTestId("session-row")[0] as HTMLElement });
  await user.click(screen.getByRole("menuitem", { name: /^Rename/ }));
  await settle();
  const field = screen.getByRole<HTMLInputElement>("textbox", { name: "Title of the thread" });
  field.value = "再試行";
  endComposition(field);
  expect(backend.requests("sessionRename")).toEqual([]);
  enter(field);
  expect(backend.requests("sessionRename")).toMatchObject([{ title: "再試行" }]);
});

test("the find bar stays where it is", async () => {
  const { backend, user } = await thread();
  backend.answer("conversationFind", async () => ({ found: [], next: null, looked: 0, total: 0 }) as never);
  await user.keyboard("{Control>}f{/Control}");
  const field = await screen.findByTestId("find-input");
  expect(endComposition(field), "the press is left to the input method").toBe(true);
  expect(enter(field)).toBe(false);
});

test("no tag is added", async () => {
  const { user } = await openWindow();
  await user.pointer({ keys: "[MouseRight]", target: screen.getAllByTestId("session-row")[0] as HTMLElement });
  await user.click(screen.getByRole("menuitem", { name: "Tags…" }));
  const field = await screen.findByTestId<HTMLInputElement>("tag-field");
  fireEvent.input(field, { target: { value: "急ぎ" } });
  endComposition(field);
  expect(field.value).toBe("急ぎ");
  enter(field);
  expect(field.value).toBe("");
});

test("no search is named", async () => {
  const { backend, user } = await openWindow();
  const facets = { folder: null, agent: null, model: null, withinDays: null, hasChanges: false, needsYou: false, tag: null };
  backend.known.filters = [{ id: 1, name: "Keys", query: "keys", facets }];
  await user.click(screen.getByRole("button", { name: "Saved searches" }));
  (await screen.findByTestId("saved-search")).focus();
  await user.keyboard("{F2}");
  const field = await screen.findByRole("textbox", { name: "Name of the saved search" });
  fireEvent.input(field, { target: { value: "鍵" } });
  endComposition(field);
  endComposition(field, "Escape");
  expect(field.isConnected).toBe(true);
  enter(field);
  await settle();
  expect(field.isConnected).toBe(false);
});

test("no provider is chosen, and what is looked for stays", async () => {
  const { app } = await openWindow();
  app.go({ page: "setup" });
  const field = await screen.findByTestId<HTMLInputElement>("provider-search");
  await screen.findAllByRole("radio");
  field.focus();
  fireEvent.input(field, { target: { value: "open" } });
  endComposition(field);
  endComposition(field, "Escape");
  expect([document.activeElement, field.value]).toEqual([field, "open"]);
  enter(field);
  expect(document.activeElement).not.toBe(field);
});
