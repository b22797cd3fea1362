import { Show, type JSX } from "solid-js";
import { Brand } from "../../design/Brand";
import { useAccount } from "../account";

/** What stands before the pages: the product, a title, and one form. */
export function Door(props: { title: string; body?: string | undefined; children: JSX.Element }) {
  const account = useAccount();
  return (
    <div class="window window--bare cloud">
      <main class="main cloud-main">
        <div class="scroll">
          <div class="page door">
            <p class="workspace door-brand">
              <Brand />
              <span>{account.state.server?.name}</span>
            </p>
            <div class="page-head">
              <div>
                <h1>{props.title}</h1>
                <Show when={props.body}>
                  <p>{props.body}</p>
                </Show>
              </div>
            </div>
            {props.children}
          </div>
        </div>
      </main>
    </div>
  );
}
