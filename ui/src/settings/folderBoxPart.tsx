import { createSignal, createUniqueId, Show, type JSX } from "solid-js";
import { toApiError, type BoxSettingsView, type Folder } from "../backend";
import { useApp } from "../state/app";
import { changedBox } from "../state/boxes";
import { text } from "../strings";

/** The parts of the dialog; what a change came to is said in the part it was made in. */
type Part = "box" | "network" | "hosts" | "granted" | "limits" | "unboxed";
type Said = { part: Part; words: string; danger: boolean };

/** What is changed here, one thing after the other, each at once. */
export function createChanges(folder: () => Folder | undefined) {
  const app = useApp();
  const [busy, setBusy] = createSignal<Part>();
  const [said, setSaid] = createSignal<Said>();
  const run = async (part: Part, action: () => Promise<unknown>): Promise<boolean> => {
    if (busy()) return false;
    setBusy(part);
    setSaid(undefined);
    let done = true;
    try {
      await action();
    } catch (thrown) {
      const { code, message } = toApiError(thrown);
      const refused = code === "consentNeeded";
      setSaid({ part, words: refused ? text("consent.refused") : message, danger: !refused });
      done = false;
    }
    setBusy(undefined);
    return done;
  };
  return {
    busy,
    said,
    say: (part: Part, words: string) => setSaid({ part, words, danger: true }),
    hush: () => setSaid(undefined),
    run,
    /** Sets one thing and leaves the others as they are. */
    set: async (part: Part, change: (box: BoxSettingsView) => Partial<BoxSettingsView>): Promise<boolean> => {
      const shown = folder();
      if (!shown) return false;
      return run(part, () => app.backend.commands.folderBoxSet({ folder: shown.id, box: changedBox(shown.box, change(shown.box)) }));
    },
  };
}
export type Changes = ReturnType<typeof createChanges>;

/** A part with its title, and below it what the last change there came to. */
export function Section(props: { title: string; part: Part | Part[]; changes: Changes; children: JSX.Element }) {
  const title = createUniqueId();
  const mine = (part: Part | undefined) => part !== undefined && [props.part].flat().includes(part);
  const said = () => (mine(props.changes.said()?.part) ? props.changes.said() : undefined);
  return (
    <section class="reach-part" aria-labelledby={title}>
      <h3 id={title} class="label">
        {props.title}
      </h3>
      {props.children}
      <Show when={mine(props.changes.busy())}>
        <p class="small subtle" role="status" data-testid="reach-busy">
          {text(mine("box") ? "reach.trying" : "reach.saving")}
        </p>
      </Show>
      <Show when={said()}>
        {(shown) => (
          <p class={shown().danger ? "error-text" : "small subtle"} role={shown().danger ? "alert" : "status"} data-testid="reach-said">
            {shown().words}
          </p>
        )}
      </Show>
    </section>
  );
}
