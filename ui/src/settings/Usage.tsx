import { createEffect, createMemo, createSignal, on, onCleanup, Show } from "solid-js";
import { toApiError, type UsageReport } from "../backend";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { refreshCw } from "../design/icons";
import { Segmented } from "../design/Segmented";
import { CopyButton } from "../health/CopyButton";
import { useApp } from "../state/app";
import { byModel, demoOf, lastDays, readTokens, totalOf, usageCsv, usageSpans, type UsageSpan } from "../state/usage";
import { cost, dayName, shortCount, wholeNumber } from "../strings/format";
import { usageText as text } from "../strings/usage";
import { ModelName, UsageTable } from "./UsageTable";

/** Days that are drawn at first; a year of them is a long table that is seldom read to its end. */
const shownDays = 60;
/** After this long what an answer took is written down, and is added up again. Milliseconds. */
const countedAfter = 3000;
const copyWords = () => ({ copy: text("usage.copy"), copied: text("usage.copied"), failed: text("usage.copyFailed") });

/** What answers took, by model and by day. */
export function Usage() {
  const app = useApp();
  const [span, setSpan] = createSignal<UsageSpan>(30);
  const [report, setReport] = createSignal<UsageReport>();
  const [failed, setFailed] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  let asked = 0;
  /** Adds up again; `quietly` when nobody asked for it, so that nothing on the page is taken from under a hand. */
  const read = async (quietly = false) => {
    asked += 1;
    const own = asked;
    if (!quietly) setBusy(true);
    try {
      const next = await app.backend.commands.usageReport({ days: lastDays(span(), Date.now()) });
      // Another span was chosen meanwhile.
      if (own !== asked) return;
      setReport(next);
      setFailed(undefined);
    } catch (thrown) {
      if (own === asked) setFailed(toApiError(thrown).message);
    } finally {
      if (own === asked) setBusy(false);
    }
  };
  createEffect(on(span, () => void read()));
  // What answers add while this is looked at. Rows change with each of them, and for as long as one is written.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const taken = createMemo(() => app.state.sessions.map(({ id, mark, cost: spent, updated }) => `${id} ${mark} ${spent} ${updated}`).join("\n"));
  createEffect(
    on(
      taken,
      () => {
        timer ??= setTimeout(() => {
          timer = undefined;
          void read(true);
        }, countedAfter);
      },
      { defer: true },
    ),
  );
  onCleanup(() => {
    asked += 1;
    clearTimeout(timer);
  });
  return (
    <div data-testid="usage" aria-busy={busy()}>
      <div class="usage-bar">
        <Segmented
          label={text("usage.span")}
          value={String(span())}
          choices={usageSpans.map((days) => ({ value: String(days), label: text("usage.days", { count: days }) }))}
          onChoose={(chosen) => setSpan(Number(chosen) as UsageSpan)}
        />
        <span class="grow" />
        <Show when={(report()?.days.length ?? 0) > 0}>
          <CopyButton written={() => usageCsv(report()?.days ?? [])} words={copyWords()} testid="usage-copy" />
        </Show>
        <Button small disabled={busy()} data-testid="usage-refresh" onClick={() => void read()}>
          <Icon path={refreshCw} small />
          {text("usage.refresh")}
        </Button>
      </div>
      <Show when={failed()}>
        {(reason) => (
          <p class="error-text" role="alert">
            {text("usage.failed", { reason: reason() })}
          </p>
        )}
      </Show>
      <Show when={report()} fallback={<Show when={!failed()}><p class="muted" role="status">{text("usage.loading")}</p></Show>}>
        {(known) => (
          <>
            <Show when={known().days.length > 0} fallback={<Empty longest={span() === 400} />}>
              <Tables report={known()} />
            </Show>
            <Show when={known().unread > 0}>
              <p class="small subtle" role="status">
                {text("usage.unread", { count: known().unread })}
              </p>
            </Show>
          </>
        )}
      </Show>
    </div>
  );
}

function Empty(props: { longest: boolean }) {
  return (
    <div class="empty" data-testid="usage-empty">
      <h2>{text("usage.empty")}</h2>
      <p>{text(props.longest ? "usage.emptyBody" : "usage.emptySpan")}</p>
    </div>
  );
}

function Tables(props: { report: UsageReport }) {
  const [all, setAll] = createSignal(false);
  const models = createMemo(() => byModel(props.report.days));
  const real = () => models().filter((each) => !each.scripted);
  const demo = () => models().filter((each) => each.scripted);
  const total = createMemo(() => totalOf(models()));
  const days = createMemo(() => props.report.days.filter((day) => day.models.some((each) => !each.scripted)).toReversed());
  return (
    <>
      <Show when={real().length > 0}>
        <dl class="usage-sum" data-testid="usage-total">
          <div>
            <dt>{text("usage.cost")}</dt>
            <dd>{cost(total().cost)}</dd>
          </div>
          <div>
            <dt>{text("usage.input")}</dt>
            <dd>{shortCount(readTokens(total()))}</dd>
          </div>
          <div>
            <dt>{text("usage.output")}</dt>
            <dd>{shortCount(total().output)}</dd>
          </div>
          <div>
            <dt>{text("usage.answers")}</dt>
            <dd>{wholeNumber(total().answers)}</dd>
          </div>
        </dl>
        <section class="group">
          <h2>{text("usage.byModel")}</h2>
          <UsageTable
            label={text("usage.byModel")}
            first={text("usage.model")}
            testid="usage-models"
            lines={real().map((each) => ({ key: each.model ?? "", name: <ModelName model={each.model} scripted={false} />, usage: each }))}
            total={total()}
          />
        </section>
        <section class="group">
          <h2>{text("usage.byDay")}</h2>
          <UsageTable
            label={text("usage.byDay")}
            first={text("usage.day")}
            testid="usage-days"
            lines={days()
              .slice(0, all() ? undefined : shownDays)
              .map((day) => ({ key: String(day.begins), name: dayName(day.begins), usage: totalOf(day.models) }))}
          />
          <Show when={days().length > shownDays}>
            <Button small aria-expanded={all()} data-testid="usage-all-days" onClick={() => setAll(!all())}>
              {all() ? text("usage.newestDays", { count: shownDays }) : text("usage.allDays", { count: days().length })}
            </Button>
          </Show>
        </section>
      </Show>
      <Show when={demo().length > 0}>
        <section class="group" data-testid="usage-demo">
          <h2>{text("usage.demo")}</h2>
          <p>{text("usage.demoBody")}</p>
          <UsageTable
            label={text("usage.demo")}
            first={text("usage.model")}
            lines={demo().map((each) => ({ key: each.model ?? "", name: <ModelName model={each.model} scripted />, usage: demoOf([each]) }))}
          />
        </section>
      </Show>
    </>
  );
}
