import type { Builtin } from "../composer/parts";
import { composerText as text } from "../strings/composer";

/** What home does by itself behind a slash. */
export interface HomeDeeds {
  model(): void;
  agent(): void;
  attach(): void;
  /** Begins anew; home is where that is. */
  anew(): void;
}

/**
 * This app's own commands on home, which are read after the first picture. Those that are about a thread are there with the
 * reason why they cannot be run: their names stay taken, so that none goes to the model as words.
 */
export function homeCommands(deeds: HomeDeeds): Builtin[] {
  const inThread = (["compact", "fork", "undo", "redo", "retry"] as const).map((name) => ({ name, description: text(`builtin.${name}`), why: text("builtin.inThread"), run: () => {} }));
  return [
    { name: "new", description: text("builtin.new"), run: () => deeds.anew() },
    { name: "model", description: text("builtin.model"), run: () => deeds.model() },
    { name: "agent", description: text("builtin.agent"), run: () => deeds.agent() },
    { name: "attach", description: text("builtin.attach"), run: () => deeds.attach() },
    ...inThread,
  ];
}
