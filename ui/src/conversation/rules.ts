import { createMemo, createSignal, onCleanup } from "solid-js";
import type { PermissionCard, RuleCheck, RuleScope } from "../backend";
import type { Thread } from "./thread";

/** For how long nothing is typed before the core is asked what a rule would come to. Milliseconds. */
export const checkAfter = 150;

/** The rules that "always" would save, as the person has them so far. */
export function createRules(card: () => PermissionCard, thread: Thread) {
  const [scope, setScope] = createSignal<RuleScope>("folder");
  const [written, setWritten] = createSignal<string[]>();
  const [checked, setChecked] = createSignal<RuleCheck>();
  const [editing, setEditing] = createSignal(false);
  const proposed = createMemo(() => card().always.map((rule) => rule.pattern));
  const patterns = () => written() ?? proposed();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  onCleanup(() => clearTimeout(timer));

  const check = async () => {
    asked += 1;
    const own = asked;
    try {
      const answer = await thread.backend.commands.ruleCheck({ session: card().session, permission: card().id, patterns: patterns() });
      if (own === asked) setChecked(answer);
    } catch (thrown) {
      // The request is gone; that is told where it stands.
      if (own === asked) thread.tell(thrown);
    }
  };
  const write = (place: number, pattern: string, at: "once" | "typing") => {
    setWritten(patterns().map((other, index) => (index === place ? pattern : other)));
    setChecked(undefined);
    asked += 1;
    clearTimeout(timer);
    if (at === "once") void check();
    else timer = setTimeout(() => void check(), checkAfter);
  };
  return {
    scope,
    setScope,
    patterns,
    editing,
    setEditing,
    write,
    /** What the core says of them; of those that it proposed itself nothing needs to be asked. */
    check: (): RuleCheck | undefined => (written() === undefined ? { refused: patterns().map(() => null), covers: true } : checked()),
    /** Whether they can be saved. */
    hold: (): boolean => {
      if (written() === undefined) return proposed().length > 0;
      const answer = checked();
      return answer !== undefined && answer.covers && answer.refused.every((refused) => refused === null);
    },
  };
}

export type Rules = ReturnType<typeof createRules>;
