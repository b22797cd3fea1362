import type { Messages } from "./messages";

export const pages = {
  "home.demoPrompt": "Show me around",
} as const satisfies Messages;
