import { createEffect, createSignal } from "solid-js";
import { text } from "../strings";

const least = 200;
const most = 320;
const usual = 240;
const step = 8;
const key = "sidebar-width";

function keptWidth(): number {
  try {
    const kept = Number(localStorage.getItem(key));
    return kept >= least && kept <= most ? kept : usual;
  } catch {
    return usual;
  }
}

/** The edge of the sidebar: drag it, or move it with the arrow keys. Double click brings the usual width back. */
export function SidebarResizer() {
  const [width, setWidth] = createSignal(keptWidth());
  const resize = (wanted: number) => setWidth(Math.round(Math.max(least, Math.min(wanted, most))));

  createEffect(() => {
    document.documentElement.style.setProperty("--size-sidebar", `${width()}px`);
    try {
      localStorage.setItem(key, String(width()));
    } catch {
      // The width is then the usual one at the next start.
    }
  });

  return (
    <div
      class="sidebar-resizer"
      role="separator"
      tabindex={0}
      aria-orientation="vertical"
      aria-label={text("shell.resizeSidebar")}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={width()}
      onDblClick={() => resize(usual)}
      onPointerDown={(press) => {
        press.preventDefault();
        press.currentTarget.setPointerCapture(press.pointerId);
      }}
      onPointerMove={(move) => {
        if (move.currentTarget.hasPointerCapture(move.pointerId)) resize(move.clientX);
      }}
      onKeyDown={(press) => {
        const moves: Record<string, number> = { ArrowLeft: width() - step, ArrowRight: width() + step, Home: least, End: most };
        const wanted = moves[press.key];
        if (wanted === undefined) return;
        press.preventDefault();
        resize(wanted);
      }}
    />
  );
}
