import { For } from "solid-js";
import { useApp } from "../state/app";
import { text } from "../strings";
import { deed } from "./deeds";
import { shortcutLabel } from "./keys";

/** Which app this is, and where its makers are. An address the product does not have is left out. */
export function About(props: { first?: boolean }) {
  const app = useApp();
  const { brand } = app.state;
  const links = () =>
    [
      { label: text("about.help"), url: brand.helpUrl },
      { label: text("about.support"), url: brand.supportUrl },
      { label: text("about.security"), url: brand.securityUrl },
    ].filter(({ url }) => url !== "");
  return (
    <section class="group" classList={{ first: props.first ?? false }} aria-label={text("about.title")} data-testid="about">
      <h2>{text("about.title")}</h2>
      <div class="group-body about">
        <span class="what">{text("about.version", { name: brand.name, version: app.state.version })}</span>
        <button type="button" class="text-button" aria-haspopup="dialog" data-testid="open-shortcuts" onClick={() => deed("overlay")?.({ kind: "shortcuts" })}>
          {text("about.shortcuts")} <kbd aria-hidden="true">{shortcutLabel("shortcuts", app.state.platform)}</kbd>
        </button>
        <For each={links()}>
          {(link) => (
            <button type="button" class="text-button" onClick={() => void app.backend.commands.linkOpen({ url: link.url }).catch(app.tell)}>
              {link.label}
            </button>
          )}
        </For>
      </div>
    </section>
  );
}
