import type { AttachmentView, CommandRow, Commands, ComposerState, MentionSearch } from "../generated";
import type { FakeBackend } from ".";

/** A command of the engine's. */
export const fakeReview: CommandRow = {
  key: "engine/review",
  name: "review",
  description: "Reviews changes",
  hint: "",
  arguments: 0,
  takesRest: true,
  origin: "engine",
  trust: "notNeeded",
  template: null,
  shell: [],
  path: null,
  hash: "1",
};

/** A command that the folder brings, with shell in it. */
export const fakeDeploy: CommandRow = {
  key: "folder/deploy",
  name: "deploy",
  description: "Brings it out",
  hint: "[where]",
  arguments: 1,
  takesRest: false,
  origin: "folder",
  trust: "needed",
  template: "Deploy to $1 after !`make test`",
  shell: ["make test"],
  path: ".opencode/command/deploy.md",
  hash: "2",
};

export const fakeMentions: MentionSearch = {
  agents: [{ name: "explore", description: "Looks around" }],
  files: [
    { path: "src/retry.ts", matched: [4, 5] },
    { path: "docs/how to.md", matched: [] },
  ],
  more: 0,
  cut: false,
};

export const fakePicture: AttachmentView = {
  id: "file-1",
  name: "screen.png",
  mediaType: "image/png",
  bytes: 120_000,
  thumbnail: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  scaled: true,
};

/** What stands in composers of a fake core, told as it changes. */
export function createComposerCommands(push: FakeBackend["push"]): Pick<
  Commands,
  "composerOpen" | "attachmentPick" | "attachmentAdd" | "attachmentRemove" | "mentionSearch" | "commandList" | "commandTrust" | "commandRun" | "queueAdd" | "queueEdit" | "queueHold" | "queueRemove" | "queueOrder" | "queueSend" | "sessionCompact" | "contextFill"
> {
  const composers = new Map<string, ComposerState>();
  let made = 0;
  const of = (session: string): ComposerState => composers.get(session) ?? { session, attachments: [], queue: [], held: false, waitsForEdit: false, compacting: false, failed: null };
  const change = (session: string, next: Partial<ComposerState>) => {
    const state = { ...of(session), ...next };
    composers.set(session, state);
    push({ composers: [state] });
  };
  const attach = (session: string, file: AttachmentView) => {
    change(session, { attachments: [...of(session).attachments, file] });
    return { attached: [file], refused: [] };
  };
  const without = (session: string, prompt: string) => of(session).queue.filter(({ id }) => id !== prompt);
  return {
    composerOpen: async ({ session }) => structuredClone(of(session)),
    attachmentPick: async ({ session }) => attach(session, { ...fakePicture, id: `picked-${(made += 1)}` }),
    attachmentAdd: async ({ session, name, data }) => {
      if (name.endsWith(".docx")) return { attached: [], refused: [{ name, reason: "office" }] };
      return attach(session, { ...fakePicture, id: `added-${(made += 1)}`, name, bytes: Math.floor((data.length * 3) / 4), scaled: false });
    },
    attachmentRemove: async ({ session, attachment }) => change(session, { attachments: of(session).attachments.filter(({ id }) => id !== attachment) }),
    mentionSearch: async ({ typed }) => ({ ...structuredClone(fakeMentions), files: fakeMentions.files.filter(({ path }) => path.includes(typed)), agents: fakeMentions.agents.filter(({ name }) => name.includes(typed)) }),
    commandList: async () => structuredClone([fakeReview, fakeDeploy]),
    commandTrust: async () => {},
    commandRun: async () => ({ message: `message-command-${(made += 1)}` }),
    queueAdd: async ({ session, text, agent, model }) => change(session, { queue: [...of(session).queue, { id: `queued-${(made += 1)}`, text, agent, model, attachments: [] }] }),
    queueEdit: async ({ session, prompt, text }) => change(session, { queue: of(session).queue.map((waiting) => (waiting.id === prompt ? Object.assign(waiting, { text }) : waiting)) }),
    queueHold: async () => {},
    queueRemove: async ({ session, prompt }) => change(session, { queue: without(session, prompt) }),
    queueOrder: async ({ session, prompts }) => change(session, { queue: of(session).queue.toSorted((left, right) => prompts.indexOf(left.id) - prompts.indexOf(right.id)) }),
    queueSend: async ({ session, prompt }) => {
      change(session, { queue: without(session, prompt) });
      return { message: `message-queued-${(made += 1)}` };
    },
    sessionCompact: async () => {},
    contextFill: async () => ({ size: 200_000, used: 76_000, input: 3_000, cached: 70_000, output: 2_500, reasoning: 500, model: "local/qwen3-coder-30b" }),
  };
}
