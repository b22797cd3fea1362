import { batch, Show } from "solid-js";
import type { Message } from "../backend";
import { writeText } from "../design/clipboard";
import { Icon } from "../design/Icon";
import { chevronsDownUp, copy, ellipsis, gitFork, pencil, rotateCw, undo2 } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { MenuButton, type MenuEntry } from "../design/Menu";
import { text } from "../strings";
import { readingText } from "../strings/reading";
import { CopyIcon, createCopy } from "./CopyButton";
import { foldText, isFolded } from "./openedRows";
import { longTexts } from "./rows";
import { codeOfAnswers, textOfAnswers } from "./rowText";
import { useThread, type Thread } from "./thread";

const saidIn = (answers: readonly Message[]) => answers.filter((message) => message.blocks.some(({ content }) => content.kind === "text"));

/** What messages say, as it was written. */
async function sourceOf({ backend, session }: Thread, messages: readonly Message[]): Promise<string> {
  const sources = messages.map((message) => backend.commands.messageSource({ session: session(), message: message.id }));
  return (await Promise.all(sources)).join("\n\n");
}

/** Copies the answers of a turn, as they were written or as they are read. */
export async function copyAnswers(thread: Thread, answers: readonly Message[], markdown: boolean): Promise<void> {
  await writeText(markdown ? sourceOf(thread, saidIn(answers)) : textOfAnswers(answers));
}

/** What can be done with a prompt, or with the answers of a turn: what is done often at hand, the rest in a menu. */
export function MessageActions(props: { prompt: Message | undefined; answers?: readonly Message[] }) {
  const thread = useThread();
  const copying = createCopy();
  const back = () => thread.goingBack;
  const blocked = () => back()?.able() === false;
  const written = () => saidIn(props.answers ?? []);
  const source = () => sourceOf(thread, props.answers ? written() : props.prompt ? [props.prompt] : []);

  const copies = (): MenuEntry[] => {
    if (!props.answers) return [];
    const code = codeOfAnswers(written());
    const entries: MenuEntry[] = [
      { label: text("conversation.copyMarkdown"), icon: copy, run: () => void copying.run(source) },
      { label: text("conversation.copyText"), icon: copy, run: () => void copying.run(() => textOfAnswers(written())) },
    ];
    const long = longTexts(props.answers).filter((block) => !isFolded(block));
    if (code.length > 0) entries.push({ label: text("conversation.copyCode", { count: code.length }), icon: copy, run: () => void copying.run(() => code.join("\n\n")) });
    // What stands on the screen of it is its beginning then; what is found in it opens it again.
    if (long.length > 0) entries.push({ label: readingText("answer.fold"), icon: chevronsDownUp, separated: true, run: () => batch(() => long.forEach((block) => foldText(block, true))) });
    return entries;
  };
  const entries = (): MenuEntry[] => {
    const going = back();
    const { prompt } = props;
    if (!going) return copies();
    const why = blocked() ? text("conversation.whileRunning") : undefined;
    const from = props.answers ? props.answers.at(-1)?.id : prompt?.id;
    const all: MenuEntry[] = copies();
    if (from !== undefined) all.push({ label: text("conversation.forkHere"), icon: gitFork, separated: all.length > 0, run: () => void going.fork(from) });
    if (!prompt) return all;
    const { id } = prompt;
    if (!props.answers) all.push({ label: text("conversation.editPrompt"), icon: pencil, disabled: blocked(), meta: why, run: () => void going.begin("edit", id) });
    all.push({ label: text("conversation.retryPrompt"), icon: rotateCw, disabled: blocked(), meta: why, run: () => void going.begin("retry", id) });
    all.push({ label: text("conversation.revertHere"), icon: undo2, disabled: blocked(), meta: why, run: () => void going.begin("revert", id) });
    return all;
  };
  return (
    <div class="message-actions">
      <Show when={!props.answers || written().length > 0}>
        <CopyIcon label={text(props.answers ? "conversation.copyAnswer" : "conversation.copyMessage")} source={source} copying={copying} />
      </Show>
      <Show when={!props.answers && back()}>
        {(going) => (
          <IconButton
            icon={pencil}
            label={text(blocked() ? "conversation.editBlocked" : "conversation.editPrompt")}
            aria-disabled={blocked()}
            data-testid="edit-prompt"
            onClick={() => props.prompt && !blocked() && void going().begin("edit", props.prompt.id)}
          />
        )}
      </Show>
      <Show when={back() !== undefined || written().length > 0}>
        <MenuButton class="icon-button" align="end" label={text(props.answers ? "conversation.answerActions" : "conversation.promptActions")} entries={entries()} testid="message-menu">
          <Icon path={ellipsis} />
        </MenuButton>
      </Show>
    </div>
  );
}
