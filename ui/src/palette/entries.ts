import { untrack } from "solid-js";
import { unwrap } from "solid-js/store";
import type { SearchHit, SessionRow } from "../backend";
import { bot, cpu, fileText, folder as folderIcon, messageSquare } from "../design/icons";
import { mentionOf } from "../composer/parts";
import { createActions } from "../shell/actions";
import { deed, type AskAnswers, type PromptChoice } from "../shell/deeds";
import { marks } from "../shell/marks";
import { focusComposer } from "../shell/Sidebar";
import { threadTitle } from "../shell/threadTitle";
import type { App } from "../state/app";
import { effectiveAgent, findModel, joinModel, variantOf } from "../state/choice";
import { text as windowText } from "../strings";
import { shortAge } from "../strings/format";
import { paletteText as text } from "../strings/palette";
import { readingText } from "../strings/reading";
import { entryOf, type Entry } from "./entry";
import { settingEntries } from "./settingEntries";

/** All that can be chosen now but what a search finds, newest threads first. Answers are those to what `asked` is of. */
export function allEntries(app: App, now: number, asked = deed("answerAsk") ?? null): Entry[] {
  return [
    ...actionEntries(app, asked),
    ...threadEntries(app, now),
    ...(app.can("nextAgent") ? agentEntries(app) : []),
    ...(app.can("chooseModel") ? modelEntries(app) : []),
    ...(app.can("newHere") ? folderEntries(app) : []),
    ...settingEntries(app),
  ];
}

function actionEntries(app: App, asked: AskAnswers | null): Entry[] {
  return createActions(app, asked)
    .filter((action) => action.available())
    .map(({ id, title, words, group, icon, shortcut, where, passing, run }) => entryOf({ key: `action:${id}`, group, label: title, words, icon, shortcut, where, passing, run }));
}

/** A thread as it stands in the palette. */
export function threadEntry(app: App, row: SessionRow, now: number, hit?: SearchHit): Entry {
  const { icon, colour, label } = marks[row.mark];
  const place = [app.folderOf(row.folder)?.label, shortAge(row.updated, now)].filter((part) => part !== undefined).join(" · ");
  const message = hit?.place?.session === row.id ? hit.place.message : null;
  return entryOf({
    key: `thread:${row.id}`,
    group: "threads",
    label: threadTitle(row),
    words: row.tags.join(" "),
    icon: icon ?? messageSquare,
    colour,
    chosen: app.state.route.page === "session" && app.state.route.session === row.id,
    where: hit?.snippet ? hit.snippet.text : place,
    run: () => app.openFound(row, message),
    ...(icon ? { mark: windowText(label) } : {}),
    ...(hit ? { marks: row.title === "" ? [] : hit.titleMarks } : {}),
  });
}

/** A file as it stands in the palette, with what of its name was typed. */
export function fileEntry(path: string, matched: readonly number[], run: () => void): Entry {
  const cut = path.lastIndexOf("/") + 1;
  // Positions are those of characters, of which some have two units.
  const characters = [...path];
  const unitsBefore = (place: number) => characters.slice(0, place).join("").length;
  const typed = matched
    .map((place): [number, number] => [unitsBefore(place) - cut, unitsBefore(place + 1) - cut])
    .filter(([from]) => from >= 0);
  return entryOf({
    key: `file:${path}`,
    group: "files",
    label: path.slice(cut),
    where: path.slice(0, Math.max(0, cut - 1)) || undefined,
    icon: fileText,
    marks: typed,
    run,
  });
}

/** Opens a file of a thread's folder. */
export function openFile(app: App, session: string, path: string): void {
  app.backend.commands
    .fileOpen({ session, path, line: null })
    .then((where) => app.toasts.show(where.kind === "editor" ? readingText("file.openedIn", { name: where.name }) : readingText("file.openedFolder")))
    .catch(app.tell);
}

/** Names a file in the prompt that is written on home. */
export function nameInPrompt(app: App, path: string): void {
  const written = app.state.home.text;
  app.setHome({ text: `${written}${written === "" || /\s$/.test(written) ? "" : " "}${mentionOf(path)} ` });
  queueMicrotask(focusComposer);
}

/** Those that the window holds, read as plain data: a store tells of each value that is read of it. */
function threadEntries(app: App, now: number): Entry[] {
  return unwrap(app.state.sessions)
    .filter((row) => row.parent === null)
    .map((row) => threadEntry(app, row, now));
}

/** What the next prompt is sent with: in the composer that is in sight, else on home. */
function promptChoice(app: App): PromptChoice {
  const here = deed("choice");
  if (here) return here;
  const home = (change: { agent: string } | { model: string }) => {
    app.setHome(change);
    app.go({ page: "home" });
  };
  return {
    agent: () => effectiveAgent(app.state, app.state.home.agent),
    model: () => app.state.home.model,
    chooseAgent: (agent) => home({ agent }),
    chooseModel: (model) => home({ model }),
  };
}

function agentEntries(app: App): Entry[] {
  const choice = promptChoice(app);
  const current = untrack(() => choice.agent());
  return unwrap(app.state.agents).map(({ name, description }) =>
    entryOf({
      key: `agent:${name}`,
      group: "agents",
      label: text("entry.agent", { agent: name }),
      where: description || undefined,
      icon: bot,
      chosen: name === current,
      run: () => {
        choice.chooseAgent(name);
        queueMicrotask(focusComposer);
      },
    }),
  );
}

function modelEntries(app: App): Entry[] {
  const choice = promptChoice(app);
  const models = unwrap(app.state.models);
  const wanted = untrack(() => choice.model());
  const current = findModel(models, wanted);
  const choose = (id: string) => () => {
    choice.chooseModel(id);
    queueMicrotask(focusComposer);
  };
  const variant = variantOf(models, wanted);
  const variants = current?.variants ?? [];
  return [
    ...models.map(({ id, name, provider, scripted }) =>
      entryOf({
        key: `model:${id}`,
        group: "models",
        label: () => text("entry.model", { model: name }),
        words: id,
        where: scripted ? windowText("status.scripted") : provider,
        icon: cpu,
        chosen: id === current?.id,
        run: choose(id),
      }),
    ),
    ...(current && variants.length > 0 ? [null, ...variants] : []).map((name) =>
      entryOf({
        key: `variant:${current?.id ?? ""}:${name ?? ""}`,
        group: "models",
        label: text("entry.variant", { variant: name ?? windowText("composer.variantDefault") }),
        words: text("entry.variantWords"),
        where: current?.name,
        icon: cpu,
        chosen: name === variant,
        run: choose(joinModel(current?.id ?? "", name)),
      }),
    ),
  ];
}

function folderEntries(app: App): Entry[] {
  return unwrap(app.state.folders)
    .filter((folder) => folder.available && folder.kind === "project")
    .map((folder) =>
      entryOf({
        key: `folder:${folder.id}`,
        group: "folders",
        label: text("entry.folder", { folder: folder.label }),
        where: folder.path,
        icon: folderIcon,
        run: () => {
          app.setHome({ folder: folder.id });
          deed("newThread")?.();
        },
      }),
    );
}
