import { Show } from "solid-js";
import { Button } from "../design/Button";
import { useApp } from "../state/app";
import { text } from "../strings";
import { ConversationPane } from "./lazyPages";

/** One thread. */
export function SessionPage(props: { session: string }) {
  const app = useApp();
  const row = () => app.rowOf(props.session);
  return (
    <Show when={row()} fallback={<GonePage />}>
      {(shown) => (
        <ConversationPane
          conversation={app.conversation}
          row={shown()}
          folder={app.folderOf(shown().folder)}
          models={app.state.models}
          agents={app.state.agents}
          backend={app.backend}
          engine={app.state.engine}
          onOpenSession={app.openSession}
          onOpenHome={() => app.go({ page: "home" })}
          brand={app.state.brand}
        />
      )}
    </Show>
  );
}

function GonePage() {
  const app = useApp();
  return (
    <main class="main" data-pane>
      <div class="page empty">
        <h1 class="group-title">{text("session.gone")}</h1>
        <p>{text("session.goneBody")}</p>
        <Button onClick={() => app.go({ page: "home" })}>{text("session.goHome")}</Button>
      </div>
    </main>
  );
}
