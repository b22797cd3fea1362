import { fireEvent, screen } from "@solidjs/testing-library";
import { createRoot } from "solid-js";
import { beforeEach, describe, expect, test } from "vitest";
import type { Message } from "../backend";
import { settle } from "../test/window";
import { answer, conversation, person, prose } from "./fixtures";
import { keyedList } from "./keyedList";
import { foldAll, foldText, forgetOpened, isFolded } from "./openedRows";
import { openThread } from "./openThread";
import { createRows, longTexts, placeOf } from "./rows";
import { copyOfRow } from "./rowText";
import { groupTurns } from "./turns";

const session = "flaky-retry";
const paragraph = (number: number) => `<p>Paragraph ${number}. ${"Much is said. ".repeat(20)}</p>`;
const long = (): Message => answer([prose(...Array.from({ length: 40 }, (_, number) => paragraph(number)))], { completed: 2 });

beforeEach(forgetOpened);

describe("a long answer", () => {
  test("is longer than a row, and a short one is not", () => {
    expect(longTexts([long()])).toHaveLength(1);
    expect(longTexts([answer([prose("<p>Short.</p>")], { completed: 1 })])).toEqual([]);
  });

  test("folds to its first row and back, and the place of any other is found there", () => {
    createRoot((dispose) => {
      const said = long();
      const block = said.blocks[0]?.id ?? "";
      const turns = keyedList(
        () => groupTurns([person("Go"), said]),
        (left, right) => left.prompt === right.prompt,
      );
      const rows = createRows(turns, { planned: () => false, running: () => false });
      const before = rows();
      const parts = before.filter((row) => row.value().kind === "item");
      expect(parts.length).toBeGreaterThan(2);
      foldText(block, true);
      const folded = rows().filter((row) => row.value().kind === "item");
      // The row stays the one it was, so that what is drawn for it stays.
      expect(folded).toEqual([parts[0]]);
      expect(folded[0]?.value().hidden).toBe(40 - (folded[0]?.value().part?.to ?? 0));
      expect(placeOf(rows(), parts[2]?.key ?? "")).toBe(1);
      expect(copyOfRow(folded[0] as never).plain).not.toContain("Paragraph 39.");
      foldText(block, false);
      expect(rows().map(({ key }) => key)).toEqual(before.map(({ key }) => key));
      dispose();
    });
  });

  test("is folded from its menu, which then offers it no more, and shown again by a press", async () => {
    const said = long();
    const block = said.blocks[0]?.id ?? "";
    await openThread(conversation(session, [person("Go"), said]));
    const menu = () => fireEvent.click(screen.getAllByTestId("message-menu").at(-1) as HTMLElement);
    menu();
    fireEvent.click(screen.getByText("Fold to its beginning"));
    expect(isFolded(block)).toBe(true);
    const show = screen.getByTestId("show-answer");
    expect(show.getAttribute("aria-expanded")).toBe("false");
    menu();
    expect(screen.queryByText("Fold to its beginning")).toBeNull();
    fireEvent.keyDown(document.activeElement as HTMLElement, { key: "Escape" });
    fireEvent.click(show);
    await settle();
    expect(isFolded(block)).toBe(false);
    expect(screen.queryByTestId("show-answer")).toBeNull();
    expect(document.activeElement?.className).toContain("scroll");
  });

  test("is shown again with everything else that unfolds", () => {
    foldText("one", true);
    foldAll(true);
    expect(isFolded("one")).toBe(false);
  });

  test("is offered no fold while it grows or where it is short", async () => {
    await openThread(conversation(session, [person("Go"), answer([prose("<p>Short.</p>")], { completed: 1 })]));
    fireEvent.click(screen.getAllByTestId("message-menu").at(-1) as HTMLElement);
    expect(screen.queryByText("Fold to its beginning")).toBeNull();
    const growing = long();
    const [text] = growing.blocks;
    if (text?.content.kind === "text") text.content.open = true;
    expect(longTexts([growing])).toEqual([]);
  });
});
