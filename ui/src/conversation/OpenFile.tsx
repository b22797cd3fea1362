import { Show } from "solid-js";
import type { DiffLine, ToolView } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { fileText } from "../design/icons";
import { fileIn, openLabel, type NamedFile } from "./namedFiles";
import { useThread } from "./thread";

const isChanged = ({ kind }: DiffLine) => kind === "added" || kind === "removed";

/** The line of the first change, in the file as it is now; where lines only went, the one before them. */
function firstChange(lines: readonly DiffLine[]): number | null {
  const at = lines.findIndex(isChanged);
  if (at < 0) return null;
  const rest = lines.slice(at);
  const end = rest.findIndex((line) => !isChanged(line));
  const added = rest.slice(0, end < 0 ? undefined : end).find(({ kind }) => kind === "added");
  const near = [added, lines[at - 1], ...rest];
  return near.find((line) => line !== undefined && line.kind !== "gap" && line.new !== null)?.new ?? null;
}

/** The file that a call worked on, at the first line it changed. */
export function fileOfTool(tool: ToolView): NamedFile | undefined {
  if (tool.mark !== "done" || (tool.shape !== "read" && tool.shape !== "write" && tool.shape !== "edit")) return undefined;
  // A path may hold what no mention in a text does, and has no line in it.
  const path = tool.change?.path ?? tool.target ?? "";
  if (path === "") return undefined;
  return { path, line: firstChange(tool.change?.lines ?? []) };
}

/** Opens the file that a call worked on, where it is one of the thread's folder. */
export function OpenFile(props: { file: NamedFile | undefined }) {
  const thread = useThread();
  const file = () => (props.file && thread.files?.known(props.file.path) ? props.file : undefined);
  return (
    <Show when={file()}>
      {(open) => (
        <Button small kind="quiet" class="open-file" data-testid="open-file" onClick={() => thread.files?.open(open())}>
          <Icon path={fileText} small />
          <span class="truncate">{openLabel(open())}</span>
        </Button>
      )}
    </Show>
  );
}

/** The most mentions of files in one stretch of prose that can be opened; no one reads through more. */
const mostMentions = 200;

/** Makes what names a file in rendered prose open it. To be called in an effect: it is done again as the answers come. */
export function markMentions(prose: HTMLElement, known: (path: string) => boolean): void {
  const places = [...prose.querySelectorAll<HTMLElement>(".piece code, td code")].filter((code) => !code.closest("pre, a, .math-source"));
  for (const code of places.slice(0, mostMentions)) {
    const file = fileIn(code.textContent ?? "");
    if (!file || !known(file.path)) continue;
    code.classList.add("file-mention");
    code.setAttribute("role", "link");
    code.setAttribute("tabindex", "0");
    code.setAttribute("title", openLabel(file));
  }
}

/** The file that is named where a press happened. */
export function mentionAt(target: EventTarget | null): NamedFile | undefined {
  const mention = target instanceof Element ? target.closest(".file-mention") : null;
  return mention ? fileIn(mention.textContent ?? "") : undefined;
}
