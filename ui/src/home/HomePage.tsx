import { createMemo, createSignal, Show } from "solid-js";
import { toApiError } from "../backend";
import { createParts, type ComposerParts } from "../composer/parts";
import { UnboxedNote } from "../conversation/BoxNotes";
import { Composer, type OpenPicker } from "../conversation/Composer";
import { Button } from "../design/Button";
import { useDeeds } from "../shell/deeds";
import { shortcutLabel } from "../shell/keys";
import { needsPerson } from "../shell/marks";
import { EngineNews } from "../shell/EngineNews";
import { FolderNote } from "../shell/FolderNote";
import { ProviderNews } from "../shell/ProviderNews";
import { useSurroundings } from "../shell/surroundings";
import { useApp } from "../state/app";
import { effectiveAgent, effectiveChoice } from "../state/choice";
import { homeComposer } from "../state/composers";
import { stoppedEngine, stoppedWords } from "../state/engine";
import { text } from "../strings";
import type { homeCommands } from "./commands";
import { EngineStopped } from "./EngineStopped";
import { FirstDay } from "./FirstDay";
import { FolderPicker } from "./FolderPicker";
import { WorkList } from "./WorkList";

/** How many threads "Recent work" shows; the sidebar has them all. */
const mostRecent = 8;
/** And where it is what one comes back to. */
const mostOnPhone = 60;

/** Where work begins, and what waits. */
export function HomePage() {
  const app = useApp();
  const [demo, setDemo] = createSignal<{ busy: boolean; error?: string }>({ busy: false });
  const home = () => app.state.home;
  const model = createMemo(() => effectiveChoice(app.state, home().model));
  const [picker, setPicker] = createSignal<OpenPicker>(null);
  const [own, setOwn] = createSignal<typeof homeCommands>();
  const reading = import("./commands").then((read) => setOwn(() => read.homeCommands));
  let place: HTMLElement | undefined;
  const around = useSurroundings();
  const core = createParts(app, homeComposer, () => (folder()?.kind === "project" ? (folder()?.id ?? null) : null), {
    builtins: () =>
      own()?.({
        model: () => setPicker("model"),
        agent: () => setPicker("agent"),
        attach: () => void parts.files.pick(),
        anew: () => place?.querySelector<HTMLTextAreaElement>("[data-testid='composer-input']")?.focus(),
      }) ?? [],
    run: (command, rest) => app.sendFromHome(home().text, { attachments: parts.files.ids(), command: { key: command.key, arguments: rest } }),
  });
  // Nobody is so fast that they are not read yet; a name that is taken must not be sent all the same.
  const parts: ComposerParts = { ...core, commands: () => reading.then(() => core.commands()) };
  const parted = app.can("attach");
  useDeeds({
    composer: parted ? { attach: () => void parts.files.pick() } : undefined,
    choice: {
      agent: () => effectiveAgent(app.state, home().agent),
      model: () => model() ?? home().model,
      chooseAgent: (agent) => app.setHome({ agent }),
      chooseModel: (id) => app.setHome({ model: id }),
    },
  });
  const folder = () => {
    const id = home().folder;
    return id === null ? undefined : app.folderOf(id);
  };
  const waiting = createMemo(() => app.state.sessions.filter((row) => needsPerson(row.mark)));
  const recent = createMemo(() => app.state.sessions.filter((row) => !needsPerson(row.mark)).slice(0, around.phone?.() ? mostOnPhone : mostRecent));

  const stopped = () => stoppedEngine(app.state.engine);
  const stoppedMessage = () => {
    const engine = stopped();
    return engine ? stoppedWords(engine) : "";
  };
  const blocked = () => {
    const { engine } = app.state;
    // One that starts, or restarts by itself, is no hindrance: what is sent meanwhile goes out as soon as it is ready.
    if (stopped()) return text("home.engineFailed");
    if (engine.kind === "stopping" || engine.kind === "stopped") return text("home.engineStopping");
    const chosen = folder();
    return chosen && !chosen.available ? text("folder.gone") : undefined;
  };

  const tryDemo = async () => {
    setDemo({ busy: true });
    try {
      await app.tryDemo();
      setDemo({ busy: false });
    } catch (thrown) {
      setDemo({ busy: false, error: text("home.demoFailed", { reason: toApiError(thrown).message }) });
    }
  };

  return (
    <main class="main" data-pane ref={(element) => (place = element)}>
      <div class="scroll">
        <div class="home measure">
          <h1 class="home-title">{app.can("newThread") ? text("home.title") : (around.title?.() ?? text("shell.home"))}</h1>
          {around.dock?.(null)}
          <Show when={app.can("newThread")} fallback={around.silent?.()}>
            <div class="outdent home-composer">
              <div class="place-line">
                <FolderPicker />
                <FolderNote folder={folder()} />
              </div>
              <EngineNews engine={app.state.engine} />
              <ProviderNews />
              <Show when={folder()}>{(chosen) => <UnboxedNote folder={chosen()} />}</Show>
              <Composer
                draft={home().text}
                onDraft={(typed) => app.setHome({ text: typed })}
                parts={parted ? parts : undefined}
                onSend={(prompt) => app.sendFromHome(prompt, parted ? { attachments: parts.files.ids() } : {})}
                busy={false}
                agents={app.state.agents}
                agent={effectiveAgent(app.state, home().agent)}
                onAgent={(agent) => app.setHome({ agent })}
                models={app.state.models}
                model={model() ?? home().model}
                onModel={(id) => app.setHome({ model: id })}
                placeholder={text(parted ? "home.placeholder" : "composer.first")}
                autofocus={!around.phone?.()}
                disabledReason={blocked()}
                notice={stopped() === undefined ? undefined : (unsent) => <EngineStopped message={stoppedMessage()} unsent={unsent()} />}
                history={app.begun()}
                picker={picker()}
                onPicker={setPicker}
                fixedModel={!app.can("chooseModel")}
              />
            </div>
          </Show>
          <Show
            when={app.state.sessions.length > 0}
            fallback={
              <Show when={around.empty} fallback={
                <FirstDay
                  busy={demo().busy}
                  blocked={blocked()}
                  error={demo().error}
                  onDemo={() => void tryDemo()}
                  onModels={() => app.go({ page: "setup" })}
                  hasModel={app.state.models.some((choice) => !choice.scripted)}
                />
              }>
                {(empty) => empty()()}
              </Show>
            }
          >
            <WorkList
              title={text("home.needsYou")}
              rows={waiting()}
              action={
                <Show when={app.can("inbox")}>
                  <Button kind="quiet" small data-testid="open-inbox" onClick={() => app.go({ page: "inbox" })}>
                    {text("home.openInbox")}
                    <kbd aria-hidden="true">{shortcutLabel("inbox", app.state.platform)}</kbd>
                  </Button>
                </Show>
              }
            />
            <WorkList title={text("home.recent")} rows={recent()} />
          </Show>
        </div>
      </div>
    </main>
  );
}
