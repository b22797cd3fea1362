import { produce, reconcile, unwrap, type SetStoreFunction } from "solid-js/store";
import type { Block, BlockPatch, Conversation, ConversationPatch, HtmlBlock, HtmlBlockChange, HtmlPatch, Message, MessagePatch } from "../backend";

/*
 * A patch applied in place. What did not change keeps its identity, so that a delta of text redraws the pieces it names
 * and nothing else: messages are found by id, blocks by id, pieces by index.
 */

/** Applies a patch to the conversation, in the order of the patch's fields. */
export function applyPatch(set: SetStoreFunction<Conversation>, patch: ConversationPatch): void {
  set(
    produce((conversation) => {
      const turned = turnPage(unwrap(conversation.messages), patch);
      if (turned) conversation.messages = turned;
      else {
        dropById(conversation.messages, patch.removedMessages);
        for (const change of patch.messages) putMessage(conversation.messages, change);
      }
      for (const gone of patch.removedBlocks) {
        const message = findById(conversation.messages, gone.message);
        if (message) dropById(message.blocks, [gone.block]);
      }
      for (const change of patch.blocks) {
        const message = findById(conversation.messages, change.message);
        if (message) putBlock(message.blocks, change);
      }
      for (const change of patch.texts) {
        const message = findById(conversation.messages, change.message);
        const block = message && findById(message.blocks, change.block);
        if (block && (block.content.kind === "text" || block.content.kind === "reasoning")) patchHtml(block.content.html, change.html);
      }
      if (patch.before !== null) conversation.before = patch.before;
      if (patch.moreBefore !== null) conversation.moreBefore = patch.moreBefore;
      if (patch.after !== null) conversation.after = patch.after;
      conversation.revision = patch.revision;
    }),
  );
  if (patch.status) set("status", reconcile(patch.status));
  if (patch.permissions) set("permissions", reconcile(patch.permissions, { key: "id" }));
  if (patch.questions) set("questions", reconcile(patch.questions, { key: "id" }));
  if (patch.todos) set("todos", reconcile(patch.todos));
  if (patch.draft !== null) set("draft", patch.draft);
}

/** From so many messages on that come or go at once, the list is made anew. */
const many = 8;

/**
 * The list of messages after a page of others came, or nothing when the patch is no such page. Put in and taken out one
 * by one they would be moved and told of once for each, which takes several frames for a page. Messages that stay are the
 * same objects.
 */
function turnPage(messages: readonly Message[], patch: ConversationPatch): Message[] | undefined {
  if (patch.messages.length + patch.removedMessages.length < many) return undefined;
  const gone = new Set(patch.removedMessages);
  const left = messages.filter(({ id }) => !gone.has(id));
  const known = new Set(left.map(({ id }) => id));
  if (patch.messages.some(({ message }) => known.has(message.id))) return undefined;
  for (const { index, message } of patch.messages) left.splice(Math.min(index, left.length), 0, message);
  return left;
}

/** What changes is nearly always near the end, so the search begins there. */
function indexById(list: readonly { id: string }[], id: string): number {
  for (let index = list.length - 1; index >= 0; index -= 1) if (list[index]?.id === id) return index;
  return -1;
}

function findById<Item extends { id: string }>(list: readonly Item[], id: string): Item | undefined {
  return list[indexById(list, id)];
}

function dropById(list: { id: string }[], ids: readonly string[]): void {
  for (const id of ids) {
    const index = indexById(list, id);
    if (index >= 0) list.splice(index, 1);
  }
}

/** Moves an item that is there to its place. */
function moveTo<Item>(list: Item[], from: number, to: number): void {
  if (from === to || to >= list.length) return;
  const [item] = list.splice(from, 1);
  if (item !== undefined) list.splice(to, 0, item);
}

function putMessage(messages: Message[], { index, fresh, message }: MessagePatch): void {
  const at = indexById(messages, message.id);
  const known = messages[at];
  if (!known) {
    messages.splice(Math.min(index, messages.length), 0, message);
    return;
  }
  const { blocks, ...own } = message;
  assignChanged<Omit<Message, "blocks">>(known, own);
  if (fresh) known.blocks = reconcile(blocks, { key: "id" })(unwrap(known.blocks));
  moveTo(messages, at, index);
}

function putBlock(blocks: Block[], { index, block }: BlockPatch): void {
  const at = indexById(blocks, block.id);
  const known = blocks[at];
  if (!known) {
    blocks.splice(Math.min(index, blocks.length), 0, block);
    return;
  }
  known.content = reconcile(block.content)(unwrap(known.content));
  moveTo(blocks, at, index);
}

/** Sets the fields that differ. */
function assignChanged<Item extends object>(known: Item, next: Item): void {
  for (const key of Object.keys(next) as Array<keyof Item>) {
    if (known[key] !== next[key]) known[key] = reconcile(next[key])(unwrap(known[key]));
  }
}

/** Applies a change of rendered markdown to a block's list. */
export function patchHtml(html: HtmlBlock[], patch: HtmlPatch): void {
  if (html.length > patch.blocks) html.length = patch.blocks;
  for (const change of patch.changes) {
    const known = html[change.index];
    if (known) changeBlock(known, change);
    else html.push({ frame: change.frame, pieces: change.pieces });
  }
}

function changeBlock(block: HtmlBlock, { frame, keep, pieces }: HtmlBlockChange): void {
  if (!sameFrame(block.frame, frame)) block.frame = frame;
  const length = keep + pieces.length;
  pieces.forEach((piece, index) => {
    if (block.pieces[keep + index] !== piece) block.pieces[keep + index] = piece;
  });
  if (block.pieces.length > length) block.pieces.length = length;
}

function sameFrame(left: HtmlBlock["frame"], right: HtmlBlock["frame"]): boolean {
  if (left.kind === "code") return right.kind === "code" && left.language === right.language;
  return left.kind === right.kind;
}
