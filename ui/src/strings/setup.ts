import { textsOf } from ".";
import type { Messages } from "./messages";

/** Texts of the last step of setting up, which are read with it. */
export const setup = {
  "first.prompt": "Say what to do",
  "first.promptBody": "In your own words; you see and approve what matters",
  "first.promptMore": "Describe the outcome, not the steps. Nothing runs until you send it.",
  "first.placeholder": "Describe the outcome",
  "first.label": "First prompt",
  "first.ideas": "Start with one of these",
  "first.idea.map": "Explain what is in this folder",
  "first.idea.mapText": "Look through this folder and explain what is in it, what it is for, and where to begin.",
  "first.idea.plan": "Plan a change before making it",
  "first.idea.planText": "Plan how to … in this folder. List the files you would change and why. Change nothing yet.",
  "first.idea.check": "Find what is broken",
  "first.idea.checkText": "Run what checks this folder has, and explain what fails and how to mend it. Change nothing yet.",
  "first.begin": "Begin",
  "first.beginning": "Beginning",
  "first.later": "Go home instead",
  "first.back": "Back to the folder",
  "first.in": "It works in {folder}.",
  "first.inThrowAway": "It works in a folder made for this thread alone.",
  "first.waits": "The engine is starting. What you send goes out as soon as it is ready.",
  "first.stopped": "The engine does not run. {reason}",
  "first.failed": "It was not sent, and is kept here. {reason}",
} as const satisfies Messages;

export const setupText = textsOf(setup);
