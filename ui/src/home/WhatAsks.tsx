import { Show } from "solid-js";
import type { InboxRow } from "../backend";
import { permissionTitle } from "../conversation/permissionWords";
import { askText } from "../strings/asks";

/** What waits in a thread, in a line: the request that waits longest, and how many more there are. */
export function WhatAsks(props: { rows: InboxRow[] }) {
  return (
    <Show when={props.rows[0]}>
      {(row) => (
        <>
          {row().subject === null ? row().about : permissionTitle({ subject: row().subject ?? "shell", path: row().about, patterns: [], tool: row().about, runs: row().runs })}
          <Show when={props.rows.length > 1}> {askText("ask.andMore", { count: props.rows.length - 1 })}</Show>
        </>
      )}
    </Show>
  );
}
