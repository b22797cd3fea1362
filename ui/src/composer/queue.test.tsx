import { fireEvent, screen, waitFor, within } from "@solidjs/testing-library";
import { describe, expect, test } from "vitest";
import type { HoldQueued } from "../backend";
import { empty, input, openComposer, press, session, working, write } from "../test/composer";
import { settle } from "../test/window";

describe("prompts that wait", () => {
  const queue = ["one", "two"].map((text) => ({ id: text, text, agent: null, model: null, attachments: [] }));

  test("Enter has one wait while a turn runs, and Ctrl Enter sends it into the turn", async () => {
    const { backend } = await openComposer({ status: working });
    await write("After that");
    await press("Enter");
    await waitFor(() => expect(backend.requests("queueAdd")).toMatchObject([{ session, text: "After that" }]));
    expect((await screen.findByTestId("queue")).textContent).toContain("1 prompt waits");
    await write("Right now");
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(backend.requests("promptSend")).toMatchObject([{ text: "Right now" }]));
  });

  test("are moved, edited, taken out and sent by keys and buttons", async () => {
    const { backend, user } = await openComposer({ status: working });
    for (const { text } of queue) await backend.commands.queueAdd({ session, text, agent: null, model: null });
    await settle();
    const rows = () => screen.getAllByTestId("queued");
    expect(rows().map((row) => row.querySelector(".queue-text")?.textContent)).toEqual(["one", "two"]);
    fireEvent.keyDown(rows()[1] as HTMLElement, { key: "ArrowUp", altKey: true });
    await waitFor(() => expect(rows()[0]?.textContent).toContain("two"));
    await waitFor(() => expect(screen.getByText("Moved to place 1")).toBeTruthy());
    fireEvent.keyDown(rows()[0] as HTMLElement, { key: "Enter" });
    await user.clear(await screen.findByTestId("queue-field"));
    await user.type(screen.getByTestId("queue-field"), "two better{Enter}");
    await waitFor(() => expect(rows()[0]?.textContent).toContain("two better"));
    fireEvent.keyDown(rows()[1] as HTMLElement, { key: "Delete" });
    await waitFor(() => expect(rows()).toHaveLength(1));
    await user.click(screen.getByRole("button", { name: "Send now, into this turn" }));
    await waitFor(() => expect(backend.requests("queueSend")).toHaveLength(1));
    await waitFor(() => expect(screen.queryByTestId("queue")).toBeNull());
  });

  test("are said to be moved only when they were, and keep the focus when one cannot be taken out", async () => {
    const { backend } = await openComposer({ status: working, composer: { queue } });
    const rows = () => screen.getAllByTestId("queued");
    backend.fail("queueOrder", { code: "notSaved", message: "The disk is full." });
    backend.fail("queueRemove", { code: "notSaved", message: "The disk is full." });
    rows()[1]?.focus();
    fireEvent.keyDown(rows()[1] as HTMLElement, { key: "ArrowUp", altKey: true });
    await settle();
    expect(screen.queryByText("Moved to place 1")).toBeNull();
    fireEvent.keyDown(rows()[1] as HTMLElement, { key: "Delete" });
    await settle();
    expect(rows()).toHaveLength(2);
    expect(document.activeElement).toBe(rows()[1]);
  });

  test("keep what is written for one that cannot be saved, and bring it to the draft when the prompt is gone", async () => {
    const { backend, user } = await openComposer({ status: working });
    await backend.commands.queueAdd({ session, text: "one", agent: null, model: null });
    await settle();
    backend.fail("queueEdit", { code: "internal", message: "The disk is full." });
    fireEvent.keyDown(screen.getByTestId("queued"), { key: "Enter" });
    await user.clear(await screen.findByTestId("queue-field"));
    await user.type(screen.getByTestId("queue-field"), "one better{Enter}");
    expect(screen.getByTestId<HTMLTextAreaElement>("queue-field").value).toBe("one better");
    backend.push({ composers: [empty] });
    await waitFor(() => expect(input().value).toBe("one better"));
  });

  test("bring words to the draft whose prompt went while they were being saved", async () => {
    const { backend, user } = await openComposer({ status: working });
    await backend.commands.queueAdd({ session, text: "one", agent: null, model: null });
    await settle();
    let refuse = (_thrown: unknown) => {};
    backend.answer("queueEdit", () => new Promise<void>((_done, refused) => (refuse = refused)));
    fireEvent.keyDown(screen.getByTestId("queued"), { key: "Enter" });
    await user.type(await screen.findByTestId("queue-field"), " better{Enter}");
    expect(screen.getByTestId<HTMLTextAreaElement>("queue-field").readOnly).toBe(true);
    backend.push({ composers: [empty] });
    refuse({ code: "notFound", message: "The waiting prompt is gone." });
    await waitFor(() => expect(input().value).toBe("one better"));
  });

  /** A thread in which two prompts wait, and what the core was asked to hold and to let go. */
  async function openWaiting() {
    const opened = await openComposer({ status: working });
    const { app, backend } = opened;
    for (const { text } of queue) await backend.commands.queueAdd({ session, text, agent: null, model: null });
    await settle();
    const ids = app.composers.of(session).queue.map(({ id }) => id);
    const row = (place: number) => screen.getAllByTestId("queued")[place] as HTMLElement;
    return {
      ...opened,
      ids,
      row,
      field: (place: number) => within(row(place)).queryByTestId<HTMLTextAreaElement>("queue-field"),
      holds: () => (backend.requests("queueHold") as HoldQueued[]).map(({ prompt, held }) => [ids.indexOf(prompt), held]),
      edit: async (place: number) => {
        fireEvent.keyDown(row(place), { key: "Enter" });
        return within(row(place)).findByTestId<HTMLTextAreaElement>("queue-field");
      },
      leave: async () => {
        app.go({ page: "home" });
        await settle();
        expect(screen.queryByTestId("queue")).toBeNull();
      },
      comeBack: async () => {
        app.openSession(session);
        await screen.findByTestId("queue");
        await settle();
      },
    };
  }

  test("are held while they are edited, several at once, until each is saved or left as it was", async () => {
    const { backend, user, ids, edit, field, holds } = await openWaiting();
    fireEvent.keyDown(await edit(0), { key: "Escape" });
    await waitFor(() => expect(holds()).toEqual([[0, true], [0, false]]));
    await user.type(await edit(0), " better");
    await user.type(await edit(1), " too");
    await waitFor(() => expect(holds()).toEqual([[0, true], [0, false], [0, true], [1, true]]));
    expect(backend.requests("queueEdit")).toEqual([]);
    expect(field(0)?.value).toBe("one better");
    fireEvent.keyDown(field(1) as HTMLElement, { key: "Enter" });
    await waitFor(() => expect(backend.requests("queueEdit")).toEqual([{ session, prompt: ids[1], text: "two too" }]));
    expect(field(0)?.value).toBe("one better");
    // Saving lets go by itself.
    expect(holds()).toHaveLength(4);
  });

  test("stay held when another thread is looked at, and are open with what was written when one comes back", async () => {
    const { backend, user, edit, field, holds, leave, comeBack } = await openWaiting();
    await user.type(await edit(0), " half wri");
    await leave();
    expect(backend.requests("queueEdit")).toEqual([]);
    expect(holds()).toEqual([[0, true]]);
    await comeBack();
    expect(field(0)?.value).toBe("one half wri");
    expect(screen.getByTestId("queue").textContent).toContain("They are sent when you have edited the next one.");
    // Whoever comes back to a thread goes on where its composer is.
    expect(document.activeElement).not.toBe(field(0));
    await leave();
    await comeBack();
    fireEvent.keyDown(field(0) as HTMLElement, { key: "Escape" });
    await waitFor(() => expect(holds()).toEqual([[0, true], [0, false]]));
    expect(field(0)).toBeNull();
    await leave();
    await comeBack();
    expect(field(0)).toBeNull();
    expect(backend.requests("queueEdit")).toEqual([]);
  });

  test("one that is held only when its thread was left is open when one comes back", async () => {
    const { backend, row, field, holds, leave, comeBack } = await openWaiting();
    let grant = () => {};
    backend.answer("queueHold", () => new Promise<void>((done) => (grant = done)));
    fireEvent.keyDown(row(0), { key: "Enter" });
    await leave();
    grant();
    await settle();
    await comeBack();
    expect(field(0)?.value).toBe("one");
    fireEvent.keyDown(field(0) as HTMLElement, { key: "Escape" });
    await waitFor(() => expect(holds()).toEqual([[0, true], [0, false]]));
  });

  test("one that is edited already is not held again, and holds and releases go out one after the other", async () => {
    const { backend, row, edit, field, holds } = await openWaiting();
    await edit(0);
    row(0).focus();
    fireEvent.keyDown(row(0), { key: "Enter" });
    await settle();
    expect(holds()).toEqual([[0, true]]);
    expect(document.activeElement).toBe(field(0));
    const answers: (() => void)[] = [];
    backend.answer("queueHold", () => new Promise<void>((done) => answers.push(done)));
    fireEvent.keyDown(field(0) as HTMLElement, { key: "Escape" });
    fireEvent.keyDown(row(0), { key: "Enter" });
    fireEvent.keyDown(row(0), { key: "Enter" });
    await settle();
    expect(holds()).toEqual([[0, true], [0, false]]);
    answers[0]?.();
    await waitFor(() => expect(holds()).toEqual([[0, true], [0, false], [0, true]]));
    expect(field(0)).toBeNull();
    answers[1]?.();
    await waitFor(() => expect(field(0)).not.toBeNull());
  });

  test("what was written for one that went meanwhile comes to the draft when its thread is looked at again", async () => {
    const { backend, user, ids, edit, leave, comeBack } = await openWaiting();
    await user.type(await edit(0), " better");
    await leave();
    await backend.commands.queueRemove({ session, prompt: ids[0] ?? "" });
    await comeBack();
    await waitFor(() => expect(input().value).toBe("one better"));
    expect(screen.queryByTestId("queue-field")).toBeNull();
  });

  test("one that is on its way is not edited", async () => {
    const { backend } = await openComposer({ status: working });
    await backend.commands.queueAdd({ session, text: "one", agent: null, model: null });
    await settle();
    backend.fail("queueHold", { code: "invalidInput", message: "This prompt is being sent." });
    fireEvent.keyDown(screen.getByTestId("queued"), { key: "Enter" });
    expect(await screen.findByText("This prompt is being sent.")).toBeTruthy();
    expect(screen.queryByTestId("queue-field")).toBeNull();
  });

  test("one alone is not moved, and is spoken of as one", async () => {
    const { backend } = await openComposer({ composer: { queue: queue.slice(0, 1), held: true } });
    const shown = () => screen.getByTestId("queue").textContent;
    expect(shown()).toContain("1 prompt waitsIt waits for you, because no turn runs.");
    expect(screen.queryByRole("button", { name: "Move up" })).toBeNull();
    backend.push({ composers: [{ ...empty, queue: queue.slice(0, 1), waitsForEdit: true }] });
    await waitFor(() => expect(shown()).toContain("It is sent when you have edited it."));
    backend.push({ composers: [{ ...empty, queue }] });
    await waitFor(() => expect(shown()).toContain("They are sent one after the other"));
    expect(screen.getAllByRole("button", { name: "Move up" })).toHaveLength(2);
  });

  test("say that they wait for the person, and why the next one did not go out", async () => {
    await openComposer({ composer: { queue, held: true, failed: "The engine is stopped." } });
    const shown = screen.getByTestId("queue").textContent;
    expect(shown).toContain("They wait for you, because no turn runs.");
    expect(shown).toContain("The next one was not sent. The engine is stopped.");
    expect(screen.getAllByRole("button", { name: "Send now" })).toHaveLength(2);
  });
});
