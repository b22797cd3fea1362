import type { Block, Conversation, Message, TodoItem } from "../backend";

/** A prompt and what answers it. */
export interface Turn {
  prompt: Message | undefined;
  answers: Message[];
}

/** Messages by turns: each message of a person begins one. */
export function groupTurns(messages: readonly Message[]): Array<{ key: string; value: Turn }> {
  const turns: Array<{ key: string; value: Turn }> = [];
  for (const message of messages) {
    const last = turns.at(-1)?.value;
    if (message.author === "person") turns.push({ key: message.id, value: { prompt: message, answers: [] } });
    else if (last) last.answers.push(message);
    else turns.push({ key: message.id, value: { prompt: undefined, answers: [message] } });
  }
  return turns;
}

/** A block and the message it stands in. */
export interface Entry {
  message: Message;
  block: Block;
}

/** One entry for each block, so that a list computed anew holds the same objects and what is drawn for them stays. */
const known = new WeakMap<Block, Entry>();

function entryOf(message: Message, block: Block): Entry {
  const before = known.get(block);
  if (before?.message === message) return before;
  const entry = { message, block };
  known.set(block, entry);
  return entry;
}

/** Whether a prompt is the engine's own, which asks for the summary that the model goes on with. */
export function isCompaction(message: Message): boolean {
  return message.blocks.some(({ content }) => content.kind === "compaction") && !message.blocks.some(({ content }) => content.kind === "text");
}

/** Where older messages became a summary: the mark, and behind it the texts of the summary. */
export function summaryOf({ prompt, answers }: Turn): Item | undefined {
  if (!prompt || !isCompaction(prompt)) return undefined;
  const mark = prompt.blocks.filter(({ content }) => content.kind === "compaction").slice(0, 1);
  // What the model goes on with afterwards answers no prompt of a person either, and is no summary.
  const summing = answers.filter((message) => message.prompt === null || message.prompt === prompt.id);
  const texts = summing.flatMap((message) => message.blocks.filter(({ content }) => content.kind === "text").map((block) => entryOf(message, block)));
  return { kind: "compaction", entries: [...mark.map((block) => entryOf(prompt, block)), ...texts] };
}

/** What is drawn for one or several blocks of an answer. */
export interface Item {
  kind: "text" | "reasoning" | "tools" | "lanes" | "plan" | "file" | "compaction";
  entries: Entry[];
}

const kindOf: Record<Block["content"]["kind"], Item["kind"]> = {
  text: "text",
  reasoning: "reasoning",
  tool: "tools",
  lane: "lanes",
  file: "file",
  compaction: "compaction",
};

/** Blocks of a turn's answers in order; calls and sub-agents that follow each other share one item. */
export function groupItems(answers: readonly Message[], planHere: boolean): Array<{ key: string; value: Item }> {
  const items: Array<{ key: string; value: Item }> = [];
  let planShown = false;
  for (const message of answers) {
    for (const block of message.blocks) {
      const entry = entryOf(message, block);
      if (planHere && isPlan(block)) {
        // One plan stands where it was first made; later calls move it on.
        if (!planShown) items.push({ key: block.id, value: { kind: "plan", entries: [entry] } });
        planShown = true;
        continue;
      }
      const kind = kindOf[block.content.kind];
      const last = items.at(-1)?.value;
      if (last?.kind === kind && (kind === "tools" || kind === "lanes")) last.entries.push(entry);
      else items.push({ key: block.id, value: { kind, entries: [entry] } });
    }
  }
  return items;
}

const isPlan = (block: Block) => block.content.kind === "tool" && block.content.tool.shape === "plan";

/** A run of calls, with finished ones that changed nothing folded together. */
export interface ToolRun {
  folded: boolean;
  entries: Entry[];
}

/** Neighbours that are done and changed no file become one line, when there are at least two. */
export function foldTools(entries: readonly Entry[]): Array<{ key: string; value: ToolRun }> {
  const runs: Array<{ key: string; value: ToolRun }> = [];
  for (const entry of entries) {
    const folded = folds(entry.block);
    const last = runs.at(-1)?.value;
    if (folded && last?.folded) last.entries.push(entry);
    else runs.push({ key: entry.block.id, value: { folded, entries: [entry] } });
  }
  return runs.map(({ key, value }) => ({ key, value: value.entries.length > 1 ? value : { ...value, folded: false } }));
}

function folds(block: Block): boolean {
  if (block.content.kind !== "tool") return false;
  const { tool } = block.content;
  return tool.mark === "done" && !tool.change && tool.shape !== "edit" && tool.shape !== "write" && (tool.exit ?? 0) === 0;
}

/** Whether two lists of entries name the same blocks. */
export function sameEntries(left: readonly Entry[], right: readonly Entry[]): boolean {
  return left.length === right.length && left.every((entry, index) => entry.block === right[index]?.block);
}

/** Which turn carries the plan: the newest that made or moved one; -1 when its calls are not in the window. */
export function planTurn(turns: readonly Turn[], todos: readonly TodoItem[]): number {
  if (todos.length === 0) return -1;
  for (let index = turns.length - 1; index >= 0; index -= 1) {
    if (turns[index]?.answers.some((message) => message.blocks.some(isPlan))) return index;
  }
  return -1;
}

/** The newest prompt; what it changed is what "this turn" means. */
export function lastPrompt(conversation: Conversation): Message | undefined {
  return conversation.messages.findLast((message) => message.author === "person");
}
