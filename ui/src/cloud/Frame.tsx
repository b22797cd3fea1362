import { createSignal, For, Show, type JSX } from "solid-js";
import { Brand } from "../design/Brand";
import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { ellipsis } from "../design/icons";
import { MenuButton } from "../design/Menu";
import { createMediaQuery } from "../shell/narrow";
import { cloudText as text } from "../strings/cloud";
import { useAccount } from "./account";
import { createDoing } from "./doing";
import { hashOf, type Place } from "./route";

/** Below this width the pages are in a menu. */
export const narrowFrame = "(max-width: 719px)";

type Named = { place: Place; label: () => string; shown(): boolean };

/** The pages around the workspace: their names at the top, and the page below. */
export function Frame(props: { children: JSX.Element }) {
  const account = useAccount();
  const narrow = createMediaQuery(narrowFrame);
  const doing = createDoing();
  const [main, setMain] = createSignal<HTMLElement>();
  const all: Named[] = [
    { place: { at: "desktops" }, label: () => text("cloud.desktops"), shown: () => true },
    { place: { at: "people" }, label: () => text("cloud.people"), shown: () => account.may("seePeople") },
    { place: { at: "tokens" }, label: () => text("cloud.tokens"), shown: () => account.may("makeToken") },
    { place: { at: "audit" }, label: () => text("cloud.audit"), shown: () => account.may("seeAudit") },
    { place: { at: "account" }, label: () => text("cloud.account"), shown: () => true },
  ];
  const shown = () => all.filter((each) => each.shown());
  const isHere = ({ place }: Named) => place.at === account.at().at;
  const signOut = () => void doing.run(() => account.signOut());
  return (
    <div class="window window--bare cloud">
      <div class="cloud-frame">
        {/* Its address is that of no page, so that it changes none. */}
        <button type="button" class="cloud-skip" onClick={() => main()?.focus()}>
          {text("cloud.skip")}
        </button>
        <header class="cloud-head">
          <a class="workspace" href={hashOf({ at: "desktops" })}>
            <Brand />
            <span class="truncate">{account.state.server?.name}</span>
          </a>
          <Show
            when={narrow()}
            fallback={
              <>
                <nav class="cloud-nav" aria-label={text("cloud.places")}>
                  <For each={shown()}>
                    {(each) => (
                      <a href={hashOf(each.place)} aria-current={isHere(each) ? "page" : undefined}>
                        {each.label()}
                      </a>
                    )}
                  </For>
                </nav>
                <Button kind="quiet" class="push" disabled={doing.busy()} data-testid="sign-out" onClick={signOut}>
                  {text("cloud.signOut")}
                </Button>
              </>
            }
          >
            <MenuButton
              class="icon-button push"
              align="end"
              label={text("cloud.menu")}
              testid="cloud-menu"
              entries={[
                ...shown().map((each) => ({ label: each.label(), checked: isHere(each), run: () => account.go(each.place) })),
                { label: text("cloud.signOut"), separated: true, run: signOut },
              ]}
            >
              <Icon path={ellipsis} />
            </MenuButton>
          </Show>
        </header>
        <main class="main cloud-main" tabindex={-1} ref={setMain}>
          <div class="scroll">
            <Show when={doing.error()}>
              {(words) => (
                <p class="cloud-note error-text" role="alert">
                  {words()}
                </p>
              )}
            </Show>
            {props.children}
          </div>
        </main>
      </div>
    </div>
  );
}
