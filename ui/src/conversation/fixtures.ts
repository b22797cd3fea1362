import type { Conversation } from "../backend";

/** Conversations to look at, by the sessions of the fake core. */
export const conversations: Conversation[] = [];
