import { createSignal, type Accessor } from "solid-js";
import { toApiError, type AttachmentView, type CommandRow, type RefusedFile } from "../backend";
import type { App } from "../state/app";

/** Something this app does by itself behind a slash. */
export interface Builtin {
  name: string;
  description: string;
  /** Why it cannot be run just now; absent where it can. */
  why?: string | undefined;
  run(): void;
}

/** What a composer has beside its words. */
export interface ComposerParts {
  /** Its session, or the home page's name for it. */
  session: string;
  /** The folder files and commands are of; none where no folder is chosen. */
  folder: Accessor<string | null>;
  files: Files;
  builtins: Accessor<Builtin[]>;
  /** The commands of the folder, asked for anew each time somebody begins to type one. */
  commands(): Promise<CommandRow[]>;
  trust(command: CommandRow): Promise<void>;
  run(command: CommandRow, written: string): Promise<void>;
  search(typed: string): ReturnType<App["backend"]["commands"]["mentionSearch"]>;
  /** Has a prompt wait for the turn to end; absent where no turn can run. */
  queue?: ((text: string) => Promise<void>) | undefined;
}

/** The files that are attached in one composer. */
export interface Files {
  attached: Accessor<AttachmentView[]>;
  ids(): string[];
  /** What was not attached, until something else is. */
  refused: Accessor<RefusedFile[]>;
  /** How many are on their way. */
  adding: Accessor<number>;
  pick(): Promise<void>;
  add(files: readonly File[]): Promise<void>;
  remove(attachment: string): Promise<void>;
  dismiss(): void;
}

/** Bytes of a file. The core refuses larger ones too; here none is read for it. */
const largest = 10 * 1024 * 1024;

/** What is in a file, in base64. */
function inBase64(file: File): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const address = String(reader.result);
      done(address.slice(address.indexOf(",") + 1));
    });
    reader.addEventListener("error", () => failed(reader.error ?? new Error("the file could not be read")));
    reader.readAsDataURL(file);
  });
}

/** A picture that is pasted has the same name each time. */
function nameOf(file: File): string {
  return file.name === "" ? `pasted.${file.type.split("/")[1] ?? "txt"}` : file.name;
}

export function createFiles(app: App, session: string): Files {
  const { commands } = app.backend;
  const [refused, setRefused] = createSignal<RefusedFile[]>([]);
  const [adding, setAdding] = createSignal(0);
  const attached = () => app.composers.of(session).attachments;
  const refuse = (name: string, reason: RefusedFile["reason"]) => setRefused((all) => [...all, { name, reason }]);
  return {
    attached,
    ids: () => attached().map(({ id }) => id),
    refused,
    adding,
    dismiss: () => setRefused([]),
    async pick() {
      setRefused([]);
      setAdding((count) => count + 1);
      try {
        setRefused((await commands.attachmentPick({ session })).refused);
      } catch (thrown) {
        app.tell(thrown);
      }
      setAdding((count) => count - 1);
    },
    async add(files) {
      setRefused([]);
      setAdding((count) => count + files.length);
      // One after the other, so that they stand in the order they came in, and one large file is in memory at a time.
      for (const file of files) {
        const name = nameOf(file);
        if (file.size > largest) {
          refuse(name, "tooLarge");
        } else {
          let data: string | undefined;
          try {
            data = await inBase64(file);
          } catch {
            // A folder that is dropped is a file that cannot be read.
            refuse(name, file.type === "" && file.size % 4096 === 0 ? "folder" : "unreadable");
          }
          if (data !== undefined) {
            try {
              const answer = await commands.attachmentAdd({ session, name, data });
              setRefused((all) => [...all, ...answer.refused]);
            } catch (thrown) {
              app.tell(thrown);
            }
          }
        }
        setAdding((count) => count - 1);
      }
    },
    async remove(attachment) {
      try {
        await commands.attachmentRemove({ session, attachment });
      } catch (thrown) {
        // What is gone already is what was wanted.
        if (toApiError(thrown).code !== "notFound") app.tell(thrown);
      }
    },
  };
}

/** The parts of a composer that the core knows of. */
export function createParts(app: App, session: string, folder: Accessor<string | null>, more: Pick<ComposerParts, "builtins" | "run" | "queue">): ComposerParts {
  const { commands } = app.backend;
  // What it has is shown when the core can tell; without it the words alone are there.
  if (app.can("attach")) app.composers.open(session).catch(() => undefined);
  const wanted = () => folder() ?? "";
  return {
    session,
    folder,
    files: createFiles(app, session),
    commands: async () => (folder() === null ? [] : commands.commandList({ folder: wanted() })),
    trust: ({ key, hash }) => commands.commandTrust({ folder: wanted(), key, hash }),
    search: (typed) => commands.mentionSearch({ folder: wanted(), typed }),
    ...more,
  };
}

/** A command at the beginning of a prompt: its name and what is written behind it. */
export function commandIn(written: string): { name: string; rest: string } | undefined {
  const found = /^\/([^\s/][^\s]*)(?:\s+([\s\S]*))?$/.exec(written.trim());
  return found?.[1] === undefined ? undefined : { name: found[1], rest: found[2] ?? "" };
}

/** What is being named where the caret stands: from which place of the text on, and what is typed of it. */
export interface Naming {
  kind: "mention" | "command";
  from: number;
  /** Where the caret stands behind it. */
  to: number;
  typed: string;
}

/** What is being named before the caret, if anything. */
export function namingAt(written: string, caret: number): Naming | undefined {
  const before = written.slice(0, caret);
  const command = /^\/(\S*)$/.exec(before);
  if (command) return { kind: "command", from: 0, to: caret, typed: command[1] ?? "" };
  const mention = /(?:^|[\s([{'"`<])@("[^"\n]*|[^\s"@]*)$/.exec(before);
  if (!mention) return undefined;
  const typed = mention[1] ?? "";
  return { kind: "mention", from: caret - typed.length - 1, to: caret, typed: typed.replace(/^"/, "") };
}

/** How a file or agent is written behind an `@`. A name with spaces stands in quotes. */
export function mentionOf(name: string): string {
  return /\s/.test(name) ? `@"${name}"` : `@${name}`;
}

/** What was asked for, or why there is none. */
export interface Answer<Value> {
  value?: Value;
  reason?: string;
}

/** An answer that may be a failure: one that is thrown would reach the page around the part that asked. */
export function answerOf<Value>(asked: Promise<Value>): Promise<Answer<Value>> {
  return asked.then(
    (value) => ({ value }),
    (thrown: unknown) => ({ reason: toApiError(thrown).message }),
  );
}
