import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LicenceList } from "./licences";

const root = join(import.meta.dirname, "..", "..");

test("each part has a name and a licence, and each text is there once and used", () => {
  const list = JSON.parse(readFileSync(join(root, "src", "generated", "licences.json"), "utf8")) as LicenceList;
  expect(list.parts.filter(({ name, licence }) => name === "" || licence === "")).toEqual([]);
  expect(new Set(list.texts).size).toBe(list.texts.length);
  expect(new Set(list.parts.flatMap(({ texts }) => texts)).size).toBe(list.texts.length);
  for (const name of ["tauri", "solid-js", "Inter", "SQLite"]) expect(list.parts.map((part) => part.name)).toContain(name);
});
