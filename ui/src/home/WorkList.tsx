import { For, lazy, Show, Suspense, type JSX } from "solid-js";
import type { SessionRow } from "../backend";
import { Icon } from "../design/Icon";
import { marks } from "../shell/marks";
import { threadTitle } from "../shell/threadTitle";
import { useApp } from "../state/app";
import { createMinuteClock } from "../state/clock";
import { text } from "../strings";
import { fullTime, shortAge } from "../strings/format";

/** Its words are read with the first request that waits. */
const WhatAsks = lazy(() => import("./WhatAsks").then((part) => ({ default: part.WhatAsks })));

/** Threads as lines: what, where, how it stands, since when. Nothing at all when there are none. */
export function WorkList(props: { title: string; rows: SessionRow[]; action?: JSX.Element }) {
  const app = useApp();
  const now = createMinuteClock();
  const where = (row: SessionRow) => {
    const folder = app.folderOf(row.folder);
    return folder?.kind === "sandbox" ? text("home.throwAway") : (folder?.label ?? "");
  };
  const asked = (row: SessionRow) => app.state.inbox.rows.filter((ask) => ask.thread === row.id);
  return (
    <Show when={props.rows.length > 0}>
      <section class="group" aria-label={props.title}>
        <div class="group-head">
          <h2 class="group-title">{props.title}</h2>
          <Show when={props.action}>
            <span class="grow" />
            {props.action}
          </Show>
        </div>
        <ul class="work-list">
          <For each={props.rows}>
            {(row) => (
              <li>
                <button type="button" class="work-row" onClick={() => app.openSession(row.id)}>
                  <Show when={marks[row.mark].icon} fallback={<span class="slot" />}>
                    {(icon) => <Icon path={icon()} small class={marks[row.mark].colour} />}
                  </Show>
                  <span class="name truncate">{threadTitle(row)}</span>
                  <span class="where truncate">{where(row)}</span>
                  <span class="what truncate">
                    <Show when={asked(row).length > 0} fallback={row.mark === "idle" ? "" : text(`work.${row.mark}`)}>
                      <Suspense fallback={row.mark === "idle" ? "" : text(`work.${row.mark}`)}>
                        <WhatAsks rows={asked(row)} />
                      </Suspense>
                    </Show>
                  </span>
                  <time class="when tnum" datetime={new Date(row.updated).toISOString()} aria-label={fullTime(row.updated)}>
                    {shortAge(row.updated, now())}
                  </time>
                </button>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
