import { createSignal, type JSX } from "solid-js";

/**
 * The attributes of a button that cannot be pressed at times. One that has the focus, most often because it was just
 * pressed, is not `disabled`: that would drop the focus, and whoever works by keys would begin anew at the top of the
 * window. It only says so and does nothing until the focus has left it.
 */
export function offButton(isOff: () => boolean, ref?: JSX.ButtonHTMLAttributes<HTMLButtonElement>["ref"]) {
  const [focused, setFocused] = createSignal(false);
  const held = () => isOff() && focused();
  return {
    ref: (element: HTMLButtonElement) => {
      element.addEventListener("focus", () => setFocused(true));
      element.addEventListener("blur", () => setFocused(false));
      // Before all others, so that neither they nor a form hear of it.
      element.addEventListener(
        "click",
        (press) => {
          if (!held()) return;
          press.preventDefault();
          press.stopImmediatePropagation();
        },
        true,
      );
      if (typeof ref === "function") ref(element);
    },
    get disabled() {
      return isOff() && !focused();
    },
    get "aria-disabled"() {
      return held() ? true : undefined;
    },
    /** For the style sheet: it looks as one that is disabled. */
    get "data-off"() {
      return held() ? "" : undefined;
    },
  };
}
