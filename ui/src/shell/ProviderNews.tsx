import { createMemo, createSignal, Show } from "solid-js";
import { Button } from "../design/Button";
import { circleAlert, info, keyRound, x } from "../design/icons";
import { IconButton } from "../design/IconButton";
import { useApp } from "../state/app";
import { allowMoreRequests, isProviderNews, type ProviderNewsKind } from "../state/providers";
import { text } from "../strings";
import { Notice } from "./Notice";

/** A key that could not be had, or requests that come to their end: above a composer until it is mended or sent away. */
export function ProviderNews(props: {
  /** What is said beside it already; news of the same is not said twice. */
  told?: string | undefined;
}) {
  const app = useApp();
  const newest = createMemo(() => app.state.notices.findLast(isProviderNews));
  const shown = () => {
    const notice = newest();
    return notice && notice.at > app.state.newsSeen && notice.detail !== props.told ? notice : undefined;
  };
  return (
    <Show when={shown()}>
      {(notice) => (
        <Notice
          kind={notice().kind === "requestsNearCap" ? "news" : "warn"}
          icon={icons[notice().kind]}
          lead={`${text(`notice.${notice().kind}`)}.`}
          more={notice().detail}
          testid="provider-news"
          failure={notice().kind}
          actions={
            <>
              <NewsAction kind={notice().kind} onDone={() => app.dismissNews(notice().at)} />
              <IconButton label={text("design.dismiss")} icon={x} onClick={() => app.dismissNews(notice().at)} />
            </>
          }
        />
      )}
    </Show>
  );
}

const icons = { keyUnavailable: keyRound, requestsNearCap: info, requestsCapped: circleAlert } as const;

/** What a person can do about it. */
export function NewsAction(props: { kind: ProviderNewsKind; onDone?: () => void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const about = () => props.kind === "keyUnavailable";
  const run = async () => {
    if (busy()) return;
    setBusy(true);
    try {
      if (about()) app.openSettings("models");
      else await allowMoreRequests(app);
      props.onDone?.();
    } catch (thrown) {
      app.tell(thrown);
    }
    setBusy(false);
  };
  return (
    <Show when={app.can(about() ? "connect" : "allowMore")}>
      <Button small aria-disabled={busy()} data-testid="news-action" onClick={() => void run()}>
        {text(about() ? "health.openModels" : "models.allowMore")}
      </Button>
    </Show>
  );
}
