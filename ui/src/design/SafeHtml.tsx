import { createContext, createRenderEffect, useContext } from "solid-js";
import { Dynamic } from "solid-js/web";
import type { Html } from "../backend";
import { readingText } from "../strings/reading";

/** Opens a link that stands in rendered text. */
export type FollowLink = (url: string) => void;

const LinkContext = createContext<FollowLink>();

/** Decides what a link in the rendered text below does. Without one, links do nothing. */
export const LinkProvider = LinkContext.Provider;

/** The class of the source of a formula that could not be read. */
const unreadable = "math-source";

/**
 * The one place where a string becomes markup, and it takes only what the markdown room made safe. A link in it never
 * moves the window: it is handed on.
 */
export function SafeHtml(props: { html: Html; as: "div" | "span" | "thead" | "tbody"; class?: string }) {
  const follow = useContext(LinkContext);
  const fill = (element: HTMLElement) =>
    createRenderEffect(() => {
      element.innerHTML = props.html;
      // What was meant as a formula and could not be read says so, in the language the window speaks.
      if (props.html.includes(unreadable)) for (const source of element.getElementsByClassName(unreadable)) source.setAttribute("title", readingText("formula.unread"));
    });
  return <Dynamic component={props.as} class={props.class} ref={fill} onClick={(press: MouseEvent) => intercept(press, follow)} />;
}

/** Keeps a press on a link from moving the window, and hands its address on. */
export function intercept(press: MouseEvent, follow: FollowLink | undefined): void {
  const link = press.target instanceof Element ? press.target.closest("a") : null;
  if (!link) return;
  press.preventDefault();
  const url = link.getAttribute("href");
  if (url && press.button === 0) follow?.(url);
}
