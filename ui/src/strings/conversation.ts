import type { Messages } from "./messages";

export const conversation = {} as const satisfies Messages;
