import type { Messages } from "./messages";

/** Texts of the parts that every screen uses. */
export const design = {
  "design.cancel": "Cancel",
  "design.dismiss": "Dismiss",
  "design.filter": "Filter",
  "design.nothingFound": "Nothing found",
  "design.moreLeft": { one: "{count} more, keep typing", other: "{count} more, keep typing" },
} as const satisfies Messages;
