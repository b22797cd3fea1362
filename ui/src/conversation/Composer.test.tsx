import { fireEvent, render, screen } from "@solidjs/testing-library";
import userEvent from "@testing-library/user-event";
import { createSignal } from "solid-js";
import { describe, expect, test, vi } from "vitest";
import type { ModelChoice } from "../backend";
import { fakeAgents, fakeModels } from "../backend/fake";
import { Composer } from "./Composer";

const input = () => screen.getByTestId<HTMLTextAreaElement>("composer-input");
const settle = () => new Promise((done) => setTimeout(done));

/** A composer whose draft is kept, as its pages do. */
function openComposer(more: Partial<Parameters<typeof Composer>[0]> = {}) {
  const [draft, setDraft] = createSignal(more.draft ?? "");
  const onSend = vi.fn<(text: string) => Promise<void>>(async () => {});
  const onStop = vi.fn<() => void>();
  const onModel = vi.fn<(id: string) => void>();
  const onAgent = vi.fn<(name: string) => void>();
  render(() => (
    <Composer
      busy={false}
      agents={fakeAgents}
      agent="build"
      models={fakeModels}
      model="local/qwen3-coder-30b"
      placeholder="Ask"
      autofocus={false}
      history={[]}
      onSend={onSend}
      onStop={onStop}
      onModel={onModel}
      onAgent={onAgent}
      {...more}
      draft={draft()}
      onDraft={setDraft}
    />
  ));
  return { user: userEvent.setup(), draft, onSend, onStop, onModel, onAgent };
}

describe("sending", () => {
  test("Enter sends and Shift Enter begins a line", async () => {
    const { user, onSend } = openComposer();
    await user.type(input(), "one{Shift>}{Enter}{/Shift}two{Enter}");
    expect(onSend).toHaveBeenCalledExactlyOnceWith("one\ntwo");
  });

  test("the text goes only when it was taken, and is shown as sending until then", async () => {
    let taken = () => {};
    const { user } = openComposer({ draft: "Do it", onSend: () => new Promise((done) => (taken = done)) });
    await user.click(screen.getByTestId("composer-send"));
    expect(input().value).toBe("Do it");
    expect(input().readOnly).toBe(true);
    expect(screen.getByRole("status").textContent).toBe("Sending");
    taken();
    await settle();
    expect(input().value).toBe("");
    expect(input().readOnly).toBe(false);
  });

  test("what could not be delivered stays, with the reason", async () => {
    const { user } = openComposer({ draft: "Do it", onSend: () => Promise.reject({ code: "engineNotReady", message: "The engine is starting. Send again in a moment." }) });
    await user.click(screen.getByTestId("composer-send"));
    expect(input().value).toBe("Do it");
    expect(screen.getByTestId("composer-error").textContent).toBe("Not sent. The engine is starting. Send again in a moment.");
  });

  test("what may have arrived is not said to be unsent", async () => {
    const { user } = openComposer({ draft: "Do it", onSend: () => Promise.reject({ code: "outcomeUnknown", message: "It may have arrived." }) });
    await user.click(screen.getByTestId("composer-send"));
    expect(screen.getByTestId("composer-error").textContent).toBe("It may have arrived.");
  });

  test("a second Enter while it sends sends nothing", () => {
    const onSend = vi.fn<() => Promise<void>>(() => new Promise(() => {}));
    openComposer({ draft: "Do it", onSend });
    fireEvent.keyDown(input(), { key: "Enter" });
    fireEvent.keyDown(input(), { key: "Enter" });
    expect(onSend).toHaveBeenCalledTimes(1);
  });

  test("the Enter that ends the input of a character sends nothing", () => {
    const { onSend } = openComposer({ draft: "日本" });
    fireEvent.keyDown(input(), { key: "Enter", isComposing: true });
    fireEvent.keyDown(input(), { key: "Enter", keyCode: 229 });
    expect(onSend).not.toHaveBeenCalled();
  });

  test("blank text and a reason against it send nothing", () => {
    const { onSend } = openComposer({ draft: "  \n" });
    fireEvent.keyDown(input(), { key: "Enter" });
    expect(onSend).not.toHaveBeenCalled();
    expect(screen.getByTestId("composer-send").getAttribute("aria-disabled")).toBe("true");
  });

  test("a reason why nothing can be sent is said, keeps the text and sends nothing", () => {
    const { onSend } = openComposer({ draft: "Do it", disabledReason: "This folder cannot be read now" });
    fireEvent.keyDown(input(), { key: "Enter" });
    expect(onSend).not.toHaveBeenCalled();
    expect(input().value).toBe("Do it");
    expect(screen.getByTestId("composer-error").textContent).toBe("This folder cannot be read now");
  });

  test("while a turn runs there is a stop, and what is sent joins the turn", async () => {
    const { user, onSend, onStop } = openComposer({ busy: true, draft: "Also the docs" });
    await user.click(screen.getByTestId("composer-stop"));
    expect(onStop).toHaveBeenCalledTimes(1);
    await user.click(screen.getByRole("button", { name: "Add to this turn" }));
    expect(onSend).toHaveBeenCalledExactlyOnceWith("Also the docs");
  });
});

describe("recall", () => {
  const history = ["first", "second"];
  const up = () => fireEvent.keyDown(input(), { key: "ArrowUp" });
  const down = () => fireEvent.keyDown(input(), { key: "ArrowDown" });

  test("Up in an empty field goes back through what was sent, Down forward to an empty one", () => {
    openComposer({ history });
    up();
    expect(input().value).toBe("second");
    up();
    expect(input().value).toBe("first");
    up();
    expect(input().value).toBe("first");
    down();
    down();
    expect(input().value).toBe("");
  });

  test("what was being written comes back once what was recalled is sent, changed or not", async () => {
    const { user, onSend } = openComposer({ history, draft: "half a thought" });
    for (const more of ["", "!"]) {
      input().setSelectionRange(0, 0);
      up();
      await settle();
      if (more !== "") await user.type(input(), more);
      await user.click(screen.getByTestId("composer-send"));
      expect(onSend).toHaveBeenLastCalledWith(`second${more}`);
      expect(input().value).toBe("half a thought");
    }
    // It is there once.
    await user.click(screen.getByTestId("composer-send"));
    expect(onSend).toHaveBeenLastCalledWith("half a thought");
    expect(input().value).toBe("");
  });

  test("Up leaves written text alone", () => {
    openComposer({ history, draft: "written" });
    up();
    expect(input().value).toBe("written");
  });

  test("a recalled text that was changed is written text", async () => {
    const { user } = openComposer({ history });
    up();
    await user.type(input(), "!");
    up();
    expect(input().value).toBe("second!");
  });
});

describe("pickers", () => {
  test("the scripted model is labelled wherever it shows", async () => {
    const { user } = openComposer({ model: "scripted/demo" });
    expect(screen.getByTestId("model-picker").textContent).toContain("scripted");
    await user.click(screen.getByTestId("model-picker"));
    expect(screen.getByRole("option", { name: /Demo/ }).textContent).toContain("scripted");
  });

  test("are used by keyboard: arrows, first letters, Enter, and Escape closes nothing but them", async () => {
    const { user, onModel } = openComposer();
    const picker = screen.getByTestId("model-picker");
    picker.focus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByRole("option", { selected: true }).textContent).toContain("Qwen3");
    await user.keyboard("g{Enter}");
    expect(onModel).toHaveBeenCalledExactlyOnceWith("local/gemma3-12b");
    expect(document.activeElement).toBe(picker);
    await user.keyboard("{ArrowDown}");
    const below = vi.fn<() => void>();
    document.addEventListener("keydown", below);
    await user.keyboard("{Escape}");
    document.removeEventListener("keydown", below);
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(document.activeElement).toBe(picker);
  });

  test("many choices can be filtered, and finding nothing is said", async () => {
    const models: ModelChoice[] = Array.from({ length: 12 }, (_, index) => ({ id: `p/m${index}`, name: `Model ${index}`, provider: "P", scripted: false, context: 1000, variants: [], tools: true, images: null }));
    const { user, onModel } = openComposer({ models, model: "p/m0" });
    await user.click(screen.getByTestId("model-picker"));
    await user.keyboard("model 11");
    expect(screen.getAllByRole("option")).toHaveLength(1);
    await user.keyboard("zzz");
    expect(screen.getByText("Nothing found")).toBeTruthy();
    await user.keyboard("{Backspace}{Backspace}{Backspace}{Enter}");
    expect(onModel).toHaveBeenCalledExactlyOnceWith("p/m11");
  });

  test("a model that can be told to think harder brings a second choice, and both go as one string", async () => {
    const models: ModelChoice[] = [
      { id: "p/deep", name: "Deep", provider: "P", scripted: false, context: 0, variants: ["low", "high"], tools: true, images: null },
      { id: "p/plain", name: "Plain", provider: "P", scripted: false, context: 0, variants: [], tools: false, images: null },
    ];
    const { user, onModel } = openComposer({ models, model: "p/deep#high" });
    expect(screen.getByTestId("model-picker").textContent).toBe("Deep");
    expect(screen.getByRole("button", { name: "Model: Deep" })).toBeTruthy();
    expect(screen.getByTestId("variant-picker").textContent).toBe("high");
    await user.click(screen.getByTestId("variant-picker"));
    expect(screen.getAllByRole("option").map((entry) => entry.textContent)).toEqual(["Default", "low", "high"]);
    expect(screen.getByRole("option", { selected: true }).textContent).toBe("high");
    await user.click(screen.getByRole("option", { name: "low" }));
    expect(onModel).toHaveBeenLastCalledWith("p/deep#low");
    await user.click(screen.getByTestId("variant-picker"));
    await user.click(screen.getByRole("option", { name: "Default" }));
    expect(onModel).toHaveBeenLastCalledWith("p/deep");
    await user.click(screen.getByTestId("model-picker"));
    expect(screen.getByRole("option", { name: /Plain/ }).textContent).toContain("cannot use tools");
    await user.click(screen.getByRole("option", { name: /Plain/ }));
    expect(onModel).toHaveBeenLastCalledWith("p/plain");
  });

  test("a model without variants brings none, and one without tools says so", () => {
    const models: ModelChoice[] = [{ id: "p/plain", name: "Plain", provider: "P", scripted: false, context: 0, variants: [], tools: false, images: null }];
    openComposer({ models, model: "p/plain" });
    expect(screen.queryByTestId("variant-picker")).toBeNull();
    expect(screen.getByTestId("model-picker").textContent).toBe("Plain cannot use tools");
  });

  test("of 300 models a part is shown with what is chosen in it, those of one provider together", async () => {
    const models: ModelChoice[] = Array.from({ length: 300 }, (_, index) => ({
      id: `${index % 2 === 0 ? "a" : "b"}/m${index}`,
      name: `Model ${index}`,
      provider: index % 2 === 0 ? "Alpha" : "Beta",
      scripted: false,
      context: 0,
      variants: [],
      tools: true,
      images: null,
    }));
    const { user } = openComposer({ models, model: "b/m299" });
    await user.click(screen.getByTestId("model-picker"));
    expect(screen.getAllByRole("option")).toHaveLength(80);
    expect(screen.getByRole("option", { selected: true }).textContent).toBe("Model 299");
    expect([...document.querySelectorAll(".choices .section-label")].map((label) => label.textContent)).toEqual(["Beta", "Alpha"]);
    expect(screen.getByText("220 more, keep typing")).toBeTruthy();
    await user.keyboard("beta 131");
    expect(screen.getAllByRole("option").map((entry) => entry.textContent)).toEqual(["Model 131"]);
    expect(screen.queryByText(/keep typing/)).toBeNull();
  });

  test("an agent is chosen, and one that is gone is marked", async () => {
    const { user, onAgent } = openComposer({ agent: "vanished" });
    expect(screen.getByTestId("agent-picker").textContent).toContain("not there");
    await user.click(screen.getByTestId("agent-picker"));
    await user.click(screen.getByRole("option", { name: /plan/ }));
    expect(onAgent).toHaveBeenCalledExactlyOnceWith("plan");
  });

  test("the context meter says its share and warns from 80 percent on", () => {
    openComposer({ contextUsed: 160_000, contextSize: 200_000, cost: 0.42 });
    const meter = screen.getByRole("img", { name: "Context 80 percent full" });
    expect(meter.classList.contains("is-warn")).toBe(true);
    expect(meter.textContent).toContain("160k of 200k");
  });
});
