import type { App } from "../state/app";

export function Window(props: { app: App }) {
  return <div class="window">{props.app.state.phase}</div>;
}
