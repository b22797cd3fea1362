import type { RemoteAnswer, RemoteProposal } from "../backend";
import { askText } from "../strings/asks";

/** Who answered, as the server says. */
export const whoOf = ({ who }: Pick<RemoteProposal, "who">): string => who ?? askText("afar.somebody");

/** What they answered, in a few words. */
export function answerWords(answer: RemoteAnswer): string {
  if (answer.kind !== "answers") return askText(`afar.answer.${answer.kind}`);
  const chosen = answer.answers.flat();
  return chosen.length === 0 ? askText("afar.answer.nothing") : askText("afar.answer.answers", { words: chosen.join(", ") });
}
