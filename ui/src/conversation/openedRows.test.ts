import { beforeEach, expect, test } from "vitest";
import { createOpened, createWhole, forgetOpened, rememberScrolled, scrolledTo } from "./openedRows";

beforeEach(forgetOpened);

test("a row that comes back is as it was left", () => {
  const [, setOpen] = createOpened("a");
  const [, setWhole] = createWhole("a");
  setOpen(true);
  setWhole(true);
  rememberScrolled("a", 420);
  expect(createOpened("a")[0]()).toBe(true);
  expect(createWhole("a")[0]()).toBe(true);
  expect(scrolledTo("a")).toBe(420);
  setWhole(false);
  expect(scrolledTo("a")).toBe(0);
  setOpen(false);
  expect(createOpened("a")[0]()).toBe(false);
});

test("what was touched longest ago closes when too many are open", () => {
  for (let index = 0; index <= 500; index += 1) createOpened(`row ${index}`)[1](true);
  expect(createOpened("row 0")[0]()).toBe(false);
  expect(createOpened("row 1")[0]()).toBe(true);
  expect(createOpened("row 500")[0]()).toBe(true);
});
