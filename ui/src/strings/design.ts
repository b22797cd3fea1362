import type { Messages } from "./messages";

/** Texts of the parts that every screen uses, and units. */
export const design = {
  "design.cancel": "Cancel",
  "design.dismiss": "Dismiss",
  "design.filter": "Filter",
  "design.nothingFound": "Nothing found",
  "design.moreLeft": { one: "{count} more, keep typing", other: "{count} more, keep typing" },

  "age.now": "now",
  "age.minutes": "{value}m",
  "age.hours": "{value}h",
  "duration.milliseconds": "{value} ms",
  "duration.seconds": "{value} s",
  "duration.minutes": "{value} min",
  "duration.hours": "{hours} h {minutes} min",
  "size.bytes": "{value} B",
  "size.kilobytes": "{value} KB",
  "size.megabytes": "{value} MB",
  "size.gigabytes": "{value} GB",
} as const satisfies Messages;
