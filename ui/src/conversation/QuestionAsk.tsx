import { createSignal, createUniqueId, For, onCleanup, onMount, Show } from "solid-js";
import { createStore, unwrap } from "solid-js/store";
import { toApiError, type QuestionCard } from "../backend";
import { may } from "../backend/abilities";
import { Button } from "../design/Button";
import { isComposing } from "../design/composing";
import { Icon } from "../design/Icon";
import { check, messageCircleQuestionMark } from "../design/icons";
import { Tooltip } from "../design/Tooltip";
import { text } from "../strings";
import { askText } from "../strings/asks";
import { createAskGuard, leaveField, plainFigure } from "./askGuard";
import { AskPager, type AskPlace } from "./AskPager";
import { followFate } from "./fate";
import { useThread } from "./thread";
import { keepUnsentAnswer, unsentAnswer } from "./unsentAnswers";

interface Answer {
  chosen: string[];
  own: string;
}

/** Asks one or several questions; several are taken step by step and answered all at once. */
export function QuestionAsk(props: {
  card: QuestionCard;
  place: AskPlace;
  /** Figures that are pressed elsewhere choose nothing. */
  held: boolean;
  onSent?(id: string): void;
  onSending?(id: string, sending: boolean): void;
}) {
  const thread = useThread();
  const ready = createAskGuard();
  const title = createUniqueId();
  const { id } = props.card;
  const before = unsentAnswer(thread.backend, id);
  const [step, setStep] = createSignal(before?.step ?? 0);
  const [answers, setAnswers] = createStore<Answer[]>(
    props.card.questions.map((_, index) => {
      const { chosen = [], own = "" } = before?.answers?.[index] ?? {};
      return { chosen: [...chosen], own };
    }),
  );
  onCleanup(() => keepUnsentAnswer(thread.backend, id, answers.some(({ chosen, own }) => chosen.length > 0 || own !== "") ? { step: step(), answers: unwrap(answers) } : undefined));
  const [sending, setSending] = createSignal<"answer" | "skip">();
  const [error, setError] = createSignal<string>();
  let section: HTMLElement | undefined;
  const pending = followFate(id, (why) => {
    if (!sending()) return;
    props.onSending?.(id, false);
    setSending(undefined);
    setError(why);
  });
  // Also where it was given before this view was drawn.
  const shut = () => sending() !== undefined || pending() !== undefined;
  // It is sent once somebody has it, and then waits for whoever does it or says yes to it.
  const underway = () => askText(pending() ? "ask.waits" : "ask.sending");

  const item = () => props.card.questions[step()];
  const answer = () => answers[step()];
  const several = () => props.card.questions.length > 1;
  const last = () => step() >= props.card.questions.length - 1;
  const given = (index: number): string[] => {
    const { chosen = [], own = "" } = answers[index] ?? {};
    return own.trim() === "" ? [...chosen] : [...chosen, own.trim()];
  };

  const choose = (label: string) => {
    const question = item();
    if (!question || shut() || !ready()) return;
    const chosen = answer()?.chosen ?? [];
    if (question.multiple) {
      setAnswers(step(), "chosen", chosen.includes(label) ? chosen.filter((other) => other !== label) : [...chosen, label]);
    } else {
      // One answer: a choice takes the place of one's own words and the other way round.
      setAnswers(step(), { chosen: [label], own: "" });
    }
  };
  const write = (own: string) => {
    setAnswers(step(), "own", own);
    if (!item()?.multiple && own.trim() !== "") setAnswers(step(), "chosen", []);
  };

  const forward = async () => {
    if (!ready() || shut() || !may(thread.backend, "answerQuestion") || given(step()).length === 0) return;
    if (!last()) {
      setStep(step() + 1);
      return;
    }
    await deliver("answer", () =>
      thread.backend.commands.questionAnswer({ session: props.card.session, question: props.card.id, answers: props.card.questions.map((_, index) => given(index)) }),
    );
  };
  const skip = () => {
    if (!ready() || shut() || !may(thread.backend, "skipQuestion")) return;
    void deliver("skip", () => thread.backend.commands.questionReject({ session: props.card.session, question: props.card.id }));
  };
  const deliver = async (what: "answer" | "skip", run: () => Promise<void>) => {
    setSending(what);
    setError(undefined);
    props.onSending?.(props.card.id, true);
    try {
      await run();
      props.onSent?.(props.card.id);
    } catch (thrown) {
      props.onSending?.(props.card.id, false);
      setError(toApiError(thrown).message);
      setSending(undefined);
    }
  };

  const options = () => [...(section?.querySelectorAll<HTMLButtonElement>(".option") ?? [])];
  /** Chooses by a figure. The focus comes along, so that Enter sends it. */
  const chooseAt = (place: number) => {
    const choice = item()?.choices[place - 1];
    if (!choice) return;
    choose(choice.label);
    options()[place - 1]?.focus();
  };
  const onKeyDown = (press: KeyboardEvent) => {
    if (press.altKey || press.ctrlKey || press.metaKey || isComposing(press)) return;
    const writing = press.target instanceof HTMLInputElement;
    const at = options().findIndex((option) => option === document.activeElement);
    if (!writing && /^[1-9]$/.test(press.key)) {
      chooseAt(Number(press.key));
    } else if (at >= 0 && (press.key === "ArrowDown" || press.key === "ArrowUp")) {
      const all = options();
      const next = (at + (press.key === "ArrowDown" ? 1 : -1) + all.length) % all.length;
      all[next]?.focus();
      const label = item()?.choices[next]?.label;
      if (label !== undefined && !item()?.multiple) choose(label);
    } else if (press.key === "Enter" && (writing || at >= 0) && given(step()).length > 0) {
      void forward();
    } else {
      return;
    }
    press.preventDefault();
  };

  // They choose from wherever nothing is written: that sends nothing yet.
  const onFigure = (press: KeyboardEvent) => {
    const place = plainFigure(press, section);
    if (place === null || props.held || (press.target instanceof Node && section?.contains(press.target))) return;
    if (!item()?.choices[place - 1] || !ready()) return;
    press.preventDefault();
    chooseAt(place);
  };
  onMount(() => document.addEventListener("keydown", onFigure));
  onCleanup(() => document.removeEventListener("keydown", onFigure));

  const tabStop = (index: number) => {
    if (item()?.multiple) return 0;
    const chosen = item()?.choices.findIndex((choice) => answer()?.chosen.includes(choice.label)) ?? -1;
    return index === Math.max(0, chosen) ? 0 : -1;
  };

  return (
    <section
      class="ask ask--question"
      aria-labelledby={title}
      tabindex={-1}
      data-testid="question"
      data-ready={ready()}
      data-ask={props.card.id}
      ref={(element) => (section = element)}
      onKeyDown={onKeyDown}
    >
      <div class="ask-head">
        <Icon path={messageCircleQuestionMark} />
        <h2 id={title}>{item()?.text}</h2>
        <Show when={props.card.subagent}>{(agent) => <span class="subtle small truncate">{askText("ask.subagentAsks", { agent: agent() })}</span>}</Show>
        <Show when={several()}>
          <span class="subtle small nowrap tnum push">{askText("question.step", { place: step() + 1, all: props.card.questions.length })}</span>
        </Show>
        <AskPager place={props.place} />
      </div>
      <div class="ask-body">
        <Show when={item()} keyed>
          {(question) => (
            <>
              <Show when={question.multiple}>
                <p class="muted">{askText("question.several")}</p>
              </Show>
              <div class="options" role={question.multiple ? "group" : "radiogroup"} aria-labelledby={title}>
                <For each={question.choices}>
                  {(choice, index) => {
                    const on = () => answer()?.chosen.includes(choice.label) ?? false;
                    return (
                      <button
                        type="button"
                        class="option"
                        role={question.multiple ? "checkbox" : "radio"}
                        aria-checked={on()}
                        aria-label={[choice.label, choice.description].filter((part) => part !== "").join(". ")}
                        tabindex={tabStop(index())}
                        data-testid="question-choice"
                        onClick={() => choose(choice.label)}
                      >
                        <span class={question.multiple ? "check" : "radio"} aria-checked={on()} aria-hidden="true">
                          <Show when={question.multiple && on()}>
                            <Icon path={check} />
                          </Show>
                        </span>
                        <span>
                          <span class="what">{choice.label}</span> <span class="why">{choice.description}</span>
                        </span>
                        <Show when={index() < 9}>
                          <kbd aria-hidden="true">{index() + 1}</kbd>
                        </Show>
                      </button>
                    );
                  }}
                </For>
              </div>
            </>
          )}
        </Show>
      </div>
      <div class="ask-foot">
        <Show when={may(thread.backend, "answerQuestion")} fallback={<p class="muted small">{askText("ask.elsewhere")}</p>}>
          <div class="ask-actions">
            <Show when={item()?.custom} fallback={<span class="grow" />}>
              <input
                class="input grow"
                data-testid="question-own"
                aria-label={askText("question.own")}
                placeholder={askText((item()?.choices.length ?? 0) > 0 ? "question.ownHint" : "question.ownOnly")}
                value={answer()?.own ?? ""}
                readonly={shut()}
                onInput={(typed) => write(typed.currentTarget.value)}
                onKeyDown={leaveField}
              />
            </Show>
            <Show when={step() > 0}>
              <Button onClick={() => setStep(step() - 1)}>{askText("question.back")}</Button>
            </Show>
            <Button
              kind="primary"
              data-testid="question-submit"
              class={given(step()).length === 0 ? "is-disabled" : ""}
              aria-disabled={!ready() || shut() || given(step()).length === 0}
              onClick={() => void forward()}
            >
              {sending() === "answer" ? underway() : askText(last() ? "question.answer" : "question.next")} <kbd>{text("composer.sendKey")}</kbd>
            </Button>
            <Show when={may(thread.backend, "skipQuestion")}>
              <Tooltip text={askText("question.skipHint")}>
                <Button kind="quiet" data-testid="question-reject" aria-disabled={!ready() || shut()} onClick={skip}>
                  {sending() === "skip" ? underway() : askText("question.skip")}
                </Button>
              </Tooltip>
            </Show>
          </div>
        </Show>
        <Show when={pending()}>
          {(now) => (
            <p class="muted small" role="status" data-testid="ask-fate">
              {now().words}
            </p>
          )}
        </Show>
        <Show when={error()}>
          <p class="error-text" role="alert">
            {error()}
          </p>
        </Show>
      </div>
    </section>
  );
}
