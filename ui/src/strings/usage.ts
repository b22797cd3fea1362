import { textsOf } from ".";
import type { Messages } from "./messages";

/** Texts of what answers took, which are read when they are first looked at. */
export const usage = {
  "usage.body": "Tokens and money of the answers in your threads. The engine reckons money from the providers’ list prices; your bill may differ. Short requests for titles are not in it.",
  "usage.span": "Days to look back on",
  "usage.days": { one: "{count} day", other: "{count} days" },
  "usage.allDays": { one: "Show {count} day", other: "Show all {count} days" },
  "usage.newestDays": { one: "Show the newest day", other: "Show the newest {count} days" },
  "usage.total": "Total",
  "usage.byModel": "By model",
  "usage.byDay": "By day",
  "usage.model": "Model",
  "usage.day": "Day",
  "usage.answers": "Answers",
  "usage.input": "Read",
  "usage.output": "Written",
  "usage.cached": "From cache",
  "usage.cost": "Cost",
  "usage.unknownModel": "Unknown model",
  "usage.demo": "Demo",
  "usage.demoBody": "The scripted demo. Nothing was sent anywhere and nothing cost anything; it is in no total.",
  "usage.empty": "Nothing yet",
  "usage.emptyBody": "What your agents’ answers take appears here, by day and by model.",
  "usage.emptySpan": "No answer in this time. Look further back.",
  "usage.loading": "Adding up",
  "usage.failed": "This cannot be added up now. {reason}",
  "usage.again": "Try again",
  "usage.refresh": "Refresh",
  "usage.copy": "Copy as CSV",
  "usage.copied": "Copied",
  "usage.copyFailed": "It could not be copied.",
  "usage.unread": {
    one: "{count} thread is still being read; what it took is added when it is.",
    other: "{count} threads are still being read; what they took is added when they are.",
  },
  "usage.tokens": "{figure} tokens",
  "usage.written": "{figure} written, of them {reasoning} to think",
  "usage.thread": "What this thread took",
  "usage.threadBody": "With its sub-agents, since it began. Answers count when they are finished.",
  "usage.threadEmpty": "Nothing yet: no answer of this thread is finished.",
  "usage.all": "All threads",
  "usage.done": "Done",
} as const satisfies Messages;

export const usageText = textsOf(usage);
