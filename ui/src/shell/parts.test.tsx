import { fireEvent, screen } from "@solidjs/testing-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeFolders } from "../backend/fake";
import type { Folder } from "../backend";
import { openPart } from "../test/window";
import { createActions } from "./actions";
import { FolderNote } from "./FolderNote";
import { shortcutLabel } from "./keys";
import { focusNextPane } from "./panes";
import { SidebarResizer } from "./SidebarResizer";
import { Toasts } from "./Toasts";

const folder = (id: string) => fakeFolders.find((known) => known.id === id) as Folder;

describe("toasts", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("are heard politely, leave by themselves, and stay while they are read", async () => {
    const { app } = await openPart(() => <Toasts />);
    app.toasts.show("Saved");
    const region = screen.getByRole("status");
    expect(region.textContent).toBe("Saved");
    const toast = region.firstElementChild as HTMLElement;
    fireEvent.pointerEnter(toast);
    vi.advanceTimersByTime(20_000);
    expect(region.textContent).toBe("Saved");
    fireEvent.pointerLeave(toast);
    vi.advanceTimersByTime(6001);
    expect(region.textContent).toBe("");
  });

  test("can be sent away, and never pile up", async () => {
    const { app } = await openPart(() => <Toasts />);
    for (const news of ["one", "two", "three", "four"]) app.toasts.show(news);
    expect(screen.getByRole("status").textContent).toBe("twothreefour");
    fireEvent.click(screen.getAllByRole("button", { name: "Dismiss" })[1] as HTMLElement);
    expect(screen.getByRole("status").textContent).toBe("twofour");
  });

  test("with something to do stay longer, and what they offer is there when they are gone, until it was done or sent away", async () => {
    const { app } = await openPart(() => <Toasts />);
    const done: string[] = [];
    for (const name of ["one", "two"]) app.toasts.show(name, false, { label: "Undo", run: () => done.push(name) });
    const region = screen.getByRole("status");
    vi.advanceTimersByTime(29_999);
    expect(region.textContent).toBe("oneUndotwoUndo");
    vi.advanceTimersByTime(1);
    expect(region.textContent).toBe("");
    const offered = () => createActions(app).filter(({ passing }) => passing);
    expect(offered().map(({ title, where }) => [title, where])).toEqual([
      ["Undo", "two"],
      ["Undo", "one"],
    ]);
    offered()[1]?.run();
    expect(done).toEqual(["one"]);
    expect(offered().map(({ where }) => where)).toEqual(["two"]);
    app.toasts.show("three", false, { label: "Undo", run: () => done.push("three") });
    fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(offered().map(({ where }) => where)).toEqual(["two"]);
  });

  test("stay while the focus is in them, wherever the pointer goes", async () => {
    const { app } = await openPart(() => <Toasts />);
    app.toasts.show("Saved", false, { label: "Undo", run: () => {} });
    const toast = screen.getByRole("status").firstElementChild as HTMLElement;
    screen.getByTestId("toast-action").focus();
    fireEvent.pointerEnter(toast);
    fireEvent.pointerLeave(toast);
    vi.advanceTimersByTime(60_000);
    expect(screen.getByTestId("toast-action")).toBe(document.activeElement);
    screen.getByRole("button", { name: "Dismiss" }).focus();
    vi.advanceTimersByTime(60_000);
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Dismiss" }));
    (document.activeElement as HTMLElement).blur();
    vi.advanceTimersByTime(30_000);
    expect(screen.queryByTestId("toast-action")).toBeNull();
  });

  test.each(["press", "Escape"])("are gone to by the key for the next pane, and give the focus back: %s", async (how) => {
    let undone = 0;
    const { app } = await openPart(() => (
      <>
        <main data-pane>
          <button type="button">Here</button>
        </main>
        <Toasts />
      </>
    ));
    const here = screen.getByRole("button", { name: "Here" });
    here.focus();
    focusNextPane(false);
    expect(document.activeElement).toBe(here);
    app.toasts.show("Saved", false, { label: "Undo", run: () => (undone += 1) });
    focusNextPane(false);
    const action = screen.getByTestId("toast-action");
    expect(document.activeElement).toBe(action);
    if (how === "press") fireEvent.click(action);
    else fireEvent.keyDown(action, { key: "Escape" });
    await vi.advanceTimersByTimeAsync(0);
    expect(undone).toBe(how === "press" ? 1 : 0);
    expect(screen.queryByTestId("toast-action")).toBeNull();
    expect(document.activeElement).toBe(here);
  });

  test("stand over what is read and above what is pressed, in the pane that is worked in", async () => {
    vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(function at(this: Element) {
      const [left = 0, top = 0, bottom = 0] = (this.getAttribute("data-at") ?? "").split(" ").map(Number);
      return { left, top, bottom } as DOMRect;
    });
    const panes = () => (
      <>
        <main data-at="240 0 740">
          <div data-foot data-at="240 600 740" />
        </main>
        <Toasts />
      </>
    );
    const { app } = await openPart(panes);
    app.toasts.show("Saved");
    const style = screen.getByRole("status", { name: "News" }).style;
    const stands = () => [style.getPropertyValue("inset-inline-start"), window.innerHeight - Number.parseFloat(style.getPropertyValue("inset-block-end"))];
    expect(stands()).toEqual(["252px", 588]);
    const over = document.createElement("aside");
    over.className = "review--over";
    over.dataset["at"] = "400 0 740";
    document.body.append(over);
    app.toasts.show("Copied");
    expect(stands()).toEqual(["412px", 728]);
    over.remove();
    vi.restoreAllMocks();
  });
});

describe("the edge of the sidebar", () => {
  test("moves by arrows within its bounds, says where it is, and keeps it", async () => {
    await openPart(() => <SidebarResizer />);
    const edge = screen.getByRole("separator", { name: "Width of the sidebar" });
    const at = () => Number(edge.getAttribute("aria-valuenow"));
    expect(at()).toBe(240);
    fireEvent.keyDown(edge, { key: "ArrowRight" });
    expect(at()).toBe(248);
    expect(document.documentElement.style.getPropertyValue("--size-sidebar")).toBe("248px");
    fireEvent.keyDown(edge, { key: "End" });
    fireEvent.keyDown(edge, { key: "ArrowRight" });
    expect(at()).toBe(320);
    fireEvent.keyDown(edge, { key: "Home" });
    fireEvent.keyDown(edge, { key: "ArrowLeft" });
    expect(at()).toBe(200);
    expect(localStorage.getItem("sidebar-width")).toBe("200");
    fireEvent.dblClick(edge);
    expect(at()).toBe(240);
  });

  test("a kept width that makes no sense is not taken", async () => {
    localStorage.setItem("sidebar-width", "9000");
    await openPart(() => <SidebarResizer />);
    expect(screen.getByRole("separator").getAttribute("aria-valuenow")).toBe("240");
  });
});

describe("what is told of a folder", () => {
  test("that it brings agents and commands which are not loaded, and which", async () => {
    const { user } = await openPart(() => <FolderNote folder={folder("atlas")} />);
    expect(screen.getByRole("note").textContent).toContain("This folder brings its own agents and commands; they are not loaded.");
    await user.click(screen.getByRole("button", { name: "Which" }));
    expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["agent reviewer", "command release"]);
    fireEvent.pointerDown(document.body);
    expect(screen.queryByRole("listitem")).toBeNull();
  });

  test("the same from a button, where there is little room", async () => {
    const { user } = await openPart(() => <FolderNote folder={folder("atlas")} compact />);
    await user.click(screen.getByRole("button", { name: "This folder brings its own agents and commands; they are not loaded." }));
    expect(screen.getAllByRole("listitem")).toHaveLength(2);
  });

  test("that it cannot be read", async () => {
    await openPart(() => <FolderNote folder={folder("archive")} />);
    expect(screen.getByRole("note").textContent).toContain("/media/usb/archive cannot be read now");
  });

  test("nothing, when there is nothing to tell", async () => {
    const { container } = await openPart(() => <FolderNote folder={folder("site")} />);
    expect(container.textContent).toBe("");
  });
});

test("keys are printed as the platform writes them", () => {
  expect(shortcutLabel("review", "linux")).toBe("Ctrl Shift R");
  expect(shortcutLabel("review", "macos")).toBe("⌘⇧R");
  expect(shortcutLabel("nextPane", "windows")).toBe("F6");
});
