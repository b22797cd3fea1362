import { fireEvent, render, screen } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { describe, expect, test, vi } from "vitest";
import type { Html } from "../backend";
import { LinkProvider, SafeHtml, type FollowLink } from "./SafeHtml";

const html = (written: string) => written as Html;
const link = html('<p>See <a href="https://example.com/a?b=1&amp;c=2"><em>this page</em></a>.</p>');

describe("rendered text", () => {
  test("hands a link's address on and keeps the window where it is", () => {
    const follow = vi.fn<FollowLink>();
    render(() => (
      <LinkProvider value={follow}>
        <SafeHtml as="div" html={link} />
      </LinkProvider>
    ));
    // `fireEvent` answers false when the press was kept from doing what it does.
    expect(fireEvent.click(screen.getByText("this page"))).toBe(false);
    expect(follow).toHaveBeenCalledExactlyOnceWith("https://example.com/a?b=1&c=2");
  });

  test("moves the window nowhere when nobody takes its links", () => {
    render(() => <SafeHtml as="div" html={link} />);
    expect(fireEvent.click(screen.getByText("this page"))).toBe(false);
  });

  test("leaves presses beside a link alone", () => {
    const follow = vi.fn<FollowLink>();
    render(() => (
      <LinkProvider value={follow}>
        <SafeHtml as="div" html={link} />
      </LinkProvider>
    ));
    expect(fireEvent.click(screen.getByText(/See/))).toBe(true);
    expect(follow).not.toHaveBeenCalled();
  });

  test("is touched only when it differs", () => {
    const [piece, setPiece] = createSignal(html("<p>one</p>"), { equals: (left, right) => left === right });
    const { container } = render(() => <SafeHtml as="div" html={piece()} />);
    const before = container.querySelector("p");
    setPiece(html("<p>one</p>"));
    expect(container.querySelector("p")).toBe(before);
    setPiece(html("<p>two</p>"));
    expect(container.querySelector("p")?.textContent).toBe("two");
  });
});
