import type { Messages } from "./messages";

export const shell = {} as const satisfies Messages;
