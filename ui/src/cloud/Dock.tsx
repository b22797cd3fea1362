import { createSignal, For, Show, useContext } from "solid-js";
import { toApiError } from "../backend";
import { may } from "../backend/abilities";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { circleAlert, circleCheck, clock, hand, unplug, type IconPath } from "../design/icons";
import { createSecondClock } from "../state/clock";
import { cloudText as text } from "../strings/cloud";
import { fullTime } from "../strings/format";
import { ThreadContext } from "../conversation/thread";
import { sinceWhen } from "./desktopWords";
import { givenWords, isOver } from "./given";
import type { Remote } from "./httpBackend";
import type { GivenCommand, GivenState } from "./wire";

/** What is said above the composer: how far away the desktop is, and what became of what was given from here. */
export function Dock(props: {
  remote: Remote;
  label: string;
  session: string | null;
  /** Whether an ask still waits. What was said at the desktop is not told of the command that asked for it. */
  waits(ask: string): boolean;
}) {
  const lost = () => {
    const link = props.remote.link();
    return link.kind === "lost" ? link : undefined;
  };
  const stands = () => props.remote.desktop();
  const here = () => props.remote.given().filter(({ session, state, ask }) => session === props.session && !(state === "confirmation" && ask !== null && !props.waits(ask)));
  return (
    <>
      <Show when={lost()} fallback={<Standing remote={props.remote} label={props.label} />}>
        {(link) => (
          <div class="notice notice--info cloud-notice" role="status" data-testid="link-lost">
            <Icon path={unplug} />
            <div class="notice-text">
              <p>
                {text("cloud.link.lostLong", { time: sinceWhen(link().since) })} <NextTry next={link().next} />
              </p>
            </div>
            <div class="actions">
              <Button small onClick={() => props.remote.tryAgain()}>
                {text("cloud.again")}
              </Button>
            </div>
          </div>
        )}
      </Show>
      <Show when={here().length > 0}>
        <ul class="given" aria-label={text("cloud.given")} data-testid="given">
          <For each={here()}>{(command) => <Given command={command} remote={props.remote} revoked={stands().status === "revoked"} />}</For>
        </ul>
      </Show>
    </>
  );
}

/** The seconds are no news for who hears the page read out. */
function NextTry(props: { next: number }) {
  const now = createSecondClock();
  const seconds = () => Math.ceil((props.next - now()) / 1000);
  return (
    <span class="muted tnum" aria-hidden="true">
      {seconds() > 0 ? text("cloud.link.next", { seconds: seconds() }) : text("cloud.link.now")}
    </span>
  );
}

function Standing(props: { remote: Remote; label: string }) {
  /** Only who may send something is told when it would run. */
  const runs = () => (may(props.remote.backend, "compose") ? text("cloud.dock.runs") : "");
  const words = () => {
    const { status, since, behind } = props.remote.desktop();
    const name = props.label;
    switch (status) {
      case "offline":
      case "paused":
        return `${text(`cloud.dock.${status}`, { name, time: sinceWhen(since) })} ${runs()}`.trim();
      case "new":
        return `${text("cloud.dock.new", { name })} ${runs()}`.trim();
      case "revoked":
        return text("cloud.dock.revoked", { name });
      case "online":
        return behind ? text("cloud.dock.behind", { name }) : undefined;
    }
  };
  return (
    <Show when={words()}>
      {(said) => (
        <div class="notice notice--info cloud-notice" role="status" data-testid="desktop-stands" data-status={props.remote.desktop().status} title={fullTime(props.remote.desktop().since)}>
          <Icon path={unplug} />
          <div class="notice-text">
            <p>{said()}</p>
          </div>
        </div>
      )}
    </Show>
  );
}

const signs: Record<GivenState, IconPath> = { waiting: clock, taken: clock, confirmation: hand, done: circleCheck, blocked: circleAlert, failed: circleAlert, unknown: circleAlert, expired: circleAlert, cancelled: circleAlert };

/** One thing that was given, and what became of it. What it said can be written again where it came to nothing. */
function Given(props: { command: GivenCommand; remote: Remote; revoked: boolean }) {
  const thread = useContext(ThreadContext);
  const over = () => isOver(props.command.state);
  const colour = () => (over() ? "is-danger" : props.command.state === "confirmation" ? "is-warn" : props.command.state === "done" ? "is-success" : "");
  const again = () => {
    const { text: said, id } = props.command;
    if (said === null || said === "") return undefined;
    const { addToDraft } = thread ?? {};
    return addToDraft && !props.revoked ? () => (addToDraft(said), props.remote.dismiss(id)) : undefined;
  };
  const [taking, setTaking] = createSignal(false);
  const [failed, setFailed] = createSignal("");
  /** Its words go back to where they were written; they are there once it is sure that no desktop gets them. */
  const takeBack = async () => {
    if (taking()) return;
    const { id, text: said } = props.command;
    setFailed("");
    setTaking(true);
    try {
      await props.remote.takeBack(id);
      if (said !== null && said !== "") thread?.addToDraft?.(said);
    } catch (thrown) {
      setFailed(toApiError(thrown).message);
    } finally {
      setTaking(false);
    }
  };
  return (
    <li class="given-row small" data-testid="given-row" data-state={props.command.state}>
      <Icon path={signs[props.command.state]} small class={colour()} />
      <span class="given-text">
        <span class="truncate">
          {props.command.text === null || props.command.text === "" ? commandName(props.command) : props.command.text}
        </span>
        <span class="muted" role="status">
          {givenWords(props.command)}
        </span>
        <Show when={failed() !== "" && !over()}>
          <span class="error-text" role="alert">
            {failed()}
          </span>
        </Show>
      </span>
      <Show when={props.command.state === "waiting"}>
        <span class="actions">
          <Button small kind="quiet" data-testid="given-take-back" aria-disabled={taking()} onClick={() => void takeBack()}>
            {text("cloud.takeBack")}
          </Button>
        </span>
      </Show>
      <Show when={over()}>
        <span class="actions">
          <Show when={again()}>
            {(write) => (
              <Button small onClick={() => write()()}>
                {text("cloud.writeAgain")}
              </Button>
            )}
          </Show>
          <Button small kind="quiet" onClick={() => props.remote.dismiss(props.command.id)}>
            {text("cloud.dismiss")}
          </Button>
        </span>
      </Show>
    </li>
  );
}

const named = ["prompt_send", "session_create", "turn_stop", "permission_answer", "question_answer", "question_reject"] as const;

/** What a command is called; one of a later server by its own name. */
function commandName({ command }: GivenCommand): string {
  const known = named.find((name) => name === command);
  return known ? text(`cloud.command.${known}`) : command;
}
