import type { Messages } from "./messages";

/** Texts of the parts that every screen uses. */
export const design = {
  "design.cancel": "Cancel",
  "design.dismiss": "Dismiss",
} as const satisfies Messages;
