import { fireEvent, render, screen } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { expect, test, vi } from "vitest";
import { Button } from "./Button";
import { IconButton } from "./IconButton";
import { x } from "./icons";

test.each(["words", "sign"])("a button that cannot be pressed while it has the focus keeps it and does nothing: %s", (kind) => {
  const [off, setOff] = createSignal(false);
  const pressed = vi.fn<() => void>();
  const submitted = vi.fn<(event: Event) => void>((event) => event.preventDefault());
  let held: HTMLButtonElement | undefined;
  render(() => (
    <form onSubmit={submitted}>
      {kind === "words" ? (
        <Button type="submit" disabled={off()} onClick={pressed} ref={(element) => (held = element)}>
          Save
        </Button>
      ) : (
        <IconButton type="submit" label="Save" icon={x} disabled={off()} onClick={pressed} ref={(element: HTMLButtonElement) => (held = element)} />
      )}
      <a href="#other">Other</a>
    </form>
  ));
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "Save" });
  expect(held).toBe(button);
  button.focus();
  fireEvent.click(button);
  expect(pressed).toHaveBeenCalledTimes(1);
  setOff(true);
  expect(document.activeElement).toBe(button);
  expect(button.disabled).toBe(false);
  expect(button.getAttribute("aria-disabled")).toBe("true");
  fireEvent.click(button);
  expect(pressed).toHaveBeenCalledTimes(1);
  expect(submitted).toHaveBeenCalledTimes(1);
  // Who is not on it passes it by.
  screen.getByRole("link").focus();
  expect(button.disabled).toBe(true);
  expect(button.getAttribute("aria-disabled")).toBeNull();
  setOff(false);
  fireEvent.click(button);
  expect(pressed).toHaveBeenCalledTimes(2);
});
